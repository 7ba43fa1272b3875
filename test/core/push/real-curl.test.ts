/** curl as it is installed, with HTTP/2: at the doors by their names and ports, and through the proxy. */
import { createPrivateKey, sign } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import webpush from 'web-push';
import { findProgram, run } from '../../run-program.ts';
import { apnsAnswers, apnsKey, apnsRefusals, deviceToken } from './apns-answers.ts';
import { fcmAnswers, fcmRefusals } from './fcm-answers.ts';
import { type Peers, startPeers } from './peers.ts';

const app = 'com.example.shop';
let peers: Peers;
beforeAll(async () => {
  peers = await startPeers();
});
afterAll(() => peers.close());
beforeEach(() => peers.rules());

interface Answer {
  readonly version: string;
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One answer for each address, in their order, over as few connections as curl likes. */
async function curl(
  options: readonly string[],
  urls: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly Answer[]> {
  const mark = '\n--answered--\n';
  const each = ['-sS', '-i', '-m', '20', '-w', mark.replaceAll('\n', '\\n'), '--http2', ...options];
  const args = urls.flatMap((url, at) => [...(at === 0 ? [] : ['--next']), ...each, url]);
  const { stdout, stderr, code } = await run('curl', args, { env });
  if (code !== 0) throw new Error(`curl ended with ${code}: ${stderr}`);
  return stdout.split(mark).slice(0, -1).map(answerIn);
}

/** Behind the answer of a proxy to CONNECT, where there was one. */
function answerIn(text: string): Answer {
  const blocks = text
    .replaceAll('\r\n', '\n')
    .replace(/^HTTP\/1\.1 200 Connection established\n(?:.*\n)*?\n/i, '');
  const [head = '', ...rest] = blocks.split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  const [, version = '', status = ''] = /^HTTP\/(\S+) (\d+)/.exec(first) ?? [];
  const all = lines.map((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const;
  });
  // Any HTTP server's (RFC 9110 §6.6.1).
  const fields = Object.fromEntries(all.filter(([name]) => name !== 'date'));
  return { version, status: Number(status), fields, body: rest.join('\n\n') };
}

/** As the shell recipes of Apple's pages make one. */
function providerToken(): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { keyId, teamId, key } = apnsKey;
  const unsigned = `${part({ alg: 'ES256', kid: keyId })}.${part({ iss: teamId, iat: Math.floor(Date.now() / 1000) })}`;
  const signature = sign('sha256', Buffer.from(unsigned), {
    key: createPrivateKey(key),
    dsaEncoding: 'ieee-p1363',
  });
  return `${unsigned}.${signature.toString('base64url')}`;
}

const payload = '{"aps":{"alert":{"title":"Order 7","body":"It is here"}}}';
const message = (token: string): string =>
  JSON.stringify({ message: { token, notification: { title: 'Sale', body: 'Half price' } } });

function apnsOptions(): readonly string[] {
  return [
    ...['--cacert', peers.caFile, '--connect-to', `api.push.apple.com:443:127.0.0.1:${peers.port('apns')}`],
    ...['-H', `authorization: bearer ${providerToken()}`, '-H', `apns-topic: ${app}`],
    ...['-H', 'apns-push-type: alert', '-d', payload],
  ];
}
const deviceUrl = (token: string): string => `https://api.push.apple.com/3/device/${token}`;

describe.skipIf(findProgram('curl') === null)('curl --http2', () => {
  it('pushes by APNs, and the phone shows it', async () => {
    const { token, phoneId } = await peers.phone('ios', { app, environment: 'production' });
    const [answer] = await curl(apnsOptions(), [deviceUrl(token)]);
    expect(answer).toEqual({
      version: '2',
      status: 200,
      fields: { 'apns-id': expect.stringMatching(/^[0-9A-F-]{36}$/) },
      body: '',
    });
    expect(await peers.messages(token)).toMatchObject([
      { door: 'apns', subject: 'Order 7', deliveries: [{ status: 'delivered' }] },
    ]);
    expect(await peers.pushesOn(phoneId)).toMatchObject([{ shown: true, content: { title: 'Order 7' } }]);
  });

  it('is told each reason of APNs that a rule asks for, field for field', async () => {
    await peers.refuse(apnsRefusals);
    const options = apnsOptions();
    const answers = await curl(
      options,
      apnsAnswers.map(({ token }) => deviceUrl(token)),
    );
    expect(answers).toEqual(
      apnsAnswers.map(({ status, reason }) => ({
        version: '2',
        status,
        fields: { 'apns-id': expect.stringMatching(/^[0-9A-F-]{36}$/) },
        body:
          status === 410
            ? expect.stringMatching(new RegExp(`^\\{"reason":"${reason}","timestamp":\\d{13}\\}$`))
            : `{"reason":"${reason}"}`,
      })),
    );
  });

  it('gets through at APNs when it comes again, by its own --retry too', async () => {
    const token = deviceToken(900);
    await peers.refuse({ [token]: { reason: 'TooManyRequests', retryAfterS: 7, times: 1 } });
    const answers = await curl(apnsOptions(), [deviceUrl(token), deviceUrl(token)]);
    expect(answers).toMatchObject([{ status: 429, fields: { 'retry-after': '7' } }, { status: 200 }]);
    const other = deviceToken(901);
    await peers.refuse({ [other]: { reason: 'ServiceUnavailable', times: 2 } });
    const options = [...apnsOptions(), '--retry', '3', '--retry-delay', '1', '-f', '-o', '/dev/null'];
    const [last] = await curl(
      [...options, '-w', 'HTTP/2 %{http_code}\\n\\n\\n--answered--\\n'],
      [deviceUrl(other)],
    );
    expect(last?.status).toBe(200);
    expect(await peers.messages(other)).toHaveLength(1);
  });

  it('is answered by APNs what its own request is wrong in', async () => {
    const url = deviceUrl(deviceToken(902));
    const base = [
      '--cacert',
      peers.caFile,
      '--connect-to',
      `api.push.apple.com:443:127.0.0.1:${peers.port('apns')}`,
    ];
    const token = ['-H', `authorization: bearer ${providerToken()}`];
    const topic = ['-H', `apns-topic: ${app}`];
    const reason = async (options: readonly string[], to = url): Promise<unknown> => {
      const [answer] = await curl([...base, ...options], [to]);
      const { reason: said }: { readonly reason?: string } = JSON.parse(answer?.body ?? '');
      return [answer?.status, said];
    };
    expect(await reason([...topic, '-d', payload])).toEqual([403, 'MissingProviderToken']);
    expect(await reason([...topic, '-H', 'authorization: bearer x.y.z', '-d', payload])).toEqual([
      403,
      'InvalidProviderToken',
    ]);
    expect(await reason([...token, '-d', payload])).toEqual([400, 'MissingTopic']);
    expect(await reason([...token, ...topic, '-X', 'POST'])).toEqual([400, 'PayloadEmpty']);
    expect(await reason([...token, ...topic])).toEqual([405, 'MethodNotAllowed']);
    expect(await reason([...token, ...topic, '-d', payload], 'https://api.push.apple.com/3/devices')).toEqual(
      [404, 'BadPath'],
    );
    expect(await reason([...token, ...topic, '-d', payload], 'https://api.push.apple.com/3/device/')).toEqual(
      [400, 'MissingDeviceToken'],
    );
    expect(await reason([...token, ...topic, '-H', 'apns-push-type: postcard', '-d', payload])).toEqual([
      400,
      'InvalidPushType',
    ]);
    expect(await reason([...token, ...topic, '-H', 'apns-expiration: tomorrow', '-d', payload])).toEqual([
      400,
      'BadExpirationDate',
    ]);
  });

  it.each(['plain', 'TLS by name', 'the proxy'] as const)(
    'sends by FCM, is refused and gets through: %s',
    async (way) => {
      const jane = await peers.phone('android', { app });
      const late = await peers.phone('android', { app });
      await peers.refuse({
        ...fcmRefusals,
        [late.token]: { reason: 'UNAVAILABLE', retryAfterS: 5, times: 1 },
      });
      const path = '/v1/projects/shop/messages:send';
      const url =
        way === 'plain'
          ? `http://127.0.0.1:${peers.port('providers')}/fcm${path}`
          : `https://fcm.googleapis.com${path}`;
      const options = [
        ...['-H', 'authorization: Bearer any', '-H', 'content-type: application/json'],
        ...(way === 'plain' ? ['--http2-prior-knowledge', '--noproxy', '*'] : []),
        ...(way === 'TLS by name'
          ? [
              '--cacert',
              peers.caFile,
              '--connect-to',
              `fcm.googleapis.com:443:127.0.0.1:${peers.port('tls')}`,
            ]
          : []),
        ...(way === 'the proxy' ? ['-x', `http://127.0.0.1:${peers.port('proxy')}`] : []),
      ];
      // What it trusts behind the proxy it is told by its environment.
      const env = way === 'the proxy' ? peers.environment('ca') : {};
      const send = async (token: string): Promise<Answer | undefined> =>
        (await curl([...options, '-d', message(token)], [url], env))[0];
      const yes = {
        version: '2',
        status: 200,
        body: expect.stringMatching(/^\{\n {2}"name": "projects\/shop\//),
      };
      expect(await send(jane.token)).toMatchObject(yes);
      for (const { token, status, canonical, fcm, reason } of fcmAnswers) {
        const answer = await send(token);
        expect(answer).toMatchObject({ version: '2', status });
        const { error } = JSON.parse(answer?.body ?? '');
        expect(error).toMatchObject({ code: status, status: canonical });
        expect(JSON.stringify(error.details ?? []).includes(`"errorCode":"${reason}"`), reason).toBe(fcm);
      }
      expect(await send(late.token)).toMatchObject({ status: 503, fields: { 'retry-after': '5' } });
      expect(await send(late.token)).toMatchObject(yes);
      expect(await peers.messages(late.token)).toHaveLength(1);
      expect(await peers.pushesOn(jane.phoneId)).toMatchObject([{ shown: true, content: { title: 'Sale' } }]);
    },
  );

  it('is refused hosts by the proxy that are no provider’s', async () => {
    const args = [
      '-sS',
      '-m',
      '20',
      '-x',
      `http://127.0.0.1:${peers.port('proxy')}`,
      'https://api.example.com/',
    ];
    const { code, stderr } = await run('curl', args);
    expect([code, stderr]).toEqual([56, expect.stringContaining('response 403')]);
  });

  it('posts what a page would be pushed, and is refused', async () => {
    const vapid = webpush.generateVAPIDKeys();
    const { subscription, token, phoneId } = await peers.phone('browser', { app: 'https://shop.example' });
    if (subscription === null) throw new Error('the browser has no subscription');
    const { headers, body } = webpush.generateRequestDetails(subscription, '{"title":"Hello"}', {
      vapidDetails: { subject: 'mailto:push@shop.example', ...vapid },
      TTL: 60,
    });
    const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const post = async (...other: readonly string[]): Promise<Answer | undefined> => {
      const options = ['--cacert', peers.caFile, ...(other.length === 0 ? fields : other)];
      const args = [
        '-sS',
        '-i',
        '-m',
        '20',
        '--http2',
        ...options,
        '--data-binary',
        '@-',
        subscription.endpoint,
      ];
      return answerIn((await run('curl', args, { input: body ?? '' })).stdout);
    };
    expect(await post()).toMatchObject({ version: '2', status: 201, fields: { ttl: '60' } });
    expect(await peers.pushesOn(phoneId)).toMatchObject([{ shown: true, content: { title: 'Hello' } }]);
    expect(await post('-H', 'content-encoding: aes128gcm')).toMatchObject({ status: 400 });
    await peers.refuse({ [token]: { reason: 'TooManyRequests', retryAfterS: 30, times: 1 } });
    expect(await post()).toMatchObject({ status: 429, fields: { 'retry-after': '30' } });
    expect(await post()).toMatchObject({ status: 201 });
  });
});
