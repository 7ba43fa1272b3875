/** Reading a message: its summary for lists and the index, and all that one message's screen shows. */
import { LinkifyIt } from 'linkify-it';
import { headerBlock } from '../model/header-block.ts';
import type { AttachmentSummary, MessageSummary } from '../model/message.ts';
import { type Answers, answersTo, type Question } from '../rules/questions.ts';
import { type CalendarEvent, readCalendar } from './calendar.ts';
import { type FoundCode, findCodes } from './codes.ts';
import { readContent } from './content.ts';
import { decodedBytes, decodedLength, decodedText } from './decode.ts';
import { type DecodedHeader, decodeHeaders, fromLatin1, readAddressing } from './headers.ts';
import { findLinks, findRemotes, parseHtml, plainText, type Remote, remoteUrl, viewOf } from './html.ts';
import { findProblems } from './problems.ts';
import { headBytesMax, type Part, readStructure, type Structure } from './structure.ts';

/** Text of a message that the search index takes. */
const indexedCharsMax = 256 * 1024;
const snippetChars = 160;
/** Text that the screen shows; the rest is in the source. */
const textCharsMax = 1024 * 1024;
const calendarBytesMax = 256 * 1024;
const inlineBytesMax = 8 * 1024 * 1024;
const attachmentsMax = 1_000;
/** Words that rules look through. */
const bodyCharsMax = 1_000_000;
/** What of them is handed on. */
const beginningCharsMax = 4_000;

export interface FoundLink {
  readonly url: string;
  readonly text: string;
  readonly source: 'html' | 'text' | 'header';
}

export interface ShownPart extends Omit<Part, 'multipart'> {
  readonly bytes: number;
  readonly decodedBytes: number | null;
}

export interface Detail {
  readonly text: string | null;
  readonly textFromHtml: boolean;
  readonly textTruncated: boolean;
  readonly hasHtml: boolean;
  readonly headers: readonly DecodedHeader[];
  readonly parts: readonly ShownPart[];
  readonly calendar: readonly (CalendarEvent & { readonly part: number })[];
  readonly remoteContent: readonly Remote[];
  readonly links: readonly FoundLink[];
  readonly codes: readonly FoundCode[];
}

export interface BodyContent {
  /** The beginning of the words. */
  readonly text: string;
  readonly answers: Answers;
  readonly attachments: readonly {
    readonly name: string;
    readonly type: string;
    readonly bytes: number;
  }[];
}

export async function summarize(raw: Uint8Array): Promise<MessageSummary> {
  const block = headerBlock(raw, headBytesMax);
  const structure = await readStructure(raw);
  const content = await readContent(raw);
  const problems = [...findProblems(raw, block, structure), ...content.problems];
  const text = content.text ?? (content.html === null ? '' : textOf(content.html));
  return {
    ...readAddressing(block),
    snippet: text
      .slice(0, snippetChars * 8)
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, snippetChars),
    attachments: attachmentsOf(raw, structure),
    problems,
    body: text.slice(0, indexedCharsMax),
  };
}

export async function readDetail(raw: Uint8Array): Promise<Detail> {
  const block = headerBlock(raw, headBytesMax);
  const structure = await readStructure(raw);
  const content = await readContent(raw);
  const document = content.html === null ? null : parseHtml(content.html);
  const text = content.text ?? (content.html === null ? null : textOf(content.html));
  const headers = decodeHeaders(block);
  return {
    text: text?.slice(0, textCharsMax) ?? null,
    textFromHtml: content.html !== null && !structure.parts.some((part) => isBodyText(part, 'text/plain')),
    textTruncated: (text?.length ?? 0) > textCharsMax,
    hasHtml: content.html !== null,
    headers,
    parts: structure.parts.map((part) => shown(raw, part)),
    calendar: structure.parts
      .filter(
        (part) => part.contentType === 'text/calendar' && part.bodyEnd - part.bodyStart <= calendarBytesMax,
      )
      .flatMap((part) => readCalendar(decodedText(raw, part)).map((event) => ({ ...event, part: part.n }))),
    remoteContent: document === null ? [] : findRemotes(document),
    links: [
      ...(document === null ? [] : findLinks(document).map((link) => ({ ...link, source: 'html' as const }))),
      ...(text === null || content.text === null ? [] : textLinks(text)),
      ...headerLinks(headers),
    ],
    codes: findCodes(
      [headers.find((one) => one.name.toLowerCase() === 'subject')?.value ?? '', text ?? ''].join('\n\n'),
    ),
  };
}

/** What rules may ask of the body: its words, and what is attached to it. */
export async function readBody(
  raw: Uint8Array,
  { questions, asksBody }: { readonly questions: readonly Question[]; readonly asksBody: boolean },
): Promise<BodyContent> {
  const headers = headerBlock(raw);
  if (!asksBody) return { text: '', attachments: [], answers: answersTo(questions, { headers, text: '' }) };
  const structure = await readStructure(raw);
  const content = await readContent(raw);
  const html = content.html === null ? '' : textOf(content.html);
  // Alternatives may differ in their words: both are looked through, where the text was not made of the HTML.
  const both = structure.parts.some((part) => isBodyText(part, 'text/plain'));
  const text = [content.text ?? '', both || content.text === null ? html : ''].filter((one) => one !== '');
  const words = text.join('\n').slice(0, bodyCharsMax);
  return {
    text: words.slice(0, beginningCharsMax),
    answers: answersTo(questions, { headers, text: words }),
    attachments: attachmentsOf(raw, structure).map(({ filename, contentType, bytes }) => ({
      name: filename ?? '',
      type: contentType,
      bytes,
    })),
  };
}

/** The document for the preview frame, or null when the message has no HTML. */
export async function readHtml(
  raw: Uint8Array,
  options: { readonly dark: boolean; readonly remote: ReadonlyMap<string, string> },
): Promise<string | null> {
  const { html } = await readContent(raw);
  if (html === null) return null;
  const structure = await readStructure(raw);
  const byId = new Map(
    structure.parts.flatMap((part) => (part.contentId === null ? [] : [[part.contentId, part] as const])),
  );
  let budget = inlineBytesMax;
  return viewOf(parseHtml(html), {
    dark: options.dark,
    remote: (url) => options.remote.get(url) ?? null,
    inline: (contentId) => {
      const part = byId.get(contentId);
      if (part === undefined || !part.contentType.startsWith('image/')) return null;
      const bytes = decodedBytes(raw, part);
      budget -= bytes.length;
      return budget < 0 ? null : `data:${part.contentType};base64,${bytes.toString('base64')}`;
    },
  });
}

export async function readRemotes(raw: Uint8Array): Promise<readonly Remote[]> {
  const { html } = await readContent(raw);
  return html === null ? [] : findRemotes(parseHtml(html));
}

export interface PartContent {
  readonly contentType: string;
  readonly charset: string | null;
  readonly filename: string | null;
  readonly bytes: Uint8Array;
}

/** One part's decoded bytes; of a container, all it holds as it stands. */
export async function readPart(raw: Uint8Array, n: number): Promise<PartContent | null> {
  const { parts } = await readStructure(raw);
  const part = parts[n];
  if (part === undefined) return null;
  const bytes = part.multipart
    ? raw.slice(part.bodyStart, part.bodyEnd)
    : Uint8Array.from(decodedBytes(raw, part));
  return { contentType: part.contentType, charset: part.charset, filename: part.filename, bytes };
}

function shown(raw: Uint8Array, part: Part): ShownPart {
  const { multipart, ...rest } = part;
  return {
    ...rest,
    bytes: part.bodyEnd - part.bodyStart,
    decodedBytes: multipart ? null : decodedLength(raw, part),
  };
}

function isBodyText(part: Part, type: 'text/plain' | 'text/html'): boolean {
  return part.contentType === type && part.disposition !== 'attachment' && part.filename === null;
}

/** A message within the message, whether its own parts are listed too or not. */
function isNestedMessage(part: Part): boolean {
  return part.contentType === 'message/rfc822' && part.parent !== null;
}

function attachmentsOf(raw: Uint8Array, structure: Structure): AttachmentSummary[] {
  const leaves = structure.parts.filter(
    (part) =>
      isNestedMessage(part) ||
      (!part.multipart && !isBodyText(part, 'text/plain') && !isBodyText(part, 'text/html')),
  );
  return leaves.slice(0, attachmentsMax).map((part) => ({
    part: part.n,
    filename: part.filename,
    contentType: part.contentType,
    contentId: part.contentId,
    disposition:
      part.disposition === 'inline' || (part.disposition === null && part.contentId !== null)
        ? 'inline'
        : 'attachment',
    bytes: decodedLength(raw, part),
  }));
}

/** A plain reading of HTML, for what mailparser did not turn into text. */
function textOf(html: string): string {
  return plainText(parseHtml(html.slice(0, textCharsMax))).replace(/\s+/g, ' ');
}

const linkify = new LinkifyIt();
const linksMax = 2_000;
const linkifiedCharsMax = 256 * 1024;

function textLinks(text: string): FoundLink[] {
  const found = linkify.match(text.slice(0, linkifiedCharsMax)) ?? [];
  const urls = new Set(found.map((one) => one.url));
  return [...urls].slice(0, linksMax).map((url) => ({ url, text: url, source: 'text' }));
}

/** List-Unsubscribe and its sisters (RFC 2369). */
function headerLinks(headers: readonly DecodedHeader[]): FoundLink[] {
  return headers
    .filter((header) => /^list-/i.test(header.name))
    .flatMap((header) =>
      [...fromLatin1(header.value).matchAll(/<([^<>]+)>/g)].flatMap((match): FoundLink[] => {
        const url = match[1] ?? '';
        return remoteUrl(url) !== null || /^mailto:/i.test(url)
          ? [{ url, text: header.name, source: 'header' }]
          : [];
      }),
    );
}
