/** An SMS as the message's page shows it. Pure. */
import { withShortLinks } from '../channels/sms/links.ts';
import { withoutCredentials } from '../delivery/callback-deliveries.ts';
import { readSms } from '../inspect/read-sms.ts';
import type { MessageRow } from '../model/message.ts';
import type { SmsDetails } from '../model/sms.ts';
import { readSmsSubmission, usualSmsProvider, usualSmsSender } from '../model/sms-submission.ts';
import { anatomyOf } from '../model/sms-text.ts';
import { isoOrNull } from './iso-time.ts';
import type { MessageDetail } from './schema.ts';

type View = NonNullable<MessageDetail['sms']>;

/** As long as any that is given out: a page shows no recipient's own. */
const codeShown = '·······';

/** @param raw what was stored of it, whole @param shortLinks what short links begin with */
export function presentSmsMessage(
  row: Pick<MessageRow, 'details'>,
  raw: Uint8Array,
  shortLinks: string,
): View {
  const sms = row.details?.sms;
  const submission = sms === undefined ? readSmsSubmission(raw) : null;
  const { text } = readSms(row, raw);
  // Counted is what goes out, in which each link has its short form; its code is plain letters.
  const sent =
    submission?.trackLinks === true ? withShortLinks(text ?? '', shortLinks, () => codeShown) : null;
  const anatomy = anatomyOf((sent ?? text ?? '').replaceAll('·', '0'));
  const { texts, unicode, ...counts } = anatomy;
  const base = {
    ...counts,
    text,
    sentText: sent,
    partTexts: sent === null ? [...texts] : partsWith(sent, texts),
    unicode: unicode.map((one) => ({ ...one })),
    trackedLinks: [...(row.details?.links ?? [])],
  };
  if (sms !== undefined) return { ...base, ...ofDoor(sms) };
  const [provider = usualSmsProvider] = submission?.providers ?? [];
  return {
    ...base,
    provider,
    providers: [...(submission?.providers ?? [])],
    api: null,
    account: null,
    sender: submission?.from ?? usualSmsSender,
    service: null,
    providerId: null,
    media: (submission?.media ?? []).map((url) => ({ url, contentType: null })),
    validitySeconds: submission?.validitySeconds ?? null,
    sendAt: isoOrNull(submission?.sendAtMs ?? null),
    callbackUrl: null,
    reference: submission?.reference ?? null,
    answers: null,
    headers: [],
  };
}

/** How it was counted at the door stands: a binary one cannot be counted by its text. */
function ofDoor({ validityMs, sendAtMs, headers, media, ...sms }: SmsDetails) {
  return {
    provider: sms.provider,
    providers: [sms.provider],
    api: sms.api,
    account: sms.account,
    sender: sms.sender,
    service: sms.service,
    providerId: sms.providerId,
    media: media.map((one) => ({ ...one })),
    encoding: sms.encoding,
    parts: sms.parts,
    validitySeconds: validityMs === null ? null : Math.round(validityMs / 1000),
    sendAt: isoOrNull(sendAtMs),
    callbackUrl: sms.callbackUrl === null ? null : withoutCredentials(sms.callbackUrl),
    reference: sms.reference,
    answers: sms.answers,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  };
}

/** The same cuts in the text as it is shown. */
function partsWith(shown: string, texts: readonly string[]): string[] {
  let at = 0;
  return texts.map((text) => {
    const part = shown.slice(at, at + text.length);
    at += text.length;
    return part;
  });
}
