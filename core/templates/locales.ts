/** Which texts a user reads: those of the region, of the language, and the template's own. Pure. */
import type { TemplateChanges, TemplateContent, TemplateVersion } from '../model/template.ts';
import { userChannels } from '../model/user.ts';

export interface LocalContent {
  readonly content: TemplateContent;
  /** The nearest one that there is; null: the template's own texts alone. */
  readonly locale: string | null;
}

/** `de-AT` is `de-AT` over `de` over the template's own, member by member. */
export function contentFor(version: TemplateVersion, locale: string | null): LocalContent {
  const names = locale === null ? [] : chainOf(locale);
  const known = new Map(
    Object.entries(version.locales).map(([name, content]) => [name.toLowerCase(), { name, content }]),
  );
  const found = names.flatMap((name) => known.get(name.toLowerCase()) ?? []);
  const content = found
    .toReversed()
    .reduce((below, { content: above }) => overlaid(below, above), version.content);
  return { content, locale: found[0]?.name ?? null };
}

/** From the most exact on: `zh-Hant-TW`, `zh-Hant`, `zh`. Source: RFC 4647 §3.4 (lookup). */
export function chainOf(locale: string): readonly string[] {
  const parts = locale.replaceAll('_', '-').split('-');
  return (
    parts
      .map((_, at) => parts.slice(0, parts.length - at))
      // A letter of its own begins an extension and says nothing alone.
      .filter((some) => (some.at(-1)?.length ?? 0) > 1)
      .map((some) => some.join('-'))
  );
}

/** Text that is made of another is not kept where that one is replaced: it would be in the other language. */
export function overlaid(below: TemplateContent, above: TemplateChanges): TemplateContent {
  const under: TemplateContent =
    below.email !== undefined && above.email?.body !== undefined
      ? { ...below, email: withoutText(below.email) }
      : below;
  const email = { ...under.email, ...above.email };
  const push = { ...under.push, ...above.push };
  const sms = { ...under.sms, ...above.sms };
  const inapp = { ...under.inapp, ...above.inapp };
  return {
    ...(isWholeMail(email) ? { email } : {}),
    ...(hasBody(push) ? { push } : {}),
    ...(hasBody(sms) ? { sms } : {}),
    ...(hasBody(inapp) ? { inapp } : {}),
  };
}

type Email = NonNullable<TemplateContent['email']>;

function withoutText({ text: _, ...rest }: Email): Email {
  return rest;
}

/** A channel of which only pieces are there says nothing. */
function isWholeMail(email: Partial<Email>): email is Email {
  return email.subject !== undefined && email.format !== undefined && email.body !== undefined;
}

function hasBody<T extends { readonly body?: string }>(content: T): content is T & { readonly body: string } {
  return content.body !== undefined;
}

export function only(content: TemplateContent, channels: readonly string[]): TemplateContent {
  const kept = userChannels.filter((channel) => channels.includes(channel) && content[channel] !== undefined);
  return Object.fromEntries(kept.map((channel) => [channel, content[channel]]));
}

export function directionOf(locale: string | null): 'ltr' | 'rtl' {
  if (locale === null || !isLocale(locale)) return 'ltr';
  const { script } = new Intl.Locale(locale).maximize();
  return script !== undefined && rightToLeft.has(script) ? 'rtl' : 'ltr';
}

/** Scripts of living languages (ISO 15924) that run from right to left, as CLDR's scriptMetadata has them. */
const rightToLeft = new Set([
  'Adlm',
  'Arab',
  'Aran',
  'Hebr',
  'Mand',
  'Nkoo',
  'Rohg',
  'Samr',
  'Syrc',
  'Thaa',
  'Yezi',
]);

export function isLocale(name: string): boolean {
  try {
    return Intl.getCanonicalLocales(name).length === 1;
  } catch {
    // That is how Intl says no.
    return false;
  }
}
