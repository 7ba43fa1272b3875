/** Every error that FCM knows: by a rule, and by its natural cause where there is one; status, fields and body compared. */
import { describe, expect, it } from 'vitest';
import { type ErrorReason, errorRows, fcmErrorType } from '../../../../core/channels/fcm/reply.ts';
import type { RuleInput } from '../../../../core/rules/schema.ts';
import { anyToken, type FcmWorld, fcmWorld, type Told } from './fcm-world.ts';

const notification = { title: 'Sale' };
const badRequest = 'type.googleapis.com/google.rpc.BadRequest';

describe('by rule', () => {
  it.each(Object.entries(errorRows))(
    '%s has the status, the words and the details of the table',
    async (reason, row) => {
      const world = fcmWorld();
      world.rules({
        stage: 'farSide',
        when: { recipient: 'jane' },
        then: { do: 'answer', reason, retryAfterS: 7 },
      });
      const told = await world.send({ token: 'jane', notification });
      expect(told.status).toBe(row.status);
      expect(told.headers['retry-after']).toBe('7');
      expect(told.json()).toEqual({
        error: {
          code: row.status,
          message: row.message,
          status: row.code,
          ...(row.fcm ? { details: [{ '@type': fcmErrorType, errorCode: reason }] } : {}),
        },
      });
      expect(told.answer.refused).toContain(reason);
      expect(world.accepted).toEqual([]);
      expect((await world.send({ token: 'joe', notification })).status).toBe(200);
    },
  );

  it('takes any word for an errorCode, with the status and the text that the rule gives', async () => {
    const world = fcmWorld();
    world.rules({
      stage: 'farSide',
      then: { do: 'answer', reason: 'BRAND_NEW', status: 503, text: 'something new' },
    });
    expect((await world.send({ token: 'jane', notification })).json()).toEqual({
      error: {
        code: 503,
        message: 'something new',
        status: 'UNAVAILABLE',
        details: [{ '@type': fcmErrorType, errorCode: 'BRAND_NEW' }],
      },
    });
  });

  it('answers so only as often as the rule says, then accepts', async () => {
    const world = fcmWorld();
    world.rules({ stage: 'farSide', when: { atMost: 2 }, then: { do: 'answer', reason: 'UNAVAILABLE' } });
    const tried = [1, 2, 3].map(() => world.send({ token: 'jane', notification }));
    expect((await Promise.all(tried)).map(({ status }) => status)).toEqual([503, 503, 200]);
  });

  it('cuts the connection, ends it with GOAWAY, or slows it down', async () => {
    const world = fcmWorld();
    const answered = async (then: RuleInput['then']) => {
      world.rules({ stage: 'farSide', then });
      return (await world.send({ token: 'jane', notification })).answer;
    };
    expect((await answered({ do: 'disconnect', at: 'endOfData' })).connection).toEqual({ kind: 'cut' });
    expect((await answered({ do: 'goAway' })).connection).toEqual({
      kind: 'goAway',
      debug: 'Shutdown',
      reply: 'withheld',
    });
    expect(world.accepted).toHaveLength(0);
    expect((await answered({ do: 'goAway', answered: true })).connection).toMatchObject({ reply: 'given' });
    expect((await answered({ do: 'slow', bytesPerSecond: 100 })).bytesPerSecond).toBe(100);
  });

  it('hands on what is to be done to the device, and with the push', async () => {
    const world = fcmWorld();
    world.rules(
      { stage: 'farSide', then: { do: 'offline', forMs: 1_000 } },
      { stage: 'farSide', then: { do: 'blackHole' } },
    );
    await world.send({ token: 'jane', notification });
    expect(world.prepared[0]?.decisions.map(({ action }) => action.do)).toEqual(
      expect.arrayContaining(['offline', 'blackHole']),
    );
    expect(world.accepted[0]?.pushes?.puts).toMatchObject([{ state: 'lost' }]);
    expect(world.accepted[0]?.delivery?.to).toMatchObject([{ status: 'sent', substatus: 'unconfirmed' }]);
  });
});

interface Natural {
  readonly name: string;
  readonly reason: ErrorReason;
  readonly told: (world: FcmWorld) => Promise<Told>;
  readonly error: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Words of what is shown beside the refused request. */
  readonly why: RegExp;
}

const fcmDetail = (errorCode: string) => ({ '@type': fcmErrorType, errorCode });
const violations = (...fieldViolations: readonly unknown[]) => ({ '@type': badRequest, fieldViolations });
function refusedField(message: unknown, field: string, description: string): Omit<Natural, 'name' | 'why'> {
  return {
    reason: 'INVALID_ARGUMENT',
    told: (world) => world.send(message),
    error: {
      message: description,
      details: [violations({ field, description }), fcmDetail('INVALID_ARGUMENT')],
    },
  };
}
function unbound(message: unknown, field: string, description: string): Omit<Natural, 'name' | 'why'> {
  return {
    reason: 'INVALID_ARGUMENT',
    told: (world) => world.send(message),
    error: { message: description, details: [violations({ field, description })] },
  };
}

const natural: readonly Natural[] = [
  {
    name: 'a number in data',
    ...unbound(
      { token: 't', data: { count: 12 } },
      'message.data[0].value',
      "Invalid value at 'message.data[0].value' (TYPE_STRING), 12",
    ),
    why: /message\.data/,
  },
  {
    name: 'an object in data',
    ...unbound(
      { token: 't', data: { a: 'x', b: {} } },
      'message.data[1].value',
      "Invalid value at 'message.data[1].value' (TYPE_STRING), Starting an object on a scalar field",
    ),
    why: /scalar/,
  },
  {
    name: 'a field that there is not',
    ...unbound(
      { token: 't', priority: 'high' },
      'message',
      'Invalid JSON payload received. Unknown name "priority" at \'message\': Cannot find field.',
    ),
    why: /Unknown name/,
  },
  {
    name: 'a priority that there is not',
    ...unbound(
      { token: 't', android: { priority: 'urgent' } },
      'message.android.priority',
      'Invalid value at \'message.android.priority\' (type.googleapis.com/google.firebase.fcm.v1.AndroidMessagePriority), "urgent"',
    ),
    why: /priority/,
  },
  {
    name: 'a ttl without its s',
    ...unbound(
      { token: 't', android: { ttl: '3600' } },
      'message.android.ttl',
      "Invalid value at 'message.android.ttl' (type.googleapis.com/google.protobuf.Duration), Field 'ttl', Illegal duration format; duration must end with 's'",
    ),
    why: /duration/,
  },
  {
    name: 'two targets',
    ...unbound(
      { token: 't', topic: 'news' },
      'message',
      "Invalid value at 'message' (oneof), oneof field 'target' is already set. Cannot set 'topic'",
    ),
    why: /oneof/,
  },
  {
    name: 'a list where there is none',
    ...unbound(
      { token: 't', notification: [] },
      'message',
      'Invalid JSON payload received. Unknown name "notification" at \'message\': Proto field is not repeating, cannot start list.',
    ),
    why: /list/,
  },
  {
    name: 'no target',
    ...refusedField({ notification }, 'message', 'Recipient of the message is not set.'),
    why: /Recipient/,
  },
  {
    name: 'a reserved key',
    ...refusedField({ token: 't', data: { from: 'me' } }, 'message.data', 'Invalid data payload key: from'),
    why: /from/,
  },
  {
    name: 'a key of Google',
    ...refusedField(
      { token: 't', android: { data: { 'google.x': 'me' } } },
      'message.android.data',
      'Invalid data payload key: google.x',
    ),
    why: /google/,
  },
  {
    name: 'a topic that is none',
    ...refusedField({ topic: 'no spaces' }, 'message.topic', 'Malformed topic name'),
    why: /topic/,
  },
  {
    name: 'a condition that is none',
    ...refusedField(
      { condition: 'dogs in topics' },
      'message.condition',
      'Invalid condition expression provided.',
    ),
    why: /single quotes was expected, and there is dogs \(character 1\)/,
  },
  {
    name: 'a ttl beyond four weeks',
    ...refusedField(
      { token: 't', android: { ttl: '2419201s' } },
      'message.android.ttl',
      'Invalid TTL value: it must be between 0 and 2419200 seconds',
    ),
    why: /ttl/,
  },
  {
    name: 'a colour that is none',
    ...refusedField(
      { token: 't', android: { notification: { color: 'red' } } },
      'message.android.notification.color',
      'Invalid color: it must be in the form #RRGGBB',
    ),
    why: /color/,
  },
  {
    name: 'a label that is none',
    ...refusedField(
      { token: 't', fcm_options: { analytics_label: 'a b' } },
      'message.fcm_options.analytics_label',
      'Invalid analytics label: a b. It must match ^[a-zA-Z0-9-_.~%]{1,50}$',
    ),
    why: /label/,
  },
  {
    name: 'a badge that is no number',
    ...refusedField(
      { token: 't', apns: { payload: { aps: { badge: 'two' } } } },
      'message.apns.payload.aps.badge',
      'badge is a whole number; a device ignores what is none.',
    ),
    why: /badge/,
  },
  {
    name: 'an apns-priority that there is not',
    ...refusedField(
      { token: 't', apns: { headers: { 'apns-priority': '7' } } },
      'message.apns.headers[apns-priority]',
      'Invalid apns-priority: it is 1, 5 or 10',
    ),
    why: /apns-priority/,
  },
  {
    name: 'a link without HTTPS',
    ...refusedField(
      { token: 't', webpush: { fcm_options: { link: 'http://example.com' } } },
      'message.webpush.fcm_options.link',
      'Invalid link: HTTPS is required',
    ),
    why: /HTTPS/,
  },
  {
    name: 'more than 4,096 bytes to a device',
    ...refusedField({ token: 't', data: { a: 'x'.repeat(4_096) } }, 'message', 'Android message is too big'),
    why: /4097 bytes: at most 4096/,
  },
  {
    name: 'more than 2,048 bytes to a topic',
    ...refusedField({ topic: 't', data: { a: 'x'.repeat(2_048) } }, 'message', 'Android message is too big'),
    why: /at most 2048/,
  },
  {
    name: "another app's package",
    ...refusedField(
      { token: 'jane', android: { restricted_package_name: 'com.other' } },
      'message.android.restricted_package_name',
      'Invalid package name',
    ),
    why: /com\.other/,
  },
  {
    name: 'a body that is no JSON',
    reason: 'INVALID_ARGUMENT',
    told: (world) =>
      world.ask('fcm', {
        path: '/v1/projects/demo/messages:send',
        headers: anyToken,
        body: '{"message": {,}}',
      }),
    error: {
      message: expect.stringMatching(
        /^Invalid JSON payload received\. Unexpected token\.\n\{"message": \{,\}\}\n +\^$/,
      ),
      details: [violations({ description: expect.stringContaining('Unexpected token') })],
    },
    why: /Invalid JSON/,
  },
  {
    name: 'a token that cannot be one',
    reason: 'INVALID_ARGUMENT',
    told: (world) => world.send({ token: 'not a token' }),
    error: {
      message: 'The registration token is not a valid FCM registration token',
      details: [fcmDetail('INVALID_ARGUMENT')],
    },
    why: /no registration token/,
  },
  {
    name: 'a token that nobody has, where phones are not made of them',
    reason: 'INVALID_ARGUMENT',
    told: (world) => {
      world.makePhones = false;
      return world.send({ token: 'nobody' });
    },
    error: {
      message: 'The registration token is not a valid FCM registration token',
      details: [fcmDetail('INVALID_ARGUMENT')],
    },
    why: /nobody has/,
  },
  {
    name: 'an app that was uninstalled',
    reason: 'UNREGISTERED',
    told: (world) => {
      world.device('gone', { goneSinceMs: 0 });
      return world.send({ token: 'gone', notification });
    },
    error: { details: [fcmDetail('UNREGISTERED')] },
    why: /uninstalled/,
  },
  {
    name: "another project's token",
    reason: 'SENDER_ID_MISMATCH',
    told: (world) => {
      world.device('theirs', { project: 'other' });
      return world.send({ token: 'theirs', notification });
    },
    error: { details: [fcmDetail('SENDER_ID_MISMATCH')] },
    why: /other/,
  },
  {
    name: "an app that is not one of the project's",
    reason: 'SENDER_ID_MISMATCH',
    told: (world) => {
      world.settings = { ...world.settings, projects: [{ id: 'demo', number: null, apps: ['com.mine'] }] };
      return world.send({ token: 'jane', notification });
    },
    error: { details: [fcmDetail('SENDER_ID_MISMATCH')] },
    why: /com\.example\.shop is no app of the project demo/,
  },
  {
    name: 'more to one device than a minute has',
    reason: 'QUOTA_EXCEEDED',
    told: async (world) => {
      world.settings = { ...world.settings, deviceRates: true };
      for (let sent = 0; sent < 240; sent++) await world.send({ token: 'jane', data: { a: 'b' } });
      return world.send({ token: 'jane', data: { a: 'b' } });
    },
    error: {
      message: 'Quota exceeded: 240 messages per minute per device.',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
          violations: [
            { subject: 'token:jane', description: 'Quota exceeded: 240 messages per minute per device.' },
          ],
        },
        fcmDetail('QUOTA_EXCEEDED'),
      ],
    },
    headers: { 'retry-after': '60' },
    why: /240/,
  },
  {
    name: 'no credentials',
    reason: 'UNAUTHENTICATED',
    told: (world) => world.send({ token: 'jane' }, { headers: {} }),
    error: {
      message: expect.stringMatching(/^Request is missing required authentication credential/),
      details: [expect.objectContaining({ reason: 'CREDENTIALS_MISSING' })],
    },
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/"' },
    why: /no Authorization/,
  },
  {
    name: 'a legacy server key',
    reason: 'UNAUTHENTICATED',
    told: (world) => world.send({ token: 'jane' }, { headers: { authorization: 'key=AAAA' } }),
    error: { details: [expect.objectContaining({ reason: 'ACCESS_TOKEN_TYPE_UNSUPPORTED' })] },
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
    why: /legacy server key/,
  },
  {
    name: 'an access token from elsewhere, where that is strict',
    reason: 'UNAUTHENTICATED',
    told: (world) => {
      world.settings = { ...world.settings, strict: true };
      return world.send({ token: 'jane' });
    },
    error: { details: [expect.objectContaining({ reason: 'ACCESS_TOKEN_TYPE_UNSUPPORTED' })] },
    why: /gave out/,
  },
  {
    name: 'an access token that has expired',
    reason: 'UNAUTHENTICATED',
    told: (world) => {
      const headers = bearer(world, { expiresAtMs: world.clock.wallMs() - 1 });
      return world.send({ token: 'jane' }, { headers });
    },
    error: { details: [expect.objectContaining({ reason: 'ACCESS_TOKEN_EXPIRED' })] },
    why: /expired/,
  },
  {
    name: 'an access token for something else',
    reason: 'PERMISSION_DENIED',
    told: (world) => {
      const headers = bearer(world, { scopes: ['https://www.googleapis.com/auth/drive'] });
      return world.send({ token: 'jane' }, { headers });
    },
    error: {
      message: 'Request had insufficient authentication scopes.',
      details: [expect.objectContaining({ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' })],
    },
    headers: { 'www-authenticate': expect.stringContaining('error="insufficient_scope"') },
    why: /firebase\.messaging/,
  },
  {
    name: 'a project that there is not',
    reason: 'PERMISSION_DENIED',
    told: (world) => {
      world.settings = { ...world.settings, projects: [{ id: 'mine', number: null, apps: [] }] };
      return world.send({ token: 'jane' });
    },
    error: {
      message:
        "Permission 'cloudmessaging.messages.create' denied on resource '//cloudresourcemanager.googleapis.com/projects/demo' (or it may not exist).",
      details: [expect.objectContaining({ reason: 'IAM_PERMISSION_DENIED' })],
    },
    why: /no project demo/,
  },
  {
    name: "another project's account",
    reason: 'PERMISSION_DENIED',
    told: (world) => {
      world.settings = { ...world.settings, projects: [{ id: 'demo', number: null, apps: [] }] };
      return world.send({ token: 'jane' }, { headers: bearer(world, { project: 'other' }) });
    },
    error: { message: expect.stringMatching(/^Permission 'cloudmessaging/), details: expect.anything() },
    why: /belongs to other/,
  },
  {
    name: 'another path',
    reason: 'NOT_FOUND',
    told: (world) => world.ask('fcm', { path: '/fcm/send', headers: anyToken }),
    error: { message: 'Method not found.' },
    why: /legacy API/,
  },
];

function bearer(
  world: FcmWorld,
  about: { readonly expiresAtMs?: number; readonly scopes?: readonly string[]; readonly project?: string },
): Readonly<Record<string, string>> {
  const token = world.ports.tokens.mint({
    email: 'push@demo.iam.gserviceaccount.com',
    project: 'demo',
    scopes: ['https://www.googleapis.com/auth/firebase.messaging'],
    expiresAtMs: world.clock.wallMs() + 1_000,
    ...about,
  });
  return { authorization: `Bearer ${token}` };
}

describe('by natural cause', () => {
  it.each(natural)('$name: $reason', async ({ reason, told: ask, error, headers = {}, why }) => {
    const told = await ask(fcmWorld());
    const row = errorRows[reason];
    expect(told.status).toBe(row.status);
    expect(told.headers).toMatchObject(headers);
    expect(told.json()).toEqual({
      error: { code: row.status, message: row.message, status: row.code, ...error },
    });
    expect(told.answer.refused).toMatch(why);
  });

  it('has a cause for every error that the app can bring about', () => {
    const provoked = new Set(natural.map(({ reason }) => reason));
    // The rest is Google's own trouble, or of an APNs key that only Google has: there is no cause for it here but a rule.
    expect(Object.keys(errorRows).filter((reason) => !provoked.has(reason as ErrorReason))).toEqual([
      'UNSPECIFIED_ERROR',
      'UNAVAILABLE',
      'INTERNAL',
      'THIRD_PARTY_AUTH_ERROR',
      'ALREADY_EXISTS',
      'ABORTED',
      'FAILED_PRECONDITION',
      'RESOURCE_EXHAUSTED',
      'CANCELLED',
      'UNKNOWN',
      'UNIMPLEMENTED',
      'DEADLINE_EXCEEDED',
    ]);
  });

  it('tells of all that does not fit at once', async () => {
    const told = await fcmWorld().send({ token: 't', data: { a: 1, b: 2 } });
    expect(told.json()).toMatchObject({
      error: {
        message:
          "Invalid value at 'message.data[0].value' (TYPE_STRING), 1\nInvalid value at 'message.data[1].value' (TYPE_STRING), 2",
        details: [
          { fieldViolations: [{ field: 'message.data[0].value' }, { field: 'message.data[1].value' }] },
        ],
      },
    });
  });
});
