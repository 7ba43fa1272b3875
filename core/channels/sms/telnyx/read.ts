/** What became of a message, and the calling back of one that is scheduled. */
import type { ProviderAnswer } from '../../../doors/http/provider-request.ts';
import { messageOf } from '../../../model/app-error.ts';
import { type NewSms, type SmsRow, standingOf } from '../../../model/sms.ts';
import type { SmsDoorPorts } from '../room.ts';
import { errorReply, inboundView, jsonReply, outboundView } from './reply.ts';
import { recordOf } from './schema.ts';
import { refusedAnswer } from './send.ts';

/** "status=scheduled and send_at more than a minute from now" */
const cancelMsMin = 60_000;
/** "no older than 10 days" */
const ageMsMax = 10 * 24 * 3_600_000;

export async function answerRead(
  id: string,
  organization: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const smses = await smsesOf(id, organization, ports);
  const [first] = smses;
  if (first === undefined || first.receivedAtMs < ports.virtual.nowMs() - ageMsMax)
    return missing(id, organization);
  return { reply: jsonReply(200, { data: viewOf(first, smses) }), refused: null, user: organization };
}

function viewOf(first: NewSms, smses: readonly NewSms[]): unknown {
  return first.direction === 'mo'
    ? inboundView(first, { urls: [], autoResponse: null })
    : outboundView(smses, standingOf);
}

/** `GET /v2/messages/group/{id}`: each recipient's message by itself. */
export async function answerGroup(
  id: string,
  organization: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const smses = await smsesOf(id, organization, ports);
  if (smses.length === 0) return missing(id, organization);
  return {
    reply: jsonReply(200, { data: smses.map((sms) => outboundView([sms], standingOf)) }),
    refused: null,
    user: organization,
  };
}

export async function answerCancel(
  id: string,
  organization: string,
  ports: SmsDoorPorts,
): Promise<ProviderAnswer> {
  const smses = await smsesOf(id, organization, ports);
  const [first] = smses;
  if (first === undefined) return missing(id, organization);
  const { sendAtMs } = recordOf(first.record);
  const early = sendAtMs !== null && sendAtMs - ports.virtual.nowMs() > cancelMsMin;
  if (standingOf(first).state !== 'scheduled' || !early) return tooLate(id, organization);
  const canceled: NewSms[] = [];
  try {
    for (const sms of smses) {
      const one = await ports.farSide.cancel(sms);
      if (one !== null) canceled.push(one);
    }
  } catch (error) {
    return refusedAnswer(errorReply('10007', { status: 503 }), messageOf(error), organization);
  }
  if (canceled.length === 0) return tooLate(id, organization);
  // This one answer is not wrapped in `data`.
  return { reply: jsonReply(200, outboundView(canceled, standingOf)), refused: null, user: organization };
}

function tooLate(id: string, organization: string): ProviderAnswer {
  const detail =
    'Only messages with status=scheduled and send_at more than a minute from now can be cancelled.';
  return refusedAnswer(errorReply('10015', { detail }), `${id}: ${detail}`, organization);
}

function missing(id: string, organization: string): ProviderAnswer {
  return refusedAnswer(
    errorReply('10005'),
    `there is no message ${id} of that API key's organization`,
    organization,
  );
}

const groupMax = 100;

async function smsesOf(
  id: string,
  organization: string,
  { store }: SmsDoorPorts,
): Promise<readonly SmsRow[]> {
  const found = await store.smsOf('telnyx', id);
  if (found === null || found.account !== organization) return [];
  if (found.batchId === null) return [found];
  const page = { after: null, limit: groupMax } as const;
  const { entries } = await store.smses({ provider: 'telnyx', batchId: found.batchId }, page);
  return entries.toSorted((one, other) => one.seq - other.seq);
}
