/** One term of the search language, with its place in the text. */
export interface SearchTerm {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly negated: boolean;
  /** `from` of `from:jane`; null for a free word. */
  readonly field: string | null;
  readonly value: string;
}

export interface SearchField {
  readonly name: string;
  readonly example: string;
  readonly meaning: string;
}

/** What the search box offers while a word is typed. */
export const searchFields: readonly SearchField[] = [
  { name: 'from', example: 'from:jane@example.com', meaning: 'sender, by name or address' },
  { name: 'to', example: 'to:example.com', meaning: 'recipient in To, or in the envelope' },
  { name: 'subject', example: 'subject:"reset your password"', meaning: 'words of the subject' },
  {
    name: 'is',
    example: 'is:unread',
    meaning: 'unread, read, tagged, or part of a send over several channels',
  },
  { name: 'has', example: 'has:attachment', meaning: 'with attachments' },
  {
    name: 'status',
    example: 'status:deferred',
    meaning: 'a delivery is queued, held, deferred, sent, delivered …',
  },
  { name: 'channel', example: 'channel:push', meaning: 'email, push, sms, inapp or multi' },
  {
    name: 'provider',
    example: 'provider:gmail',
    meaning: 'at this provider: gmail, outlook, apns, fcm, webpush, twilio, smpp …',
  },
  { name: 'project', example: 'project:shop', meaning: 'one project' },
  { name: 'tag', example: 'tag:receipt', meaning: 'with this tag' },
  { name: 'user', example: 'user:jane', meaning: 'to this user, or signed in as' },
  { name: 'template', example: 'template:welcome', meaning: 'made with this template' },
  { name: 'topic', example: 'topic:newsletter', meaning: 'about this topic' },
  { name: 'cc', example: 'cc:team@example.com', meaning: 'recipient in Cc' },
  { name: 'bcc', example: 'bcc:audit@example.com', meaning: 'recipient that only the envelope or Bcc names' },
  { name: 'before', example: 'before:2026-01-31', meaning: 'received before a day' },
  { name: 'after', example: 'after:2026-01-01', meaning: 'received on or after a day' },
  { name: 'larger', example: 'larger:1mb', meaning: 'more bytes than' },
  { name: 'smaller', example: 'smaller:100kb', meaning: 'fewer bytes than' },
  { name: 'message-id', example: 'message-id:<a@b>', meaning: 'the Message-ID header' },
];

/** Splits a search at its spaces, quotes kept together. */
export function searchTerms(query: string): readonly SearchTerm[] {
  const terms: SearchTerm[] = [];
  for (const match of query.matchAll(/-?(?:[a-z][a-z-]*:)?(?:"[^"]*"?|[^\s"]+)+/gi)) {
    const text = match[0];
    const negated = text.startsWith('-') && text.length > 1;
    const bare = negated ? text.slice(1) : text;
    const colon = /^([a-z][a-z-]*):/i.exec(bare);
    const field = colon?.[1]?.toLowerCase() ?? null;
    const value = (colon === null ? bare : bare.slice(colon[0].length)).replaceAll('"', '');
    terms.push({ text, start: match.index, end: match.index + text.length, negated, field, value });
  }
  return terms;
}

export const hasTerm = (query: string, term: string): boolean =>
  searchTerms(query).some((entry) => entry.text.toLowerCase() === term.toLowerCase());

/** Adds a term, or takes it out when it is there. */
export function toggleTerm(query: string, term: string): string {
  const terms = searchTerms(query).map((entry) => entry.text);
  const rest = terms.filter((text) => text.toLowerCase() !== term.toLowerCase());
  return (rest.length < terms.length ? rest : [...terms, term]).join(' ');
}

/** The fields that a half-typed last word could become. */
export function suggestFields(query: string): readonly SearchField[] {
  const last = searchTerms(query).at(-1);
  if (last === undefined || /\s$/.test(query)) return searchFields;
  if (last.field !== null || last.text.includes('"')) return [];
  return searchFields.filter((field) => field.name.startsWith(last.value.toLowerCase()));
}

/** The search with its half-typed last word replaced by a field. */
export function completeField(query: string, field: string): string {
  const last = searchTerms(query).at(-1);
  if (last === undefined || /\s$/.test(query)) return `${query}${field}:`;
  return `${query.slice(0, last.start)}${last.negated ? '-' : ''}${field}:`;
}
