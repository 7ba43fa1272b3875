/** Messages that are there: read, listed, redacted, canceled, deleted; their media and feedback. */
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { isSmsEnd, type SmsMedia, type SmsRow, standingOf } from '../../../model/sms.ts';
import { isForgotten } from '../../../model/smsc.ts';
import type { Caller } from './credentials.ts';
import { isDay, readTime, rfc2822 } from './dates.ts';
import type { TwilioDoor } from './door.ts';
import { type Form, readForm } from './form.ts';
import { type PageBounds, pageBounds, pageEnvelope, type Seen } from './paging.ts';
import {
  answered,
  isRefused,
  jsonReply,
  type MessageResource,
  messageResource,
  messageUri,
  type Refused,
  refusedAnswer,
} from './reply.ts';
import { derivedSid } from './sids.ts';

export interface Asking {
  readonly request: ProviderRequest;
  readonly caller: Caller;
  readonly account: string;
  readonly door: TwilioDoor;
}

export async function oneMessage(asking: Asking, sid: string, form: Form | null): Promise<ProviderAnswer> {
  const sms = await find(asking, sid);
  if (isRefused(sms)) return refuse(asking, sms);
  switch (asking.request.method) {
    case 'GET':
      return resource(asking, 200, sms);
    case 'DELETE':
      return remove(asking, sms);
    case 'POST':
      return update(asking, sms, form ?? readForm(''));
    default:
      return refuse(asking, noMethod(asking.request));
  }
}

async function find({ request, account, door }: Asking, sid: string): Promise<SmsRow | Refused> {
  const sms = /^(?:SM|MM)[0-9a-f]{32}$/i.test(sid) ? await door.store.smsOf('twilio', sid) : null;
  if (sms !== null && sms.account === account && !isForgotten(sms)) return sms;
  return {
    code: 20404,
    words: { resource: request.path },
    why: `the account ${account} has no message ${sid}`,
  };
}

async function remove(asking: Asking, sms: SmsRow): Promise<ProviderAnswer> {
  if (!isSmsEnd(standingOf(sms).state)) return refuse(asking, notOver(sms));
  await asking.door.farSide.forget(sms);
  return { ...answered(jsonReply(204, null, asking.door.newSid), asking.caller.user), ...noBody(asking) };
}

function noBody({ door }: Asking): Pick<ProviderAnswer, 'reply'> {
  return { reply: { ...jsonReply(204, null, door.newSid), body: '' } };
}

function notOver(sms: SmsRow): Refused {
  return { code: 20009, why: `the message is ${standingOf(sms).status} still: wait until it is over` };
}

/** Source: https://www.twilio.com/docs/messaging/api/message-resource#update-a-message-resource */
async function update(asking: Asking, sms: SmsRow, form: Form): Promise<ProviderAnswer> {
  const { farSide } = asking.door;
  const status = form.get('Status');
  const body = form.get('Body');
  if (status === null && body === null)
    return refuse(asking, badUpdate('there is neither a Body nor a Status'));
  if (status !== null && body !== null)
    return refuse(asking, badUpdate('a message is either canceled or redacted, not both at once'));
  if (status !== null) {
    if (status !== 'canceled') return refuse(asking, badUpdate('Status can only be canceled'));
    const canceled = await farSide.cancel(sms);
    return canceled === null
      ? refuse(asking, {
          code: 30409,
          why: `it is ${standingOf(sms).status}: only what is scheduled can be canceled`,
        })
      : resource(asking, 200, canceled);
  }
  if (body !== '') return refuse(asking, badUpdate('Body can only be made empty (redacted)'));
  if (!isSmsEnd(standingOf(sms).state)) return refuse(asking, notOver(sms));
  return resource(asking, 200, await farSide.redact(sms, { media: false }));
}

function badUpdate(why: string): Refused {
  return { code: 30400, why };
}

const feedbackOutcomes = ['confirmed', 'unconfirmed'] as const;

/** Source: https://www.twilio.com/docs/messaging/api/message-feedback-resource */
export async function messageFeedback(asking: Asking, sid: string, form: Form): Promise<ProviderAnswer> {
  const sms = await find(asking, sid);
  if (isRefused(sms)) return refuse(asking, sms);
  const outcome = feedbackOutcomes.find((one) => one === (form.get('Outcome') ?? 'confirmed').toLowerCase());
  if (outcome === undefined)
    return refuse(asking, {
      code: 20001,
      text: 'Outcome is invalid',
      why: 'Outcome is confirmed or unconfirmed',
    });
  const { door, caller } = asking;
  const nowMs = door.virtual.nowMs();
  await door.store.keepSms(
    { puts: [], changes: [{ id: sms.id, nowMs, record: { feedback: outcome } }], acts: [], callbacks: [] },
    nowMs,
  );
  const date = rfc2822(nowMs);
  return answered(
    jsonReply(
      201,
      {
        account_sid: sms.account,
        message_sid: sms.providerId,
        outcome,
        date_created: date,
        date_updated: date,
        uri: `${messageUri(sms.account, sms.providerId)}/Feedback.json`,
      },
      door.newSid,
    ),
    caller.user,
  );
}

interface Medium {
  readonly sid: string;
  readonly medium: SmsMedia;
}

function mediaOf(sms: SmsRow): readonly Medium[] {
  return sms.media.map((medium, at) => {
    const sameBefore = sms.media.slice(0, at).filter(({ url }) => url === medium.url).length;
    return { sid: derivedSid('ME', sms.providerId, medium.url, String(sameBefore)), medium };
  });
}

/** Source: https://www.twilio.com/docs/messaging/api/media-resource */
export async function messageMedia(
  asking: Asking,
  sid: string,
  mediaSid: string | null,
  asJson: boolean,
): Promise<ProviderAnswer> {
  const { request, caller, door } = asking;
  const sms = await find(asking, sid);
  if (isRefused(sms)) return refuse(asking, sms);
  const uri = `${messageUri(sms.account, sms.providerId)}/Media`;
  const shown = ({ sid: own, medium }: Medium): object => {
    const date = rfc2822(sms.receivedAtMs);
    return {
      account_sid: sms.account,
      content_type: medium.contentType ?? 'application/octet-stream',
      date_created: date,
      date_updated: date,
      parent_sid: sms.providerId,
      sid: own,
      uri: `${uri}/${own}.json`,
    };
  };
  const media = mediaOf(sms);
  if (mediaSid === null) {
    if (request.method !== 'GET') return refuse(asking, noMethod(request));
    const bounds = pageBounds(request.query);
    const from = bounds.page * bounds.size;
    const entries = media.slice(from, from + bounds.size);
    return answered(
      jsonReply(
        200,
        pageEnvelope(`${uri}.json`, '', 'media_list', entries.map(shown), bounds, {
          next: from + bounds.size < media.length ? '' : null,
          previous: '',
        }),
        door.newSid,
      ),
      caller.user,
    );
  }
  const found = media.find((one) => one.sid === mediaSid);
  if (found === undefined)
    return refuse(asking, {
      code: 20404,
      words: { resource: request.path },
      why: `the message ${sid} has no medium ${mediaSid}`,
    });
  if (request.method === 'DELETE') {
    const nowMs = door.virtual.nowMs();
    const left = media.filter((one) => one !== found).map(({ medium }) => medium);
    await door.store.keepSms(
      { puts: [], changes: [{ id: sms.id, nowMs, media: left }], acts: [], callbacks: [] },
      nowMs,
    );
    return { ...noBody(asking), refused: null, user: caller.user };
  }
  if (request.method !== 'GET') return refuse(asking, noMethod(request));
  return asJson
    ? answered(jsonReply(200, shown(found), door.newSid), caller.user)
    : answered(
        { status: 307, fields: [['location', new URL(found.medium.url).href]], body: '' },
        caller.user,
      );
}

/** Filters of a list. Times are of the message's day, in GMT. */
interface Wanted {
  readonly to: string | null;
  readonly from: string | null;
  readonly fromMs: number | null;
  readonly untilMs: number | null;
}

const dayMs = 24 * 3_600_000;

/** Source: https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources */
export async function listMessages(asking: Asking): Promise<ProviderAnswer> {
  const { account, request, door, caller } = asking;
  const query = readForm(request.query);
  const wanted = wantedBy(query);
  if (isRefused(wanted)) return refuse(asking, wanted);
  const bounds = pageBounds(request.query);
  const after = bounds.token?.after ?? (await afterOfPage(wanted, bounds, asking));
  const { entries, more } = await read(wanted, after, bounds.size, asking);
  const filters = request.query
    .split('&')
    .filter((one) => one !== '' && !/^(?:Page|PageToken|PageSize)=/.test(one))
    .join('&');
  const seen: Seen = {
    next: more ? `PA${entries.at(-1)?.seq ?? 0}-${after ?? 0}` : null,
    previous: bounds.token?.before === undefined ? '' : `PA${bounds.token.before}`,
  };
  return answered(
    jsonReply(
      200,
      pageEnvelope(
        `/2010-04-01/Accounts/${account}/Messages.json`,
        filters,
        'messages',
        entries.map((sms): MessageResource => messageResource(sms)),
        bounds,
        seen,
      ),
      door.newSid,
    ),
    caller.user,
  );
}

function wantedBy(query: Form): Wanted | Refused {
  const day = (name: string): number | null | undefined => {
    const text = query.get(name);
    return text === null || text === '' ? null : (readTime(text) ?? undefined);
  };
  const on = day('DateSent');
  const before = day('DateSent<');
  const since = day('DateSent>');
  if (on === undefined || before === undefined || since === undefined)
    return {
      code: 20001,
      text: 'DateSent is invalid',
      why: 'DateSent is to be a day or a time, as ISO 8601 has it',
    };
  // `DateSent<=2024-01-02` means that day too; of a time, that moment.
  const end = (text: string | null): number => (text !== null && isDay(text) ? dayMs : 1000);
  const dayOn = on === null ? null : Math.floor(on / dayMs) * dayMs;
  return {
    to: query.get('To'),
    from: query.get('From'),
    fromMs: dayOn ?? since,
    untilMs: dayOn !== null ? dayOn + dayMs : before === null ? null : before + end(query.get('DateSent<')),
  };
}

/** What a person numbered without a token: as many as come before are passed over. */
const passedOverMax = 10_000;

async function afterOfPage(
  wanted: Wanted,
  { page, size }: PageBounds,
  asking: Asking,
): Promise<number | null> {
  const passed = Math.min(page * size, passedOverMax);
  if (passed === 0) return null;
  const { entries } = await read(wanted, null, passed, asking);
  return entries.length < passed ? 0 : (entries.at(-1)?.seq ?? 0);
}

/** Newest first. `To` and `From` stand for the handset's number or the app's, whichever way the message went. */
async function read(
  wanted: Wanted,
  after: number | null,
  limit: number,
  { account, door }: Asking,
): Promise<{ readonly entries: readonly SmsRow[]; readonly more: boolean }> {
  const common = {
    provider: 'twilio',
    account,
    ...(wanted.fromMs === null ? {} : { fromMs: wanted.fromMs }),
    ...(wanted.untilMs === null ? {} : { untilMs: wanted.untilMs }),
  } as const;
  const { to, from } = wanted;
  const filters =
    to === null && from === null
      ? [common]
      : [
          {
            ...common,
            direction: 'mt' as const,
            ...(to === null ? {} : { number: to }),
            ...(from === null ? {} : { sender: from }),
          },
          {
            ...common,
            direction: 'mo' as const,
            ...(to === null ? {} : { sender: to }),
            ...(from === null ? {} : { number: from }),
          },
        ];
  const found: SmsRow[] = [];
  for (const filter of filters) found.push(...(await readVisible(filter, after, limit + 1, door)));
  const sorted = found.sort((a, b) => b.seq - a.seq);
  return { entries: sorted.slice(0, limit), more: sorted.length > limit };
}

async function readVisible(
  filter: Parameters<TwilioDoor['store']['smses']>[0],
  after: number | null,
  limit: number,
  { store }: TwilioDoor,
): Promise<readonly SmsRow[]> {
  const rows: SmsRow[] = [];
  let cursor = after;
  for (;;) {
    const page = await store.smses(filter, { after: cursor, limit: limit - rows.length });
    rows.push(...page.entries.filter((sms) => !isForgotten(sms)));
    cursor = page.next;
    if (cursor === null || rows.length >= limit) return rows;
  }
}

function resource({ door, caller }: Asking, status: number, sms: SmsRow): ProviderAnswer {
  return answered(jsonReply(status, messageResource(sms), door.newSid), caller.user);
}

export function refuse({ door, caller }: Pick<Asking, 'door' | 'caller'>, refused: Refused): ProviderAnswer {
  return refusedAnswer(refused, door.newSid, caller.user);
}

export function noMethod({ method, path }: ProviderRequest): Refused {
  return { code: 20004, why: `${method} is nothing that ${path} takes` };
}
