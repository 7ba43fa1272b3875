/**
 * Open pixel and click redirect, for a message that asks for them. The addresses carry a token: the message's, which
 * egress turns into the delivery's for each recipient. Both are 22 characters, so that nothing else of the message moves.
 */
import { Parser } from 'htmlparser2';

export interface Tracked {
  readonly html: string;
  /** Where the redirects lead, by their number in the address. */
  readonly links: readonly string[];
}

const linksMax = 500;

/** A UUID in base64url (RFC 4648 §5): 16 bytes in 22 characters. */
export function trackingToken(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

/** @returns the UUID, or null for what is no token */
export function trackedId(token: string): string | null {
  if (!/^[\w-]{22}$/.test(token)) return null;
  const hex = Buffer.from(token, 'base64url').toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** @param baseUrl of this core, without a slash at its end */
export function trackHtml(
  html: string,
  about: {
    readonly baseUrl: string;
    readonly token: string;
    readonly opens: boolean;
    readonly clicks: boolean;
  },
): Tracked {
  const links: string[] = [];
  const edits: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  let bodyEnd: number | null = null;
  const parser: Parser = new Parser(
    {
      onopentag(name, attributes) {
        const { href } = attributes;
        if (!about.clicks || name !== 'a' || href === undefined || !/^https?:\/\//i.test(href)) return;
        if (links.length >= linksMax) return;
        const tag = html.slice(parser.startIndex, parser.endIndex + 1);
        const written = /\s(href\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>"']+))/i.exec(tag);
        if (written?.[1] === undefined) return;
        const at = parser.startIndex + written.index;
        // On a line of its own, so that no transfer encoding breaks the token in two.
        edits.push({
          from: at,
          to: at + written[0].length,
          text: `\nhref="${about.baseUrl}/t/c/${about.token}/${links.length}"`,
        });
        links.push(href);
      },
      onclosetag(name, implied) {
        if (name === 'body' && !implied) bodyEnd = parser.startIndex;
      },
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  parser.end(html);
  if (about.opens) {
    const at = bodyEnd ?? html.length;
    edits.push({
      from: at,
      to: at,
      text: `<img alt="" width="1" height="1"\nsrc="${about.baseUrl}/t/o/${about.token}.gif">`,
    });
  }
  edits.sort((a, b) => a.from - b.from);
  let tracked = '';
  let done = 0;
  for (const { from, to, text } of edits) {
    tracked += html.slice(done, from) + text;
    done = to;
  }
  return { html: tracked + html.slice(done), links };
}

/**
 * Turns the message's token into a delivery's, wherever it stands. The length stays, and so do the soft line breaks
 * (RFC 2045 §6.7) that quoted-printable may have put into it.
 */
export function withDeliveryToken(raw: Uint8Array, messageToken: string, deliveryToken: string): Uint8Array {
  const source = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const text = source.toString('latin1');
  const broken = new RegExp([...messageToken].join('(?:=\\r\\n)?'), 'g');
  const changed = text.replace(broken, (written) => {
    let at = 0;
    return written.replace(/=\r\n|./gs, (piece) =>
      piece.length > 1 ? piece : (deliveryToken[at++] ?? piece),
    );
  });
  return changed === text ? raw : Buffer.from(changed, 'latin1');
}
