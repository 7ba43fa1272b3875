/** What APNs does with what it accepts. */
import { connect } from 'node:http2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { request2 } from '../../doors/http/clients.ts';
import { apnsDoors } from './apns-doors.ts';
import {
  apnsWorld,
  app,
  connection,
  deviceOf,
  found,
  jwt,
  kid,
  publicKey,
  startMs,
  teamId,
  token,
} from './apns-world.ts';
import { certificate, developmentMark, productionMark } from './certificates.ts';

const uuid = '123e4567-e89b-12d3-a456-4266554400a0';
const body = '{"aps":{"alert":{"title":"Order 7","body":"It is on its way"}},"link":"shop://orders/7"}';

describe('a push that is accepted', () => {
  it('is kept with its exact bytes, what its request says, and what becomes of it on the phone', async () => {
    const world = await apnsWorld({ keys: [{ kid, teamId, publicKey }] });
    const answered = await world.push({
      host: 'api.sandbox.push.apple.com',
      body,
      fields: { 'apns-id': uuid, 'apns-collapse-id': 'order-7', 'user-agent': 'shop/1' },
    });
    expect(answered).toMatchObject({ status: 200, body: '', fields: { 'apns-id': uuid } });
    expect(answered.fields['apns-unique-id']).toMatch(/^[0-9A-F-]{36}$/);
    const [handover] = world.handovers;
    expect(Buffer.from(handover?.tail ?? []).toString()).toBe(body);
    expect(handover).toMatchObject({
      channel: 'push',
      door: 'apns',
      envelopeFrom: app,
      envelopeTo: [token],
      exchange: { end: { outcome: 'accepted' } },
      delivery: {
        nowMs: startMs,
        to: [
          {
            recipient: token,
            domain: 'api.sandbox.push.apple.com',
            provider: 'apns',
            status: 'delivered',
            shown: true,
          },
        ],
      },
    });
    expect(handover?.details?.push).toMatchObject({
      provider: 'apns',
      target: { kind: 'token', value: token },
      app,
      environment: 'development',
      pushType: 'alert',
      priority: '10',
      collapseKey: 'order-7',
      expiresAtMs: null,
      nowOrNever: false,
      providerId: uuid,
      credentials: {
        kind: 'apnsToken',
        header: { alg: 'ES256', kid },
        claims: { iss: teamId },
        signature: 'valid',
        checks: [
          { check: 'form', result: 'pass' },
          { check: 'signature', result: 'pass' },
          { check: 'age', result: 'pass' },
        ],
      },
    });
    expect(handover?.details?.push?.headers).toContainEqual(['authorization', 'bearer (masked)']);
    expect(JSON.stringify(handover?.details)).not.toContain('eyJ');
    expect(world.plans[0]?.puts[0]).toMatchObject({
      messageId: handover?.id,
      deliveryId: handover?.delivery?.to[0]?.id,
      content: { title: 'Order 7', link: 'shop://orders/7' },
    });
    expect(world.settled).toEqual(world.plans);
    expect(world.undone).toEqual([]);
  });

  it('tells the rules what it is, and asks them once', async () => {
    const world = await apnsWorld();
    await world.push({ fields: { 'apns-topic': `${app}.voip`, 'apns-push-type': 'voip' } });
    expect(world.asked).toHaveLength(1);
    expect(world.asked[0]).toMatchObject({
      channel: 'push',
      door: 'apns',
      provider: 'apns',
      sender: app,
      recipient: token,
      content: { text: 'Order 7\nIt is on its way' },
    });
    expect(world.asked[0]?.headers).toMatch(/^subject: Order 7\r\napns-topic: com\.example\.shop\.voip\r\n/);
    expect(world.taken).toEqual([world.asked[0]?.tryKey]);
  });

  it('has no apns-unique-id in production, and an id that was made when none was given', async () => {
    const world = await apnsWorld();
    const { fields } = await world.push({ host: 'api.push.apple.com' });
    expect(Object.keys(fields)).toEqual(['apns-id']);
    expect(fields['apns-id']).toMatch(/^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
  });

  it.each([
    ['0', { expiresAtMs: null, nowOrNever: true }],
    [String(startMs / 1000 + 3_600), { expiresAtMs: startMs + 3_600_000 + 86_400_000, nowOrNever: false }],
    [String(startMs / 1000 - 60), { expiresAtMs: startMs - 60_000 + 86_400_000, nowOrNever: true }],
  ])('apns-expiration %s holds as long after in virtual time, a day ahead', async (expiration, expected) => {
    const world = await apnsWorld();
    world.virtualAheadMs = 86_400_000;
    await world.push({ fields: { 'apns-expiration': expiration } });
    expect(world.handovers[0]?.details?.push).toMatchObject(expected);
  });

  it('is taken back from the phones when it could not be kept, and APNs says so in its own words', async () => {
    const world = await apnsWorld();
    world.failing = new Error('disk full');
    expect(await world.push()).toMatchObject({ status: 503, body: '{"reason":"ServiceUnavailable"}' });
    expect(world.undone).toEqual(world.plans);
    expect(world.settled).toEqual([]);
  });

  it('of our own becomes no second message, and the rules are not asked again', async () => {
    const world = await apnsWorld();
    world.script = [{ do: 'blackHole' }];
    const own = { messageId: 'message-1', deliveryId: 'delivery-1' };
    expect((await world.push({ own })).status).toBe(200);
    expect(world.asked).toEqual([]);
    expect(world.handovers).toEqual([]);
    expect(world.kept[0]?.puts[0]).toMatchObject(own);
    expect(world.carriedOut).toMatchObject([{ recipient: token, action: 'blackHole' }]);
  });

  it('goes to the phones with what the rules want done', async () => {
    const world = await apnsWorld();
    world.script = [
      { do: 'offline', forMs: 60_000 },
      { do: 'duplicate', copies: 3 },
    ];
    await world.push();
    expect(world.prepared.map((decisions) => decisions.map(({ action }) => action.do))).toEqual([
      ['offline', 'duplicate'],
    ]);
  });

  it('comes to a phone by its token in either case, and by one that was chosen for it', async () => {
    const world = await apnsWorld();
    await world.push({ path: `/3/device/${token.toUpperCase()}` });
    expect(world.handovers[0]?.envelopeTo).toEqual([token]);
    expect((await world.push({ path: '/3/device/unregistered-1' })).status).toBe(400);
    world.located.set('unregistered-1', found('unregistered-1'));
    expect((await world.push({ path: '/3/device/unregistered-1' })).status).toBe(200);
  });

  it.each<[string, Readonly<Record<string, string | null>>]>([
    ['location', { 'apns-topic': `${app}.location-query`, 'apns-push-type': 'location' }],
    ['voip', { 'apns-topic': `${app}.voip`, 'apns-push-type': 'voip' }],
    ['voip', { 'apns-topic': `${app}.voip`, 'apns-push-type': null }],
    ['complication', { 'apns-topic': `${app}.complication`, 'apns-push-type': 'complication' }],
    ['fileprovider', { 'apns-topic': `${app}.pushkit.fileprovider`, 'apns-push-type': 'fileprovider' }],
    ['mdm', { 'apns-push-type': 'mdm' }],
    ['liveactivity', { 'apns-topic': `${app}.push-type.liveactivity`, 'apns-push-type': 'liveactivity' }],
    ['pushtotalk', { 'apns-topic': `${app}.voip-ptt`, 'apns-push-type': 'pushtotalk' }],
    ['widgets', { 'apns-topic': `${app}.push-type.widgets`, 'apns-push-type': 'widgets' }],
    ['background', { 'apns-push-type': 'background', 'apns-priority': '5' }],
    ['background', { 'apns-push-type': 'background', 'apns-priority': null }],
  ])('of the type %s belongs to the app of its topic: %j', async (pushType, fields) => {
    const world = await apnsWorld();
    expect((await world.push({ fields })).status).toBe(200);
    expect(world.handovers[0]).toMatchObject({ envelopeFrom: app, details: { push: { app, pushType } } });
  });

  it('has up to 4096 bytes, 5120 for voip', async () => {
    const world = await apnsWorld();
    const frame = '{"aps":{"alert":""}}';
    const of = (bytes: number): string => `{"aps":{"alert":"${'x'.repeat(bytes - frame.length)}"}}`;
    expect((await world.push({ body: of(4_096) })).status).toBe(200);
    const voip = { 'apns-topic': `${app}.voip`, 'apns-push-type': 'voip' };
    expect((await world.push({ body: of(5_120), fields: voip })).status).toBe(200);
  });
});

describe('the rules', () => {
  it.each([
    [
      { do: 'goAway', reason: 'Shutdown', answered: false } as const,
      { kind: 'goAway', debug: '{"reason":"Shutdown"}', reply: 'withheld' },
    ],
    [{ do: 'refuseConnection', how: 'reset', code: 554, text: 'x' } as const, { kind: 'cut' }],
    [{ do: 'disconnect', at: 'endOfData' } as const, { kind: 'cut' }],
  ])('%j keeps nothing', async (action, effect) => {
    const world = await apnsWorld();
    world.script = [action];
    const { answer } = await world.push();
    expect(answer.connection).toEqual(effect);
    expect(answer.refused).toContain('by the rule “test”');
    expect(world.handovers).toEqual([]);
  });

  it.each([
    [
      { do: 'goAway', reason: 'Shutdown', answered: true } as const,
      { kind: 'goAway', debug: '{"reason":"Shutdown"}', reply: 'given' },
    ],
    [{ do: 'disconnect', at: 'endOfData', keep: true } as const, { kind: 'cut' }],
  ])('%j keeps it all the same', async (action, effect) => {
    const world = await apnsWorld();
    world.script = [action];
    const { answer } = await world.push();
    expect(answer.connection).toEqual(effect);
    expect(world.handovers).toHaveLength(1);
  });

  it('slow the answer', async () => {
    const world = await apnsWorld();
    world.script = [{ do: 'slow', bytesPerSecond: 16 }];
    expect((await world.push()).answer.bytesPerSecond).toBe(16);
  });

  it('wait for credentials and form: what APNs refuses by itself, it refuses first', async () => {
    const world = await apnsWorld();
    world.script = [{ do: 'answer', reason: 'Shutdown' }];
    expect((await world.push({ body: '' })).body).toBe('{"reason":"PayloadEmpty"}');
    expect(world.asked).toEqual([]);
  });
});

describe('the order of what is judged', () => {
  it('goes from the method to the token, whatever else is wrong', async () => {
    const world = await apnsWorld();
    world.located.set('abcd', { kind: 'unknown' });
    const fields: Record<string, string | null> = {
      'apns-id': 'x',
      'apns-topic': null,
      'apns-push-type': 'sms',
      'apns-expiration': 'x',
      'apns-priority': '7',
      'apns-collapse-id': 'x'.repeat(65),
      authorization: null,
    };
    const state = { method: 'GET', path: '/x', more: [['apns-id', uuid]] as [string, string][], body: '' };
    const next = async (): Promise<unknown> =>
      JSON.parse((await world.push({ ...state, fields })).body).reason;
    const mend: readonly (readonly [string, () => void])[] = [
      ['MethodNotAllowed', () => Object.assign(state, { method: 'POST' })],
      ['BadPath', () => Object.assign(state, { path: '/3/device/' })],
      ['MissingDeviceToken', () => Object.assign(state, { path: '/3/device/abcd' })],
      ['DuplicateHeaders', () => Object.assign(state, { more: [] })],
      ['BadMessageId', () => Object.assign(fields, { 'apns-id': uuid })],
      ['MissingProviderToken', () => Object.assign(fields, { authorization: 'bearer x' })],
      ['InvalidProviderToken', () => Object.assign(fields, { authorization: `bearer ${jwt()}` })],
      ['MissingTopic', () => Object.assign(fields, { 'apns-topic': app })],
      ['InvalidPushType', () => Object.assign(fields, { 'apns-push-type': 'alert' })],
      ['BadExpirationDate', () => Object.assign(fields, { 'apns-expiration': '0' })],
      ['BadPriority', () => Object.assign(fields, { 'apns-priority': '10' })],
      ['BadCollapseId', () => Object.assign(fields, { 'apns-collapse-id': 'x' })],
      ['PayloadEmpty', () => Object.assign(state, { body })],
      ['BadDeviceToken', () => world.located.delete('abcd')],
    ];
    for (const [reason, mended] of mend) {
      expect(await next()).toBe(reason);
      mended();
    }
    expect((await world.push({ ...state, fields })).status).toBe(200);
  });
});

describe('credentials', () => {
  it('of an unknown key are taken, and shown as unchecked', async () => {
    const world = await apnsWorld();
    await world.push();
    expect(world.handovers[0]?.details?.push?.credentials).toMatchObject({
      signature: 'unknownKey',
      checks: [{ check: 'form' }, { check: 'signature', result: 'unchecked' }, { check: 'age' }],
    });
  });

  it('change on a connection after 20 minutes, and never for another key', async () => {
    const world = await apnsWorld();
    const on = connection();
    expect((await world.push({ on })).status).toBe(200);
    world.nowMs += 20 * 60_000;
    expect((await world.push({ on })).status).toBe(200);
    world.nowMs += 30 * 60_000;
    expect((await world.push({ on })).status).toBe(200);
  });

  it('of two keys for the whole team go on one connection', async () => {
    const second = 'KEY7654321';
    const world = await apnsWorld({
      keys: [
        { kid, teamId, publicKey },
        { kid: second, teamId, publicKey },
      ],
    });
    const on = connection();
    await world.push({ on });
    world.nowMs += 20 * 60_000;
    const authorization = `bearer ${jwt({ header: { kid: second } }, world.nowMs)}`;
    expect((await world.push({ on, fields: { authorization } })).status).toBe(200);
  });

  it.each([
    ['its only topic goes without saying', { uid: app }, null],
    ['a topic of several', { topics: ['com.example.first', app] }, app],
    ['both environments', { uid: app, marks: [productionMark, developmentMark] }, app],
  ])('by certificate: %s', async (_called, parts, topic) => {
    const world = await apnsWorld();
    const on = connection(await certificate(parts));
    const fields = { authorization: null, 'apns-topic': topic };
    expect((await world.push({ on, host: 'api.push.apple.com', fields })).status).toBe(200);
    expect(world.handovers[0]).toMatchObject({
      envelopeFrom: app,
      details: { push: { credentials: { kind: 'certificate', signature: 'unknownKey' } } },
    });
  });
});

describe('a connection with one stream at first', () => {
  it('has a thousand once its token was found valid', async () => {
    const { doors, port } = await apnsDoors({ settings: { oneStreamAtFirst: true } });
    const session = connect(`https://localhost:${port}`, { ca: doors.ca });
    onTestFinished(() => session.destroy());
    const limits: (number | undefined)[] = [];
    const changed = (): Promise<void> =>
      new Promise((resolve) => {
        session.once('remoteSettings', ({ maxConcurrentStreams }) => {
          limits.push(maxConcurrentStreams);
          resolve();
        });
      });
    await changed();
    const path = `/3/device/${token}`;
    const first = await request2(session, { ':path': path, 'apns-topic': app }, body);
    expect(first).toMatchObject({ status: 403, body: '{"reason":"MissingProviderToken"}' });
    const raised = changed();
    const authorization = `bearer ${jwt({}, Date.now())}`;
    expect((await request2(session, { ':path': path, 'apns-topic': app, authorization }, body)).status).toBe(
      200,
    );
    await raised;
    expect(limits).toEqual([1, 1_000]);
  });
});

describe('a broadcast', () => {
  const create = { body: '{"message-storage-policy":1,"push-type":"LiveActivity"}' };
  const expiration = String(startMs / 1000 + 86_400);
  const send = (id: string | undefined, fields: Readonly<Record<string, string>> = {}) => ({
    path: `/4/broadcasts/apps/${app}`,
    fields: {
      'apns-topic': null,
      'apns-channel-id': id ?? '',
      'apns-push-type': 'liveactivity',
      'apns-expiration': expiration,
      'apns-priority': '10',
      ...fields,
    },
  });

  it('goes to every phone of the channel, for eight hours at the longest', async () => {
    const world = await apnsWorld();
    const made = await world.manage({ ...create, fields: { 'apns-request-id': uuid } });
    expect(made).toMatchObject({ status: 201, fields: { 'apns-request-id': uuid } });
    const id = made.fields['apns-channel-id'];
    world.members = [deviceOf('aa'), deviceOf('bb')];
    const sent = await world.push(send(id));
    expect(sent).toMatchObject({ status: 200, body: '' });
    expect(world.handovers[0]).toMatchObject({
      envelopeTo: [`channel:${id}`],
      delivery: { to: [{ recipient: 'aa' }, { recipient: 'bb' }] },
      details: {
        push: {
          target: { kind: 'channel', value: id },
          collapseKey: `channel:${id}`,
          expiresAtMs: startMs + 8 * 3_600_000,
        },
      },
    });
    expect(world.asked[0]).toMatchObject({ recipient: `channel:${id}`, sender: app });
  });

  it('to nobody is sent all the same, and unconfirmed', async () => {
    const world = await apnsWorld();
    const { fields } = await world.manage(create);
    await world.push(send(fields['apns-channel-id']));
    expect(world.handovers[0]?.delivery?.to).toMatchObject([{ status: 'sent', substatus: 'unconfirmed' }]);
  });

  it('knows the channels of its environment only', async () => {
    const world = await apnsWorld();
    const { fields } = await world.manage({ ...create, host: 'api-manage-broadcast.sandbox.push.apple.com' });
    const id = fields['apns-channel-id'];
    expect((await world.push({ ...send(id), host: 'api.push.apple.com' })).body).toContain(
      'ChannelNotRegistered',
    );
    expect((await world.push({ ...send(id), host: 'api.sandbox.push.apple.com' })).status).toBe(200);
  });

  it('has no channel where the disk would not take it', async () => {
    const world = await apnsWorld();
    world.failing = new Error('disk full');
    expect(await world.manage(create)).toMatchObject({
      status: 503,
      body: '{"reason":"ServiceUnavailable"}',
    });
    world.failing = null;
    expect((await world.manage({ method: 'GET', path: `/1/apps/${app}/all-channels` })).body).toBe(
      '{"channels":[]}',
    );
  });
});
