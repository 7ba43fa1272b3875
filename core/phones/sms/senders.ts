/** The apps' senders: registered by hand, or on the fly; and whether one works where it is sent to. */
import type { SenderVerdict, SmsParties } from '../../delivery/sms-far-side.ts';
import type { SmsSender } from '../../model/handset.ts';
import type { PhoneNumber } from '../../model/phone-number.ts';
import type { SmsProvider } from '../../model/sms.ts';
import { senderKindOf, senderName, verdictOf } from './sender-rules.ts';
import type { SmsWorldSettings } from './settings.ts';

/** Beyond it senders are taken as they come, and none is remembered. */
export const sendersMax = 10_000;
/** Of a name; a longer one is remembered by nobody. */
export const senderCharsMax = 64;
/** A sender of that name says what holds for all of its provider that say nothing themselves. */
export const anyOfProvider = '*';
export const everywhere = '*';

export interface SenderBook {
  readonly size: number;
  /** As it is kept. */
  kept(provider: SmsProvider, sender: string): SmsSender | null;
  /** With what its service, or its provider, says for it. */
  get(provider: SmsProvider, sender: string, service?: string | null): SmsSender | null;
  /** Of a service, in a steady order. */
  ofService(provider: SmsProvider, service: string): readonly SmsSender[];
  /** Of any provider. */
  named(sender: string): readonly SmsSender[];
  put(sender: SmsSender): void;
  delete(provider: SmsProvider, sender: string): void;
  all(): readonly SmsSender[];
}

export function senderKey(provider: SmsProvider, sender: string): string {
  return `${provider} ${senderName(sender)}`;
}

export function createSenderBook(): SenderBook {
  const byKey = new Map<string, SmsSender>();
  const byService = new Map<string, Set<string>>();

  const kept = (provider: SmsProvider, sender: string): SmsSender | null =>
    byKey.get(senderKey(provider, sender)) ?? null;

  function leaveService({ provider, service, sender }: SmsSender): void {
    if (service === null) return;
    const keys = byService.get(`${provider} ${service}`);
    keys?.delete(senderKey(provider, sender));
    if (keys?.size === 0) byService.delete(`${provider} ${service}`);
  }

  return {
    get size() {
      return byKey.size;
    },
    kept,
    get(provider, sender, service = null) {
      const own = kept(provider, sender);
      const of = own?.service ?? service;
      const pool = of === null ? null : kept(provider, of);
      const any = kept(provider, anyOfProvider);
      const [says, ...others] = [own, pool, any].filter((one) => one !== null);
      if (says === undefined) return null;
      return others.reduce(withWhatItLacks, { ...says, sender: senderName(sender) });
    },
    ofService: (provider, service) =>
      [...(byService.get(`${provider} ${service}`) ?? [])].sort().flatMap((key) => byKey.get(key) ?? []),
    named: (sender) => [...byKey.values()].filter((one) => one.sender === senderName(sender)),
    put(sender) {
      const key = senderKey(sender.provider, sender.sender);
      const before = byKey.get(key);
      if (before !== undefined) leaveService(before);
      byKey.set(key, sender);
      if (sender.service === null) return;
      const pool = `${sender.provider} ${sender.service}`;
      const keys = byService.get(pool) ?? new Set<string>();
      keys.add(key);
      byService.set(pool, keys);
    },
    delete(provider, sender) {
      const before = kept(provider, sender);
      if (before === null) return;
      leaveService(before);
      byKey.delete(senderKey(provider, sender));
    },
    all: () => [...byKey.values()],
  };
}

function withWhatItLacks(own: SmsSender, other: SmsSender): SmsSender {
  return {
    ...own,
    ...(own.inboundUrl === null ? { inboundUrl: other.inboundUrl, inboundMethod: other.inboundMethod } : {}),
    statusUrl: own.statusUrl ?? other.statusUrl,
    service: own.service ?? other.service,
  };
}

export type Standing =
  | SenderVerdict
  /** Nobody knows it yet: it is taken, and kept where there is room. */
  | { readonly kind: 'new'; readonly sender: SmsSender };

/** What its kind, its country and its registration say of it. Pure. */
export function standingIn(
  book: Pick<SenderBook, 'kept'>,
  { unknownSenders, blockedCountries }: Pick<SmsWorldSettings, 'unknownSenders' | 'blockedCountries'>,
  { provider, account, sender, service }: Omit<SmsParties, 'number'>,
  number: Pick<PhoneNumber, 'country' | 'callingCode'>,
): Standing {
  const { country } = number;
  if (country !== null && blockedCountries.includes(country))
    return {
      kind: 'refused',
      cause: 'region_not_allowed',
      why: `the settings let nobody send to ${country}`,
    };
  const verdict = verdictOf(senderKindOf(sender), country, number.callingCode);
  if (verdict.kind === 'never') return { kind: 'refused', cause: 'sender_not_allowed', why: verdict.why };
  const kept = book.kept(provider, sender);
  if (kept !== null) {
    const registered =
      country === null || kept.countries.includes(everywhere) || kept.countries.includes(country);
    if (registered || verdict.kind === 'fine') return { kind: 'allowed', sender: kept };
    return {
      kind: 'refused',
      cause: 'sender_not_registered',
      why: `${verdict.why}, and ${sender} is registered in ${kept.countries.join(', ') || 'no country'}`,
    };
  }
  if (unknownSenders === 'refuse')
    return {
      kind: 'refused',
      cause: 'sender_not_registered',
      why: `${sender} is not among the senders, and the settings refuse those that nobody knows`,
    };
  return {
    kind: 'new',
    sender: {
      sender: senderName(sender),
      provider,
      account,
      countries: [everywhere],
      service,
      inboundUrl: null,
      inboundMethod: 'POST',
      statusUrl: null,
      onTheFly: true,
    },
  };
}
