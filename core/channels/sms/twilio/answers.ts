/** What the app answered to a message of a handset: each `<Message>` becomes one of its own, and is delivered. */
import { callbackDelivery } from '../../../delivery/callback-deliveries.ts';
import type { CallbackAnswer } from '../../../delivery/sms-far-side.ts';
import type { HttpCallback } from '../../../model/callback.ts';
import { phoneNumber } from '../../../model/phone-number.ts';
import type { NewSms, SmsRow } from '../../../model/sms.ts';
import { partsOf } from '../../../model/sms-text.ts';
import { ask, begin, type SmsSend, type SmsSource, store } from '../acceptance.ts';
import type { TwilioDoor } from './door.ts';
import { errorRow, filled } from './errors.ts';
import { bodyCharsMax, mediumOf, senderOf } from './parse.ts';
import { calling, inboundFields } from './report.ts';
import { freshRecord, type TwilioRecord } from './schema.ts';
import { twilioHost } from './send.ts';
import { derivedSid } from './sids.ts';
import { isFault, readAnswer, type TwimlFault, type TwimlMessage } from './twiml.ts';

/** Redirects of one answer after the other. */
const hopsMax = 10;

/** Being told twice of the same answer does no harm: ids come from the message that is answered. */
export async function hear(callback: HttpCallback, answer: CallbackAnswer, door: TwilioDoor): Promise<void> {
  if (answer.status < 200 || answer.status >= 300) return;
  const read = readAnswer(answer.contentType, answer.body);
  // The verdict on the call says what is wrong with it.
  if (isFault(read)) return;
  const mo = await door.store.sms(callback.smsId);
  if (mo === null) return;
  const hop = hopOf(callback);
  const faults: TwimlFault[] = [...read.warnings];
  for (const [at, message] of read.messages.entries()) {
    const fault = await answerWith(message, { mo, callback, answer, key: `${hop}.${at}` }, door);
    if (fault !== null) faults.push(fault);
  }
  const { redirect } = read;
  const url = redirect === null ? null : resolved(redirect.url, callback.url);
  if (redirect !== null && url === null)
    faults.push({ code: 11100, text: `Invalid URL format: ${redirect.url}` });
  if (redirect !== null && hop >= hopsMax)
    faults.push({ code: 14106, text: `Message: Document retrieval limit reached: ${hopsMax} redirects` });
  const onward = redirect !== null && url !== null && hop < hopsMax ? { url, method: redirect.method } : null;
  await remember(mo, hop, faults, onward, door);
}

function hopOf({ extra }: HttpCallback): number {
  return typeof extra?.hop === 'number' ? extra.hop : 0;
}

interface Answering {
  readonly mo: SmsRow;
  readonly callback: HttpCallback;
  readonly answer: CallbackAnswer;
  /** Of this answer among all to the message. */
  readonly key: string;
}

async function answerWith(
  message: TwimlMessage,
  { mo, callback, answer, key }: Answering,
  door: TwilioDoor,
): Promise<TwimlFault | null> {
  const to = phoneNumber(message.to ?? mo.number);
  if (to?.possible !== true)
    return { code: 14101, text: `Message: Invalid 'To' attribute: ${message.to ?? ''}` };
  const sender = message.from === null ? mo.sender : senderOf(message.from.trim());
  if (typeof sender !== 'string')
    return { code: 14102, text: `Message: Invalid 'From' attribute: ${sender.why}` };
  if ([...message.body].length > bodyCharsMax)
    return faultFor('21617', 'the body is too long', to.e164, sender);
  const sid = derivedSid(message.media.length > 0 ? 'MM' : 'SM', mo.providerId, key);
  if ((await door.store.smsOf('twilio', sid)) !== null) return null;
  const media = message.media.flatMap((url) => mediumOf(resolved(url, callback.url) ?? ''));
  if (media.length < message.media.length)
    return { code: 12200, text: 'Schema validation warning: <Media> is to hold an http or https address' };
  const callbackUrl = message.callback === null ? null : resolved(message.callback, callback.url);
  const { encoding, parts } = partsOf(message.body);
  const record: TwilioRecord = {
    ...freshRecord,
    direction: 'outbound-reply',
    callback: callbackUrl,
    callbackMethod: message.method,
  };
  const service = sender === mo.sender ? mo.service : null;
  const send: SmsSend = {
    provider: 'twilio',
    api: 'twiml',
    account: mo.account,
    service,
    providerId: sid,
    batch: false,
    text: message.body,
    media,
    validityMs: null,
    sendAtMs: null,
    callbackUrl,
    reference: null,
    answers: mo.id,
    host: twilioHost,
    recipients: [
      {
        number: to,
        sender,
        text: message.body,
        encoding,
        parts: Math.max(1, parts),
        providerId: sid,
        record: { ...record },
      },
    ],
  };
  const source: SmsSource = { id: door.newId(), headers: [], body: Buffer.from(answer.body), own: null };
  const asked = ask(source, send, door);
  if (asked.answer !== null) return faultFor(asked.answer.reason, asked.answer.why, to.e164, sender);
  const parties = { provider: 'twilio', account: mo.account, sender, service } as const;
  if (door.farSide.senderVerdict(parties, to).kind === 'refused')
    return faultFor('21612', 'the sender does not work there', to.e164, sender);
  if (door.farSide.optedOut({ ...parties, number: to.e164 }))
    return faultFor('21610', 'its owner wrote STOP', to.e164, sender);
  const taking = begin(source, send, asked, door);
  await store(
    taking,
    send,
    { user: mo.account, body: source.body, headers: [], exchange: null, before: null },
    door,
  );
  return null;
}

function faultFor(reason: string, why: string, to: string, from: string): TwimlFault {
  const code = Number(reason);
  const row = Number.isNaN(code) ? null : errorRow(code);
  return { code: row === null ? 0 : code, text: row === null ? why : filled(row.message, { to, from }) };
}

/** What came of it stands with the message that was answered; a redirect is another call. */
async function remember(
  mo: SmsRow,
  hop: number,
  faults: readonly TwimlFault[],
  onward: { readonly url: string; readonly method: 'POST' | 'GET' } | null,
  door: TwilioDoor,
): Promise<void> {
  const followed = typeof mo.record.hops === 'number' ? mo.record.hops : 0;
  const follows = onward !== null && followed <= hop;
  if (faults.length === 0 && !follows) return;
  const nowMs = door.virtual.nowMs();
  const call = onward === null || !follows ? [] : [redirected(mo, hop + 1, onward, nowMs)];
  await door.store.keepSms(
    {
      puts: [],
      changes: [
        {
          id: mo.id,
          nowMs,
          record: {
            ...(faults.length === 0 ? {} : { faults: faults.map(({ code, text }) => `${code} ${text}`) }),
            ...(follows ? { hops: hop + 1 } : {}),
          },
        },
      ],
      acts: [],
      callbacks: call.map((one) =>
        callbackDelivery(one, { id: door.newId(), about: mo.messageId ?? mo.id, nowMs }),
      ),
    },
    nowMs,
  );
}

function redirected(
  mo: NewSms,
  hop: number,
  { url, method }: { readonly url: string; readonly method: 'POST' | 'GET' },
  nowMs: number,
): ReturnType<typeof calling> {
  return calling(
    mo,
    { url, method, fields: inboundFields(mo), tells: 'message', purpose: 'inbound', extra: { hop } },
    nowMs,
  );
}

/** Addresses in TwiML may be relative to where it came from. */
function resolved(url: string, base: string): string | null {
  return url !== '' && URL.canParse(url, base) ? new URL(url, base).href : null;
}
