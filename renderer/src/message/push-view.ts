/** What the API says of a push beside what every message has, and on which screens it is shown. Pure. */
import type { MessageDetail } from '../../../core/api/schema.ts';
import type { Platform } from '../../../core/model/phone.ts';
import type { PushProvider } from '../../../core/model/push.ts';

export type PushView = NonNullable<MessageDetail['push']>;

/** What a request to a push provider said beside its payload. */
export type PushRequestView = NonNullable<PushView['details']>;

/** Whose screen to show it on, where nothing more is known than its provider. */
export const platformOf: Readonly<Record<PushProvider, Platform>> = {
  apns: 'ios',
  fcm: 'android',
  webpush: 'browser',
};

const isPushProvider = (text: string | null): text is PushProvider => text !== null && text in platformOf;

/** One screen for each kind of device that it goes to. */
export function platformsOf(
  push: PushView,
  deliveries: readonly { readonly provider: string | null }[],
): readonly Platform[] {
  if (push.details !== null) return [platformOf[push.details.provider]];
  const found = new Set(
    deliveries.flatMap(({ provider }) => (isPushProvider(provider) ? [platformOf[provider]] : [])),
  );
  return found.size === 0
    ? ['ios']
    : (['ios', 'android', 'browser'] as const).filter((one) => found.has(one));
}
