/** What the carriers' room has in memory, and the steps that all of it is changed by. */

import type { SmsVoice } from '../../delivery/sms-far-side.ts';
import { type Handset, handsetDocuments, senderDocuments } from '../../model/handset.ts';
import type { PhoneNumber } from '../../model/phone-number.ts';
import type { SmsProvider } from '../../model/sms.ts';
import { type Background, createBackground } from '../background.ts';
import { type Batches, createBatches } from './batches.ts';
import { carrierOf } from './carriers.ts';
import { Draft } from './draft.ts';
import { createHandsetBook, type HandsetBook, handsetsMax } from './handset-book.ts';
import type { CarrierPorts } from './ports.ts';
import { createSenderBook, type SenderBook, senderKey } from './senders.ts';
import { type Credentials, type SmsWorldSettings, usualSmsSettings } from './settings.ts';
import { createWaitingRoom, type WaitingRoom } from './waiting.ts';

export interface Memory {
  readonly ports: CarrierPorts;
  readonly handsets: HandsetBook;
  readonly senders: SenderBook;
  readonly waiting: WaitingRoom;
  /** Batches that are reported as a whole, while one of their messages waits. */
  readonly batches: Batches;
  /** Ids of messages that are planned, and not known to be on disk. */
  readonly unstored: Set<string>;
  /** What was made or changed and nobody keeps yet: it goes along with what is kept next. */
  readonly unkept: Map<string, Unkept>;
  readonly background: Background;
  settings: SmsWorldSettings;
  credentials: Credentials;
  nextOrder: number;
  /** It was said that there are too many. */
  saidFull: boolean;
}

export type Unkept =
  | { readonly kind: 'handset'; readonly number: string; readonly news: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'sender';
      readonly provider: SmsProvider;
      readonly sender: string;
      readonly news: Readonly<Record<string, unknown>>;
    };

/** So many go along at the most, with one plan. */
const unkeptPerDraftMax = 100;

export function createMemory(ports: CarrierPorts): Memory {
  return {
    ports,
    handsets: createHandsetBook(),
    senders: createSenderBook(),
    waiting: createWaitingRoom(),
    batches: createBatches(),
    unstored: new Set(),
    unkept: new Map(),
    background: createBackground(ports.onProblem),
    settings: usualSmsSettings,
    credentials: {},
    nextOrder: 1,
    saidFull: false,
  };
}

export function voiceOf({ ports }: Memory, provider: SmsProvider): SmsVoice {
  const voice = ports.voices.get(provider);
  if (voice === undefined) throw new Error(`${provider} has no voice`);
  return voice;
}

export function newDraft(memory: Memory): Draft {
  return new Draft(memory.unstored);
}

/** What is not kept yet goes along with the draft. */
export function keepUnkept(memory: Memory, draft: Draft): void {
  let count = 0;
  for (const [key, one] of memory.unkept) {
    if (count++ >= unkeptPerDraftMax) break;
    memory.unkept.delete(key);
    keep(memory, draft, one);
    draft.onUndo(() => {
      if (!memory.unkept.has(key)) memory.unkept.set(key, one);
    });
  }
}

/** It goes to the disk with the draft, as it is then. */
export function keep(memory: Memory, draft: Draft, one: Unkept): void {
  const nowMs = memory.ports.virtual.nowMs();
  if (one.kind === 'handset') {
    const { number, news } = one;
    draft.keep({
      kind: handsetDocuments,
      key: number,
      of: () => {
        const handset = memory.handsets.get(number);
        return handset === null ? null : { ...handset };
      },
      news: { number, ...news },
      nowMs,
    });
    return;
  }
  const { provider, sender, news } = one;
  draft.keep({
    kind: senderDocuments,
    key: senderKey(provider, sender),
    of: () => {
      const kept = memory.senders.kept(provider, sender);
      return kept === null ? null : { ...kept };
    },
    news: { sender, provider, ...news },
    nowMs,
  });
}

export function later(memory: Memory, one: Unkept): void {
  const key = one.kind === 'handset' ? one.number : senderKey(one.provider, one.sender);
  const before = memory.unkept.get(key);
  memory.unkept.set(key, before === undefined ? one : { ...one, news: { ...before.news, ...one.news } });
}

/** Puts a handset in its new state; taken back, what else happened to it meanwhile stays. */
export function changeHandset(
  memory: Memory,
  draft: Draft,
  next: Handset,
  about: {
    readonly news: Readonly<Record<string, unknown>>;
    readonly back: (current: Handset) => Handset;
  },
): void {
  memory.handsets.put(next);
  keep(memory, draft, { kind: 'handset', number: next.number, news: about.news });
  draft.onUndo(() => {
    const current = memory.handsets.get(next.number);
    if (current === null) return;
    memory.handsets.put(about.back(current));
    later(memory, { kind: 'handset', number: next.number, news: {} });
  });
}

/** Keeps it, and takes it back where that fails. @throws AppError `disk_full`, `store_failed`, `store_busy` */
export async function commit(memory: Memory, draft: Draft): Promise<void> {
  if (!draft.empty) {
    try {
      await memory.ports.store.keepSms(draft, memory.ports.virtual.nowMs());
    } catch (error) {
      draft.undo();
      throw error;
    }
  }
  draft.settle();
}

/** Begins to keep it; nobody waits for it. */
export function commitSoon(memory: Memory, draft: Draft, what: string): void {
  if (draft.empty) return draft.settle();
  memory.background.begin(`${what} could not be kept`, () => commit(memory, draft));
}

/** Who has the number: made where nobody has. Where there are too many, nobody is remembered. */
export function handsetFor(memory: Memory, number: PhoneNumber): Handset {
  const known = memory.handsets.get(number.e164);
  if (known !== null) return known;
  const made = newHandset(number, memory.ports.virtual.nowMs());
  if (memory.handsets.size >= handsetsMax) {
    if (!memory.saidFull)
      memory.ports.onProblem(
        `there are ${handsetsMax} handsets: numbers that nobody knows are mobiles that are on, and none of them is remembered; delete handsets that you do not need`,
      );
    memory.saidFull = true;
    return made;
  }
  memory.handsets.put(made);
  later(memory, { kind: 'handset', number: made.number, news: { made: true, onTheFly: true } });
  return made;
}

export function newHandset({ e164, country, line }: PhoneNumber, nowMs: number): Handset {
  return {
    number: e164,
    name: e164,
    user: null,
    country,
    line,
    carrier: carrierOf(e164, country),
    portedFrom: null,
    online: true,
    offlineUntilMs: null,
    blocked: false,
    unreachable: false,
    optOuts: [],
    onTheFly: true,
    createdAtMs: nowMs,
  };
}

/** When it is due to be on by itself, or null: it is on, or stays off. */
export function dueOnlineMs({ online, offlineUntilMs }: Handset): number | null {
  return online ? null : offlineUntilMs;
}
