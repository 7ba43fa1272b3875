/**
 * Messaging services, and the pools of numbers that they send by.
 * Sources: https://www.twilio.com/docs/messaging/api/service-resource,
 * https://www.twilio.com/docs/messaging/api/phonenumber-resource
 */
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import type { SmsSender } from '../../../model/handset.ts';
import { phoneNumber } from '../../../model/phone-number.ts';
import type { Caller } from './credentials.ts';
import { iso8601 } from './dates.ts';
import type { TwilioDoor } from './door.ts';
import type { Form } from './form.ts';
import { noMethod, refuse } from './messages.ts';
import { methodOf, numberSid, numbersOf, withDestination } from './numbers.ts';
import { pageBounds, pageMeta } from './paging.ts';
import { answered, isRefused, jsonReply, type Refused } from './reply.ts';
import type { MessagingService } from './service-book.ts';
import { derivedSid, isSid } from './sids.ts';

interface AskingServices {
  readonly request: ProviderRequest;
  readonly caller: Caller;
  readonly door: TwilioDoor;
}

/** @param path what follows `/v1/Services` */
export async function serviceResource(
  asking: AskingServices,
  path: string,
  form: Form,
): Promise<ProviderAnswer> {
  const { request, door } = asking;
  await door.services.reading();
  const [sid, part, partSid, ...rest] = path.split('/').slice(1);
  if (sid === undefined || sid === '') return ofAll(asking, form);
  const service = door.services.get(sid);
  if (service === null || service.account !== accountOf(asking) || rest.length > 0)
    return refuse(asking, nothing(request));
  if (part === undefined) return ofOne(asking, service, form);
  if (part === 'PhoneNumbers') return poolOf(asking, service, partSid ?? null, form);
  return refuse(asking, nothing(request));
}

/** A key does not say whose it is: its services are its own. */
function accountOf({ caller }: AskingServices): string {
  return caller.account ?? derivedSid('AC', caller.user);
}

function ofAll(asking: AskingServices, form: Form): ProviderAnswer | Promise<ProviderAnswer> {
  const { request, door, caller } = asking;
  if (request.method === 'POST') return makeService(asking, form);
  if (request.method !== 'GET') return refuse(asking, noMethod(request));
  const account = accountOf(asking);
  const all = door.services.all().filter((one) => one.account === account);
  const bounds = pageBounds(request.query);
  const from = bounds.page * bounds.size;
  return answered(
    jsonReply(
      200,
      {
        meta: pageMeta(`${request.baseUrl}/v1/Services`, 'services', bounds, from + bounds.size < all.length),
        services: all.slice(from, from + bounds.size).map((one) => shown(one, request)),
      },
      door.newSid,
    ),
    caller.user,
  );
}

/** Source of the usual values: https://www.twilio.com/docs/messaging/api/service-resource#create-a-service-resource */
async function makeService(asking: AskingServices, form: Form): Promise<ProviderAnswer> {
  const { request, door, caller } = asking;
  const nowMs = door.virtual.nowMs();
  const service = changed(
    {
      sid: door.newSid('MG'),
      account: accountOf(asking),
      friendlyName: '',
      inboundRequestUrl: null,
      inboundMethod: 'POST',
      fallbackUrl: null,
      fallbackMethod: 'POST',
      statusCallback: null,
      stickySender: true,
      mmsConverter: true,
      smartEncoding: true,
      scanMessageContent: 'inherit',
      fallbackToLongCode: true,
      areaCodeGeomatch: true,
      synchronousValidation: false,
      validityPeriod: 36_000,
      usecase: 'undeclared',
      useInboundWebhookOnNumber: false,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    },
    form,
    nowMs,
  );
  if (isRefused(service)) return refuse(asking, service);
  if (service.friendlyName === '')
    return refuse(asking, {
      code: 20001,
      text: 'Missing required parameter FriendlyName in the post body',
      why: 'a messaging service wants a FriendlyName',
    });
  await door.services.put(service.sid, service);
  return answered(jsonReply(201, shown(service, request), door.newSid), caller.user);
}

async function ofOne(asking: AskingServices, service: MessagingService, form: Form): Promise<ProviderAnswer> {
  const { request, door, caller } = asking;
  switch (request.method) {
    case 'GET':
      return answered(jsonReply(200, shown(service, request), door.newSid), caller.user);
    case 'POST': {
      const next = changed(service, form, door.virtual.nowMs());
      if (isRefused(next)) return refuse(asking, next);
      await door.services.put(next.sid, next);
      for (const sender of door.farSide.sendersOf('twilio', next.sid))
        await putInPool(sender, next.sid, door);
      return answered(jsonReply(200, shown(next, request), door.newSid), caller.user);
    }
    case 'DELETE':
      await door.services.remove(service.sid);
      for (const sender of door.farSide.sendersOf('twilio', service.sid)) await putInPool(sender, null, door);
      return answered({ ...jsonReply(204, null, door.newSid), body: '' }, caller.user);
    default:
      return refuse(asking, noMethod(request));
  }
}

async function putInPool(sender: SmsSender, service: string | null, door: TwilioDoor): Promise<SmsSender> {
  await door.numbers.reading();
  const next = withDestination({ ...sender, service }, door.numbers.get(sender.sender), door);
  await door.farSide.putSender?.(next);
  return next;
}

async function poolOf(
  asking: AskingServices,
  service: MessagingService,
  sid: string | null,
  form: Form,
): Promise<ProviderAnswer> {
  const { request, door, caller } = asking;
  const pool = door.farSide.sendersOf('twilio', service.sid);
  if (sid !== null) {
    const found = pool.find(({ sender }) => numberSid(sender, service.account) === sid);
    if (found === undefined) return refuse(asking, nothing(request));
    if (request.method === 'DELETE') {
      await putInPool(found, null, door);
      return answered({ ...jsonReply(204, null, door.newSid), body: '' }, caller.user);
    }
    return request.method === 'GET'
      ? answered(jsonReply(200, poolNumber(found, service, request), door.newSid), caller.user)
      : refuse(asking, noMethod(request));
  }
  if (request.method === 'POST') return addToPool(asking, service, form);
  if (request.method !== 'GET') return refuse(asking, noMethod(request));
  const bounds = pageBounds(request.query);
  const from = bounds.page * bounds.size;
  const url = `${request.baseUrl}/v1/Services/${service.sid}/PhoneNumbers`;
  return answered(
    jsonReply(
      200,
      {
        meta: pageMeta(url, 'phone_numbers', bounds, from + bounds.size < pool.length),
        phone_numbers: pool
          .slice(from, from + bounds.size)
          .map((sender) => poolNumber(sender, service, request)),
      },
      door.newSid,
    ),
    caller.user,
  );
}

async function addToPool(
  asking: AskingServices,
  service: MessagingService,
  form: Form,
): Promise<ProviderAnswer> {
  const { request, door, caller } = asking;
  const sid = form.get('PhoneNumberSid') ?? '';
  if (!isSid('PN', sid))
    return refuse(asking, { code: 21421, why: 'PhoneNumberSid is to be the SID of a number (PN …)' });
  const found = (await numbersOf(service.account, door)).find((one) => one.sid === sid);
  if (found === undefined)
    return refuse(asking, {
      code: 21421,
      why: `the account has no number ${sid}: get one by POST …/IncomingPhoneNumbers.json first`,
    });
  const { sender } = found;
  if (sender.service === service.sid)
    return refuse(asking, { code: 21710, why: `${sender.sender} is in the pool of ${service.sid} already` });
  if (sender.service !== null && door.services.get(sender.service) !== null)
    return refuse(asking, { code: 21712, why: `${sender.sender} is in the pool of ${sender.service}` });
  const added = await putInPool(sender, service.sid, door);
  return answered(jsonReply(201, poolNumber(added, service, request), door.newSid), caller.user);
}

function nothing({ path }: ProviderRequest): Refused {
  return { code: 20404, words: { resource: path.replace(/^\/v1/, '') }, why: `nothing is at ${path}` };
}

const scans = ['inherit', 'enable', 'disable'] as const;
const validitySMax = 36_000;

function changed(service: MessagingService, form: Form, nowMs: number): MessagingService | Refused {
  for (const name of ['InboundRequestUrl', 'FallbackUrl', 'StatusCallback']) {
    const url = form.get(name) ?? '';
    if (url !== '' && !/^https?:\/\/[^/]/i.test(url))
      return { code: 20001, text: `Invalid ${name}: ${url}`, why: `${name} is no http or https address` };
  }
  const validity = form.get('ValidityPeriod');
  const seconds = validity === null ? service.validityPeriod : Number(validity);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > validitySMax)
    return { code: 21624, why: `the ValidityPeriod is to be 1 to ${validitySMax} seconds` };
  const flag = (name: string, usual: boolean): boolean => {
    const text = form.get(name);
    return text === null ? usual : text.toLowerCase() === 'true';
  };
  const url = (name: string, usual: string | null): string | null => {
    const text = form.get(name);
    return text === null ? usual : text === '' ? null : text;
  };
  return {
    ...service,
    friendlyName: form.get('FriendlyName') ?? service.friendlyName,
    inboundRequestUrl: url('InboundRequestUrl', service.inboundRequestUrl),
    inboundMethod: methodOf(form.get('InboundMethod'), service.inboundMethod),
    fallbackUrl: url('FallbackUrl', service.fallbackUrl),
    fallbackMethod: methodOf(form.get('FallbackMethod'), service.fallbackMethod),
    statusCallback: url('StatusCallback', service.statusCallback),
    stickySender: flag('StickySender', service.stickySender),
    mmsConverter: flag('MmsConverter', service.mmsConverter),
    smartEncoding: flag('SmartEncoding', service.smartEncoding),
    scanMessageContent:
      scans.find((one) => one === form.get('ScanMessageContent')) ?? service.scanMessageContent,
    fallbackToLongCode: flag('FallbackToLongCode', service.fallbackToLongCode),
    areaCodeGeomatch: flag('AreaCodeGeomatch', service.areaCodeGeomatch),
    synchronousValidation: flag('SynchronousValidation', service.synchronousValidation),
    validityPeriod: seconds,
    usecase: form.get('Usecase') ?? service.usecase,
    useInboundWebhookOnNumber: flag('UseInboundWebhookOnNumber', service.useInboundWebhookOnNumber),
    updatedAtMs: nowMs,
  };
}

function shown(service: MessagingService, { baseUrl }: ProviderRequest): object {
  const url = `${baseUrl}/v1/Services/${service.sid}`;
  return {
    account_sid: service.account,
    friendly_name: service.friendlyName,
    sid: service.sid,
    date_created: iso8601(service.createdAtMs),
    date_updated: iso8601(service.updatedAtMs),
    sticky_sender: service.stickySender,
    mms_converter: service.mmsConverter,
    smart_encoding: service.smartEncoding,
    fallback_to_long_code: service.fallbackToLongCode,
    scan_message_content: service.scanMessageContent,
    area_code_geomatch: service.areaCodeGeomatch,
    validity_period: service.validityPeriod,
    synchronous_validation: service.synchronousValidation,
    inbound_request_url: service.inboundRequestUrl,
    inbound_method: service.inboundMethod,
    fallback_url: service.fallbackUrl,
    fallback_method: service.fallbackMethod,
    status_callback: service.statusCallback,
    usecase: service.usecase,
    us_app_to_person_registered: false,
    use_inbound_webhook_on_number: service.useInboundWebhookOnNumber,
    links: { phone_numbers: `${url}/PhoneNumbers` },
    url,
  };
}

function poolNumber({ sender }: SmsSender, service: MessagingService, { baseUrl }: ProviderRequest): object {
  const sid = numberSid(sender, service.account);
  const date = iso8601(service.updatedAtMs);
  return {
    sid,
    account_sid: service.account,
    service_sid: service.sid,
    date_created: date,
    date_updated: date,
    phone_number: sender,
    country_code: phoneNumber(sender)?.country ?? '',
    capabilities: ['SMS', 'MMS'],
    url: `${baseUrl}/v1/Services/${service.sid}/PhoneNumbers/${sid}`,
  };
}
