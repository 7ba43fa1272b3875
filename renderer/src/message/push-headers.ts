/** The fields of requests to push providers: what they say in words, and what they are for. Pure. */
import type { Header } from '../../../core/api/schema.ts';
import { formatDateTime, formatGap } from '../format.ts';

/** One sentence for each. Names in lower case. */
const meanings: Readonly<Record<string, string>> = {
  ':method': 'What is asked for: POST sends.',
  ':path': 'Where it is asked of: the device’s token, the project, or the subscription.',
  ':scheme': 'The scheme of the address, of HTTP/2.',
  ':authority': 'The host that was asked, of HTTP/2.',
  accept: 'What the client wants for an answer.',
  'accept-encoding': 'Compressions that the client can read in the answer.',
  'accept-language': 'The language that the client wants answers in.',
  'apns-channel-id': 'The broadcast channel that it is sent to.',
  'apns-collapse-id':
    'A later notification with the same one takes its place, also on the screen; 64 bytes at the most.',
  'apns-expiration':
    'Until when APNs keeps it for a device that is off, in seconds since 1970. 0: it is tried once and never stored.',
  'apns-id': 'The notification’s own name, a UUID; APNs answers with it, or makes one.',
  'apns-priority':
    '10: at once. 5: with regard to the battery. 1: as little power as possible; without waking the device.',
  'apns-push-type': 'What kind it is. It must go with the payload: background shows nothing, alert does.',
  'apns-topic': 'The app it is for: its bundle id, for some push types with a suffix such as .voip.',
  authorization:
    'Who sends it: a provider token (APNs), an access token (FCM), or VAPID (Web Push). Masked here.',
  connection: 'What becomes of the connection after the answer (HTTP/1.1).',
  'content-encoding':
    'How the body is encoded. Web Push: aes128gcm, encrypted for the subscription’s keys (RFC 8291).',
  'content-length': 'Bytes of the body.',
  'content-type': 'What the body is.',
  'crypto-key': 'Keys of the older encryption aesgcm, which no browser’s push service needs any more.',
  encryption: 'The salt of the older encryption aesgcm.',
  expect: 'Asks whether the body is wanted before it is sent.',
  host: 'The host that was asked.',
  topic: 'A later push with the same one takes the place of one that still waits (RFC 8030 §5.4).',
  'sec-fetch-mode': 'How fetch() in Node or a browser was asked to make the request.',
  'transfer-encoding': 'The body comes in chunks (HTTP/1.1).',
  te: 'Which trailers the client takes (HTTP/2).',
  ttl: 'For how many seconds the push service keeps it for a browser that is closed; must be there (RFC 8030 §5.2).',
  urgency: 'Whether it is worth waking the device: very-low, low, normal, high (RFC 8030 §5.3).',
  'user-agent': 'The program or library that sent it.',
  'x-firebase-client': 'Which of Firebase’s libraries sent it.',
  'x-goog-api-client': 'Which of Google’s libraries sent it.',
  'x-goog-user-project': 'The project that pays for the call.',
};

export function requestFieldMeaning(name: string): string | null {
  return meanings[name.toLowerCase()] ?? null;
}

/** The fields as the table of headers has them: what they say beside how they say it. */
export const requestFields = (headers: readonly (readonly [string, string])[]): readonly Header[] =>
  headers.map(([name, value]) => ({
    name,
    value: inWords(name.toLowerCase(), value),
    raw: `${name}: ${value}`,
  }));

const priorities: Readonly<Record<string, string>> = {
  '10': '10, at once',
  '5': '5, with regard to the battery',
  '1': '1, without waking the device',
};

function inWords(name: string, value: string): string {
  switch (name) {
    case 'apns-expiration': {
      if (value === '0') return '0: now or never';
      const at = new Date(Number(value) * 1_000);
      return Number.isNaN(at.getTime()) ? value : formatDateTime(at.toISOString());
    }
    case 'apns-priority':
      return priorities[value] ?? value;
    case 'ttl': {
      if (value === '0') return '0: now or never';
      return /^\d+$/.test(value) ? formatGap(Number(value) * 1_000) : value;
    }
    case 'content-length':
      return `${value} bytes`;
    default:
      return value;
  }
}
