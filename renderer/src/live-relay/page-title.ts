/**
 * Keeps a mark before the page's title, whoever writes the title meanwhile.
 *
 * @returns takes it away again
 */
export function markTitle(page: Document, mark: string): () => void {
  const put = (): void => {
    if (!page.title.startsWith(mark)) page.title = `${mark}${page.title}`;
  };
  put();
  const observer = new MutationObserver(put);
  observer.observe(page.head, { subtree: true, childList: true, characterData: true });
  return () => {
    observer.disconnect();
    if (page.title.startsWith(mark)) page.title = page.title.slice(mark.length);
  };
}
