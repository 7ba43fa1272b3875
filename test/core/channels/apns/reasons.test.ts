/** Every reason of APNs: by its natural cause where there is one, and by a rule. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ApnsReason, reasons, statusOf } from '../../../../core/channels/apns/reply.ts';
import type { ApnsSettings } from '../../../../core/channels/apns/schema.ts';
import {
  type Answered,
  type ApnsWorld,
  type Asking,
  apnsWorld,
  app,
  connection,
  jwt,
  kid,
  publicKey,
  startMs,
  teamId,
  token,
} from './apns-world.ts';
import { certificate, developmentMark, productionMark } from './certificates.ts';

interface Cause {
  readonly called: string;
  readonly reason: ApnsReason;
  readonly settings?: Partial<ApnsSettings>;
  readonly asking?: Asking;
  /** Where one request is not enough. */
  readonly run?: (world: ApnsWorld) => Promise<Answered>;
  readonly timestamp?: number;
}

const device = `/3/device/${token}`;
const bearer = (text: string): Asking => ({ fields: { authorization: `bearer ${text}` } });
const withField = (name: string, value: string | null): Asking => ({ fields: { [name]: value } });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const key = { kid, teamId, publicKey };
const production = 'api.push.apple.com';
const uuid = '123e4567-e89b-12d3-a456-4266554400a0';
const channelBody = '{"message-storage-policy":1,"push-type":"LiveActivity"}';

/** Makes a channel, and asks for something with its id. */
async function channelOf(world: ApnsWorld, body = channelBody): Promise<string> {
  const made = await world.manage({ body });
  expect(made.status).toBe(201);
  return made.fields['apns-channel-id'] ?? '';
}

const broadcast = (id: string | null, fields: Readonly<Record<string, string | null>> = {}): Asking => ({
  path: `/4/broadcasts/apps/${app}`,
  fields: {
    'apns-topic': null,
    'apns-channel-id': id,
    'apns-push-type': 'liveactivity',
    'apns-expiration': '0',
    'apns-priority': '10',
    ...fields,
  },
});

const causes: readonly Cause[] = [
  {
    called: 'a collapse id of 65 bytes',
    reason: 'BadCollapseId',
    asking: withField('apns-collapse-id', 'é'.repeat(33)),
  },
  { called: 'a token that is not hexadecimal', reason: 'BadDeviceToken', asking: { path: '/3/device/xyz' } },
  { called: 'half a byte', reason: 'BadDeviceToken', asking: { path: '/3/device/abc' } },
  {
    called: 'a token of the other environment',
    reason: 'BadDeviceToken',
    run(world) {
      world.located.set(token, { kind: 'otherEnvironment', environment: 'development' });
      return world.push({ host: production });
    },
  },
  {
    called: 'a token that no phone has',
    reason: 'BadDeviceToken',
    run(world) {
      world.located.set(token, { kind: 'unknown' });
      return world.push();
    },
  },
  {
    called: 'an expiration that is a date',
    reason: 'BadExpirationDate',
    asking: withField('apns-expiration', '2026-11-22'),
  },
  {
    called: 'an expiration below zero',
    reason: 'BadExpirationDate',
    asking: withField('apns-expiration', '-1'),
  },
  {
    called: 'an expiration in milliseconds',
    reason: 'BadExpirationDate',
    asking: withField('apns-expiration', '1795348800000'),
  },
  { called: 'an id that is no UUID', reason: 'BadMessageId', asking: withField('apns-id', 'order-7') },
  { called: 'priority 7', reason: 'BadPriority', asking: withField('apns-priority', '7') },
  {
    called: 'priority 10 of a background push',
    reason: 'BadPriority',
    asking: withField('apns-push-type', 'background'),
  },
  { called: 'a topic with a space', reason: 'BadTopic', asking: withField('apns-topic', 'com.example shop') },
  {
    called: "another app's token",
    reason: 'DeviceTokenNotForTopic',
    run(world) {
      world.located.set(token, { kind: 'otherApp', app: 'com.example.other' });
      return world.push();
    },
  },
  {
    called: 'a voip push to the bare topic',
    reason: 'DeviceTokenNotForTopic',
    asking: withField('apns-push-type', 'voip'),
  },
  { called: 'a field twice', reason: 'DuplicateHeaders', asking: { more: [['apns-topic', app]] } },
  {
    called: 'a push type that there is not',
    reason: 'InvalidPushType',
    asking: withField('apns-push-type', 'sms'),
  },
  {
    called: 'an alert to the voip topic',
    reason: 'InvalidPushType',
    asking: withField('apns-topic', `${app}.voip`),
  },
  { called: 'no token', reason: 'MissingDeviceToken', asking: { path: '/3/device/' } },
  { called: 'no token and no slash', reason: 'MissingDeviceToken', asking: { path: '/3/device' } },
  { called: 'no topic', reason: 'MissingTopic', asking: withField('apns-topic', null) },
  {
    called: 'no topic with a certificate of two',
    reason: 'MissingTopic',
    run: async (world) =>
      world.push({
        on: connection(await certificate({ topics: [app, `${app}.voip`] })),
        fields: { authorization: null, 'apns-topic': null },
      }),
  },
  { called: 'no payload', reason: 'PayloadEmpty', asking: { body: '' } },
  { called: 'a payload that is no JSON', reason: 'PayloadEmpty', asking: { body: '{"aps":' } },
  { called: 'an empty object', reason: 'PayloadEmpty', asking: { body: '{}' } },
  {
    called: 'an app that the settings do not have',
    reason: 'TopicDisallowed',
    settings: { topics: ['com.example.other'] },
  },
  {
    called: 'a key for another topic',
    reason: 'TopicDisallowed',
    settings: { keys: [{ ...key, topics: ['com.example.other'] }] },
  },
  {
    called: 'a certificate for another topic',
    reason: 'TopicDisallowed',
    run: async (world) =>
      world.push({
        on: connection(await certificate({ uid: 'com.example.other' })),
        fields: { authorization: null },
      }),
  },
  {
    called: 'a certificate that is none for push',
    reason: 'BadCertificate',
    run: async (world) =>
      world.push({ on: connection(await certificate({})), fields: { authorization: null } }),
  },
  {
    called: 'a certificate that has expired',
    reason: 'BadCertificate',
    run: async (world) =>
      world.push({
        on: connection(await certificate({ uid: app, validToMs: startMs - 1_000 })),
        fields: { authorization: null },
      }),
  },
  {
    called: 'a certificate that cannot be read',
    reason: 'BadCertificate',
    run: (world) => world.push({ on: connection(Buffer.from('30', 'hex')), fields: { authorization: null } }),
  },
  {
    called: 'a certificate of the other environment',
    reason: 'BadCertificateEnvironment',
    run: async (world) =>
      world.push({
        host: production,
        on: connection(await certificate({ uid: app, marks: [developmentMark] })),
        fields: { authorization: null },
      }),
  },
  {
    called: 'a token of 61 minutes',
    reason: 'ExpiredProviderToken',
    asking: bearer(jwt({ claims: { iat: startMs / 1000 - 3_660 } })),
  },
  {
    called: "another team's token on the connection",
    reason: 'Forbidden',
    async run(world) {
      const on = connection();
      await world.push({ on });
      return world.push({ on, ...bearer(jwt({ claims: { iss: 'TEAM999999' } })) });
    },
  },
  { called: 'a token that is no JWT', reason: 'InvalidProviderToken', asking: bearer('abc') },
  { called: 'RS256', reason: 'InvalidProviderToken', asking: bearer(jwt({ header: { alg: 'RS256' } })) },
  { called: 'no kid', reason: 'InvalidProviderToken', asking: bearer(jwt({ header: { kid: undefined } })) },
  { called: 'no iss', reason: 'InvalidProviderToken', asking: bearer(jwt({ claims: { iss: undefined } })) },
  { called: 'no iat', reason: 'InvalidProviderToken', asking: bearer(jwt({ claims: { iat: undefined } })) },
  {
    called: 'a token from the future',
    reason: 'InvalidProviderToken',
    asking: bearer(jwt({ claims: { iat: startMs / 1000 + 600 } })),
  },
  {
    called: 'a signature of another key',
    reason: 'InvalidProviderToken',
    settings: { keys: [key] },
    asking: bearer(jwt({ key: stranger })),
  },
  {
    called: "another team's key",
    reason: 'InvalidProviderToken',
    settings: { keys: [key] },
    asking: bearer(jwt({ claims: { iss: 'TEAM999999' } })),
  },
  {
    called: 'a revoked key',
    reason: 'InvalidProviderToken',
    settings: { keys: [{ ...key, revoked: true }] },
  },
  {
    called: 'an unknown key where only known ones are taken',
    reason: 'InvalidProviderToken',
    settings: { strict: true },
  },
  { called: 'no credentials', reason: 'MissingProviderToken', asking: withField('authorization', null) },
  {
    called: 'basic credentials',
    reason: 'MissingProviderToken',
    asking: withField('authorization', 'Basic eDp5'),
  },
  {
    called: 'another key on the connection',
    reason: 'UnrelatedKeyIdInToken',
    async run(world) {
      const on = connection();
      await world.push({ on });
      return world.push({ on, ...bearer(jwt({ header: { kid: 'KEY7654321' } })) });
    },
  },
  {
    called: 'a key of the other environment',
    reason: 'BadEnvironmentKeyIdInToken',
    settings: { keys: [{ ...key, environment: 'development' }] },
    asking: { host: production },
  },
  {
    called: 'the same, as it was seen on the wire',
    reason: 'BadEnvironmentKeyInToken',
    settings: {
      keys: [{ ...key, environment: 'development' }],
      environmentKeyReason: 'BadEnvironmentKeyInToken',
    },
    asking: { host: production },
  },
  { called: 'a path that there is not', reason: 'BadPath', asking: { path: '/2/device/abcd' } },
  { called: 'a path with more behind the token', reason: 'BadPath', asking: { path: `${device}/x` } },
  { called: 'GET', reason: 'MethodNotAllowed', asking: { method: 'GET' } },
  {
    called: 'an app that is gone from the device',
    reason: 'Unregistered',
    timestamp: startMs - 60_000,
    run(world) {
      world.located.set(token, { kind: 'unregistered', sinceMs: startMs - 60_000 });
      return world.push();
    },
  },
  { called: '4097 bytes', reason: 'PayloadTooLarge', asking: { body: payloadOf(4_097) } },
  {
    called: '5121 bytes of voip',
    reason: 'PayloadTooLarge',
    asking: { body: payloadOf(5_121), fields: { 'apns-topic': `${app}.voip`, 'apns-push-type': 'voip' } },
  },
  {
    called: 'more than the door reads',
    reason: 'PayloadTooLarge',
    asking: { body: payloadOf(5_120), bodyTooLarge: true },
  },
  {
    called: 'a new token after 19 minutes',
    reason: 'TooManyProviderTokenUpdates',
    async run(world) {
      const on = connection();
      await world.push({ on });
      world.nowMs += 19 * 60_000;
      return world.push({ on });
    },
  },
  {
    called: 'three pushes to a device in a second of two',
    reason: 'TooManyRequests',
    settings: { perDevicePerSecond: 2 },
    async run(world) {
      await world.push();
      await world.push();
      return world.push();
    },
  },
  {
    called: 'a disk that is full',
    reason: 'ServiceUnavailable',
    run(world) {
      world.failing = new Error('disk full');
      return world.push();
    },
  },
  {
    called: 'an app without broadcast',
    reason: 'FeatureNotEnabled',
    settings: { broadcastApps: ['com.example.other'] },
    run: (world) => world.manage({ body: channelBody }),
  },
  { called: 'a broadcast without its channel', reason: 'MissingChannelId', asking: broadcast(null) },
  { called: 'a channel id that is no base64', reason: 'BadChannelId', asking: broadcast('not base64!') },
  {
    called: 'a channel that there is not',
    reason: 'ChannelNotRegistered',
    asking: broadcast('dHN0LXNyY2gtY2hubA=='),
  },
  {
    called: 'a bundle id that is none',
    reason: 'BadRequestParams',
    run: (world) => world.manage({ path: '/1/apps/com%20example/channels', body: channelBody }),
  },
  {
    called: 'a storage policy of 2',
    reason: 'BadRequestPayload',
    run: (world) => world.manage({ body: '{"message-storage-policy":2,"push-type":"LiveActivity"}' }),
  },
  {
    called: 'a channel without its push type',
    reason: 'MissingPushType',
    run: (world) => world.manage({ body: '{"message-storage-policy":1}' }),
  },
  {
    called: 'a broadcast without its push type',
    reason: 'MissingPushType',
    run: async (world) => world.push(broadcast(await channelOf(world), { 'apns-push-type': null })),
  },
  {
    called: 'a channel of alerts',
    reason: 'InvalidPushType',
    run: (world) => world.manage({ body: '{"message-storage-policy":1,"push-type":"alert"}' }),
  },
  {
    called: 'an expiration on a channel that stores nothing',
    reason: 'BadExpirationDate',
    run: async (world) =>
      world.push(
        broadcast(await channelOf(world, '{"message-storage-policy":0,"push-type":"LiveActivity"}'), {
          'apns-expiration': String(startMs / 1000 + 60),
        }),
      ),
  },
  {
    called: 'a broadcast without its priority',
    reason: 'BadPriority',
    run: async (world) => world.push(broadcast(await channelOf(world), { 'apns-priority': null })),
  },
  {
    called: "a certificate for another app's channels",
    reason: 'TopicMismatch',
    run: async (world) =>
      world.manage({
        body: channelBody,
        on: connection(await certificate({ uid: 'com.example.other', marks: [productionMark] })),
        fields: { authorization: null },
      }),
  },
  {
    called: 'the 10,001st channel',
    reason: 'CannotCreateChannelConfig',
    async run(world) {
      const create: Asking = { body: channelBody, fields: { authorization: `bearer ${jwt()}` } };
      for (let made = 0; made < 10_000; made++) await world.manage(create);
      return world.manage(create);
    },
  },
];

/** Nothing of a request leads to these: they are the state of a server, which only a rule has. */
const byRuleOnly: readonly ApnsReason[] = ['IdleTimeout', 'ExpiredToken', 'InternalServerError', 'Shutdown'];

function payloadOf(bytes: number): string {
  const frame = '{"aps":{"alert":""}}';
  return `{"aps":{"alert":"${'x'.repeat(bytes - frame.length)}"}}`;
}

describe('every reason', () => {
  it('has a natural cause in this table, or is known to have none', () => {
    const caused = new Set<string>([...causes.map(({ reason }) => reason), ...byRuleOnly]);
    expect(Object.keys(reasons).filter((reason) => !caused.has(reason))).toEqual([]);
  });

  it.each(causes)('$reason: $called', async ({ reason, settings, asking, run, timestamp }) => {
    const world = await apnsWorld(settings);
    const answered = await (run?.(world) ?? world.push(asking));
    expect(JSON.parse(answered.body)).toEqual(timestamp === undefined ? { reason } : { reason, timestamp });
    expect(answered.status).toBe(reasons[reason].status);
    const id = answered.fields['apns-id'] ?? answered.fields['apns-request-id'];
    expect(id).toMatch(/^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    if (reason !== 'ServiceUnavailable') expect(answered.answer.refused).toMatch(/\w+/);
  });

  it.each(Object.keys(reasons))('%s by a rule', async (reason) => {
    const world = await apnsWorld();
    world.script = [{ do: 'answer', reason }];
    const answered = await world.push({ fields: { 'apns-id': uuid } });
    expect(answered.status).toBe(statusOf(reason));
    expect(answered.fields).toEqual({ 'apns-id': uuid });
    expect(JSON.parse(answered.body)).toEqual(
      answered.status === 410 ? { reason, timestamp: startMs } : { reason },
    );
    expect(answered.answer.refused).toBe(`${reason} by the rule “test”`);
    expect(world.handovers).toEqual([]);
  });

  it('that APNs does not have is answered as it is, with 400 or with what the rule says', async () => {
    const world = await apnsWorld();
    world.script = [{ do: 'answer', reason: 'BadMood' }];
    expect(await world.push()).toMatchObject({ status: 400, body: '{"reason":"BadMood"}' });
    world.script = [{ do: 'answer', reason: 'BadMood', status: 503, retryAfterS: 30 }];
    expect(await world.push()).toMatchObject({ status: 503, fields: { 'retry-after': '30' } });
  });
});
