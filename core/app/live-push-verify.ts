/** Asks push providers whether they would take something from us, without sending to anyone. */
import { createECDH, timingSafeEqual } from 'node:crypto';
import { type ApnsAddress, ApnsConnections, connectionLimits } from '../channels/apns/client-connections.ts';
import { createProviderTokens, type SigningKey } from '../channels/apns/provider-token.ts';
import type { FcmCredentials } from '../channels/fcm/client.ts';
import { createServiceAccountTokens } from '../channels/fcm/service-account.ts';
import type { VapidKeys } from '../channels/webpush/client.ts';
import type { Clock } from '../clock.ts';
import { createPost } from '../delivery/post.ts';
import type { RelayCheck } from '../delivery/relays.ts';
import type { TrustedCa, WebPushRelaySettings } from '../model/live-relay.ts';
import { trustOnce } from './live-trust.ts';

/** No device has it: a token of APNs is written in hexadecimal digits. */
const noDevice = 'not-a-device';
const noRegistration = 'not-a-registration-token';
const askMsMax = 20_000;
const wordsCharsMax = 300;

/**
 * APNs looks at who asks before it looks at the device: a token that no device can have is refused with 400 to those whose
 * credentials are good, and all others with 403.
 */
export async function verifyApns(
  about: { readonly key: SigningKey | 'certificate'; readonly address: ApnsAddress },
  clock: Clock,
): Promise<RelayCheck> {
  const { key, address } = about;
  const connections = new ApnsConnections(address, clock, connectionLimits);
  const path = `/3/device/${noDevice}`;
  const steps = [
    `POST ${address.origin}${path}: a token that no device can have, so that nobody gets anything`,
  ];
  try {
    const sent = await connections.send(
      {
        path,
        fields: {
          'apns-push-type': 'background',
          // A certificate says itself for which app it is.
          ...(key === 'certificate' ? {} : { 'apns-topic': 'com.sandpost.verify' }),
          'apns-priority': '5',
          'apns-expiration': '0',
          ...(key === 'certificate'
            ? {}
            : { authorization: `bearer ${createProviderTokens(() => clock.wallMs()).current(key)}` }),
        },
        body: Buffer.from('{"aps":{"content-available":1}}'),
      },
      AbortSignal.timeout(askMsMax),
    );
    if (sent.kind !== 'answered')
      return {
        ok: false,
        text: `no answer: ${sent.kind === 'lost' ? sent.why : 'it was not sent'}`,
        steps,
      };
    const { status, body } = sent.answer;
    const reason = /"reason"\s*:\s*"(\w+)"/.exec(body)?.[1] ?? '';
    steps.push(`${status} ${reason}`.trim());
    if (status === 400)
      return {
        ok: true,
        text: `APNs took the credentials, and refused the token that no device has (${reason}).`,
        steps,
      };
    if (status === 403)
      return { ok: false, text: `APNs does not take the credentials: ${status} ${reason}.`, steps };
    return {
      ok: false,
      text: `APNs answered ${status} ${reason}: nothing can be said of the credentials.`,
      steps,
    };
  } finally {
    connections.destroy();
  }
}

/** `validate_only`: checked and not sent; and the token is nobody's besides. */
export async function verifyFcm(
  account: FcmCredentials & { readonly kind: 'serviceAccount' },
  address: string,
  ca: TrustedCa,
  clock: Clock,
): Promise<RelayCheck> {
  const { post, close } = createPost(trustOnce(ca));
  const steps = [`POST ${account.tokenUrl}: an access token for ${account.clientEmail}`];
  try {
    const outcome = await createServiceAccountTokens({ clock, post }).current(account);
    if (outcome.kind !== 'token') {
      steps.push(outcome.why);
      return { ok: false, text: outcome.why, steps };
    }
    steps.push('200, a token was given');
    const url = new URL(
      `${address.replace(/\/+$/, '')}/v1/projects/${encodeURIComponent(account.projectId)}/messages:send`,
    );
    steps.push(`POST ${url.href}: validate_only, to a token that nobody has`);
    const answer = await post(url, {
      fields: { authorization: `Bearer ${outcome.token}`, 'content-type': 'application/json; charset=UTF-8' },
      body: Buffer.from(JSON.stringify({ validate_only: true, message: { token: noRegistration } })),
      signal: AbortSignal.timeout(askMsMax),
    });
    const words = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(answer.body)?.[1]?.slice(0, wordsCharsMax) ?? '';
    steps.push(`${answer.status} ${words}`.trim());
    if (answer.status === 200 || answer.status === 400 || answer.status === 404)
      return {
        ok: true,
        text: `FCM took the service account for the project ${account.projectId}, and refused the token that nobody has.`,
        steps,
      };
    return {
      ok: false,
      text:
        answer.status === 401 || answer.status === 403
          ? `FCM does not let the service account send for the project ${account.projectId}: ${answer.status} ${words}`
          : `FCM answered ${answer.status}: nothing can be said of the credentials.`,
      steps,
    };
  } finally {
    await close();
  }
}

/** A push service is each browser's own: nobody can be asked, but the keys can be looked at. */
export function verifyWebPush({ subject }: WebPushRelaySettings, keys: VapidKeys): RelayCheck {
  const steps = ['the public key was derived from the private one, and compared', `subject: ${subject}`];
  const fault = vapidFault(keys);
  return fault === null
    ? {
        ok: true,
        text: 'The keys belong together. Which push service is asked, each subscription says: none was.',
        steps,
      }
    : { ok: false, text: fault, steps };
}

/** RFC 8292 §2.1, §3.2. */
export function vapidFault({ publicKey, privateKey, subject }: VapidKeys): string | null {
  if (!/^mailto:\S+@\S+$/.test(subject) && !(URL.canParse(subject) && subject.startsWith('https:')))
    return 'The subject is an address of somebody responsible: mailto:…, or https://… (RFC 8292 §2.1).';
  const [point, scalar] = [Buffer.from(publicKey, 'base64url'), Buffer.from(privateKey, 'base64url')];
  if (point.length !== 65 || scalar.length !== 32)
    return 'VAPID keys are written in base64url: the public one has 65 bytes, the private one 32.';
  try {
    const pair = createECDH('prime256v1');
    pair.setPrivateKey(scalar);
    return timingSafeEqual(pair.getPublicKey(), point)
      ? null
      : 'The private key is not that of the public key.';
  } catch {
    // Zero, or beyond the order of the curve.
    return 'The private key is none of P-256.';
  }
}
