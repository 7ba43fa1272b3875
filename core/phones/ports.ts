/** What the phones' room is handed. */
import type { VirtualClock } from '../clock.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';
import type { RandomBytes } from './tokens.ts';

export interface PhonePorts {
  readonly store: Pick<
    Store,
    'documents' | 'saveDocument' | 'keepPushes' | 'changePush' | 'pushes' | 'push' | 'message' | 'note'
  >;
  readonly virtual: VirtualClock;
  readonly seal: Seal;
  readonly newId: () => string;
  readonly random: RandomBytes;
  /** Where an application server pushes to for a subscription of ours. */
  readonly endpointOf: (subscriptionId: string) => string;
  readonly onProblem: (text: string) => void;
}
