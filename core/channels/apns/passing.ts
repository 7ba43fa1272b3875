/** What a request to APNs would be at Apple: for handing it on while live relay is on. Pure. */
import type { Passing, PassingSend, WholeRequest } from '../../doors/http/handing-on.ts';
import { secretFields } from '../../doors/http/request-fields.ts';
import type { OutcomeClass } from '../../model/delivery.ts';
import { noDetails } from '../../model/message-details.ts';
import type { PushDetails, PushEnvironment } from '../../model/push.ts';
import { readApnsPayload } from '../../model/push-content.ts';
import { pushHeaders } from '../../rules/push-facts.ts';
import { readDevicePath, readHeaders } from './parse.ts';
import { deadTokens, isReason, reasons, refusalReply } from './reply.ts';

export interface ApnsPassingPorts {
  /** Of a host, where it is one of Apple's. */
  readonly environmentOf: (host: string) => PushEnvironment | null;
  readonly hostOf: (environment: PushEnvironment) => string;
  readonly newUuid: () => string;
}

const broadcastPath = /^\/4\/broadcasts\/apps\/[^/]+$/;

/** Pushes to devices, and to broadcast channels; the management of those stays in the sandbox. */
export function apnsPassing(request: WholeRequest, ports: ApnsPassingPorts): Passing | null {
  if (request.method !== 'POST') return null;
  const path = readDevicePath(request.method, request.path);
  const channel = broadcastPath.test(request.path) ? request.fields.get('apns-channel-id') : null;
  if (!path.ok && !broadcastPath.test(request.path)) return null;
  const recipient = path.ok ? path.token.toLowerCase() : channel === null ? null : `channel:${channel}`;
  const environment = ports.environmentOf(request.host);
  return {
    channel: 'apns',
    provider: 'apns',
    host: (relay) =>
      environment === null
        ? ports.hostOf((relay.kind === 'apns' ? relay.environment : null) ?? 'production')
        : request.host,
    url: (relay) => (relay.kind === 'apns' ? relay.url : null),
    target: request.target,
    http2Only: true,
    send: sendOf(request, recipient, path.ok ? 'token' : 'channel', environment),
    unavailable: () =>
      refusalReply({ reason: 'ServiceUnavailable' }, [
        'apns-id',
        request.fields.get('apns-id') ?? ports.newUuid().toUpperCase(),
      ]),
  };
}

function sendOf(
  request: WholeRequest,
  recipient: string | null,
  kind: 'token' | 'channel',
  environment: PushEnvironment | null,
): PassingSend {
  const { fields, body } = request;
  const read = readHeaders(fields, null);
  const headers = read.ok ? read.headers : null;
  const byCertificate = fields.get('authorization') === null && request.connection.clientCertificate !== null;
  const push: PushDetails = {
    provider: 'apns',
    target: { kind, value: recipient ?? '' },
    app: headers?.app ?? fields.get('apns-topic') ?? '',
    environment,
    pushType: headers?.pushType ?? null,
    priority: headers?.priority ?? null,
    collapseKey: headers?.collapseId ?? null,
    expiresAtMs: headers?.expiration.kind === 'until' ? headers.expiration.wallMs : null,
    nowOrNever: headers?.expiration.kind === 'nowOrNever',
    providerId: fields.get('apns-id') ?? '',
    headers: fields.entries.map(([name, value]) => [name, shown(name, value)]),
    credentials: null,
    plain: null,
  };
  return {
    recipients: recipient === null ? [] : [recipient],
    obstacle: byCertificate
      ? 'The app shows a certificate in place of a token, and only who has its key can show it to Apple. Nothing was sent: have the app send with a key (.p8), or release the message by hand through a relay.'
      : null,
    message: {
      user: null,
      envelopeFrom: push.app,
      body,
      head: Buffer.from(pushHeaders(readApnsPayload(body).content, push.headers), 'latin1'),
      details: { ...noDetails, push },
    },
    read(status, text, answer) {
      if (status === 200) return { taken: true, class: null, text: '200', providerId: answer.get('apns-id') };
      const reason = reasonIn(text);
      const words = reason !== null && isReason(reason) ? `: ${reasons[reason].words}` : '';
      return {
        taken: false,
        class: classOf(status, reason),
        text: reason === null ? String(status) : `${status} ${reason}${words}`,
        providerId: answer.get('apns-id'),
      };
    },
  };
}

function classOf(status: number, reason: string | null): OutcomeClass {
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'provider_down';
  if (status === 410 || (reason !== null && deadTokens.has(reason))) return 'bad_address';
  return status === 413 ? 'too_large' : 'config';
}

function reasonIn(text: string): string | null {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === 'object' && said !== null && 'reason' in said && typeof said.reason === 'string'
      ? said.reason
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function shown(name: string, value: string): string {
  if (name === 'authorization') return 'bearer (masked)';
  return secretFields.has(name) ? '(masked)' : value;
}
