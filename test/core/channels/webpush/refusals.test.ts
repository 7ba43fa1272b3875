/** Each thing that a push service refuses, by its natural cause and by a rule, in the words of each service. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signedToken, type VapidKeys } from '../../../../core/channels/webpush/client.ts';
import { drawSecrets, encryptAes128gcm } from '../../../../core/channels/webpush/encryption.ts';
import { webPushHandler } from '../../../../core/channels/webpush/index.ts';
import {
  type RefusalReason,
  reasonNamed,
  refusals,
  type Voice,
  voices,
} from '../../../../core/channels/webpush/reply.ts';
import type { Located } from '../../../../core/delivery/push-far-side.ts';
import type { RuleInput } from '../../../../core/rules/schema.ts';
import { deskWorld } from '../../rules/desk-world.ts';
import { farSideWith, makeBrowser, nowMs, providerRequest, taken } from './push-service.ts';

const hosts: Readonly<Record<Voice, string>> = {
  mozilla: 'updates.push.services.mozilla.com',
  google: 'fcm.googleapis.com',
  apple: 'web.push.apple.com',
  windows: 'wns2-par02p.notify.windows.com',
};
const vapid = makeVapid();
const browser = makeBrowser(vapid.publicKey);
const wallMs = Date.parse('2026-11-22T10:00:00Z');
const wallS = wallMs / 1000;
const hourS = 3600;

interface Case {
  readonly method?: string;
  readonly target?: string;
  readonly fields?: Readonly<Record<string, string | null>>;
  readonly body?: Uint8Array;
  readonly located?: Located;
  /** Where one service is told from the others by what it refuses. */
  readonly only?: Voice;
}

const message = encryptAes128gcm(
  Buffer.from('hello'),
  {
    publicKey: Buffer.from(browser.keys.p256dh, 'base64url'),
    auth: Buffer.from(browser.keys.auth, 'base64url'),
  },
  drawSecrets((count) => Buffer.alloc(count, 1)),
);

/** `null`: there is no natural cause, or none that the sandbox has. */
function causes(origin: string): Readonly<Record<RefusalReason, Case | null>> {
  const token = (
    claims: { aud?: string; expS?: number; subject?: string },
    keys: VapidKeys = vapid,
  ): string =>
    `vapid t=${signedToken(claims.aud ?? origin, claims.expS ?? wallS + hourS, { ...keys, ...(claims.subject === undefined ? {} : { subject: claims.subject }) })}, k=${keys.publicKey}`;
  const other = makeVapid();
  const good = signedToken(origin, wallS + hourS, vapid);
  return {
    BadPath: { target: '/nothing/here/at/all' },
    MethodNotAllowed: { method: 'PUT' },
    BadRequest: null,
    MissingTtl: { fields: { ttl: null } },
    BadTtl: { fields: { ttl: '-1' } },
    BadTopic: { fields: { topic: 'no spaces here' } },
    TopicTooLong: { fields: { topic: 'x'.repeat(33) } },
    BadUrgency: { fields: { urgency: 'extreme' } },
    MissingEncoding: { fields: { 'content-encoding': null } },
    UnknownEncoding: { fields: { 'content-encoding': 'gzip' } },
    BadEncryption: { fields: { 'content-encoding': 'aesgcm' } },
    MissingAuthorization: { fields: { authorization: null } },
    BadAuthorization: { fields: { authorization: 'key=AAAA' } },
    MissingVapidToken: { fields: { authorization: `vapid k=${vapid.publicKey}` } },
    MissingVapidKey: { fields: { authorization: `vapid t=${good}` } },
    BadVapidKey: { fields: { authorization: `vapid t=${good}, k=AAAA` } },
    VapidKeyMismatch: { fields: { authorization: token({}, other) } },
    BadJwt: { fields: { authorization: `vapid t=a.b, k=${vapid.publicKey}` } },
    BadSignature: {
      fields: { authorization: `vapid t=${signedToken(origin, wallS + hourS, other)}, k=${vapid.publicKey}` },
    },
    ExpiredJwt: { fields: { authorization: token({ expS: wallS - 1 }) } },
    ExpiryTooFar: { fields: { authorization: token({ expS: wallS + 24 * hourS + 1 }) } },
    BadAudience: { fields: { authorization: token({ aud: 'https://push.example' }) } },
    BadSubject: { fields: { authorization: token({ subject: 'mailto:me@localhost' }) }, only: 'apple' },
    NotFound: { located: { kind: 'unknown' } },
    Gone: { located: { kind: 'unregistered', sinceMs: nowMs } },
    PayloadTooLarge: { body: Buffer.alloc(4_097) },
    TooManyRequests: null,
    InternalServerError: null,
    BadGateway: null,
    Unauthorized: null,
    Forbidden: null,
    ServiceUnavailable: null,
  };
}

describe.each(voices)('a push service that answers as %s', (voice) => {
  const host = hosts[voice];
  const table = causes(`https://${host}`);
  const reasons = Object.keys(table) as RefusalReason[];

  it('takes a good message', async () => {
    const { reply } = await ask(voice, {});
    expect(reply.status).toBe(201);
    expect(Object.fromEntries(reply.fields)).toMatchObject({
      location: expect.stringMatching(new RegExp(`^https://${host}/m/`)),
      ttl: '60',
    });
  });

  it.each(reasons.filter((reason) => applies(table[reason], voice)))(
    'refuses by itself: %s',
    async (reason) => {
      const { reply, refused } = await ask(voice, table[reason] ?? {});
      expectSaid(reply, voice, reason);
      expect(refused).toMatch(/\w{3}/);
    },
  );

  it.each(reasons)('refuses by a rule: %s', async (reason) => {
    const { reply, refused } = await ask(voice, {}, reason);
    expectSaid(reply, voice, reason);
    expect(Object.fromEntries(reply.fields)).toMatchObject({ 'retry-after': '7' });
    expect(refused).toMatch(/on purpose by the rule “a rule”/);
  });

  it('says a reason that it does not know as it is, with the status given', async () => {
    const { reply } = await ask(voice, {}, 'OutOfCheese', 418);
    expect(reply.status).toBe(418);
    expect(`${reply.body}${JSON.stringify(reply.fields)}`).toContain('OutOfCheese');
  });
});

describe('a push service', () => {
  it('takes the reasons of other providers for its own', () => {
    expect(reasonNamed('UNREGISTERED')).toBe('Gone');
    expect(reasonNamed('QUOTA_EXCEEDED')).toBe('TooManyRequests');
    expect(reasonNamed('InternalServerError')).toBe('InternalServerError');
  });

  it('takes a push without VAPID where the subscription is not restricted, as Mozilla does', async () => {
    const open = makeBrowser();
    const { reply } = await ask(
      'mozilla',
      { fields: { authorization: null }, target: `/wpush/v2/${open.id}`, body: Buffer.alloc(0) },
      null,
      undefined,
      open,
    );
    expect(reply.status).toBe(201);
  });

  it('does to a connection what a rule says', async () => {
    const farSide = farSideWith([browser], {
      wallMs: () => wallMs,
      desk: deskWith({ do: 'goAway' }),
    });
    const answer = await webPushHandler(farSide.ports)(requestOf('mozilla', {}, browser));
    expect(answer.connection).toEqual({ kind: 'goAway', debug: '{"reason":"Shutdown"}', reply: 'withheld' });
    expect(farSide.accepted).toEqual([]);
  });

  it('keeps one of our own sends as a push alone', async () => {
    const farSide = farSideWith([browser], { wallMs: () => wallMs });
    const own = { messageId: 'message-1', deliveryId: 'delivery-1' };
    // Signed with the sandbox's key, whomever the subscription is restricted to.
    const sandbox = makeVapid();
    const signed = signedToken(`https://${hosts.mozilla}`, wallS + hourS, sandbox);
    const fields = { authorization: `vapid t=${signed}, k=${sandbox.publicKey}` };
    const answer = await webPushHandler(farSide.ports)({ ...requestOf('mozilla', { fields }, browser), own });
    await taken(answer);
    expect(farSide.accepted).toEqual([]);
    expect(farSide.settled[0]?.puts[0]).toMatchObject(own);
  });

  it('takes a message back that waits, where that can be done', async () => {
    const waiting = new Set(['m-1']);
    const farSide = farSideWith([browser], { cancel: (id) => Promise.resolve(waiting.delete(id)) });
    const handle = webPushHandler(farSide.ports);
    const remove = () => handle(providerRequest({ method: 'DELETE', target: '/m/m-1', fields: [] }));
    expect((await remove()).reply.status).toBe(204);
    expect((await remove()).reply.status).toBe(404);
    const without = webPushHandler(farSideWith([browser]).ports);
    expect(
      (await without(providerRequest({ method: 'DELETE', target: '/m/m-1', fields: [] }))).reply.status,
    ).toBe(405);
  });
});

function applies(one: Case | null, voice: Voice): boolean {
  return one !== null && (one.only === undefined || one.only === voice);
}

async function ask(
  voice: Voice,
  one: Case,
  ruled: string | null = null,
  status?: number,
  to = browser,
): Promise<{ reply: Awaited<ReturnType<typeof taken>>; refused: string | null }> {
  const farSide = farSideWith(
    [to],
    {
      wallMs: () => wallMs,
      desk: deskWith(
        ruled === null
          ? null
          : { do: 'answer', reason: ruled, retryAfterS: 7, ...(status === undefined ? {} : { status }) },
      ),
    },
    () => one.located ?? null,
  );
  const answer = await webPushHandler(farSide.ports)(requestOf(voice, one, to));
  return { reply: await taken(answer), refused: answer.refused };
}

function requestOf(voice: Voice, { method, target, fields = {}, body = message }: Case, to: typeof browser) {
  const host = hosts[voice];
  const all: Readonly<Record<string, string | null>> = {
    host,
    ttl: '60',
    'content-encoding': 'aes128gcm',
    authorization: `vapid t=${signedToken(`https://${host}`, wallS + hourS, vapid)}, k=${vapid.publicKey}`,
    ...fields,
  };
  return providerRequest({
    ...(method === undefined ? {} : { method }),
    target: target ?? `/wpush/v2/${to.id}`,
    host,
    body,
    fields: Object.entries(all).flatMap(([name, value]): [string, string][] =>
      value === null ? [] : [[name, value]],
    ),
  });
}

function expectSaid(
  reply: { status: number; fields: readonly (readonly [string, string])[]; body: string | Uint8Array },
  voice: Voice,
  reason: RefusalReason,
): void {
  const row = refusals[reason];
  const body = String(reply.body);
  switch (voice) {
    case 'mozilla': {
      const [status, errno, said] = row.mozilla;
      expect(reply.status).toBe(status);
      expect(JSON.parse(body)).toMatchObject({ code: status, errno, message: said });
      return;
    }
    case 'google':
      expect([reply.status, body]).toEqual([row.google[0], `${row.google[1]}\n`]);
      return;
    case 'apple':
      expect([reply.status, body]).toEqual([row.apple[0], JSON.stringify({ reason: row.apple[1] })]);
      return;
    case 'windows':
      expect(reply.status).toBe(row.google[0]);
      expect(Object.fromEntries(reply.fields)['x-wns-error-description']).toBe(row.google[1]);
      return;
    default:
      voice satisfies never;
  }
}

function makeVapid(): VapidKeys {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { d = '', x = '', y = '' } = jwkOf(privateKey);
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { publicKey: point.toString('base64url'), privateKey: d, subject: 'mailto:app@shop.example' };
}

function jwkOf(key: KeyObject) {
  return key.export({ format: 'jwk' });
}

function deskWith(then: RuleInput['then'] | null) {
  return deskWorld(then === null ? [] : [{ id: 'r', name: 'a rule', stage: 'farSide', then }]).desk;
}
