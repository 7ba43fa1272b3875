/** What the users' room is handed. */
import type { Clock, VirtualClock } from '../clock.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';

export interface PeoplePorts {
  readonly store: Pick<
    Store,
    | 'documents'
    | 'saveDocument'
    | 'deleteDocument'
    | 'putUsers'
    | 'deleteUsers'
    | 'addUserEvents'
    | 'user'
    | 'usersByIds'
    | 'users'
    | 'userEvents'
    | 'note'
  >;
  /** Of the database; segments are looked through by a thread with a connection of its own. */
  readonly file: string;
  readonly clock: Pick<Clock, 'after' | 'wallMs'>;
  readonly virtual: Pick<VirtualClock, 'nowMs'>;
  readonly seal: Seal;
  /** Where this core is reached, without a slash at the end. */
  readonly baseUrl: () => string;
}
