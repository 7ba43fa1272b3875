/** Reading an in-app message: its summary for lists and the index, and what its screen shows. Pure. */
import { emptySummary } from '../model/empty-summary.ts';
import {
  type InAppSubmission,
  inAppLinks,
  inAppWords,
  readInAppSubmission,
} from '../model/inapp-submission.ts';
import type { Mailbox, MessageSummary } from '../model/message.ts';
import { findCodes } from './codes.ts';
import type { Detail, FoundLink } from './read-message.ts';

export interface InAppMessageAbout {
  readonly envelopeTo: readonly string[];
}

const snippetChars = 160;
const indexedCharsMax = 64 * 1024;
const recipientsShownMax = 2_000;
const linksMax = 200;

export function summarizeInApp(about: InAppMessageAbout, raw: Uint8Array): MessageSummary {
  const message = readInAppSubmission(raw);
  return {
    ...emptySummary,
    subject: message === null ? '' : oneLine(titleOf(message)),
    to: about.envelopeTo.slice(0, recipientsShownMax).map(named),
    snippet: message === null ? '' : oneLine(snippetOf(message)),
    problems:
      message === null ? [{ code: 'unreadable', detail: 'What is stored of it is no in-app message.' }] : [],
    body: message === null ? '' : inAppWords(message.content).slice(0, indexedCharsMax),
  };
}

export function detailOfInApp(raw: Uint8Array): Detail {
  const message = readInAppSubmission(raw);
  const text = message === null ? null : inAppWords(message.content);
  return {
    text,
    textFromHtml: false,
    textTruncated: false,
    hasHtml: false,
    headers: [],
    parts: [],
    calendar: [],
    remoteContent: [],
    links: message === null ? [] : linksOf(message, text ?? ''),
    codes: findCodes(text ?? ''),
  };
}

/** What has no title goes by its first words. */
function titleOf({ content }: InAppSubmission): string {
  const { title, body, slides } = content;
  return title ?? slides.find((slide) => slide.title !== null)?.title ?? body?.split('\n')[0] ?? '';
}

function snippetOf({ content }: InAppSubmission): string {
  const { title, body, slides } = content;
  const said = title === null ? (body ?? '').split('\n').slice(1).join(' ') : (body ?? '');
  return said === '' ? slides.map((slide) => slide.body ?? slide.title ?? '').join(' ') : said;
}

function linksOf({ content }: InAppSubmission, text: string): readonly FoundLink[] {
  const written = [...text.matchAll(/\bhttps?:\/\/[^\s<>"']+/gi)].map(([url]) => ({ url, text: url }));
  const { links, pictures } = inAppLinks(content);
  const all = [...links, ...written, ...pictures.map((url) => ({ url, text: url }))];
  return [...new Map(all.map((one) => [one.url, one])).values()]
    .filter(({ url }) => !url.startsWith('data:'))
    .slice(0, linksMax)
    .map((one) => ({ ...one, source: 'text' }));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, snippetChars);
}

function named(address: string): Mailbox {
  return { name: '', address };
}
