/**
 * `sandpost://message/<id>` names a message from outside: a terminal, a test report, a chat.
 *
 * Anything may hand such a link to the app, web pages included, so that it can only ever name a place to show.
 * @returns the path of the screen, or null for what is no such link
 */
export function parseDeepLink(text: string): string | null {
  const match = /^sandpost:\/\/message\/([0-9a-f-]{1,64})\/?$/i.exec(text);
  return match?.[1] === undefined ? null : `/messages/${match[1].toLowerCase()}`;
}
