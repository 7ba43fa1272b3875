/** The words for devices and what became of what was pushed to them. Pure. */
import type { Phone, PhoneApp, PhonePush, Tapped } from '../../../core/api/phones-schema.ts';
import { formatDateTime, formatGap } from '../format.ts';
import { appName } from './app-names.ts';

export const platformWords: Readonly<Record<Phone['platform'], string>> = {
  ios: 'iPhone',
  android: 'Android',
  browser: 'Browser',
};

export const providerNames: Readonly<Record<PhoneApp['provider'], string>> = {
  apns: 'APNs',
  fcm: 'FCM',
  webpush: 'Web Push',
};

/** `offline, back in 2 h`. */
export function onlineWords(
  { online, offlineUntil }: Pick<Phone, 'online' | 'offlineUntil'>,
  nowMs: number,
): string {
  if (online) return 'online';
  if (offlineUntil === null) return 'offline';
  const leftMs = Date.parse(offlineUntil) - nowMs;
  return leftMs <= 0 ? 'offline, coming back' : `offline, back in ${formatGap(leftMs)}`;
}

/** Where a push stands, for the lists beside the lock screen. */
export type PushPlace = 'shown' | 'waiting' | 'unseen' | 'lost' | 'done';

export function placeOf(push: Pick<PhonePush, 'state' | 'shown' | 'dismissed' | 'opened'>): PushPlace {
  switch (push.state) {
    case 'stored':
      return 'waiting';
    case 'delivered':
      if (!push.shown) return 'unseen';
      return push.dismissed || push.opened ? 'done' : 'shown';
    case 'expired':
    case 'collapsed':
    case 'discarded':
    case 'lost':
      return 'lost';
  }
}

export const stateWords: Readonly<Record<PhonePush['state'], string>> = {
  stored: 'Waits',
  delivered: 'Delivered',
  expired: 'Expired',
  collapsed: 'Collapsed',
  discarded: 'Discarded',
  lost: 'Lost',
};

/** What somebody who reads the list wants to know of one, in a line. */
export function pushLine(push: PhonePush, nowMs: number): string {
  const reason = push.reason ?? '';
  switch (placeOf(push)) {
    case 'waiting':
      return [
        sentence(reason),
        sentence(keptWords(push, nowMs)),
        push.collapseKey === null
          ? ''
          : `A later one with the collapse key ${push.collapseKey} takes its place.`,
      ]
        .filter((part) => part !== '')
        .join(' ');
    case 'unseen':
      return sentence(reason) || 'It was not shown.';
    case 'lost':
      return reason === '' ? `${stateWords[push.state]}.` : `${stateWords[push.state]}: ${sentence(reason)}`;
    case 'done':
      return push.opened ? 'Opened.' : 'Dismissed.';
    case 'shown':
      return 'On the lock screen.';
  }
}

/** Reasons come as the beginning of a sentence, or as a whole one. */
export function sentence(reason: string): string {
  if (reason === '') return '';
  const begun = reason.slice(0, 1).toUpperCase() + reason.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

function keptWords({ expiresAt }: PhonePush, nowMs: number): string {
  if (expiresAt === null) return 'kept as long as the provider keeps things';
  const leftMs = Date.parse(expiresAt) - nowMs;
  return leftMs <= 0 ? 'its time is over' : `kept for ${formatGap(leftMs)} more`;
}

/** What a tap led to. */
export function tapWords(title: string, { opens, link, app, detail }: Tapped): string {
  const begin = `“${title}” was tapped.`;
  const who = app === null ? 'The app' : appName(app);
  switch (opens) {
    case 'app':
      return `${begin} ${who} opens at its start. ${sentence(detail)}`;
    case 'customScheme':
    case 'universalLink':
      return `${begin} ${who} opens ${link ?? ''}. ${sentence(detail)}`;
    case 'page':
      return `${begin} The browser opens ${link ?? 'the page'}. ${sentence(detail)}`;
    case 'nowhere':
      return `${begin} Nothing opens. ${sentence(detail)}`;
  }
}

export function goneWords({ installed, uninstalledAt, tellAfterSends, tellAt }: PhoneApp): string | null {
  if (installed) return null;
  const since = uninstalledAt === null ? '' : ` ${formatDateTime(uninstalledAt)}`;
  if (tellAfterSends !== null && tellAfterSends > 0)
    return `Uninstalled${since}. The provider still says yes, ${tellAfterSends === 1 ? 'once' : `${tellAfterSends} times`} more.`;
  if (tellAt !== null) return `Uninstalled${since}. The provider says so from ${formatDateTime(tellAt)} on.`;
  return `Uninstalled${since}: the provider says that the token is gone.`;
}
