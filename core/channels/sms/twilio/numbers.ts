/**
 * Numbers of the app's own, where answers to them go. All that the app sends by is here, also what it never bought: a sandbox
 * has no shop. Source: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
 */
import type { ProviderAnswer } from '../../../doors/http/provider-request.ts';
import type { SmsSender } from '../../../model/handset.ts';
import { phoneNumber } from '../../../model/phone-number.ts';
import { rfc2822 } from './dates.ts';
import type { TwilioDoor } from './door.ts';
import { type Form, readForm } from './form.ts';
import { type Asking, noMethod, refuse } from './messages.ts';
import type { TwilioNumber } from './number-book.ts';
import { pageBounds, pageEnvelope } from './paging.ts';
import { answered, isRefused, jsonReply, type Refused } from './reply.ts';
import { derivedSid } from './sids.ts';

/** A number as its resource: what the app said of it, and what the carriers know. */
export interface OwnNumber {
  readonly sid: string;
  readonly sender: SmsSender;
  readonly said: TwilioNumber;
}

export async function listNumbers(asking: Asking, form: Form): Promise<ProviderAnswer> {
  const { request, account, door, caller } = asking;
  if (request.method === 'POST') return buy(asking, form);
  if (request.method !== 'GET') return refuse(asking, noMethod(request));
  const query = readForm(request.query);
  const digits = (query.get('PhoneNumber') ?? '').replace(/[^\d*]/g, '');
  const name = query.get('FriendlyName');
  const all = (await numbersOf(account, door)).filter(
    ({ sender, said }) =>
      (digits === '' || sender.sender.includes(digits)) && (name === null || said.friendlyName === name),
  );
  const bounds = pageBounds(request.query);
  const from = bounds.page * bounds.size;
  const uri = `/2010-04-01/Accounts/${account}/IncomingPhoneNumbers.json`;
  return answered(
    jsonReply(
      200,
      pageEnvelope(
        uri,
        '',
        'incoming_phone_numbers',
        all.slice(from, from + bounds.size).map(shown),
        bounds,
        { next: from + bounds.size < all.length ? '' : null, previous: '' },
      ),
      door.newSid,
    ),
    caller.user,
  );
}

export async function oneNumber(asking: Asking, sid: string, form: Form): Promise<ProviderAnswer> {
  const { request, account, door, caller } = asking;
  const found = (await numbersOf(account, door)).find((one) => one.sid === sid);
  if (found === undefined)
    return refuse(asking, {
      code: 20404,
      words: { resource: request.path },
      why: `the account ${account} has no number ${sid}`,
    });
  switch (request.method) {
    case 'GET':
      return answered(jsonReply(200, shown(found), door.newSid), caller.user);
    case 'DELETE':
      await door.farSide.dropSender?.('twilio', found.sender.sender);
      await door.numbers.remove(found.sender.sender);
      return answered({ ...jsonReply(204, null, door.newSid), body: '' }, caller.user);
    case 'POST': {
      const said = changed(found.said, form, door.virtual.nowMs());
      if (isRefused(said)) return refuse(asking, said);
      return answered(
        jsonReply(200, shown(await keepNumber(said, found.sender, door)), door.newSid),
        caller.user,
      );
    }
    default:
      return refuse(asking, noMethod(request));
  }
}

/** Any number may be had here that is one. */
async function buy(asking: Asking, form: Form): Promise<ProviderAnswer> {
  const { account, door, caller } = asking;
  const text = form.get('PhoneNumber') ?? '';
  const areaCode = form.get('AreaCode') ?? '';
  const wanted = text !== '' ? text : /^[2-9]\d\d$/.test(areaCode) ? `+1${areaCode}5550100` : '';
  const number = phoneNumber(wanted);
  if (number === null || !number.possible)
    return refuse(asking, {
      code: 21421,
      why: 'PhoneNumber is to be a number in E.164, or AreaCode three digits',
    });
  const all = await numbersOf(account, door);
  if (all.some(({ said }) => said.number === number.e164 && said.createdAtMs > 0))
    return refuse(asking, { code: 21422, why: `${number.e164} is the account’s already` });
  const nowMs = door.virtual.nowMs();
  const said = changed({ ...freshNumber(number.e164, account), createdAtMs: nowMs }, form, nowMs);
  if (isRefused(said)) return refuse(asking, said);
  const known = door.farSide.sender('twilio', number.e164);
  return answered(jsonReply(201, shown(await keepNumber(said, known, door)), door.newSid), caller.user);
}

/** What carriers know as numbers of the account; those that only the app spoke of too. */
export async function numbersOf(account: string, door: TwilioDoor): Promise<readonly OwnNumber[]> {
  await door.numbers.reading();
  const known = new Map<string, OwnNumber>();
  for (const said of door.numbers.all()) {
    if (said.account !== account) continue;
    const sender = door.farSide.sender('twilio', said.number) ?? senderFor(said, null);
    known.set(said.number, ownNumber(said, sender));
  }
  for (const sender of door.farSide.senders?.('twilio', account) ?? []) {
    if (known.has(sender.sender) || !sender.sender.startsWith('+')) continue;
    const said = {
      ...freshNumber(sender.sender, account),
      smsUrl: sender.inboundUrl ?? '',
      smsMethod: sender.inboundMethod,
      smsFallbackUrl: sender.inboundFailoverUrl ?? '',
      statusCallback: sender.statusUrl ?? '',
    };
    known.set(sender.sender, ownNumber(said, sender));
  }
  return [...known.values()].sort((a, b) => (a.said.number < b.said.number ? -1 : 1));
}

/** Keeps both: what the app said, and where answers go now. */
export async function keepNumber(
  said: TwilioNumber,
  known: SmsSender | null,
  door: TwilioDoor,
): Promise<OwnNumber> {
  await door.services.reading();
  const sender = withDestination(senderFor(said, known), said, door);
  await door.numbers.put(said.number, said);
  await door.farSide.putSender?.(sender);
  return ownNumber(said, sender);
}

/** Where answers go: to the service's address where the number is in a pool, unless the service leaves it to the number. */
export function withDestination(
  sender: SmsSender,
  said: TwilioNumber | null,
  { services }: TwilioDoor,
): SmsSender {
  const service = sender.service === null ? null : services.get(sender.service);
  const own = {
    inboundUrl: nothingIfEmpty(said?.smsUrl ?? null),
    inboundMethod: said?.smsMethod ?? sender.inboundMethod,
    inboundFailoverUrl: nothingIfEmpty(said?.smsFallbackUrl ?? null),
  };
  const byService = service !== null && !service.useInboundWebhookOnNumber;
  return {
    ...sender,
    ...(byService
      ? {
          inboundUrl: nothingIfEmpty(service.inboundRequestUrl),
          inboundMethod: service.inboundMethod,
          inboundFailoverUrl: nothingIfEmpty(service.fallbackUrl),
        }
      : said === null
        ? {}
        : own),
    statusUrl: said === null ? sender.statusUrl : nothingIfEmpty(said.statusCallback),
    onTheFly: false,
  };
}

function nothingIfEmpty(url: string | null): string | null {
  return url === '' ? null : url;
}

function senderFor(said: TwilioNumber, known: SmsSender | null): SmsSender {
  return {
    sender: said.number,
    provider: 'twilio',
    account: said.account,
    countries: known?.countries ?? ['*'],
    service: known?.service ?? null,
    inboundUrl: known?.inboundUrl ?? null,
    inboundMethod: known?.inboundMethod ?? 'POST',
    statusUrl: known?.statusUrl ?? null,
    onTheFly: false,
  };
}

export function freshNumber(number: string, account: string): TwilioNumber {
  return {
    number,
    account,
    friendlyName: number,
    smsUrl: '',
    smsMethod: 'POST',
    smsFallbackUrl: '',
    smsFallbackMethod: 'POST',
    statusCallback: '',
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

export function numberSid(number: string, account: string): string {
  return derivedSid('PN', account, number);
}

function ownNumber(said: TwilioNumber, sender: SmsSender): OwnNumber {
  return { sid: numberSid(said.number, said.account), sender, said };
}

function changed(said: TwilioNumber, form: Form, nowMs: number): TwilioNumber | Refused {
  const urls = ['SmsUrl', 'SmsFallbackUrl', 'StatusCallback'] as const;
  for (const name of urls) {
    const url = form.get(name) ?? '';
    if (url !== '' && !/^https?:\/\/[^/]/i.test(url))
      return {
        code: 20001,
        text: `${name} is not a valid URL: ${url}`,
        why: `${name} is no http or https address`,
      };
  }
  return {
    ...said,
    friendlyName: form.get('FriendlyName') ?? said.friendlyName,
    smsUrl: form.get('SmsUrl') ?? said.smsUrl,
    smsMethod: methodOf(form.get('SmsMethod'), said.smsMethod),
    smsFallbackUrl: form.get('SmsFallbackUrl') ?? said.smsFallbackUrl,
    smsFallbackMethod: methodOf(form.get('SmsFallbackMethod'), said.smsFallbackMethod),
    statusCallback: form.get('StatusCallback') ?? said.statusCallback,
    updatedAtMs: nowMs,
  };
}

export function methodOf(text: string | null, usual: 'GET' | 'POST'): 'GET' | 'POST' {
  const upper = text?.toUpperCase();
  return upper === 'GET' || upper === 'POST' ? upper : usual;
}

function shown({ sid, said }: OwnNumber): object {
  const uri = `/2010-04-01/Accounts/${said.account}/IncomingPhoneNumbers/${sid}`;
  return {
    sid,
    account_sid: said.account,
    friendly_name: said.friendlyName,
    phone_number: said.number,
    voice_url: '',
    voice_method: 'POST',
    voice_fallback_url: '',
    voice_fallback_method: 'POST',
    voice_caller_id_lookup: false,
    voice_application_sid: null,
    date_created: rfc2822(said.createdAtMs),
    date_updated: rfc2822(said.updatedAtMs),
    sms_url: said.smsUrl,
    sms_method: said.smsMethod,
    sms_fallback_url: said.smsFallbackUrl,
    sms_fallback_method: said.smsFallbackMethod,
    sms_application_sid: '',
    address_requirements: 'none',
    beta: false,
    capabilities: { voice: false, sms: true, mms: true, fax: false },
    status: 'in-use',
    status_callback: said.statusCallback,
    status_callback_method: 'POST',
    api_version: '2010-04-01',
    voice_receive_mode: 'voice',
    identity_sid: null,
    address_sid: null,
    bundle_sid: null,
    trunk_sid: null,
    origin: 'twilio',
    emergency_status: 'Inactive',
    emergency_address_sid: null,
    emergency_address_status: 'unregistered',
    type: null,
    uri: `${uri}.json`,
  };
}
