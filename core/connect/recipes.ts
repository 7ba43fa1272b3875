export interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly group: 'framework' | 'language' | 'tool';
  readonly language: string;
  readonly code: string;
  readonly note: string;
}

/** Where this core listens, as an app on this machine would write it. */
export interface RecipeFacts {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly url: string;
  readonly caFile: string;
  /** A user name that sorts what is sent into a project of that name. */
  readonly user?: string;
}

/** Settings to paste, per framework, language and tool, with the ports this core really has. */
export function recipes(_facts: RecipeFacts): readonly Recipe[] {
  return [];
}
