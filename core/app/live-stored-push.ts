/**
 * What an app brought to a push provider's door itself, as it is to go out anew: its own payload and fields, to another
 * recipient, with the relay's credentials.
 */
import type { PushRequest } from '../channels/push/carrier.ts';
import type { ClaimedDelivery } from '../delivery/carrier.ts';
import { type PushDetails, type PushProvider, pushProviderNames } from '../model/push.ts';
import { topicRecipient } from '../model/push-submission.ts';
import type { Store } from '../store/store.ts';
import type { Push } from './push.ts';

/** Of APNs: what the app said beside the payload. Its own id stays with the first one. */
const apnsFields: ReadonlySet<string> = new Set([
  'apns-topic',
  'apns-push-type',
  'apns-priority',
  'apns-collapse-id',
]);
const webPushFields: ReadonlySet<string> = new Set(['ttl', 'urgency', 'topic']);

export async function storedPush(
  { delivery, message }: ClaimedDelivery,
  provider: PushProvider,
  { submissionOf }: Pick<Push, 'submissionOf'>,
  store: Pick<Store, 'message'>,
  wallMs: number,
): Promise<PushRequest | { readonly fault: string }> {
  const details =
    message?.details?.push ?? (message === null ? null : (await store.message(message.id))?.details?.push);
  const bytes = message === null ? null : await submissionOf(message.id);
  if (details == null || bytes === null)
    return { fault: 'What was stored of it cannot be sent: it is no push, or its content is gone.' };
  if (details.provider !== provider)
    return {
      fault: `The app made it for ${pushProviderNames[details.provider]} (${whatItIs[details.provider]}), and ${pushProviderNames[provider]} does not understand that: release it through a relay to ${pushProviderNames[details.provider]}.`,
    };
  const target = { kind: 'token', value: delivery.recipient } as const;
  const base = { provider, target, app: details.app === '' ? null : details.app, environment: null };
  switch (provider) {
    case 'apns':
      return {
        ...base,
        environment: details.environment ?? 'production',
        payload: bytes,
        fields: [...kept(details, apnsFields), ...expiration(details, wallMs)],
      };
    case 'fcm': {
      const payload = withTarget(bytes, delivery.recipient);
      return payload === null
        ? { fault: 'Its body is no JSON with a message in it: FCM would not take it.' }
        : { ...base, payload, fields: [] };
    }
    case 'webpush':
      if (details.plain === null && bytes.length > 0)
        return {
          fault:
            'It came encrypted for one browser (RFC 8291), and its text could not be read: nobody but that browser can have it.',
        };
      return {
        ...base,
        payload: Buffer.from(details.plain ?? ''),
        fields: kept(details, webPushFields),
      };
    default:
      return provider satisfies never;
  }
}

const whatItIs: Readonly<Record<PushProvider, string>> = {
  apns: 'a payload of Apple’s',
  fcm: 'a message of Firebase’s',
  webpush: 'a message for one browser',
};

function kept({ headers }: PushDetails, names: ReadonlySet<string>): PushRequest['fields'] {
  return headers.flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    return names.has(lower) ? [[lower, value] as const] : [];
  });
}

/** An end that is over already would have it thrown away. */
function expiration({ headers }: PushDetails, wallMs: number): PushRequest['fields'] {
  const value = headers.find(([name]) => name.toLowerCase() === 'apns-expiration')?.[1];
  const seconds = Number(value);
  return value !== undefined && (seconds === 0 || seconds * 1000 > wallMs)
    ? [['apns-expiration', value]]
    : [];
}

/** To that one alone, whoever it was for; and for real. */
function withTarget(bytes: Uint8Array, recipient: string): Uint8Array | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
  const message: unknown =
    typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'message') : undefined;
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return null;
  const rest = Object.entries(message).filter(([name]) => !targets.has(name));
  const topic = recipient.startsWith(topicRecipient('')) ? recipient.slice(topicRecipient('').length) : null;
  const target = topic === null ? { token: recipient } : { topic };
  return Buffer.from(JSON.stringify({ message: { ...target, ...Object.fromEntries(rest) } }));
}

const targets: ReadonlySet<string> = new Set(['token', 'topic', 'condition', 'fid']);
