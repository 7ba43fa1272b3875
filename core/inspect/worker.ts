/** The thread that reads messages: nothing a message holds can stall or crash the doors. */
import { parentPort, workerData } from 'node:worker_threads';
import { assertNever, messageOf } from '../model/app-error.ts';
import type { MessageSummary } from '../model/message.ts';
import { answersTo, type Question } from '../rules/questions.ts';
import { type OtherThanMail, openRawReader } from '../store/sqlite/raw-reader.ts';
import { giveWay } from '../thread-priority.ts';
import type { Remote } from './html.ts';
import { detailOfInApp, summarizeInApp } from './read-inapp.ts';
import {
  type BodyContent,
  type Detail,
  type PartContent,
  readBody,
  readDetail,
  readHtml,
  readPart,
  readRemotes,
  summarize,
} from './read-message.ts';
import { detailOfMulti, summarizeMulti } from './read-multi.ts';
import { detailOfPush, summarizePush } from './read-push.ts';
import { detailOfSms, summarizeSms } from './read-sms.ts';

export type InspectRequest =
  | { readonly id: number; readonly kind: 'summarize'; readonly seqs: readonly number[] }
  | { readonly id: number; readonly kind: 'detail'; readonly messageId: string }
  | { readonly id: number; readonly kind: 'remotes'; readonly messageId: string }
  | {
      readonly id: number;
      readonly kind: 'html';
      readonly messageId: string;
      readonly dark: boolean;
      readonly remote: ReadonlyMap<string, string>;
    }
  | { readonly id: number; readonly kind: 'part'; readonly messageId: string; readonly n: number }
  | { readonly id: number; readonly kind: 'content'; readonly of: ContentSource; readonly wanted: Wanted };

/** A message that is stored, or one that is on its way to be: its chunks on disk and what follows them. */
export type ContentSource =
  | { readonly messageId: string }
  | { readonly spooled: readonly number[]; readonly tail: Uint8Array }
  /** One that is made up: its header block as latin1, and the words of its body. */
  | { readonly headers: string; readonly text: string };

/** What rules want to know of it. */
export interface Wanted {
  readonly questions: readonly Question[];
  /** Beside the header block. */
  readonly asksBody: boolean;
}

export interface InspectValues {
  readonly summarize: readonly { readonly seq: number; readonly summary: MessageSummary }[];
  readonly detail: Detail | null;
  readonly remotes: readonly Remote[] | null;
  readonly html: string | null;
  readonly part: PartContent | null;
  readonly content: BodyContent | null;
}

export type InspectAnswer =
  | { readonly loaded: true }
  | { readonly id: number; readonly progress: number }
  | { readonly id: number; readonly ok: true; readonly value: InspectValues[keyof InspectValues] }
  | { readonly id: number; readonly ok: false; readonly message: string };

const port = parentPort;
if (port !== null) {
  giveWay();
  const store = openRawReader((workerData as { readonly file: string }).file);
  port.on('message', (request: InspectRequest | 'close') => {
    if (request === 'close') {
      store.close();
      port.close();
      return;
    }
    run(request)
      .then((value): InspectAnswer => ({ id: request.id, ok: true, value }))
      .catch((error: unknown): InspectAnswer => ({ id: request.id, ok: false, message: messageOf(error) }))
      .then((answer) => port.postMessage(answer))
      // Only an answer that cannot be cloned gets here; the asker must not wait for ever.
      .catch((error: unknown) => port.postMessage({ id: request.id, ok: false, message: messageOf(error) }));
  });

  port.postMessage({ loaded: true });

  async function run(request: InspectRequest): Promise<InspectValues[keyof InspectValues]> {
    switch (request.kind) {
      case 'summarize':
        return summaries(request.id, request.seqs);
      case 'detail': {
        const other = store.otherById(request.messageId);
        return withRaw(request.messageId, (raw) =>
          other === null ? readDetail(raw) : Promise.resolve(detailOfOther(other, raw)),
        );
      }
      case 'remotes':
        if (isNoMail(request.messageId)) return [];
        return withRaw(request.messageId, readRemotes);
      case 'html':
        if (isNoMail(request.messageId)) return null;
        return withRaw(request.messageId, (raw) => readHtml(raw, request));
      case 'part':
        if (isNoMail(request.messageId)) return null;
        return withRaw(request.messageId, (raw) => readPart(raw, request.n));
      case 'content': {
        const { of, wanted } = request;
        if ('text' in of) return { text: '', attachments: [], answers: answersTo(wanted.questions, of) };
        const raw = rawOf(of);
        return raw === null ? null : readBody(raw, wanted);
      }
      default:
        return assertNever(request);
    }
  }

  /** It has no parts, and no HTML. */
  function isNoMail(messageId: string): boolean {
    return store.otherById(messageId) !== null;
  }

  function rawOf(source: Exclude<ContentSource, { readonly text: string }>): Uint8Array | null {
    if ('messageId' in source) return store.byId(source.messageId);
    const chunks = store.byChunks(source.spooled);
    if (chunks === null) return null;
    return chunks.length === 0 ? source.tail : Buffer.concat([...chunks, source.tail]);
  }

  async function withRaw<T>(messageId: string, read: (raw: Uint8Array) => Promise<T>): Promise<T | null> {
    const raw = store.byId(messageId);
    return raw === null ? null : read(raw);
  }

  function summarizeOther(other: OtherThanMail, raw: Uint8Array): MessageSummary {
    if (other.channel === 'multi') return summarizeMulti(other, raw);
    if (other.channel === 'inapp') return summarizeInApp(other, raw);
    return other.channel === 'sms' ? summarizeSms(other, raw) : summarizePush(other, raw);
  }

  function detailOfOther(other: OtherThanMail, raw: Uint8Array): Detail {
    if (other.channel === 'multi') return detailOfMulti(raw);
    if (other.channel === 'inapp') return detailOfInApp(raw);
    return other.channel === 'sms' ? detailOfSms(other, raw) : detailOfPush(other, raw);
  }

  async function summaries(id: number, seqs: readonly number[]): Promise<InspectValues['summarize']> {
    const found: { seq: number; summary: MessageSummary }[] = [];
    for (const seq of seqs) {
      // Told ahead, so that whoever watches knows which one it was that took too long.
      port?.postMessage({ id, progress: seq });
      const raw = store.bySeq(seq);
      if (raw === null) continue;
      const other = store.otherBySeq(seq);
      found.push({ seq, summary: other === null ? await summarize(raw) : summarizeOther(other, raw) });
    }
    return found;
  }
}
