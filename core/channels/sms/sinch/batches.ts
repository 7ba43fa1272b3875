/** Batches: sent, changed, replaced, canceled, and tried without being sent. */

import type { SmsRefusal } from '../../../delivery/sms-far-side.ts';
import type { ProviderAnswer, ProviderRequest } from '../../../doors/http/provider-request.ts';
import { messageOf } from '../../../model/app-error.ts';
import { isSmsEnd, type SmsRow, standingOf } from '../../../model/sms.ts';
import { anatomyOf, partsOf } from '../../../model/sms-text.ts';
import { acceptSms, ask, onceStored, type SmsRecipient, type SmsSend, withEffects } from '../acceptance.ts';
import { maskedFields } from '../masked-fields.ts';
import type { SmsDoorPorts } from '../room.ts';
import { type Batch, batchOf } from './kept-batches.ts';
import {
  type Destination,
  destinationsOf,
  filledIn,
  jsonOf,
  lifetimeMsMax,
  originatorOf,
  type Parsed,
  parseBatch,
  parseWith,
} from './parse.ts';
import { emptyReply, errorReply, jsonReply, refused, wantedReply } from './reply.ts';
import {
  type BatchRequest,
  type BatchState,
  feedbackSchema,
  instantMs,
  recordOf,
  type SinchRecord,
  updateSchema,
} from './schema.ts';
import { ulid, ulidBytes } from './ulid.ts';

export const sinchHost = 'sms.api.sinch.com';

/** POST /batches */
export function sendBatch(request: ProviderRequest, account: string, ports: SmsDoorPorts): ProviderAnswer {
  const json = jsonOf(request);
  if ('refusal' in json) return refused(json.refusal, account);
  const nowMs = ports.virtual.nowMs();
  return submit(
    request,
    json.value,
    { account, id: ulid(nowMs, ports.random(ulidBytes)), revision: 0, createdAtMs: nowMs, status: 201 },
    ports,
  );
}

interface Submitting {
  readonly account: string;
  readonly id: string;
  readonly revision: number;
  readonly createdAtMs: number;
  readonly status: number;
}

function submit(
  request: ProviderRequest,
  json: Readonly<Record<string, unknown>>,
  about: Submitting,
  ports: SmsDoorPorts,
): ProviderAnswer {
  const { account } = about;
  const parsed = readBatch(json, ports);
  if ('refusal' in parsed) return refused(parsed.refusal, account);
  const { send, state } = planned(parsed.value, about, ports);
  const source = {
    id: request.id,
    headers: request.fields.entries,
    body: request.body,
    own: request.own,
  };
  const asked = ask(source, send, ports);
  if (asked.answer !== null)
    return withEffects({ reply: wantedReply(asked.answer), refused: asked.answer.why, user: account }, asked);
  return acceptSms(
    request,
    send,
    asked,
    {
      user: account,
      maskedHeaders: maskedFields(request.fields),
      reply: () => jsonReply(about.status, state),
      unstored: () => errorReply('service_unavailable'),
    },
    ports,
  );
}

interface ReadBatch {
  readonly batch: BatchRequest;
  readonly destinations: readonly Destination[];
  /** Null: the request names none. */
  readonly originator: string | null;
}

function readBatch(json: Readonly<Record<string, unknown>>, ports: SmsDoorPorts): Parsed<ReadBatch> {
  const parsed = parseBatch(json, ports.clock.wallMs());
  if ('refusal' in parsed) return parsed;
  const batch = parsed.value;
  const destinations = destinationsOf(batch.to, ports.farSide.settings().strictNumbers);
  if ('refusal' in destinations) return destinations;
  if (batch.from === undefined)
    return { value: { batch, destinations: destinations.value, originator: null } };
  const originator = originatorOf(batch.from);
  if ('refusal' in originator) return originator;
  return { value: { batch, destinations: destinations.value, originator: originator.value } };
}

function planned(
  { batch, destinations, originator }: ReadBatch,
  { account, id, revision, createdAtMs }: Submitting,
  ports: SmsDoorPorts,
): { readonly send: SmsSend; readonly state: BatchState } {
  const nowMs = ports.virtual.nowMs();
  // Times of the app are wall time; everything here is virtual.
  const aheadMs = nowMs - ports.clock.wallMs();
  const sendAtMs = batch.send_at === undefined ? null : instantMs(batch.send_at) + aheadMs;
  const startMs = Math.max(nowMs, sendAtMs ?? 0);
  const expiresMs =
    batch.expire_at === undefined ? startMs + lifetimeMsMax : instantMs(batch.expire_at) + aheadMs;
  const applied = originator ?? ports.farSide.sendersOf('sinch', account)[0]?.sender ?? null;
  const sender = applied ?? '';
  const known = applied === null ? null : ports.farSide.sender('sinch', applied);
  const state = stateOf(batch, destinations, originator, {
    id,
    createdAt: new Date(createdAtMs).toISOString(),
    modifiedAt: new Date(nowMs).toISOString(),
    expireAt: batch.expire_at ?? new Date(expiresMs - aheadMs).toISOString(),
  });
  const shared: Omit<SinchRecord, 'to' | 'refusalCode'> = {
    kind: batch.type === 'mt_media' ? 'mms' : 'sms',
    report: state.delivery_report,
    total: destinations.length,
    revision,
    callbackUrl: batch.callback_url ?? known?.statusUrl ?? null,
    reference: batch.client_reference ?? null,
    tellsParts: batch.type === 'mt_text' && batch.max_number_of_message_parts !== undefined,
    appliedOriginator: originator === null && applied !== null ? applied.replace(/^\+/, '') : null,
  };
  const recipients = destinations.map(({ to, number }, at): SmsRecipient => {
    const written = contentFor(batch, to);
    const refusal = refusalOf(written, { account, sender, originator: applied, to: number, batch }, ports);
    return {
      number,
      sender,
      text: written.text,
      encoding: written.encoding,
      parts: written.parts,
      providerId: `${id}/${to}${revision === 0 ? '' : `/${revision}`}`,
      record: {
        ...shared,
        to,
        refusalCode: refusal?.code ?? null,
        ...(at === 0 ? { batch: state } : {}),
      },
      refusal: refusal?.refusal ?? null,
    };
  });
  return {
    send: {
      provider: 'sinch',
      api: 'batches',
      account,
      service: null,
      providerId: id,
      batch: true,
      text: batch.type === 'mt_media' ? (batch.body.message ?? '') : batch.body,
      media: batch.type === 'mt_media' ? [{ url: batch.body.url, contentType: null }] : [],
      validityMs: Math.max(0, expiresMs - startMs),
      sendAtMs: sendAtMs !== null && sendAtMs > nowMs ? sendAtMs : null,
      callbackUrl: shared.callbackUrl,
      reference: shared.reference,
      host: sinchHost,
      recipients,
    },
    state,
  };
}

interface Written {
  readonly text: string;
  readonly encoding: SmsRecipient['encoding'];
  readonly parts: number;
  /** Every parameter had a value. */
  readonly matched: boolean;
}

function contentFor(batch: BatchRequest, to: string): Written {
  switch (batch.type) {
    case 'mt_binary':
      return {
        text: `${batch.udh}${Buffer.from(batch.body, 'base64').toString('hex')}`,
        encoding: 'binary',
        parts: 1,
        matched: true,
      };
    case 'mt_media': {
      const message = batch.body.message ?? '';
      const text = filledIn(message, batch.parameters, to);
      return {
        text: text ?? message,
        encoding: partsOf(text ?? message).encoding,
        parts: 1,
        matched: text !== null,
      };
    }
    case 'mt_text': {
      const text = filledIn(batch.body, batch.parameters, to);
      const { encoding, parts } = partsOf(text ?? batch.body);
      if (batch.truncate_concat === true && parts > 1)
        return {
          text: anatomyOf(text ?? batch.body).texts[0] ?? '',
          encoding,
          parts: 1,
          matched: text !== null,
        };
      return { text: text ?? batch.body, encoding, parts: Math.max(1, parts), matched: text !== null };
    }
    default:
      return batch satisfies never;
  }
}

/** What Sinch says of a message only after its yes, in a delivery report; each with the code of its table. */
function refusalOf(
  { matched, parts }: Written,
  about: {
    readonly account: string;
    readonly sender: string;
    readonly originator: string | null;
    readonly to: Destination['number'];
    readonly batch: BatchRequest;
  },
  { farSide }: SmsDoorPorts,
): { readonly refusal: SmsRefusal; readonly code: number | null } | null {
  const { account, sender, originator, to, batch } = about;
  if (!matched)
    return {
      refusal: {
        cause: 'content',
        why: 'a parameter of its text has no value for this number, and no default',
      },
      code: 405,
    };
  if (originator === null)
    return {
      refusal: {
        cause: 'sender_not_allowed',
        why: 'from is missing, and the plan has no sender of its own: name one in from, or set one up',
      },
      code: 410,
    };
  if (batch.type === 'mt_text' && parts > (batch.max_number_of_message_parts ?? Number.POSITIVE_INFINITY))
    return {
      refusal: {
        cause: 'content',
        why: `it has ${parts} parts, and max_number_of_message_parts is ${batch.max_number_of_message_parts}`,
      },
      code: 411,
    };
  const parties = { provider: 'sinch', account, sender, service: null } as const;
  if (farSide.optedOut({ ...parties, number: to.e164 }))
    return { refusal: { cause: 'opted_out', why: `its owner wrote STOP to ${sender}` }, code: null };
  const verdict = farSide.senderVerdict(parties, to);
  return verdict.kind === 'refused'
    ? { refusal: { cause: verdict.cause, why: verdict.why }, code: null }
    : null;
}

function stateOf(
  batch: BatchRequest,
  destinations: readonly Destination[],
  originator: string | null,
  at: {
    readonly id: string;
    readonly createdAt: string;
    readonly modifiedAt: string;
    readonly expireAt: string;
  },
): BatchState {
  const { to: _to, from: _from, ...said } = batch;
  return {
    id: at.id,
    to: destinations.map(({ to }) => to),
    ...(originator === null ? {} : { from: originator.replace(/^\+/, '') }),
    canceled: false,
    ...said,
    created_at: at.createdAt,
    modified_at: at.modifiedAt,
    delivery_report: batch.delivery_report ?? 'none',
    expire_at: at.expireAt,
    feedback_enabled: batch.feedback_enabled ?? false,
    ...(batch.type === 'mt_text' ? { flash_message: batch.flash_message ?? false } : {}),
  };
}

/** POST /batches/dry_run */
export function dryRun(request: ProviderRequest, account: string, ports: SmsDoorPorts): ProviderAnswer {
  const json = jsonOf(request);
  if ('refusal' in json) return refused(json.refusal, account);
  const parsed = readBatch(json.value, ports);
  if ('refusal' in parsed) return refused(parsed.refusal, account);
  const { batch, destinations } = parsed.value;
  const query = new URLSearchParams(request.query);
  const each = destinations.map(({ to }) => ({ to, ...contentFor(batch, to) }));
  const shown = Number(query.get('number_of_recipients') ?? dryRunRecipients);
  return {
    reply: jsonReply(200, {
      number_of_recipients: each.length,
      number_of_messages: each.reduce((sum, { parts }) => sum + parts, 0),
      ...(query.get('per_recipient') === 'true'
        ? {
            per_recipient: each
              .slice(0, Number.isInteger(shown) && shown >= 0 ? shown : dryRunRecipients)
              .map((one) => ({
                recipient: one.to,
                body: one.text,
                number_of_parts: one.parts,
                encoding:
                  one.encoding === 'UCS-2' ? 'unicode' : one.encoding === 'binary' ? 'binary' : 'text',
              })),
          }
        : {}),
    }),
    refused: null,
    user: account,
  };
}

/** "Max number of recipients to include per message in the response": 100 unless told. */
const dryRunRecipients = 100;

/** PUT /batches/{id}: everything anew. */
export async function replaceBatch(
  request: ProviderRequest,
  account: string,
  id: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const json = jsonOf(request);
  if ('refusal' in json) return refused(json.refusal, account);
  return anew(request, account, id, () => json, ports);
}

/** POST /batches/{id}: what is said replaces what was, null takes it away; recipients come and go by to_add and to_remove. */
export async function updateBatch(
  request: ProviderRequest,
  account: string,
  id: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const json = jsonOf(request);
  if ('refusal' in json) return refused(json.refusal, account);
  return anew(request, account, id, (state) => updated(state, json.value, ports), ports);
}

function updated(
  state: BatchState,
  json: Readonly<Record<string, unknown>>,
  ports: SmsDoorPorts,
): Parsed<Readonly<Record<string, unknown>>> {
  const change = parseWith(updateSchema, json);
  if ('refusal' in change) return change;
  const strict = ports.farSide.settings().strictNumbers;
  const added = destinationsOf(change.value.to_add ?? [], strict);
  if ('refusal' in added) return added;
  const removed = destinationsOf(change.value.to_remove ?? [], strict);
  if ('refusal' in removed) return removed;
  const gone = new Set(removed.value.map(({ to }) => to));
  const { to_add: _added, to_remove: _removed, ...said } = json;
  const { id: _id, canceled: _canceled, created_at: _created, modified_at: _modified, ...before } = state;
  const together = Object.entries({ ...before, ...said }).filter(([, value]) => value !== null);
  // What was the default before goes by the new time of sending.
  const fields = Object.fromEntries(together);
  if ('send_at' in said && !('expire_at' in said)) delete fields.expire_at;
  return {
    value: {
      ...fields,
      to: [...state.to.filter((to) => !gone.has(to)), ...added.value.map(({ to }) => to)],
    },
  };
}

/** New messages take the place of the old ones under the batch's id; those are called back then. */
async function anew(
  request: ProviderRequest,
  account: string,
  id: string,
  content: (state: BatchState) => Parsed<Readonly<Record<string, unknown>>>,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const batch = await batchOf(account, id, ports);
  if (batch === null) return noBatch(id, account);
  const json = content(batch.state);
  if ('refusal' in json) return refused(json.refusal, account);
  if (batch.state.canceled || batch.messages.some((sms) => standingOf(sms).state !== 'scheduled'))
    return refused(
      {
        error: 'conflict_send_at',
        why: batch.state.canceled
          ? `the batch ${id} was canceled: send a new one`
          : `the batch ${id} is on its way already: only one that waits for its send_at can be changed`,
      },
      account,
    );
  const parsed = readBatch(json.value, ports);
  if ('refusal' in parsed) return refused(parsed.refusal, account);
  return onceStored(
    submit(
      request,
      json.value,
      {
        account,
        id,
        revision: batch.revision + 1,
        createdAtMs: Date.parse(batch.state.created_at),
        status: 200,
      },
      ports,
    ),
    () => supersede(batch, ports),
  );
}

async function supersede({ messages }: Batch, ports: SmsDoorPorts): Promise<void> {
  await note(messages, { superseded: true }, ports);
  for (const sms of messages)
    await ports.farSide.cancel({ ...sms, record: { ...sms.record, superseded: true } });
}

/** DELETE /batches/{id}: "A batch can be canceled at any point"; what has gone out stays as it is. */
export async function cancelBatch(account: string, id: string, ports: SmsDoorPorts): Promise<ProviderAnswer> {
  const batch = await batchOf(account, id, ports);
  if (batch === null) return noBatch(id, account);
  try {
    for (const sms of batch.messages) if (!isSmsEnd(standingOf(sms).state)) await ports.farSide.cancel(sms);
    const state = {
      ...batch.state,
      canceled: true,
      modified_at: new Date(ports.virtual.nowMs()).toISOString(),
    };
    await note([batch.head], { batch: state }, ports);
    return { reply: jsonReply(200, state), refused: null, user: account };
  } catch (error) {
    return unstored(error, account);
  }
}

/** POST /batches/{id}/delivery_feedback: no recipients are all of them. */
export async function takeFeedback(
  request: ProviderRequest,
  account: string,
  id: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const json = jsonOf(request);
  if ('refusal' in json) return refused(json.refusal, account);
  const parsed = parseWith(feedbackSchema, json.value);
  if ('refusal' in parsed) return refused(parsed.refusal, account);
  const destinations = destinationsOf(parsed.value.recipients, false);
  if ('refusal' in destinations) return refused(destinations.refusal, account);
  const batch = await batchOf(account, id, ports);
  if (batch === null) return noBatch(id, account);
  if (batch.state.feedback_enabled !== true)
    return refused(
      { error: 'feedback_not_enabled', why: `the batch ${id} was sent without feedback_enabled` },
      account,
    );
  const named = new Set(destinations.value.map(({ to }) => to));
  try {
    await note(
      batch.messages.filter((sms) => named.size === 0 || named.has(recordOf(sms)?.to ?? '')),
      { feedbackAtMs: ports.virtual.nowMs() },
      ports,
    );
    return { reply: emptyReply(202), refused: null, user: account };
  } catch (error) {
    return unstored(error, account);
  }
}

async function note(
  messages: readonly SmsRow[],
  record: Readonly<Record<string, unknown>>,
  { store, virtual }: SmsDoorPorts,
): Promise<void> {
  if (messages.length === 0) return;
  const nowMs = virtual.nowMs();
  await store.keepSms(
    { puts: [], changes: messages.map(({ id }) => ({ id, nowMs, record })), acts: [], callbacks: [] },
    nowMs,
  );
}

export function noBatch(id: string, account: string): ProviderAnswer {
  return refused({ error: 'resource_not_found', why: `there is no batch ${id} of ${account}` }, account);
}

function unstored(error: unknown, account: string): ProviderAnswer {
  return refused(
    { error: 'service_unavailable', why: `it could not be stored: ${messageOf(error)}` },
    account,
  );
}
