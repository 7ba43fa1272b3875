/** What may be done to handsets, and asked of them. */
import { AppError } from '../../model/app-error.ts';
import type { Carrier, Handset, Line } from '../../model/handset.ts';
import { phoneNumber } from '../../model/phone-number.ts';
import type { SmsRow } from '../../model/sms.ts';
import { smscNoteOf } from '../../model/smsc.ts';
import type { Page, PageRequest, SmsThread } from '../../store/store.ts';
import { carrierOf, carriers } from './carriers.ts';
import { handsetsMax } from './handset-book.ts';
import { comeOnline, deliverRest, end, switchOff } from './journey.ts';
import { changeHandset, commit, keep, type Memory, newDraft, newHandset } from './memory.ts';

export interface HandsetService {
  /** Newest last. */
  list(): readonly Handset[];
  /** @param number as people write it */
  get(number: string): Handset | null;
  of(user: string): readonly Handset[];
  /** How many wait for it. */
  waiting(number: string): number;
  /** @throws AppError `bad_request` where it is no number, `not_possible` where it is there already */
  create(wanted: NewHandset): Promise<Handset>;
  /** Takes one as it was elsewhere, in place of one of its number. @throws AppError `bad_request`, `not_possible` */
  adopt(handset: Handset): Promise<Handset>;
  change(number: string, wanted: HandsetChange): Promise<Handset>;
  /** What waits for it is undelivered: nobody has the number. */
  remove(number: string): Promise<void>;
  /** What waits gets there before this settles. */
  switchOn(number: string): Promise<Handset>;
  /** @param forMs null: until it is switched on */
  switchOff(number: string, forMs: number | null): Promise<Handset>;
  threads(number: string | null, limit: number): Promise<readonly SmsThread[]>;
  messages(number: string, sender: string | null, page: PageRequest): Promise<Page<SmsRow>>;
  ofMessage(messageId: string, page: PageRequest): Promise<Page<SmsRow>>;
  carriers(): readonly Carrier[];
}

export interface HandsetChange {
  readonly name?: string | undefined;
  readonly user?: string | null | undefined;
  readonly line?: Line | undefined;
  readonly blocked?: boolean | undefined;
  readonly unreachable?: boolean | undefined;
  /** Name of the carrier that it goes to; null: back to its first one. */
  readonly portedTo?: string | null | undefined;
  /** Only an empty list: whoever wrote STOP takes it back without a word. */
  readonly optOuts?: readonly [] | undefined;
}

export interface NewHandset extends HandsetChange {
  readonly number: string;
}

export function createHandsetService(memory: Memory): HandsetService {
  const { handsets, ports } = memory;
  const nowMs = (): number => ports.virtual.nowMs();

  function existing(text: string): Handset {
    const handset = handsets.get(e164Of(text));
    if (handset === null)
      throw new AppError('not_found', `There is no handset ${text}; make one with POST /v1/handsets.`);
    return handset;
  }

  return {
    list: () => [...handsets.all()],
    get: (text) => handsets.get(phoneNumber(text)?.e164 ?? text),
    of: (user) => handsets.of(user),
    waiting: (number) => memory.waiting.of(number).length,
    carriers: () => carriers,

    async create({ number: text, ...wanted }) {
      const number = phoneNumber(text);
      if (number === null) throw noNumber(text);
      if (handsets.get(number.e164) !== null)
        throw new AppError(
          'not_possible',
          `The handset ${number.e164} is there already; change it with PATCH.`,
          {
            errors: [{ field: 'number', code: 'taken', detail: 'it is there already' }],
          },
        );
      if (handsets.size >= handsetsMax)
        throw new AppError('not_possible', `There are ${handsetsMax} handsets; delete some first.`);
      const made = withChange({ ...newHandset(number, nowMs()), onTheFly: false }, wanted);
      const draft = newDraft(memory);
      changeHandset(memory, draft, made, { news: { made: true }, back: (current) => current });
      draft.onUndo(() => {
        handsets.delete(made.number);
        memory.unkept.delete(made.number);
      });
      await commit(memory, draft);
      return made;
    },

    async adopt(given) {
      const number = phoneNumber(given.number);
      if (number === null || number.e164 !== given.number) throw noNumber(given.number);
      const before = handsets.get(number.e164);
      if (before === null && handsets.size >= handsetsMax)
        throw new AppError('not_possible', `There are ${handsetsMax} handsets; delete some first.`);
      // What would bring it back stayed where it was: it is on, or off until somebody switches it on.
      const handset: Handset = { ...given, offlineUntilMs: null };
      const draft = newDraft(memory);
      changeHandset(memory, draft, handset, { news: { made: true }, back: (current) => before ?? current });
      if (before === null)
        draft.onUndo(() => {
          handsets.delete(handset.number);
          memory.unkept.delete(handset.number);
        });
      await commit(memory, draft);
      return handset;
    },

    async change(text, wanted) {
      const before = existing(text);
      const next = withChange(before, wanted);
      const draft = newDraft(memory);
      changeHandset(memory, draft, next, {
        news: { changed: true },
        back: (current) => ({
          ...current,
          name: before.name,
          user: before.user,
          line: before.line,
          blocked: before.blocked,
          unreachable: before.unreachable,
          carrier: before.carrier,
          portedFrom: before.portedFrom,
          ...(wanted.optOuts === undefined ? {} : { optOuts: before.optOuts }),
        }),
      });
      await commit(memory, draft);
      return next;
    },

    async remove(text) {
      const handset = existing(text);
      const draft = newDraft(memory);
      for (const waiting of memory.waiting.of(handset.number)) {
        // What is not on disk yet, or not at its carrier, finds a handset made anew.
        if (memory.unstored.has(waiting.sms.id) || smscNoteOf(waiting.sms).waits !== 'handset') continue;
        end(memory, draft, waiting, {
          state: 'undelivered',
          cause: 'unknown_number',
          reason: 'the handset was deleted while the message waited for it',
        });
      }
      handsets.delete(handset.number);
      memory.unkept.delete(handset.number);
      keep(memory, draft, { kind: 'handset', number: handset.number, news: { deleted: true } });
      draft.onUndo(() => handsets.put(handset));
      await commit(memory, draft);
    },

    async switchOn(text) {
      const handset = existing(text);
      const draft = newDraft(memory);
      const atMs = Math.min(handset.offlineUntilMs ?? nowMs(), nowMs());
      comeOnline(memory, draft, handset, atMs);
      await commit(memory, draft);
      await deliverRest(memory, handset.number, atMs);
      return existing(text);
    },

    async switchOff(text, forMs) {
      const draft = newDraft(memory);
      switchOff(memory, draft, existing(text), forMs === null ? null : nowMs() + forMs);
      await commit(memory, draft);
      return existing(text);
    },

    threads: (number, limit) => ports.store.smsThreads(number === null ? null : e164Of(number), limit),
    messages: (number, sender, page) =>
      ports.store.smses({ number: e164Of(number), ...(sender === null ? {} : { sender }) }, page),
    ofMessage: (messageId, page) => ports.store.smses({ messageId }, page),
  };
}

export function e164Of(text: string): string {
  const number = phoneNumber(text);
  if (number === null) throw noNumber(text);
  return number.e164;
}

function noNumber(text: string): AppError {
  return new AppError('bad_request', `"${text}" is no phone number; write it like +14155550123 (E.164).`, {
    errors: [{ field: 'number', code: 'no_number', detail: 'a number like +14155550123 (E.164)' }],
  });
}

function withChange(handset: Handset, wanted: HandsetChange): Handset {
  const { name, user, line, blocked, unreachable, portedTo, optOuts } = wanted;
  return {
    ...handset,
    ...(name === undefined ? {} : { name }),
    ...(user === undefined ? {} : { user }),
    ...(line === undefined ? {} : { line }),
    ...(blocked === undefined ? {} : { blocked }),
    ...(unreachable === undefined ? {} : { unreachable }),
    ...(optOuts === undefined ? {} : { optOuts }),
    ...(portedTo === undefined ? {} : ported(handset, portedTo)),
  };
}

function ported(
  { number, country, carrier, portedFrom }: Handset,
  to: string | null,
): Pick<Handset, 'carrier' | 'portedFrom'> {
  const first = portedFrom ?? carrier;
  if (to === null) return { carrier: first, portedFrom: null };
  const next = carriers.find(({ name, network }) => name === to || network === to);
  if (next === undefined)
    throw new AppError(
      'bad_request',
      `portedTo: there is no carrier ${to}, only ${carriers.map(({ name }) => name).join(', ')}.`,
      {
        errors: [
          {
            field: 'portedTo',
            code: 'unknown_carrier',
            detail: `another than ${carrierOf(number, country).name}`,
          },
        ],
      },
    );
  return next.network === first.network
    ? { carrier: first, portedFrom: null }
    : { carrier: next, portedFrom: first };
}
