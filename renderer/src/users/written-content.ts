import type { UserChannel } from '../../../core/model/user.ts';

/** A few words as each of the channels takes them. The text stays Liquid; for mail it is made HTML, line by line. */
export function writtenContent(
  channels: readonly UserChannel[],
  { title, text }: { readonly title: string; readonly text: string },
): Readonly<Record<string, unknown>> {
  const titled = title === '' ? {} : { title };
  const shapes: Readonly<Record<UserChannel, unknown>> = {
    email: { subject: title === '' ? text.slice(0, subjectCharsMax) : title, html: paragraphs(text), text },
    push: { ...titled, body: text },
    sms: { body: text },
    inapp: { ...titled, body: text },
  };
  return Object.fromEntries(channels.map((channel) => [channel, shapes[channel]]));
}

const subjectCharsMax = 70;

const paragraphs = (text: string): string =>
  text
    .split(/\n{2,}/)
    .map((one) => `<p>${escaped(one).replaceAll('\n', '<br>')}</p>`)
    .join('\n');

/** What stands in braces is Liquid and stays as it is. */
const escaped = (text: string): string =>
  text
    .split(/(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\})/)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    )
    .join('');
