/**
 * Broadcast channels: their management, and sends to them.
 *
 * Sources: Apple, "Sending channel management requests to APNs", "Sending broadcast push notification requests to APNs",
 * "Handling error responses from Apple Push Notification service". In which order faults are told is documented nowhere;
 * here as for pushes to devices: method and path, repeated fields and the id, credentials, then what it is about.
 */

import type { ProviderAnswer } from '../../doors/http/provider-request.ts';
import { messageOf } from '../../model/app-error.ts';
import { accept, commonDetails, whenItExpires } from './accept.ts';
import { type Asked, authenticate, carryOut, factsOf, refuse } from './asked.ts';
import { mayPushTo, type Provider } from './credentials.ts';
import { directionsOf } from './ordered.ts';
import { type Read, readExpiration, readId, readPayload, refused } from './parse.ts';
import { acceptedReply, type IdField, type Refusal, refusalReply } from './reply.ts';
import type { BroadcastChannel } from './schema.ts';

/** "You can maintain up to 10,000 channels for your app in the development and production environment, respectively." */
export const channelsMax = 10_000;
/** "Most Recent Message": kept for so long at the longest. */
const storedMsMax = 8 * 3_600_000;
const channelIdCharsMax = 64;
const channelIdBytes = 16;

export const broadcastRoot = '/4/broadcasts/';
const broadcastPath = /^\/4\/broadcasts\/apps\/([^/]+)$/;
const managementPath = /^\/1\/apps\/([^/]*)\/(channels|all-channels)$/;
const bundleId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** Topic by which phones take part in a channel (PhoneApp.topics). */
export function channelTopic(id: string): string {
  return `channel:${id}`;
}

export function handleManagement(asked: Asked): ProviderAnswer | Promise<ProviderAnswer> {
  const { ports, request, environment } = asked;
  const { method, fields } = request;
  const match = managementPath.exec(request.path);
  const read = readId(fields, 'apns-request-id');
  const id: IdField = ['apns-request-id', (read.ok ? read.id : null) ?? ports.newUuid().toUpperCase()];
  if (match === null)
    return refuse(
      refused('BadPath', 'there is nothing here: /1/apps/<bundle id>/channels, or …/all-channels'),
      id,
      null,
    );
  const [, app = '', what] = match;
  const methods = what === 'channels' ? ['POST', 'GET', 'DELETE'] : ['GET'];
  if (!methods.includes(method))
    return refuse(
      refused('MethodNotAllowed', `${method} is not taken here: ${methods.join(', ')}`),
      id,
      null,
    );
  if (!read.ok) return refuse(read, id, null);
  const judged = authenticate(asked);
  if (!judged.ok) return refuse(judged, id, null);
  const { provider } = judged;
  const allowed = mayBroadcast(asked, provider, app);
  if (!allowed.ok) return refuse(allowed, id, provider);
  if (what === 'all-channels') {
    const channels = ports.channels.all(app, environment).map((channel) => channel.id);
    return answer(id, provider, { channels });
  }
  if (method === 'POST') return create(asked, app, provider, id);
  const found = readChannel(asked, app);
  if (!found.ok) return refuse(found, id, provider);
  const { channel } = found;
  if (method === 'GET')
    return answer(id, provider, {
      'message-storage-policy': channel.storagePolicy,
      'push-type': 'LiveActivity',
    });
  return kept(ports.channels.remove(channel), id, {
    reply: { status: 204, fields: [id], body: '' },
    refused: null,
    user: provider.name,
  });
}

function create(
  asked: Asked,
  app: string,
  provider: Provider,
  id: IdField,
): ProviderAnswer | Promise<ProviderAnswer> {
  const { ports, request, environment } = asked;
  const read = readConfiguration(request.body, request.bodyTooLarge);
  if (!read.ok) return refuse(read, id, provider);
  if (ports.channels.all(app, environment).length >= channelsMax)
    return refuse(refused('CannotCreateChannelConfig'), id, provider);
  const channel: BroadcastChannel = {
    id: Buffer.from(ports.newUuid().replaceAll('-', ''), 'hex')
      .subarray(0, channelIdBytes)
      .toString('base64'),
    app,
    environment,
    storagePolicy: read.storagePolicy,
    createdAtMs: ports.virtual.nowMs(),
  };
  return kept(ports.channels.add(channel), id, {
    reply: { status: 201, fields: [id, ['apns-channel-id', channel.id]], body: '' },
    refused: null,
    user: provider.name,
  });
}

function readConfiguration(
  body: Uint8Array,
  tooLarge: boolean,
): Read<{ readonly storagePolicy: BroadcastChannel['storagePolicy'] }> {
  if (body.length === 0) return refused('PayloadEmpty');
  if (tooLarge) return refused('PayloadTooLarge');
  const parsed = parseJson(body);
  if (parsed === null) return refused('BadRequestPayload', 'the body is no JSON object');
  const { 'push-type': type, 'message-storage-policy': policy } = parsed;
  if (type === undefined) return refused('MissingPushType');
  // Documented as LiveActivity; clients write it in lower case too, and are served.
  if (typeof type !== 'string' || type.toLowerCase() !== 'liveactivity')
    return refused('InvalidPushType', 'channels are of the push type LiveActivity only');
  if (policy !== undefined && policy !== 0 && policy !== 1)
    return refused('BadRequestPayload', 'message-storage-policy is 0 (none) or 1 (the most recent message)');
  return { ok: true, storagePolicy: policy ?? 0 };
}

function parseJson(body: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function mayBroadcast({ ports }: Asked, provider: Provider, app: string): Read<object> {
  if (!bundleId.test(app)) return refused('BadRequestParams');
  const { topics, broadcastApps } = ports.settings();
  if (provider.certificate !== null && !provider.certificate.topics.includes(app))
    return refused(
      'TopicMismatch',
      `the client certificate is for ${provider.certificate.topics.join(', ')}, not for ${app}`,
    );
  const allowed = mayPushTo(provider, app, app, topics);
  if (!allowed.ok) return allowed;
  return broadcastApps.length > 0 && !broadcastApps.includes(app)
    ? refused('FeatureNotEnabled', `broadcast is not enabled for ${app} in the settings`)
    : { ok: true };
}

function readChannel(
  { ports, request, environment }: Asked,
  app: string,
): Read<{ readonly channel: BroadcastChannel }> {
  const id = request.fields.get('apns-channel-id');
  if (id === null || id === '') return refused('MissingChannelId');
  if (id.length > channelIdCharsMax || !/^[A-Za-z0-9+/]+={0,2}$/.test(id)) return refused('BadChannelId');
  const channel = ports.channels.find(app, environment, id);
  return channel === null ? refused('ChannelNotRegistered') : { ok: true, channel };
}

export function handleBroadcast(asked: Asked): ProviderAnswer {
  const { ports, request, environment } = asked;
  const { method, fields } = request;
  const read = readId(fields, 'apns-request-id');
  const id: IdField = ['apns-request-id', (read.ok ? read.id : null) ?? ports.newUuid().toUpperCase()];
  const refuseIt = (
    why: Refusal & { readonly detail: string | null },
    provider: Provider | null,
  ): ProviderAnswer => refuse(why, id, provider);
  if (method !== 'POST')
    return refuseIt(refused('MethodNotAllowed', `${method} is not taken here: POST`), null);
  const app = broadcastPath.exec(request.path)?.[1];
  if (app === undefined)
    return refuseIt(refused('BadPath', 'there is nothing here: POST /4/broadcasts/apps/<bundle id>'), null);
  if (!read.ok) return refuseIt(read, null);
  const judged = authenticate(asked);
  if (!judged.ok) return refuseIt(judged, null);
  const { provider } = judged;
  const allowed = mayBroadcast(asked, provider, app);
  if (!allowed.ok) return refuseIt(allowed, provider);
  const found = readChannel(asked, app);
  if (!found.ok) return refuseIt(found, provider);
  const { channel } = found;

  const pushType = fields.get('apns-push-type');
  if (pushType === null) return refuseIt(refused('MissingPushType'), provider);
  if (pushType.toLowerCase() !== 'liveactivity')
    return refuseIt(
      refused('InvalidPushType', 'broadcasts are of the push type liveactivity only'),
      provider,
    );
  // Required, with one documented reason for what is wrong with it.
  const expirationText = fields.get('apns-expiration');
  const expiration = expirationText === null ? null : readExpiration(expirationText);
  if (expiration === null) return refuseIt(refused('BadExpirationDate'), provider);
  if (channel.storagePolicy === 0 && expiration.kind !== 'nowOrNever')
    return refuseIt(
      refused(
        'BadExpirationDate',
        'the channel stores nothing (message-storage-policy 0): apns-expiration is 0',
      ),
      provider,
    );
  const priority = fields.get('apns-priority');
  if (priority === null || !/^(?:10|5|1)$/.test(priority))
    return refuseIt(refused('BadPriority', 'apns-priority is required, and 10, 5 or 1'), provider);
  const payload = readPayload(request.body, request.bodyTooLarge, 'broadcast');
  if (!payload.ok) return refuseIt(payload, provider);

  const recipient = channelTopic(channel.id);
  const { content } = payload;
  const facts = factsOf(asked, recipient, app, content);
  const directions = directionsOf(ports.desk.orders(facts));
  // A send of our own goes to devices, never to a channel.
  const onPurpose = carryOut(asked, directions, id, provider, () => undefined);
  if (onPurpose !== null) return onPurpose;
  const { expiresAtMs, nowOrNever } = whenItExpires(expiration, ports);
  const latestMs = ports.virtual.nowMs() + storedMsMax;
  const devices = ports.farSide.members({
    provider: 'apns',
    app,
    // Of a phone that was given the id as an app gets it, too.
    matches: (topics) => topics.includes(recipient) || topics.includes(channel.id),
  });
  return accept(asked, {
    id,
    provider,
    content,
    details: {
      ...commonDetails(request, provider, environment),
      target: { kind: 'channel', value: channel.id },
      app,
      pushType: 'liveactivity',
      priority,
      // "Most Recent Message": a newer one takes the place of what is stored.
      collapseKey: channel.storagePolicy === 1 ? recipient : null,
      expiresAtMs: expiresAtMs === null ? null : Math.min(expiresAtMs, latestMs),
      nowOrNever,
      providerId: id[1],
    },
    recipient,
    devices,
    directions,
    facts,
  });
}

function answer(id: IdField, provider: Provider, body: unknown): ProviderAnswer {
  return {
    reply: { ...acceptedReply(id, null), body: JSON.stringify(body) },
    refused: null,
    user: provider.name,
  };
}

/** The yes comes after the disk's: without it there is none. */
async function kept(done: Promise<void>, id: IdField, yes: ProviderAnswer): Promise<ProviderAnswer> {
  try {
    await done;
    return yes;
  } catch (error) {
    return {
      reply: refusalReply({ reason: 'ServiceUnavailable' }, id),
      refused: `it could not be stored: ${messageOf(error)}`,
    };
  }
}
