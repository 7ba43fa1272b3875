/** What stands in the way of publishing a template, and what is odd about it all the same. */

import { AppError, type FieldError } from '../model/app-error.ts';
import type { TemplateContent, TemplateVersion } from '../model/template.ts';
import { noPreferences, type User, userChannels } from '../model/user.ts';
import { userVariables } from '../model/user-variables.ts';
import { contentFor } from './locales.ts';
import { atLine, type Renderer } from './renderer.ts';
import { textsOf } from './texts.ts';
import type { SourceText } from './thread/requests.ts';
import { isDeclared, isOf, withSamples } from './variables.ts';

export interface TemplateProblem {
  /** `content.email.body`, `locales.de.sms.body`, `variables.total`. */
  readonly field: string;
  readonly code:
    | 'empty'
    | 'liquid'
    | 'mjml'
    | 'undeclared'
    | 'no_channel'
    | 'unescaped'
    | 'sample'
    | 'unused'
    | 'too_large'
    | 'refused';
  readonly line: number | null;
  readonly detail: string;
}

/** What the in-app channel would refuse of a message; fields as in `actions[0].url`. The room itself knows no channel. */
export type InAppFaults = (inapp: NonNullable<TemplateContent['inapp']>) => readonly FieldError[];

export interface TemplateCheck {
  readonly errors: readonly TemplateProblem[];
  readonly warnings: readonly TemplateProblem[];
}

export interface CheckPorts {
  readonly renderer: Renderer;
  readonly inAppFaults: InAppFaults;
}

type Checked = Pick<TemplateVersion, 'content' | 'locales' | 'variables'>;

export async function checkTemplate(
  { content, locales, variables }: Checked,
  ownLocale: string | null,
  { renderer, inAppFaults }: CheckPorts,
): Promise<TemplateCheck> {
  const errors: TemplateProblem[] = [...emptyTexts(content), ...strayLocales(content, locales)];
  const warnings: TemplateProblem[] = samplesOfWrongType(variables);
  const texts = [...textsOf(content, 'content.'), ...localTexts({ content, locales, variables })];
  const { errors: unreadable, uses, unescaped } = await renderer.analyze(texts);
  errors.push(...unreadable.map((one) => ({ ...one, code: 'liquid' as const })));
  const undeclared = new Set<string>();
  for (const { field, line, path } of uses) {
    const name = path.join('.');
    if (isDeclared(variables, path) || undeclared.has(`${field} ${name}`)) continue;
    undeclared.add(`${field} ${name}`);
    errors.push({
      field,
      code: 'undeclared',
      line,
      detail: `“${name}” is no variable of the template; declare it, or mend its name.`,
    });
  }
  warnings.push(
    ...unescaped.map(({ field, line, detail }) => ({
      field,
      code: 'unescaped' as const,
      line,
      detail: `${detail} goes into the HTML as it is: whoever fills it in can write HTML.`,
    })),
    ...variables
      .filter(
        ({ name }) =>
          !uses.some(({ path }) =>
            isDeclared([{ name, type: 'string', required: false, sample: null }], path),
          ),
      )
      .map(({ name }) => ({
        field: `variables.${name}`,
        code: 'unused' as const,
        line: null,
        detail: `No text uses “${name}”.`,
      })),
  );
  for (const { field, email, locale } of mails({ content, locales, variables }, ownLocale)) {
    const compiled = await renderer.compile(email, locale);
    const asProblem = ({ line, detail }: { readonly line: number | null; readonly detail: string }) => ({
      field,
      code: 'mjml' as const,
      line,
      detail: `${detail}.`,
    });
    errors.push(...compiled.errors.map(asProblem));
    warnings.push(...compiled.warnings.map(asProblem));
  }
  if (errors.length === 0)
    errors.push(...(await triedOut({ content, locales, variables }, ownLocale, { renderer, inAppFaults })));
  return { errors, warnings };
}

function emptyTexts(content: TemplateContent): readonly TemplateProblem[] {
  const channels = userChannels.filter((channel) => content[channel] !== undefined);
  if (channels.length === 0)
    return [
      {
        field: 'content',
        code: 'empty',
        line: null,
        detail: 'It says nothing yet: write it for one channel at least.',
      },
    ];
  const required = new Set(['email.subject', 'email.body', 'push.body', 'sms.body']);
  // A carousel says what it says in its slides, and a picture says it without words.
  const { slides = [], image = '' } = content.inapp ?? {};
  if (slides.length === 0 && image === '') required.add('inapp.body');
  return textsOf(content)
    .filter(({ field, source }) => required.has(field) && source.trim() === '')
    .map(({ field }) => ({ field: `content.${field}`, code: 'empty', line: null, detail: 'It is empty.' }));
}

function strayLocales(content: TemplateContent, locales: Checked['locales']): readonly TemplateProblem[] {
  return Object.entries(locales).flatMap(([locale, changes]) =>
    userChannels
      .filter((channel) => changes[channel] !== undefined && content[channel] === undefined)
      .map((channel) => ({
        field: `locales.${locale}.${channel}`,
        code: 'no_channel' as const,
        line: null,
        detail: 'The template itself has nothing for this channel; others would get nothing.',
      })),
  );
}

/** Those that a locale has of its own; the others are looked at where they stand. */
function localTexts(version: Checked): readonly SourceText[] {
  const own = new Set(textsOf(version.content).map(({ field, source }) => `${field} ${source}`));
  return Object.keys(version.locales).flatMap((locale) =>
    textsOf(localContent(version, locale))
      .filter(({ field, source }) => !own.has(`${field} ${source}`))
      .map((text) => ({ ...text, field: `locales.${locale}.${text.field}` })),
  );
}

function localContent(version: Checked, locale: string): TemplateContent {
  return contentFor({ ...version, version: 0, publishedAtMs: null, changedAtMs: 0 }, locale).content;
}

function mails(version: Checked, ownLocale: string | null) {
  const { content, locales } = version;
  const own =
    content.email === undefined
      ? []
      : [{ field: 'content.email.body', email: content.email, locale: ownLocale }];
  const local = Object.entries(locales).flatMap(([locale, { email }]) => {
    const whole = email?.body === undefined ? undefined : localContent(version, locale).email;
    return whole === undefined ? [] : [{ field: `locales.${locale}.email.body`, email: whole, locale }];
  });
  return [...own, ...local];
}

function samplesOfWrongType(variables: Checked['variables']): TemplateProblem[] {
  return variables
    .filter(({ type, sample }) => sample !== null && sample !== undefined && !isOf(type, sample))
    .map(({ name, type }) => ({
      field: `variables.${name}.sample`,
      code: 'sample' as const,
      line: null,
      detail: `The sample is no ${type}.`,
    }));
}

/** With its samples: a loop that never ends, or an amount without a currency, shows only then. */
async function triedOut(
  version: Checked,
  ownLocale: string | null,
  { renderer, inAppFaults }: CheckPorts,
): Promise<readonly TemplateProblem[]> {
  const variables = withSamples(version.variables, { user: userVariables(sampleUser) });
  const refused = new Map<string, TemplateProblem>();
  for (const locale of [null, ...Object.keys(version.locales)]) {
    try {
      const { content, missing } = await renderer.render({
        // Whether each was given is the sender's matter.
        version: { ...version, variables: [], version: 0, publishedAtMs: null, changedAtMs: 0 },
        ownLocale,
        locale,
        variables,
        channels: userChannels,
      });
      for (const fault of content.inapp === undefined ? [] : inAppFaults(content.inapp)) {
        const [member = ''] = fault.field.split(/[.[]/);
        // What a locale does not say itself is wrong where it is said.
        const ofLocale: object = (locale === null ? null : version.locales[locale]?.inapp) ?? {};
        const own = Object.hasOwn(ofLocale, member);
        if (missing.length > 0 && isMade({ ...version.content.inapp, ...ofLocale }, member)) continue;
        const field = `${own ? `locales.${locale}.` : 'content.'}inapp.${fault.field}`;
        const known = refused.get(field) ?? { field, code: 'refused', line: null, detail: fault.detail };
        refused.set(field, known);
      }
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'invalid_template') throw error;
      const [first] = error.errors;
      const prefix = locale === null ? 'content.' : `locales.${locale}.`;
      return [
        {
          field: `${prefix}${first?.field ?? ''}`.replace(/\.$/, ''),
          code: 'liquid',
          line: null,
          detail: `With its samples: ${first?.detail ?? error.message}`,
        },
      ];
    }
  }
  return [...refused.values()];
}

/** What has Liquid in it is not known while a sample is missing; a member that is not there is a fault of all of it. */
function isMade(inapp: object, member: string): boolean {
  const said: unknown = Object.hasOwn(inapp, member) ? Reflect.get(inapp, member) : inapp;
  return /\{[{%]/.test(JSON.stringify(said) ?? '');
}

/** Whom previews speak to, where nobody is chosen. */
export const sampleUser: User = {
  id: 'ada',
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  phone: '+15005550006',
  locale: null,
  timezone: null,
  attributes: {},
  devices: [],
  preferences: noPreferences,
  createdAtMs: 0,
  updatedAtMs: 0,
};

export function wordsFor({ line, detail }: TemplateProblem): string {
  return `${atLine(line)}${detail}`;
}
