import type { Clock } from '../../clock.ts';
import type { OwnSendOrders } from '../../delivery/own-sends.ts';
import type { PushFarSide } from '../../delivery/push-far-side.ts';
import type { OwnSend } from '../../doors/http/provider-request.ts';
import type { Intake } from '../../intake/intake.ts';
import type { RuleDesk } from '../../rules/decision.ts';
import type { Store } from '../../store/store.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { FcmSettings } from './settings.ts';

/** What the doors of FCM and of Google's accounts need from the rest of the core. */
export interface FcmPorts {
  readonly clock: Clock;
  readonly virtualMs: () => number;
  readonly newId: () => string;
  readonly randomBytes: (bytes: number) => Uint8Array;
  readonly desk: RuleDesk;
  readonly farSide: PushFarSide;
  readonly intake: Pick<Intake, 'accept'>;
  readonly store: Pick<Store, 'keepPushes'>;
  /** What the rules want done with one of our own sends: asked before the attempt. */
  readonly ownOrders: (own: OwnSend) => OwnSendOrders | null;
  readonly tokens: AccessTokens;
  readonly settings: () => FcmSettings;
}
