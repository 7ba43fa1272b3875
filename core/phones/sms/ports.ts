/** What the carriers' room is handed. */
import type { VirtualClock } from '../../clock.ts';
import type { SmsVoice } from '../../delivery/sms-far-side.ts';
import type { SmsProvider } from '../../model/sms.ts';
import type { Seal } from '../../store/seal.ts';
import type { Store } from '../../store/store.ts';

export interface CarrierPorts {
  readonly store: Pick<
    Store,
    | 'documents'
    | 'saveDocument'
    | 'keepSms'
    | 'smses'
    | 'sms'
    | 'smsOf'
    | 'smsThreads'
    | 'deliveries'
    | 'delivery'
  >;
  readonly virtual: VirtualClock;
  readonly wallMs: () => number;
  readonly seal: Seal;
  readonly newId: () => string;
  readonly voices: ReadonlyMap<SmsProvider, SmsVoice>;
  readonly onProblem: (text: string) => void;
}
