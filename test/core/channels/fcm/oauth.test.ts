import { createSign, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { maskTokens } from '../../../../core/channels/fcm/oauth.ts';
import { type FcmWorld, fcmWorld, type Told } from './fcm-world.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const email = 'push@my-app.iam.gserviceaccount.com';
const scope = 'https://www.googleapis.com/auth/firebase.messaging';

function assertionOf(world: FcmWorld, claims: Readonly<Record<string, unknown>> = {}, alg = 'RS256'): string {
  const nowS = Math.floor(world.clock.wallMs() / 1000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const all = {
    iss: email,
    scope,
    aud: 'https://oauth2.googleapis.com/token',
    iat: nowS,
    exp: nowS + 3_600,
    ...claims,
  };
  const signed = `${part({ alg, typ: 'JWT', kid: 'key-1' })}.${part(all)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url')}`;
}

function ask(world: FcmWorld, fields: Readonly<Record<string, string>>): Promise<Told> {
  return world.ask('google', {
    path: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

describe('the token endpoint', () => {
  it('gives a token for an assertion, and FCM knows it again', async () => {
    const world = fcmWorld({
      strict: true,
      serviceAccounts: [{ clientEmail: email, projectId: null, publicKey: publicPem }],
    });
    const told = await ask(world, { grant_type: jwtBearer, assertion: assertionOf(world) });
    expect(told.status).toBe(200);
    expect(told.headers['cache-control']).toContain('no-store');
    const given = told.json() as { readonly access_token: string };
    expect(given).toEqual({
      access_token: expect.stringMatching(/^ya29\./),
      expires_in: 3_599,
      token_type: 'Bearer',
    });
    const sent = await world.send(
      { token: 'jane', notification: { title: 'x' } },
      { project: 'my-app', headers: { authorization: `Bearer ${given.access_token}` } },
    );
    expect(sent.status).toBe(200);
    expect(sent.answer.user).toBe(email);
    expect(world.accepted[0]?.details?.push?.credentials).toMatchObject({
      signature: 'valid',
      claims: { email, scope },
      checks: [
        { check: 'token', result: 'pass' },
        { check: 'age', result: 'pass' },
        { check: 'scope', result: 'pass' },
        { check: 'project', result: 'pass' },
      ],
    });
    world.clock.advance(3_600_000);
    const late = await world.send(
      { token: 'jane' },
      { project: 'my-app', headers: { authorization: `Bearer ${given.access_token}` } },
    );
    expect(late.status).toBe(401);
    expect(late.answer.refused).toContain('expired');
  });

  it('says which project an account belongs to, where it sends for another', async () => {
    const world = fcmWorld();
    const told = await ask(world, { grant_type: jwtBearer, assertion: assertionOf(world) });
    const { access_token } = told.json() as { readonly access_token: string };
    await world.send({ token: 'jane' }, { headers: { authorization: `Bearer ${access_token}` } });
    expect(world.accepted[0]?.details?.push?.credentials?.checks.at(-1)).toMatchObject({
      check: 'project',
      result: 'fail',
    });
  });

  it.each([
    [
      'an expired one',
      { iat: 0, exp: 10 },
      'invalid_grant',
      /^Invalid JWT: Token must be a short-lived token \(60 minutes\)/,
    ],
    ['one of two hours', { exp: 4e9 }, 'invalid_grant', /short-lived/],
    ['one without times', { exp: undefined }, 'invalid_grant', /short-lived/],
    [
      'one for somebody else',
      { aud: 'https://example.com/' },
      'invalid_grant',
      /^Invalid JWT: Failed audience check/,
    ],
    ['one without a scope', { scope: undefined }, 'invalid_scope', /^Invalid OAuth scope/],
    ['one without an issuer', { iss: undefined }, 'invalid_grant', /Not a valid email/],
  ])('refuses an assertion: %s', async (_, claims, error, description) => {
    const world = fcmWorld();
    const told = await ask(world, { grant_type: jwtBearer, assertion: assertionOf(world, claims) });
    expect(told.status).toBe(400);
    expect(told.json()).toEqual({ error, error_description: expect.stringMatching(description) });
    expect(told.answer.refused).toBeTruthy();
  });

  it('checks the signature of an account whose key it knows', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
      type: 'spki',
      format: 'pem',
    });
    const world = fcmWorld({
      serviceAccounts: [{ clientEmail: email, projectId: null, publicKey: other.toString() }],
    });
    const told = await ask(world, { grant_type: jwtBearer, assertion: assertionOf(world) });
    expect(told.json()).toEqual({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
  });

  it('knows no account but its own where that is strict', async () => {
    const world = fcmWorld({ strict: true });
    const told = await ask(world, { grant_type: jwtBearer, assertion: assertionOf(world) });
    expect(told.json()).toMatchObject({ error_description: 'Invalid grant: account not found' });
  });

  it('takes its own address for the audience, which libraries that honour token_uri put there', async () => {
    const world = fcmWorld();
    for (const aud of ['http://127.0.0.1:8026/google/token', 'https://www.googleapis.com/oauth2/v4/token']) {
      const told = await ask(world, { grant_type: jwtBearer, assertion: assertionOf(world, { aud }) });
      expect(told.status).toBe(200);
    }
  });

  it.each([
    [{}, 'invalid_request'],
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ grant_type: jwtBearer }, 'invalid_request'],
    [{ grant_type: jwtBearer, assertion: 'nonsense' }, 'invalid_grant'],
  ])('refuses %j', async (fields, error) => {
    const told = await ask(fcmWorld(), fields as Readonly<Record<string, string>>);
    expect(told.status).toBe(400);
    expect(told.json()).toMatchObject({ error });
  });

  it("renews a developer's own login", async () => {
    const told = await ask(fcmWorld(), {
      grant_type: 'refresh_token',
      refresh_token: '1//x',
      client_id: 'c',
    });
    expect(told.json()).toMatchObject({ expires_in: 3_599, token_type: 'Bearer' });
  });

  it('takes a token that the account signed itself', async () => {
    const world = fcmWorld({
      serviceAccounts: [{ clientEmail: email, projectId: null, publicKey: publicPem }],
    });
    const jwt = assertionOf(world, { aud: 'https://fcm.googleapis.com/' });
    const told = await world.send({ token: 'jane' }, { headers: { authorization: `Bearer ${jwt}` } });
    expect(told.status).toBe(200);
    expect(world.accepted[0]?.details?.push?.credentials).toMatchObject({
      header: { kid: 'key-1' },
      claims: { iss: email },
      signature: 'valid',
    });
    const bent = `${jwt.slice(0, -6)}AAAAAA`;
    expect(
      (await world.send({ token: 'jane' }, { headers: { authorization: `Bearer ${bent}` } })).status,
    ).toBe(401);
  });

  it('lets nothing of tokens and assertions be read in a transcript', () => {
    expect(maskTokens('grant_type=x&assertion=a.b.c&scope=y')).toBe('grant_type=x&assertion=***&scope=y');
    expect(maskTokens('{\n  "access_token": "ya29.x",\n  "expires_in": 3599\n}')).toBe(
      '{\n  "access_token": "***",\n  "expires_in": 3599\n}',
    );
  });
});

describe('the metadata server', () => {
  const google = { 'metadata-flavor': 'Google' };
  const get = (world: FcmWorld, path: string, headers: Readonly<Record<string, string>> = google) =>
    world.ask('metadata', { method: 'GET', path, headers });

  it.each([
    ['/computeMetadata/v1/project/project-id', 'demo-project'],
    ['/computeMetadata/v1/project/numeric-project-id', '123456789012'],
    ['/computeMetadata/v1/universe/universe-domain', 'googleapis.com'],
    [
      '/computeMetadata/v1/instance/service-accounts/default/email',
      'sandbox@demo-project.iam.gserviceaccount.com',
    ],
  ])('says %s', async (path, value) => {
    const told = await get(fcmWorld(), path);
    expect(told.status).toBe(200);
    expect(told.headers['metadata-flavor']).toBe('Google');
    expect(told.text).toBe(value);
  });

  it('gives a token for the scopes asked for, and FCM knows it again', async () => {
    const world = fcmWorld({ strict: true });
    const token = async (query: string) =>
      (
        (await get(world, `/computeMetadata/v1/instance/service-accounts/default/token${query}`)).json() as {
          readonly access_token: string;
        }
      ).access_token;
    const send = async (query: string) =>
      (await world.send({ token: 'jane' }, { headers: { authorization: `Bearer ${await token(query)}` } }))
        .status;
    expect(await send('')).toBe(200);
    expect(await send(`?scopes=${encodeURIComponent(scope)}`)).toBe(200);
    expect(await send('?scopes=https://www.googleapis.com/auth/drive')).toBe(403);
  });

  it('wants the header that a browser cannot send, and answers a ping with it', async () => {
    const world = fcmWorld();
    const told = await get(world, '/computeMetadata/v1/project/project-id', {});
    expect(told.status).toBe(403);
    expect(told.text).toContain('Missing Metadata-Flavor:Google header.');
    const ping = await get(world, '/', {});
    expect([ping.status, ping.headers['metadata-flavor']]).toEqual([200, 'Google']);
  });

  it('has nothing under other names', async () => {
    expect((await get(fcmWorld(), '/computeMetadata/v1/instance/nothing')).status).toBe(404);
  });
});
