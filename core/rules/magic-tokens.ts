/**
 * Magic tokens: a push to `unregistered-jane` or `ratelimited-x2+offline-2h` needs no set-up. Written plain where the client
 * takes any text (FCM, the id of a Web Push subscription), and as the hex of that text where it must be hex (APNs: node-apn
 * strips all else). What is no word of this card is a token like any other. Pure.
 */
import { type PushProvider, pushProviders } from '../model/push.ts';
import type { MagicTag } from './magic.ts';
import { isPushProvider, reasonOf, reasonWith } from './push-reasons.ts';
import type { Action, ActionKind } from './schema.ts';

/** One line of the card: what can be written, and what becomes of it. */
export interface MagicTokenWord {
  readonly form: string;
  readonly example: string;
  readonly does: string;
  readonly kind: ActionKind;
}

export const magicTokenWords: readonly MagicTokenWord[] = [
  {
    form: 'bad',
    example: 'bad-jane',
    kind: 'answer',
    does: 'is no token: BadDeviceToken, INVALID_ARGUMENT, Web Push 404',
  },
  {
    form: 'unregistered',
    example: 'unregistered-jane',
    kind: 'answer',
    does: 'is gone, for the app was uninstalled: Unregistered (410), UNREGISTERED (404), Web Push 410',
  },
  {
    form: 'expired',
    example: 'expired-jane',
    kind: 'answer',
    does: 'is too old: ExpiredToken (410), UNREGISTERED (404), Web Push 410',
  },
  {
    form: 'mismatch',
    example: 'mismatch-jane',
    kind: 'answer',
    does: 'belongs to another app: DeviceTokenNotForTopic, SENDER_ID_MISMATCH, VAPID public key mismatch',
  },
  {
    form: 'toolarge',
    example: 'toolarge-jane',
    kind: 'answer',
    does: 'finds every payload too large: PayloadTooLarge, INVALID_ARGUMENT, Web Push 413',
  },
  {
    form: 'ratelimited[-Ns][-xN]',
    example: 'ratelimited-30s-x2',
    kind: 'answer',
    does: 'is refused by TooManyRequests, QUOTA_EXCEEDED or Web Push 429, with Retry-After where a time is said, N times (every time when nothing is said), then it goes on',
  },
  {
    form: 'unavailable[-Ns][-xN]',
    example: 'unavailable-x1',
    kind: 'answer',
    does: 'finds the provider out of order likewise: ServiceUnavailable, UNAVAILABLE, Web Push 503',
  },
  {
    form: 'internal[-Ns][-xN]',
    example: 'internal-x1',
    kind: 'answer',
    does: 'finds a fault of the provider likewise: InternalServerError, INTERNAL, Web Push 500',
  },
  {
    form: 'answer-REASON[-Ns][-xN]',
    example: 'answer-PayloadEmpty',
    kind: 'answer',
    does: 'is answered with any reason, errorCode or status, as in answer-QUOTA_EXCEEDED-60s-x1 or answer-502',
  },
  {
    form: 'goaway[-xN]',
    example: 'goaway-x1',
    kind: 'goAway',
    does: 'finds the connection ended without an answer: GOAWAY with the reason Shutdown, N times (every time when nothing is said)',
  },
  {
    form: 'disconnect[-xN]',
    example: 'disconnect-x1',
    kind: 'disconnect',
    does: 'finds the connection cut without an answer, N times (every time when nothing is said)',
  },
  {
    form: 'offline-N(s|m|h|d)',
    example: 'offline-2h-jane',
    kind: 'offline',
    does: 'is on a device that is switched off before it gets there, and comes back after so much virtual time',
  },
  {
    form: 'delay-N(s|m|h|d)',
    example: 'delay-10m-jane',
    kind: 'delay',
    does: 'gets to the device so much later, in virtual time',
  },
  {
    form: 'hold',
    example: 'hold-jane',
    kind: 'hold',
    does: 'is held until somebody releases it: our own in the queue, an app’s own push at the provider, after its yes',
  },
  {
    form: 'blackhole',
    example: 'blackhole-jane',
    kind: 'blackHole',
    does: 'is accepted and lost, without a word',
  },
  {
    form: 'duplicate[-xN]',
    example: 'duplicate-x3',
    kind: 'duplicate',
    does: 'gets to the device N times (twice when nothing is said)',
  },
  {
    form: 'uninstall[-xN]',
    example: 'uninstall-x3',
    kind: 'uninstall',
    does: 'loses the app there and then; the provider says so after N more sends (at once when nothing is said)',
  },
];

const partsMax = 16;
const tokenCharsMax = 512;
const timesMax = 100;
const copiesMax = 10;
const retryAfterSMax = 86_400;
const spanMsMax = 30 * 86_400_000;
const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns what the token asks for, in the order written; empty for most tokens */
export function magicTokenOf(token: string, provider: string | null): readonly MagicTag[] {
  const text = plainOf(token);
  if (text === null) return nothing;
  const whose = isPushProvider(provider) ? provider : null;
  return text.split('+', partsMax).flatMap((part) => tagOf(part, whose) ?? []);
}

/** The hex that stands for a token, for clients that take nothing else. */
export function hexOf(token: string): string {
  return Buffer.from(token, 'utf8').toString('hex');
}

/** Any word, or a part before it: most tokens are told apart by these few letters. */
const begins =
  /^(?:[^+]*\+)*(?:answer|bad|blackhole|delay|disconnect|duplicate|expired|goaway|hold|internal|mismatch|offline|ratelimited|toolarge|unavailable|unregistered|uninstall)/i;
const hexPairs = /^(?:[0-9a-f]{2})+$/i;
const printable = /^[ -~]+$/;

/**
 * What is hex is read as the hex of a text, never as a word by itself: a real token may well begin with “bad”. Clients that
 * want a certain length may fill it up with zeros.
 */
function plainOf(token: string): string | null {
  if (token.length < 3 || token.length > tokenCharsMax) return null;
  if (!hexPairs.test(token)) return begins.test(token) ? token : null;
  // The first byte of a text is a letter; that of a real token seldom is.
  const first = Number.parseInt(token.slice(0, 2), 16);
  if (first < 0x41 || first > 0x7a) return null;
  const text = Buffer.from(token, 'hex').toString('latin1').replace(/\0+$/, '');
  return printable.test(text) && begins.test(text) ? text : null;
}

interface Reading {
  /** What was not read yet: `-x2-jane`. */
  readonly rest: string;
  take(pattern: RegExp): string | null;
}

/** A word, its settings, and then whatever tells one token from another: `ratelimited-x2-jane`. */
function tagOf(part: string, provider: PushProvider | null): MagicTag | null {
  const [word = ''] = /^[a-z]+/i.exec(part) ?? [];
  const reading = new Part(part, word.length);
  const action = actionOf(word.toLowerCase(), reading, provider);
  if (action === null) return null;
  const times = takesTimes.has(action.do) ? timesOf(reading) : null;
  if (times === 'wrong') return null;
  // What follows is a name, not more of the word; and no setting that was out of bounds.
  if (/^[a-z]|^-x\d/i.test(reading.rest)) return null;
  const label = part.slice(0, part.length - reading.rest.length);
  const counted: Action = action.do === 'answer' && times !== null ? { ...action, times } : action;
  return { label, stage: 'farSide', action: counted, times };
}

const takesTimes: ReadonlySet<ActionKind> = new Set<ActionKind>(['answer', 'goAway', 'disconnect']);

class Part implements Reading {
  rest: string;

  constructor(part: string, from: number) {
    this.rest = part.slice(from);
  }

  /** Takes what stands at the beginning of the rest. @returns the first group of the pattern */
  take(pattern: RegExp): string | null {
    const found = pattern.exec(this.rest);
    if (found === null) return null;
    this.rest = this.rest.slice(found[0].length);
    return found[1] ?? '';
  }
}

function actionOf(word: string, reading: Reading, provider: PushProvider | null): Action | null {
  const refusal = refusals.get(word);
  if (refusal !== undefined) {
    const said = refusal[provider ?? 'apns'];
    return temporary.has(word) ? { ...said, ...retryAfter(reading) } : said;
  }
  switch (word) {
    case 'answer':
      return anyAnswer(reading, provider);
    case 'goaway':
      return { do: 'goAway', reason: 'Shutdown', answered: false };
    case 'disconnect':
      return { do: 'disconnect', at: 'endOfData' };
    case 'hold':
      return { do: 'hold' };
    case 'blackhole':
      return { do: 'blackHole' };
    case 'offline': {
      const forMs = spanOf(reading);
      return forMs === null ? null : { do: 'offline', forMs };
    }
    case 'delay': {
      const ms = spanOf(reading);
      return ms === null ? null : { do: 'delay', ms };
    }
    case 'duplicate': {
      const copies = timesOf(reading) ?? 2;
      return copies === 'wrong' || copies < 2 || copies > copiesMax ? null : { do: 'duplicate', copies };
    }
    case 'uninstall': {
      const sends = timesOf(reading);
      if (sends === 'wrong') return null;
      return { do: 'uninstall', ...(sends === null ? {} : { tellAfterSends: sends }) };
    }
    default:
      return null;
  }
}

type Answer = Extract<Action, { do: 'answer' }>;
type Refusal = Readonly<Record<PushProvider, Answer>>;

function refused(apns: string, fcm: string, webpush: string): Refusal {
  const reasons = { apns, fcm, webpush } as const;
  const of = (provider: PushProvider): Answer => {
    const known = reasonOf(provider, reasons[provider]);
    if (known === null) throw new Error(`${provider} has no reason ${reasons[provider]}`);
    return { do: 'answer', reason: known.reason };
  };
  return { apns: of('apns'), fcm: of('fcm'), webpush: of('webpush') };
}

/** After which the same may be tried again. */
const temporary: ReadonlyMap<string, Refusal> = new Map([
  ['ratelimited', refused('TooManyRequests', 'QUOTA_EXCEEDED', 'TooManyRequests')],
  ['unavailable', refused('ServiceUnavailable', 'UNAVAILABLE', 'ServiceUnavailable')],
  ['internal', refused('InternalServerError', 'INTERNAL', 'InternalServerError')],
]);

const refusals: ReadonlyMap<string, Refusal> = new Map([
  ...temporary,
  ['bad', refused('BadDeviceToken', 'INVALID_ARGUMENT', 'NotFound')],
  ['unregistered', refused('Unregistered', 'UNREGISTERED', 'Gone')],
  ['expired', refused('ExpiredToken', 'UNREGISTERED', 'Gone')],
  ['mismatch', refused('DeviceTokenNotForTopic', 'SENDER_ID_MISMATCH', 'VapidKeyMismatch')],
  ['toolarge', refused('PayloadTooLarge', 'INVALID_ARGUMENT', 'PayloadTooLarge')],
]);

/** A reason of the provider's, in any case; another as it stands, when it looks like one; or a status alone. */
function anyAnswer(reading: Reading, provider: PushProvider | null): Answer | null {
  const status = reading.take(/^-([45]\d\d)(?![a-z0-9_])/i);
  if (status !== null) {
    const code = Number(status);
    const reason = reasonWith(provider ?? 'webpush', code) ?? `Status${status}`;
    return { do: 'answer', reason, status: code, ...retryAfter(reading) };
  }
  const written = reading.take(/^-([a-z][a-z0-9_]{1,63})/i);
  if (written === null) return null;
  const whose = provider === null ? pushProviders : [provider];
  const known = whose.map((one) => reasonOf(one, written)).find((one) => one !== null);
  if (known == null && !/[A-Z_]/.test(written)) return null;
  // Its status is the door's to know.
  return { do: 'answer', reason: known?.reason ?? written, ...retryAfter(reading) };
}

function retryAfter(reading: Reading): { readonly retryAfterS?: number } {
  const written = reading.take(/^-(\d{1,5})s(?![a-z0-9])/i);
  return written === null ? {} : { retryAfterS: Math.min(Number(written), retryAfterSMax) };
}

/** @returns milliseconds of virtual time, or null where none is said */
function spanOf(reading: Reading): number | null {
  const written = reading.take(/^-(\d{1,6}[smhd])(?![a-z0-9])/i);
  if (written === null) return null;
  const ms = Number(written.slice(0, -1)) * (unitMs[written.slice(-1).toLowerCase()] ?? Number.NaN);
  return ms >= 1 && ms <= spanMsMax ? ms : null;
}

/** @returns `wrong` for a number of times that nobody can mean */
function timesOf(reading: Reading): number | null | 'wrong' {
  const written = reading.take(/^-x(\d{1,6})(?![a-z0-9])/i);
  if (written === null) return null;
  const times = Number(written);
  return times >= 1 && times <= timesMax ? times : 'wrong';
}

const nothing: readonly MagicTag[] = [];
