/** Apps that push, as far as the screen's tests need them: to the real doors of a core, over the wire. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { connect } from 'node:http2';
import type { RunningCore } from './start-core.ts';

/** @returns status and body of the answer */
export async function pushByFcm(core: RunningCore, message: object): Promise<readonly [number, string]> {
  const port = core.facts.ports.providers;
  const response = await fetch(`http://127.0.0.1:${port}/fcm/v1/projects/shop/messages:send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ya29.any' },
    body: JSON.stringify({ message }),
  });
  return [response.status, await response.text()];
}

/** One notification on a connection of its own, with a provider token of a key that the sandbox does not know. */
export async function pushByApns(
  core: RunningCore,
  token: string,
  payload: object,
  fields: Readonly<Record<string, string>> = {},
): Promise<number> {
  // The CA is the sandbox's own; whether it vouches for the door is for the door's tests.
  const client = connect(`https://localhost:${core.facts.ports.apns}`, { rejectUnauthorized: false });
  try {
    return await new Promise<number>((resolve, reject) => {
      client.on('error', reject);
      const request = client.request({
        ':method': 'POST',
        ':path': `/3/device/${token}`,
        authorization: `bearer ${providerToken()}`,
        'apns-topic': 'example.birchbean',
        'apns-push-type': 'alert',
        ...fields,
      });
      request.on('error', reject);
      request.on('response', (headers) => resolve(Number(headers[':status'])));
      request.end(JSON.stringify(payload));
    });
  } finally {
    client.close();
  }
}

function providerToken(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'ES256', kid: 'ABCDE12345' })}.${part({
    iss: 'TEAM123456',
    iat: Math.floor(Date.now() / 1_000),
  })}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
