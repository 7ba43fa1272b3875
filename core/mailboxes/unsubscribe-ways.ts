/** The ways out that a message offers (RFC 2369 §3.2, RFC 8058). Pure. */
export interface UnsubscribeWays {
  readonly url: string | null;
  readonly mailto: string | null;
  /** List-Unsubscribe-Post asks for a POST, and there is an address for it. */
  readonly oneClick: boolean;
}

const addressCharsMax = 4_000;

export function unsubscribeWays(header: (name: string) => readonly string[]): UnsubscribeWays {
  const [field = ''] = header('list-unsubscribe');
  const addresses = [...field.slice(0, addressCharsMax).matchAll(/<\s*([^>]+?)\s*>/g)].map(([, one = '']) =>
    // White space inside is folding (RFC 2369 §2).
    one.replace(/\s+/g, ''),
  );
  const url = addresses.find((one) => /^https?:\/\//i.test(one)) ?? null;
  const [post = ''] = header('list-unsubscribe-post');
  return {
    url,
    mailto: addresses.find((one) => /^mailto:/i.test(one)) ?? null,
    oneClick: url !== null && /^List-Unsubscribe\s*=\s*One-Click$/i.test(post.trim()),
  };
}
