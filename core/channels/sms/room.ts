/** What every SMS provider's room is made of, and what it is handed. */
import type { Clock, VirtualClock } from '../../clock.ts';
import type { OwnSendOrders } from '../../delivery/own-sends.ts';
import type { CallbackHabit, SmsFarSide, SmsSecrets, SmsVoice } from '../../delivery/sms-far-side.ts';
import type { OwnSend, ProviderRoute } from '../../doors/http/provider-request.ts';
import type { Intake } from '../../intake/intake.ts';
import type { SmsProvider } from '../../model/sms.ts';
import type { RuleDesk } from '../../rules/decision.ts';
import type { Store } from '../../store/store.ts';

export type RandomBytes = (count: number) => Buffer;

export interface SmsDoorPorts {
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly desk: RuleDesk;
  readonly farSide: SmsFarSide;
  readonly secrets: SmsSecrets;
  readonly intake: Pick<Intake, 'accept'>;
  readonly store: Pick<
    Store,
    'keepSms' | 'sms' | 'smsOf' | 'smses' | 'smsThreads' | 'documents' | 'saveDocument' | 'deleteDocument'
  >;
  readonly newId: () => string;
  readonly random: RandomBytes;
  readonly ownOrders: (own: OwnSend) => OwnSendOrders | null;
  readonly onProblem: (text: string) => void;
}

/** Each provider's `index.ts` exports one of these: `export const twilio: SmsRoom`. */
export interface SmsRoom {
  readonly provider: SmsProvider;
  /** The part of the far side that speaks for the provider; made before the carriers are. */
  voice(ports: Pick<SmsDoorPorts, 'random'>): SmsVoice;
  /** Empty where it does not speak HTTP (SMPP, whose door is opened by itself). */
  routes(ports: SmsDoorPorts): readonly ProviderRoute[];
  habit(ports: SmsDoorPorts): CallbackHabit;
}
