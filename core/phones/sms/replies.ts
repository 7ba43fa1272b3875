/** Answers of handsets: the provider hears them, sees to STOP and its sister words, and tells the app. */
import type { CallbackMoment } from '../../delivery/sms-far-side.ts';
import { AppError } from '../../model/app-error.ts';
import type { Handset, SmsSender } from '../../model/handset.ts';
import { phoneNumber } from '../../model/phone-number.ts';
import {
  type NewSms,
  type SmsMedia,
  type SmsProvider,
  type SmsRow,
  smsProviderNames,
} from '../../model/sms.ts';
import { partsOf } from '../../model/sms-text.ts';
import type { Draft } from './draft.ts';
import { e164Of } from './handsets.ts';
import { accept } from './journey.ts';
import { changeHandset, commit, keepUnkept, type Memory, newDraft, voiceOf } from './memory.ts';
import { queued } from './reports.ts';
import { senderKindOf, senderName } from './sender-rules.ts';

export interface ReplyService {
  /** @throws AppError `not_found`, or `not_possible` where nobody can be answered */
  reply(number: string, reply: Reply): Promise<Replied>;
}

export interface Reply {
  /** The sender as it stands in the thread. */
  readonly to: string;
  readonly text: string;
  readonly media: readonly SmsMedia[];
  /** Which provider has that sender, where more than one do. */
  readonly provider?: SmsProvider | undefined;
}

export interface Replied {
  readonly sms: NewSms;
  /** What the provider did with it: `app` hears of it; opted out, in, or asked for help; nobody is to be told. */
  readonly outcome: 'told' | 'opted_out' | 'opted_in' | 'helped' | 'nobody';
  /** In words. */
  readonly detail: string;
}

interface Party {
  readonly provider: SmsProvider;
  readonly account: string;
  readonly sender: string;
  readonly service: string | null;
}

const maxPartsOfReply = 10;

export function createReplies(memory: Memory): ReplyService {
  const { ports } = memory;

  async function partyOf(number: string, { to, provider }: Reply): Promise<Party> {
    const of = provider === undefined ? {} : { provider };
    for (const sender of new Set([to, senderName(to), to.replace(/^\+/, '')])) {
      const { entries } = await ports.store.smses({ number, sender, ...of }, { after: null, limit: 1 });
      const [newest] = entries;
      if (newest !== undefined) return partyIn(newest);
    }
    const [known] = memory.senders
      .named(to)
      .filter((one) => provider === undefined || one.provider === provider);
    if (known === undefined)
      throw new AppError(
        'not_found',
        `${to} never wrote to ${number}, and is no sender of any provider; register it with PUT /v1/sms/senders/{provider}/{sender}.`,
        {
          errors: [
            { field: 'to', code: 'unknown_sender', detail: 'a sender that wrote to it, or a registered one' },
          ],
        },
      );
    const { account, sender, service } = known;
    return { provider: known.provider, account: account ?? '', sender, service };
  }

  return {
    async reply(text, reply) {
      const handset = memory.handsets.get(e164Of(text));
      if (handset === null)
        throw new AppError('not_found', `There is no handset ${text}; make one with POST /v1/handsets.`);
      if (!handset.online)
        throw new AppError('not_possible', `${handset.number} is off; switch it on first.`);
      if (senderKindOf(reply.to) === 'alphanumeric')
        throw new AppError(
          'not_possible',
          `${reply.to} is a name, not a number: nobody can answer an alphanumeric sender.`,
          { errors: [{ field: 'to', code: 'alphanumeric', detail: 'a number or a short code' }] },
        );
      const { parts } = partsOf(reply.text);
      if (parts > maxPartsOfReply)
        throw new AppError(
          'bad_request',
          `text: a handset sends ${maxPartsOfReply} parts at the most, this has ${parts}.`,
          {
            errors: [{ field: 'text', code: 'too_long', detail: `${maxPartsOfReply} parts at the most` }],
          },
        );
      const party = await partyOf(handset.number, reply);
      const draft = newDraft(memory);
      const replied = answer(memory, draft, memory.handsets.get(handset.number) ?? handset, party, reply);
      keepUnkept(memory, draft);
      await commit(memory, draft);
      return replied;
    },
  };
}

function answer(memory: Memory, draft: Draft, handset: Handset, party: Party, reply: Reply): Replied {
  const { ports } = memory;
  const voice = voiceOf(memory, party.provider);
  const nowMs = ports.virtual.nowMs();
  const { encoding, parts } = partsOf(reply.text);
  const about = { record: {}, media: reply.media, direction: 'mo' as const };
  const sms: NewSms = {
    id: ports.newId(),
    ...party,
    ...about,
    providerId: voice.newProviderId(),
    batchId: null,
    number: handset.number,
    messageId: null,
    deliveryId: null,
    own: false,
    text: reply.text,
    encoding,
    parts: Math.max(1, parts),
    price: null,
    receivedAtMs: nowMs,
    expiresAtMs: nowMs,
    steps: [
      { state: 'received', atMs: nowMs, cause: null, ...voice.say(about, 'received', null), reason: null },
    ],
  };
  draft.put(sms);
  const spoken = keyword(memory, draft, handset, party, reply.text);
  if (spoken !== null && voice.optOut?.forwarded !== true) return { sms, ...spoken };
  const moment: CallbackMoment = {
    nowMs,
    wallMs: ports.wallMs(),
    network: handset.carrier.network,
  };
  const sender = memory.senders.get(party.provider, party.sender, party.service);
  const callbacks = voice.inbound(sms, sender, moment);
  draft.callbacks.push(...callbacks.map((one) => queued(memory, sms, one)));
  return { sms, ...(spoken ?? told(party, sender, callbacks.length)) };
}

function told(
  { provider, sender }: Party,
  known: SmsSender | null,
  calls: number,
): Pick<Replied, 'outcome' | 'detail'> {
  const name = smsProviderNames[provider];
  if (calls > 0)
    return {
      outcome: 'told',
      detail: `${name} tells the app${known?.inboundUrl == null ? '' : ` at ${known.inboundUrl}`}`,
    };
  return {
    outcome: 'nobody',
    detail: `${name} keeps it, and has nobody to tell: give ${sender} an inboundUrl with PUT /v1/sms/senders/${provider}/${encodeURIComponent(sender)}`,
  };
}

/** STOP, START and HELP, where the provider sees to them; a word counts when it is the whole of the message. */
function keyword(
  memory: Memory,
  draft: Draft,
  handset: Handset,
  party: Party,
  text: string,
): Pick<Replied, 'outcome' | 'detail'> | null {
  const { optOut } = voiceOf(memory, party.provider);
  if (optOut === null) return null;
  const callingCode = phoneNumber(handset.number)?.callingCode ?? '';
  if (optOut.callingCodes?.includes(callingCode) === false) return null;
  const word = text.trim().toUpperCase();
  const name = smsProviderNames[party.provider];
  const of = party.service ?? party.sender;
  const isSame = (one: Handset['optOuts'][number]): boolean =>
    one.provider === party.provider &&
    one.account === party.account &&
    (one.sender === of || senderName(one.sender) === senderName(party.sender));
  const isOut = handset.optOuts.some(isSame);
  if (optOut.stop.includes(word)) {
    if (isOut) return { outcome: 'opted_out', detail: `${name} knows that already` };
    const { provider, account } = party;
    const atMs = memory.ports.virtual.nowMs();
    withOptOuts(memory, draft, handset, [...handset.optOuts, { provider, account, sender: of, word, atMs }]);
    sayBack(memory, draft, handset, party, optOut.answers.stop);
    return { outcome: 'opted_out', detail: `${name} lets nothing more through from ${of} to this number` };
  }
  if (optOut.start.includes(word)) {
    if (!isOut) return null;
    withOptOuts(
      memory,
      draft,
      handset,
      handset.optOuts.filter((one) => !isSame(one)),
    );
    sayBack(memory, draft, handset, party, optOut.answers.start);
    return { outcome: 'opted_in', detail: `${name} lets messages from ${of} through again` };
  }
  if (!optOut.help.includes(word)) return null;
  sayBack(memory, draft, handset, party, optOut.answers.help);
  return { outcome: 'helped', detail: `${name} answers by itself` };
}

function withOptOuts(memory: Memory, draft: Draft, handset: Handset, optOuts: Handset['optOuts']): void {
  changeHandset(
    memory,
    draft,
    { ...handset, optOuts },
    { news: { optOuts: optOuts.length }, back: (current) => ({ ...current, optOuts: handset.optOuts }) },
  );
}

/** What the provider sends by itself: no app sent it, and none hears of it. */
function sayBack(memory: Memory, draft: Draft, handset: Handset, party: Party, text: string | null): void {
  if (text === null) return;
  const { encoding, parts } = partsOf(text);
  accept(memory, draft, {
    id: memory.ports.newId(),
    ...party,
    number: handset.number,
    providerId: voiceOf(memory, party.provider).newProviderId(),
    batchId: null,
    messageId: null,
    deliveryId: null,
    own: false,
    text,
    media: [],
    encoding,
    parts,
    sendAtMs: null,
    validityMs: null,
    record: {},
    after: [
      {
        cause: { ruleId: null, label: '+provider' },
        action: { do: 'reports', how: 'lose', times: 2, ms: 1 },
        point: 'accepted',
        chance: 0,
      },
    ],
  });
}

function partyIn({ provider, account, sender, service }: SmsRow): Party {
  return { provider, account, sender, service };
}
