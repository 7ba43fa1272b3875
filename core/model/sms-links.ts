/** Links in the text of an SMS. Pure. */

/** Without the full stop or the bracket that ends the sentence it stands in. */
const link = /\bhttps?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}]/gi;

export function linksIn(text: string): readonly string[] {
  return [...text.matchAll(link)].map(([url]) => url);
}

/** @param instead of each link, in the order in which they stand; the number is the same where the link is */
export function withLinks(text: string, instead: (url: string, at: number) => string): string {
  const known = new Map<string, number>();
  return text.replace(link, (url) => {
    const at = known.get(url) ?? known.size;
    known.set(url, at);
    return instead(url, at);
  });
}
