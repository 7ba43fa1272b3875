/** A mailbox file as the messages in it. Source: RFC 4155; of lines quoted as `>From ` one `>` is taken off (mboxrd). */
const messagesMax = 10_000;

/** @returns each message's bytes; nothing for a file that begins with no `From ` line */
export function splitMbox(bytes: Buffer): readonly Buffer[] {
  // Latin 1 keeps every byte as it is.
  const text = bytes.toString('latin1');
  if (!text.startsWith('From ')) return [];
  return text
    .split(/^From [^\n]*\n/m)
    .slice(1, messagesMax + 1)
    .map((message) =>
      Buffer.from(message.replace(/^>(>*From )/gm, '$1').replace(/\r?\n\r?\n$/, '\n'), 'latin1'),
    )
    .filter((message) => message.byteLength > 0);
}
