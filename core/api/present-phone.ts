/** Phones and what is on them as the API shows them. Pure. */
import type { Phone as ModelPhone, PhoneApp as ModelPhoneApp, PushRow } from '../model/phone.ts';
import type { Phones } from '../phones/index.ts';
import { iso, isoOrNull } from './iso-time.ts';
import type { Phone, PhoneApp, PhonePush } from './phones-schema.ts';

export function presentPhone(phone: ModelPhone, phones: Phones): Phone {
  const { id, name, user, platform, online, onTheFly } = phone;
  return {
    id,
    name,
    user,
    platform,
    online,
    offlineUntil: isoOrNull(phone.offlineUntilMs),
    createdAt: iso(phone.createdAtMs),
    onTheFly,
    waiting: phones.waiting(id),
    apps: phone.apps.map((entry) => presentPhoneApp(id, entry, phones)),
  };
}

export function presentPhoneApp(phoneId: string, entry: ModelPhoneApp, phones: Phones): PhoneApp {
  const { app, provider, token, environment, permission, installed, tellAfterSends, badge, subscription } =
    entry;
  return {
    app,
    provider,
    token,
    environment,
    permission,
    installed,
    uninstalledAt: isoOrNull(entry.uninstalledAtMs),
    tellAfterSends,
    tellAt: isoOrNull(entry.tellAtMs),
    formerTokens: entry.formerTokens.map((one) => ({ token: one.token, since: iso(one.sinceMs) })),
    topics: [...entry.topics],
    badge,
    subscription:
      subscription === null
        ? null
        : {
            endpoint: phones.endpointOf(token),
            expirationTime: null,
            keys: { p256dh: subscription.p256dh, auth: subscription.auth },
          },
    applicationServerKey: subscription?.applicationServerKey ?? null,
    linkSchemes: [...entry.linkSchemes],
    linkDomains: [...entry.linkDomains],
    project: entry.project ?? null,
    dropped: entry.dropped == null ? null : { at: iso(entry.dropped.atMs), why: entry.dropped.why },
    waiting: phones.waiting(phoneId, { provider, app }),
  };
}

export function presentPhonePush(push: PushRow): PhonePush {
  const { receivedAtMs, expiresAtMs, deliveredAtMs, flags, content, ...rest } = push;
  return {
    ...rest,
    receivedAt: iso(receivedAtMs),
    expiresAt: isoOrNull(expiresAtMs),
    // Of a stored one it would be when it comes at the earliest.
    deliveredAt: push.state === 'delivered' ? isoOrNull(deliveredAtMs) : null,
    dismissed: flags.dismissed,
    opened: flags.opened,
    content: {
      ...content,
      actions: content.actions.map((one) => ({ ...one })),
      data: { ...content.data },
    },
  };
}
