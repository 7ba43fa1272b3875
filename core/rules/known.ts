/** Facts made ready for conditions: taken apart once, however many rules ask. */
import { decodeWords } from '../model/encoded-words.ts';
import { headerFields, unfold } from '../model/header-block.ts';
import type { ContentFacts, Facts } from './decision.ts';

export interface Text {
  readonly text: string;
  readonly lower: string;
}

export interface Known {
  readonly facts: Facts;
  /** Lower case; null where it is not known. */
  readonly sender: string | null;
  readonly senderDomain: string;
  readonly recipient: string | null;
  readonly domain: string;
  readonly headers: Headers | null;
  readonly content: ReadyContent | null;
}

export interface Headers {
  /** Decoded (RFC 2047); empty when there is none. */
  readonly subject: Text;
  /** Values of the fields of that name, decoded. @param name lower case */
  values(name: string): readonly Text[];
  /** What conditions found in them: the same for all recipients and at all moments. */
  readonly met: Map<object, boolean>;
}

export interface ReadyContent {
  readonly text: Text;
  readonly attachments: ContentFacts['attachments'];
  readonly answers: ContentFacts['answers'];
}

export function knownOf(facts: Facts): Known {
  return new KnownFacts(facts);
}

/** A class, for it is made at each moment of each session: its getters are shared. */
class KnownFacts implements Known {
  readonly facts: Facts;
  readonly sender: string | null;
  readonly senderDomain: string;
  readonly recipient: string | null;
  readonly domain: string;

  constructor(facts: Facts) {
    this.facts = facts;
    this.sender = facts.sender?.toLowerCase() ?? null;
    this.recipient = facts.recipient?.toLowerCase() ?? null;
    this.senderDomain = domainIn(this.sender);
    this.domain = domainIn(this.recipient);
  }

  get headers(): Headers | null {
    return this.facts.headers === undefined ? null : headersOf(this.facts.headers);
  }

  get content(): ReadyContent | null {
    return this.facts.content === undefined ? null : contentOf(this.facts.content);
  }
}

function domainIn(address: string | null): string {
  const at = address?.lastIndexOf('@') ?? -1;
  return address === null || at < 0 ? '' : address.slice(at + 1);
}

/** The same message is asked about several times in a row: at each point, for each recipient. */
let lastHeaders: { readonly block: string; readonly ready: Headers } | null = null;

function headersOf(block: string): Headers {
  if (lastHeaders?.block === block) return lastHeaders.ready;
  const ready = readHeaders(block);
  lastHeaders = { block, ready };
  return ready;
}

function readHeaders(block: string): Headers {
  let byName: Map<string, string[]> | null = null;
  const decoded = new Map<string, readonly Text[]>();
  let subject: Text | null = null;
  const values = (name: string): readonly Text[] => {
    const known = decoded.get(name);
    if (known !== undefined) return known;
    byName ??= fieldsByName(block);
    const found = textsOf(byName.get(name) ?? []);
    decoded.set(name, found);
    return found;
  };
  return {
    values,
    met: new Map(),
    get subject() {
      subject ??= textsOf(subjectField(block))[0] ?? empty;
      return subject;
    },
  };
}

/** Fields of a name are looked at up to so many characters in all: enough for words, and never long. */
const valueCharsMax = 8_000;
/** Encoded words take several for one, and time. */
const rawCharsMax = 24_000;

function textsOf(raws: readonly string[]): readonly Text[] {
  const texts: Text[] = [];
  let left = valueCharsMax;
  for (const raw of raws) {
    if (left <= 0) break;
    const text = decode(unfold(raw).slice(0, rawCharsMax)).slice(0, left);
    left -= text.length + 1;
    texts.push(textOf(text));
  }
  return texts;
}

const subjectName = /(?:^|[\r\n])subject[ \t]*:/i;

/** The first subject, without splitting the block: it is asked for of every message. */
function subjectField(block: string): readonly string[] {
  const found = subjectName.exec(block);
  if (found === null) return [];
  const start = found.index + found[0].length;
  let end = start;
  for (;;) {
    while (end < block.length && block[end] !== '\r' && block[end] !== '\n') end++;
    const next = block[end] === '\r' && block[end + 1] === '\n' ? end + 2 : end + 1;
    // A line that begins with white space goes on with the one before it (RFC 5322 §2.2.3).
    if (block[next] !== ' ' && block[next] !== '\t') return [block.slice(start, end)];
    end = next;
  }
}

function fieldsByName(block: string): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const { name, raw } of headerFields(block)) {
    const key = name.toLowerCase();
    const known = byName.get(key);
    if (known === undefined) byName.set(key, [raw]);
    else known.push(raw);
  }
  return byName;
}

/** Encoded words (RFC 2047), or bytes that are UTF-8 as they stand (RFC 6532). */
function decode(raw: string): string {
  const bytes = /[\x80-\xff]/.test(raw) ? Buffer.from(raw, 'latin1').toString('utf8') : raw;
  return decodeWords(bytes);
}

const lastContent = new WeakMap<ContentFacts, ReadyContent>();

function contentOf(facts: ContentFacts): ReadyContent {
  const known = lastContent.get(facts);
  if (known !== undefined) return known;
  const { attachments, answers } = facts;
  const ready: ReadyContent = { text: textOf(facts.text), attachments, answers };
  lastContent.set(facts, ready);
  return ready;
}

function textOf(text: string): Text {
  return { text, lower: text.toLowerCase() };
}

const empty: Text = { text: '', lower: '' };
