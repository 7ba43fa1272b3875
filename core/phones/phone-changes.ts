/** What happens to an app on a phone: uninstalled, installed again with a new token. */
import type { Phone, PhoneApp } from '../model/phone.ts';
import type { Draft } from './draft.ts';
import { changePhone, leave, type Memory } from './memory.ts';
import { formerTokensMax, withEntry } from './phone-book.ts';

/** When the provider gets to know that an app is gone; both null: at once. */
export interface Telling {
  readonly tellAfterSends: number | null;
  readonly tellAfterMs: number | null;
}

/** What waits for it has nowhere to go. */
export function uninstalled(
  memory: Memory,
  draft: Draft,
  phone: Phone,
  app: string,
  telling: Telling,
): Phone {
  const nowMs = memory.ports.virtual.nowMs();
  let next = phone;
  for (const entry of phone.apps) {
    if (entry.app !== app || !entry.installed) continue;
    next = withEntry(next, {
      ...entry,
      installed: false,
      uninstalledAtMs: nowMs,
      tellAfterSends: telling.tellAfterSends,
      tellAtMs: telling.tellAfterMs === null ? null : nowMs + telling.tellAfterMs,
      badge: 0,
    });
    for (const push of memory.waiting.of(phone.id, entry.provider, app))
      leave(memory, draft, push, {
        nowMs,
        state: 'lost',
        reason: 'the app was uninstalled while the push waited',
      });
  }
  changePhone(memory, draft, next, {
    news: { app, installed: false },
    back: (current) => phone.apps.filter((entry) => entry.app === app).reduce(withEntry, current),
  });
  return next;
}

/** A new token in place of the one that it has, which the provider calls gone from now on. */
export function withNewToken(
  entry: PhoneApp,
  next: Pick<PhoneApp, 'token' | 'subscription'>,
  nowMs: number,
): PhoneApp {
  return {
    ...entry,
    ...next,
    installed: true,
    uninstalledAtMs: null,
    tellAfterSends: null,
    tellAtMs: null,
    dropped: null,
    formerTokens: [
      { token: entry.token, sinceMs: entry.uninstalledAtMs ?? nowMs },
      ...entry.formerTokens,
    ].slice(0, formerTokensMax),
  };
}
