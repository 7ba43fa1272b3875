/** Settings to copy into an app, with this machine's ports. Pure. */
export interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly group: 'framework' | 'language' | 'tool';
  readonly language: string;
  readonly code: string;
  readonly note: string | null;
}
export interface RecipeSettings {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly url: string;
  readonly caFile: string;
}
export function recipes(settings: RecipeSettings): readonly Recipe[] {
  return [
    {
      id: 'env',
      title: 'Environment',
      group: 'tool',
      language: 'shell',
      code: `SMTP_HOST=${settings.host}\nSMTP_PORT=${settings.ports.smtp ?? 1025}\n`,
      note: null,
    },
  ];
}
