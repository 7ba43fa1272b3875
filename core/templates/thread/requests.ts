/** What the threads of templates are asked, and what they answer. */

/** `html`: output is escaped. `line`: it has no line breaks, for it becomes a header or a title. */
export type TextMode = 'html' | 'line' | 'text';

export interface SourceText {
  /** As `email.subject`; with a locale in front, `locales.de.email.subject`. */
  readonly field: string;
  readonly mode: TextMode;
  readonly source: string;
}

export interface TextProblem {
  readonly field: string;
  /** From 1; null: it is about the whole. */
  readonly line: number | null;
  readonly detail: string;
}

export interface CompileRequest {
  readonly kind: 'compile';
  readonly format: 'mjml' | 'html';
  readonly source: string;
  readonly lang: string | null;
  readonly dir: 'ltr' | 'rtl';
}

export interface Compiled {
  /** Empty where there are errors. */
  readonly html: string;
  readonly errors: readonly Omit<TextProblem, 'field'>[];
  /** What it can be sent with all the same. */
  readonly warnings: readonly Omit<TextProblem, 'field'>[];
}

export interface RenderRequest {
  readonly kind: 'render';
  readonly texts: readonly SourceText[];
  readonly variables: Readonly<Record<string, unknown>>;
  readonly locale: string;
  /** IANA. */
  readonly timezone: string;
  readonly nowMs: number;
  /** The body of mail: its text is made of it, and the preheader goes into it. */
  readonly mail: {
    readonly bodyAt: number;
    readonly preheaderAt: number | null;
    readonly makeText: boolean;
  } | null;
}

export type Rendered =
  | {
      readonly ok: true;
      /** One for each source. */
      readonly texts: readonly string[];
      /** Made of the HTML; null: not asked for. */
      readonly text: string | null;
      /** Variables that have no value. */
      readonly missing: readonly string[];
    }
  | { readonly ok: false; readonly problem: TextProblem };

export interface AnalyzeRequest {
  readonly kind: 'analyze';
  readonly texts: readonly SourceText[];
}

export interface Analysis {
  readonly errors: readonly TextProblem[];
  readonly uses: readonly VariableUse[];
  /** Output of HTML that `raw` lets through as it is. */
  readonly unescaped: readonly TextProblem[];
}

export interface VariableUse {
  readonly field: string;
  readonly line: number;
  /** As far as it is known beforehand: `order`, `total`. */
  readonly path: readonly string[];
  /** It is asked whether it is there, or there is a default. */
  readonly guarded: boolean;
}

/** HTML for a sandboxed frame: nothing in it runs, navigates or is fetched. */
export interface ViewRequest {
  readonly kind: 'view';
  readonly html: string;
  readonly dark: boolean;
}

export interface TemplateWork {
  view: { readonly request: ViewRequest; readonly answer: string };
  compile: { readonly request: CompileRequest; readonly answer: Compiled };
  render: { readonly request: RenderRequest; readonly answer: Rendered };
  analyze: { readonly request: AnalyzeRequest; readonly answer: Analysis };
}
export type TemplateRequest = TemplateWork[keyof TemplateWork]['request'];

export type TemplateThreadAnswer =
  | { readonly loaded: true }
  | { readonly id: number; readonly ok: true; readonly value: Compiled | Rendered | Analysis | string }
  | { readonly id: number; readonly ok: false; readonly message: string };
