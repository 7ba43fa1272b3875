/** Renders a version for one user: its texts in the user's language, its mail as HTML, both filled in, off the main thread. */
import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AppError, type FieldError } from '../model/app-error.ts';
import type {
  RenderedTemplate,
  TemplateChanges,
  TemplateContent,
  TemplateUse,
  TemplateVersion,
} from '../model/template.ts';
import type { UserChannel } from '../model/user.ts';
import { compiledCharsMax, compiledKept, compileSilenceMsMax, renderSilenceMsMax } from './limits.ts';
import { contentFor, directionOf, only, overlaid } from './locales.ts';
import { mapTexts, textsOf } from './texts.ts';
import type { Analysis, Compiled, SourceText } from './thread/requests.ts';
import { TemplateThread } from './thread/template-thread.ts';
import { valueAt, variableErrors } from './variables.ts';

export interface Rendering {
  /** Null: what the send itself says, with no template. */
  readonly version: TemplateVersion | null;
  /** Of the template's own texts. */
  readonly ownLocale: string | null;
  readonly content?: TemplateChanges;
  readonly locale: string | null;
  readonly timezone?: string | null;
  readonly variables: TemplateUse['variables'];
  readonly channels: readonly UserChannel[];
}

export interface RenderedMore extends RenderedTemplate {
  /** What is said of the HTML beside it. */
  readonly warnings: Compiled['warnings'];
  readonly dir: 'ltr' | 'rtl';
}

export interface Renderer {
  /** @throws AppError `invalid_submission` with the variables at fault, `invalid_template`, `store_busy` */
  render(rendering: Rendering): Promise<RenderedMore>;
  compile(email: Email, locale: string | null): Promise<Compiled>;
  analyze(texts: readonly SourceText[]): Promise<Analysis>;
  /** For a sandboxed frame: nothing in it runs, navigates or is fetched. */
  view(html: string, dark: boolean): Promise<string>;
  close(): Promise<void>;
}

type Email = Pick<NonNullable<TemplateContent['email']>, 'format' | 'body'>;

export function createRenderer(ports: {
  readonly clock: Pick<Clock, 'after'>;
  readonly nowMs: () => number;
}): Renderer {
  // Apart: what MJML works on for seconds keeps no send waiting whose mail is compiled.
  const liquid = new TemplateThread(ports.clock, { silenceMsMax: renderSilenceMsMax, what: 'rendered' });
  const mjml = new TemplateThread(ports.clock, { silenceMsMax: compileSilenceMsMax, what: 'made into HTML' });
  const compiled = new CompiledBodies();

  function compile({ format, body }: Email, locale: string | null): Promise<Compiled> {
    const key = createHash('sha256').update(`${format} ${locale} ${body}`).digest('base64');
    return compiled.get(key, () =>
      mjml.ask({ kind: 'compile', format, source: body, lang: locale, dir: directionOf(locale) }),
    );
  }

  return {
    compile,
    view: (html, dark) => liquid.ask({ kind: 'view', html, dark }),
    analyze: (texts) => liquid.ask({ kind: 'analyze', texts }),
    async close() {
      await Promise.all([liquid.close(), mjml.close()]);
    },
    async render(rendering) {
      const { version, ownLocale, variables, channels } = rendering;
      const wrong = version === null ? [] : variableErrors(version.variables, variables);
      if (wrong.length > 0) throw refusal('invalid_submission', wrong);
      const local = version === null ? { content: {}, locale: null } : contentFor(version, rendering.locale);
      const written =
        rendering.content === undefined ? local.content : overlaid(local.content, rendering.content);
      const content = only(written, channels);
      // The language of the texts; where nobody said which it is, the one that was asked for.
      const language = local.locale ?? ownLocale ?? (version === null ? rendering.locale : null);
      const html = content.email === undefined ? null : await compile(content.email, language);
      const [error] = html?.errors ?? [];
      if (error !== undefined)
        throw refusal('invalid_template', [
          { field: 'email.body', code: 'mjml', detail: `${atLine(error.line)}${error.detail}` },
        ]);
      const texts = textsOf(content).map((text) =>
        text.field === 'email.body' && html !== null ? { ...text, source: html.html } : text,
      );
      const rendered = await liquid.ask({
        kind: 'render',
        texts,
        variables,
        // As exact as the user says it, where the texts are in that language.
        locale: formatsOf(rendering.locale, language),
        timezone: rendering.timezone ?? timezoneIn(variables) ?? 'UTC',
        nowMs: ports.nowMs(),
        mail: content.email === undefined ? null : mailAmong(texts, content.email.text === undefined),
      });
      if (!rendered.ok) {
        const { field, line, detail } = rendered.problem;
        // Of HTML that MJML made, a line says nothing to who wrote the MJML.
        const place = field === 'email.body' ? '' : atLine(line);
        throw refusal('invalid_template', [{ field, code: 'liquid', detail: `${place}${detail}` }]);
      }
      let at = 0;
      const filled = mapTexts(content, (_field, _mode, source) => rendered.texts[at++] ?? source);
      const { email, ...others } = filled;
      return {
        version: version?.version ?? 0,
        locale: local.locale,
        content:
          email === undefined
            ? others
            : {
                ...others,
                email: {
                  ...email,
                  format: 'html',
                  html: email.body,
                  text: email.text ?? rendered.text ?? '',
                },
              },
        missing: rendered.missing,
        warnings: html?.warnings ?? [],
        dir: directionOf(language),
      };
    },
  };
}

function mailAmong(texts: readonly SourceText[], makeText: boolean) {
  const preheaderAt = texts.findIndex(({ field }) => field === 'email.preheader');
  return {
    bodyAt: texts.findIndex(({ field }) => field === 'email.body'),
    preheaderAt: preheaderAt < 0 ? null : preheaderAt,
    makeText,
  };
}

function formatsOf(asked: string | null, language: string | null): string {
  if (language === null) return asked ?? 'en';
  return asked !== null && languageOf(asked) === languageOf(language) ? asked : language;
}

function languageOf(locale: string): string {
  return (locale.split(/[-_]/)[0] ?? '').toLowerCase();
}

function timezoneIn(variables: TemplateUse['variables']): string | null {
  const timezone = valueAt(variables, 'user.timezone');
  return typeof timezone === 'string' && timezone !== '' ? timezone : null;
}

export function atLine(line: number | null): string {
  return line === null ? '' : `Line ${line}: `;
}

export function refusal(
  code: 'invalid_submission' | 'invalid_template',
  errors: readonly FieldError[],
): AppError {
  return new AppError(code, errors.map(({ field, detail }) => `${field}: ${detail}`).join(' '), { errors });
}

/** Each body is compiled once; those that are asked for meanwhile wait for the same. The oldest go. */
class CompiledBodies {
  readonly #kept = new Map<string, { readonly made: Promise<Compiled>; chars: number }>();
  #chars = 0;

  get(key: string, make: () => Promise<Compiled>): Promise<Compiled> {
    const known = this.#kept.get(key);
    if (known !== undefined) return known.made;
    const entry = { made: make(), chars: 0 };
    this.#kept.set(key, entry);
    entry.made.then(
      ({ html }) => {
        if (this.#kept.get(key) !== entry) return;
        entry.chars = html.length;
        this.#chars += html.length;
        this.#shrink();
      },
      // It may have been the machine's fault; the next one tries again. Whoever asked hears of it.
      () => this.#forget(key),
    );
    return entry.made;
  }

  #shrink(): void {
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= compiledKept && this.#chars <= compiledCharsMax) return;
      this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#chars -= this.#kept.get(key)?.chars ?? 0;
    this.#kept.delete(key);
  }
}
