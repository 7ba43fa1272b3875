/** Sends what matches to a project. `match` is a pattern with * and ?. */
export interface ProjectRule {
  readonly by: 'user' | 'recipient' | 'door' | 'header';
  /** With `by: 'header'`, its name. */
  readonly header?: string | undefined;
  readonly match: string;
  readonly project: string;
}
