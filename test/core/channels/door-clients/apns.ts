/** APNs, over HTTP/2 of Node: on the port of its own, and by path where all providers are. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:http2';
import type { ChannelDoor, Said } from '../../../contract/channel-door.ts';
import { caOf, type Reached } from '../../../contract/reached.ts';

const app = 'com.example.shop';
const device = '5a'.repeat(32);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export const apnsDoors: readonly ChannelDoor[] = [
  apnsDoor('APNs', 'apns', 'apns', ''),
  apnsDoor('APNs, by path', '/apns', 'tls', '/apns'),
];

function apnsDoor(name: string, way: string, port: string, prefix: string): ChannelDoor {
  const ask = async (
    core: Reached,
    fields: Readonly<Record<string, string>>,
    body: Uint8Array,
  ): Promise<Said> => {
    const session = connect(`https://127.0.0.1:${core.port(port)}`, { ca: await caOf(core) });
    // The request is told too.
    session.on('error', () => undefined);
    try {
      const stream = session.request({
        ':method': 'POST',
        ':path': `${prefix}/3/device/${device}`,
        'apns-push-type': 'alert',
        ...fields,
      });
      stream.end(body);
      const [{ ':status': status }] = await once(stream, 'response');
      const parts: Buffer[] = [];
      for await (const part of stream) parts.push(part);
      return { yes: status === 200, words: `${status} ${Buffer.concat(parts).toString()}` };
    } finally {
      session.close();
    }
  };
  return {
    name,
    channel: 'push',
    door: 'apns',
    way,
    exchanges: true,
    async send(core, title) {
      const bytes = Buffer.from(JSON.stringify({ aps: { alert: { title } } }));
      const token = providerToken();
      const authorization = `bearer ${token.claims}.${token.signature}`;
      const said = await ask(core, { authorization, 'apns-topic': app }, bytes);
      return { ...said, bytes, secrets: [token.signature] };
    },
    async sendWrong(core) {
      const { claims, signature } = providerToken();
      const body = Buffer.from('{"aps":{"alert":"Hello"}}');
      return ask(core, { authorization: `bearer ${claims}.${signature}` }, body);
    },
    refusal: /^400 .*"MissingTopic"/,
    notNow: /^503 .*"ServiceUnavailable"/,
  };
}

/** As Apple wants it: ES256, signed within the hour. */
function providerToken(): { readonly claims: string; readonly signature: string } {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(Date.now() / 1000);
  const claims = `${part({ alg: 'ES256', kid: 'KEY1234567' })}.${part({ iss: 'TEAM123456', iat })}`;
  const signature = sign('SHA256', Buffer.from(claims), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return { claims, signature: signature.toString('base64url') };
}
