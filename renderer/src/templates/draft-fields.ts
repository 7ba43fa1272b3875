import type { UserChannel } from '../../../core/model/user.ts';
import type { TemplateDraft } from '../api/templates.ts';

export interface DraftField {
  readonly name: string;
  readonly label: string;
  readonly kind: 'line' | 'text' | 'code';
  readonly required: boolean;
}

/** What is written for a channel, in the order in which it is read. */
export const draftFields: Readonly<Record<UserChannel, readonly DraftField[]>> = {
  email: [
    { name: 'subject', label: 'Subject', kind: 'line', required: true },
    { name: 'preheader', label: 'Preheader', kind: 'line', required: false },
    { name: 'from', label: 'From', kind: 'line', required: false },
    { name: 'body', label: 'Body', kind: 'code', required: true },
    { name: 'text', label: 'Text instead of that made of the body', kind: 'text', required: false },
  ],
  push: [
    { name: 'title', label: 'Title', kind: 'line', required: false },
    { name: 'body', label: 'Body', kind: 'text', required: true },
    { name: 'image', label: 'Picture (address)', kind: 'line', required: false },
    { name: 'link', label: 'Link', kind: 'line', required: false },
  ],
  sms: [
    { name: 'body', label: 'Text', kind: 'text', required: true },
    { name: 'from', label: 'Sender', kind: 'line', required: false },
  ],
  inapp: [
    { name: 'title', label: 'Title', kind: 'line', required: false },
    { name: 'body', label: 'Body', kind: 'text', required: true },
    { name: 'image', label: 'Picture (address)', kind: 'line', required: false },
    { name: 'link', label: 'Link', kind: 'line', required: false },
  ],
};

const beginnings: Required<TemplateDraft['content']> = {
  email: {
    subject: '',
    format: 'mjml',
    body: '<mjml>\n  <mj-body>\n    <mj-section>\n      <mj-column>\n        <mj-text>Hello {{ user.name }}</mj-text>\n      </mj-column>\n    </mj-section>\n  </mj-body>\n</mjml>\n',
  },
  push: { body: '' },
  sms: { body: '' },
  inapp: { body: '' },
};

export const withChannel = (draft: TemplateDraft, channel: UserChannel): TemplateDraft => ({
  ...draft,
  content: { ...draft.content, [channel]: beginnings[channel] },
});

export function withoutChannel(draft: TemplateDraft, channel: UserChannel): TemplateDraft {
  const { [channel]: _gone, ...content } = draft.content;
  const locales = Object.fromEntries(
    Object.entries(draft.locales).map(([locale, { [channel]: _there, ...rest }]) => [locale, rest]),
  );
  return { ...draft, content, locales };
}

type Members = Readonly<Record<string, unknown>>;

/** @param locale null: the texts that stand where a locale says nothing */
export function fieldOf(
  draft: TemplateDraft,
  locale: string | null,
  channel: UserChannel,
  name: string,
): string {
  const members: Members = (locale === null ? draft.content : draft.locales[locale])?.[channel] ?? {};
  const value = members[name];
  return typeof value === 'string' ? value : '';
}

/** An empty text that need not be there goes away; in a locale it then is as elsewhere. */
export function withField(
  draft: TemplateDraft,
  locale: string | null,
  channel: UserChannel,
  { name, required }: Pick<DraftField, 'name' | 'required'>,
  value: string,
): TemplateDraft {
  const gone = value === '' && (locale !== null || !required);
  return withMember(draft, locale, channel, name, gone ? undefined : value);
}

type InApp = NonNullable<TemplateDraft['content']['inapp']>;
/** What is left out is in a locale as elsewhere, else as is usual. */
export type InAppMembers = { readonly [N in keyof InApp]?: InApp[N] | undefined };
export type PushData = NonNullable<NonNullable<TemplateDraft['content']['push']>['data']>;

export const inAppOf = (draft: TemplateDraft, locale: string | null): InAppMembers =>
  (locale === null ? draft.content : draft.locales[locale])?.inapp ?? {};

/** @param value undefined: in a locale as elsewhere, else as is usual */
export const withInApp = <N extends keyof InApp>(
  draft: TemplateDraft,
  locale: string | null,
  name: N,
  value: InApp[N] | undefined,
): TemplateDraft => withMember(draft, locale, 'inapp', name, value);

export const pushDataOf = (draft: TemplateDraft, locale: string | null): PushData | undefined =>
  (locale === null ? draft.content : draft.locales[locale])?.push?.data;

export const withPushData = (
  draft: TemplateDraft,
  locale: string | null,
  data: PushData | undefined,
): TemplateDraft => withMember(draft, locale, 'push', 'data', data);

function withMember(
  draft: TemplateDraft,
  locale: string | null,
  channel: UserChannel,
  name: string,
  value: unknown,
): TemplateDraft {
  const said = locale === null ? draft.content : (draft.locales[locale] ?? {});
  const before: Members = said[channel] ?? {};
  const { [name]: _old, ...rest } = before;
  // Members keep their place, so that a difference shows what differs.
  const next = value === undefined ? rest : { ...before, [name]: value };
  const { [channel]: _channel, ...others } = said;
  const channels = locale !== null && Object.keys(next).length === 0 ? others : { ...said, [channel]: next };
  return locale === null
    ? { ...draft, content: channels }
    : { ...draft, locales: { ...draft.locales, [locale]: channels } };
}

/** Where a member of that channel stands in what the API says is wrong. */
export const pathOf = (locale: string | null, channel: UserChannel, name: string): string =>
  `${locale === null ? 'content' : `locales.${locale}`}.${channel}.${name}`;

export function withoutLocale(draft: TemplateDraft, locale: string): TemplateDraft {
  const { [locale]: _gone, ...locales } = draft.locales;
  return { ...draft, locales };
}

/** @returns the language as BCP 47 writes it; null: it is none */
export function localeNamed(text: string): string | null {
  try {
    return Intl.getCanonicalLocales(text.trim().replaceAll('_', '-'))[0] ?? null;
  } catch {
    // That is how Intl says no.
    return null;
  }
}

/** A name that no other variable has. */
export function freeVariable(variables: TemplateDraft['variables']): string {
  for (let number = variables.length + 1; ; number++) {
    const name = `variable${number}`;
    if (!variables.some((one) => one.name === name)) return name;
  }
}
