/** What the API says of a push beside what every message has. Pure. */
import type { MessageDetail } from '../../../core/api/schema.ts';
import type { Platform } from '../../../core/model/phone.ts';
import type {
  PayloadProblem,
  PushContent,
  PushCredentials,
  PushEnvironment,
  PushProvider,
  PushTarget,
} from '../../../core/model/push.ts';

/** What a request to a push provider said beside its payload. */
export interface PushRequestView {
  readonly provider: PushProvider;
  readonly target: PushTarget;
  readonly app: string;
  readonly environment: PushEnvironment | null;
  readonly pushType: string | null;
  readonly priority: string | null;
  readonly collapseKey: string | null;
  readonly expiresAt: string | null;
  readonly nowOrNever: boolean;
  readonly providerId: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly credentials: PushCredentials | null;
  readonly plain: string | null;
}

export interface PushView {
  /** Null: it came by our own API, and goes to providers from there. */
  readonly request: PushRequestView | null;
  readonly content: PushContent;
  readonly problems: readonly PayloadProblem[];
}

/** @returns null for what is no push, or cannot be read */
export function pushOf(message: MessageDetail): PushView | null {
  if (message.channel !== 'push') return null;
  const { push } = message as MessageDetail & { readonly push?: PushView | null };
  return push ?? null;
}

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
  if (push.request !== null) return [platformOf[push.request.provider]];
  const found = new Set(
    deliveries.flatMap(({ provider }) => (isPushProvider(provider) ? [platformOf[provider]] : [])),
  );
  return found.size === 0
    ? ['ios']
    : (['ios', 'android', 'browser'] as const).filter((one) => found.has(one));
}
