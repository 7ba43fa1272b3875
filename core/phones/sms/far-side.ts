/** The carriers as the providers' doors see them: who has a number, and what becomes of what they accept. */
import type { AcceptedSms, SmsFarSide, SmsParties } from '../../delivery/sms-far-side.ts';
import type { Handset } from '../../model/handset.ts';
import { phoneNumber } from '../../model/phone-number.ts';
import type { NewSms, SmsChange, SmsRow } from '../../model/sms.ts';
import { smscKey, smscNoteOf } from '../../model/smsc.ts';
import type { Decision } from '../../rules/decision.ts';
import { find } from './course.ts';
import { Draft } from './draft.ts';
import { accept, end, numberOf, present, switchOff } from './journey.ts';
import { commit, commitSoon, handsetFor, keepUnkept, later, type Memory, newDraft } from './memory.ts';
import { priceOf } from './prices.ts';
import { senderName } from './sender-rules.ts';
import { sendersMax, standingIn } from './senders.ts';

export function createFarSide(memory: Memory): SmsFarSide {
  const { handsets, senders, ports } = memory;
  const nowMs = (): number => ports.virtual.nowMs();

  function prepare(number: string, decisions: readonly Decision[]): void {
    const offline = find(decisions, 'offline');
    const parsed = offline === undefined ? null : phoneNumber(number);
    if (offline === undefined || parsed === null) return;
    present(memory, handsetFor(memory, parsed));
    const current = handsets.get(parsed.e164);
    if (current?.online !== true) return;
    const draft = newDraft(memory);
    switchOff(memory, draft, current, nowMs() + offline.action.forMs);
    commitSoon(memory, draft, 'that a handset is off');
  }

  function plan(messages: readonly AcceptedSms[]): Draft {
    const draft = newDraft(memory);
    // The last step back: what waited beside it may have been due meanwhile.
    draft.onUndo(() => presentAll(messages));
    for (const message of messages) accept(memory, draft, message);
    keepUnkept(memory, draft);
    return draft;
  }

  /** Those that are there; where something waits for one that was deleted, it is made anew. */
  function presentAll(smses: readonly Pick<NewSms, 'number'>[]): void {
    for (const number of new Set(smses.map((one) => one.number)))
      if (handsets.get(number) !== null || memory.waiting.of(number).length > 0)
        present(memory, handsetFor(memory, numberOf(number)));
  }

  /** One change of one message that is on disk, and of what memory has of it. */
  async function change(sms: SmsRow, one: Omit<SmsChange, 'id' | 'nowMs'>): Promise<void> {
    const draft = newDraft(memory);
    draft.changes.push({ id: sms.id, nowMs: nowMs(), ...one });
    const waiting = memory.waiting.find(sms.id);
    if (waiting !== null) {
      const before = waiting.sms;
      const next = { ...before, ...one, steps: before.steps, record: { ...before.record, ...one.record } };
      waiting.sms = next;
      draft.onUndo(() => {
        if (waiting.sms === next) waiting.sms = before;
      });
    }
    await commit(memory, draft);
  }

  return {
    prepare,
    handset(number): Handset {
      const handset = handsetFor(memory, number);
      present(memory, handset);
      return handsets.get(number.e164) ?? handset;
    },
    optedOut: (parties) => isOptedOut(memory, parties),
    senderVerdict(parties, number) {
      const standing = standingIn(senders, memory.settings, parties, number);
      if (standing.kind !== 'new') return standing;
      const { sender } = standing;
      if (sender.sender !== '' && senders.size < sendersMax) {
        senders.put(sender);
        later(memory, {
          kind: 'sender',
          provider: sender.provider,
          sender: sender.sender,
          news: { made: true, onTheFly: true },
        });
      }
      return { kind: 'allowed', sender };
    },
    sendersOf: (provider, service) => senders.ofService(provider, service),
    sender: (provider, sender) => senders.get(provider, sender),
    price: (provider, { country }, parts) => priceOf(memory.settings.prices, { provider, country, parts }),
    plan,
    settled(plan) {
      if (!(plan instanceof Draft)) return;
      plan.settle();
      // A handset that came back while they were being written could not get them yet.
      presentAll(plan.puts.filter((sms) => memory.waiting.find(sms.id) !== null));
    },
    async cancel(sms) {
      const waiting = memory.waiting.find(sms.id);
      if (waiting === null || smscNoteOf(waiting.sms).waits !== 'schedule') return null;
      memory.unstored.delete(sms.id);
      const draft = newDraft(memory);
      // With what its door noted in it since, which its reports go by.
      const before = waiting.sms;
      const marked = {
        ...before,
        record: { ...before.record, ...sms.record, [smscKey]: before.record[smscKey] },
      };
      waiting.sms = marked;
      draft.onUndo(() => {
        if (waiting.sms === marked) waiting.sms = before;
      });
      end(memory, draft, waiting, {
        state: 'canceled',
        cause: 'canceled_by_app',
        reason: 'the app called it back before its time',
      });
      await commit(memory, draft);
      return (await ports.store.sms(sms.id)) ?? sms;
    },
    async redact(sms, { media }) {
      const news = { text: '', ...(media ? { media: [] } : {}) };
      await change(sms, news);
      return { ...sms, ...news };
    },
    async forget(sms) {
      const standing = memory.waiting.find(sms.id)?.sms ?? sms;
      await change(sms, { record: { [smscKey]: { ...smscNoteOf(standing), forgotten: true } } });
    },
    settings: () => ({
      strictNumbers: memory.settings.strictNumbers,
      credentials: memory.credentials,
      vonage: memory.settings.vonage,
    }),
  };
}

/** By what its owner wrote STOP to: the sender, or the service that it is of. */
export function isOptedOut(memory: Memory, parties: SmsParties): boolean {
  const handset = memory.handsets.get(parties.number);
  if (handset === null || handset.optOuts.length === 0) return false;
  const { provider, account } = parties;
  const service = parties.service ?? memory.senders.kept(provider, parties.sender)?.service ?? null;
  const name = senderName(parties.sender);
  return handset.optOuts.some(
    (one) =>
      one.provider === provider &&
      one.account === account &&
      (one.sender === service || senderName(one.sender) === name),
  );
}
