/** Links that show another address than the one they lead to. */
import { against, type ContentRule, listed, organization, webHost } from './rule.ts';

export const deceptiveLinks: ContentRule = ({ links }) => {
  const wrong = links.filter(({ url, text }) => {
    const shown = shownHost(text);
    const real = webHost(url);
    return shown !== null && real !== null && organization(shown) !== organization(real);
  });
  const pairs = wrong.map(({ url, text }) => `"${text.trim().slice(0, 60)}" leads to ${webHost(url)}`);
  return wrong.length === 0
    ? []
    : [
        against(
          'deceptive_link',
          Math.min(6, 3 + wrong.length - 1),
          `Links show another address than they lead to: ${listed(pairs)}.`,
        ),
      ];
};

/** The host that a link's text names, when its text is an address and nothing else. */
function shownHost(text: string): string | null {
  const trimmed = text.trim();
  const host =
    webHost(trimmed) ??
    (/^(?:[a-z0-9-]+\.)+[a-z]{2,}(?:\/\S*)?$/i.exec(trimmed) ? trimmed.split('/')[0] : null);
  return host?.toLowerCase() ?? null;
}
