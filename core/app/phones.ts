/** Wires the phones: what they keep, and what they hear of messages that go. */
import { randomBytes } from 'node:crypto';
import type { Bus } from '../bus.ts';
import type { VirtualClock } from '../clock.ts';
import { openPhones, type Phones } from '../phones/index.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';

export interface PhoneRoomPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly virtual: VirtualClock;
  readonly seal: Seal;
  readonly newId: () => string;
  /** Of the providers' plain door, without a slash at the end. */
  readonly providersUrl: () => string;
  readonly onProblem: (text: string) => void;
}

export interface PhoneRoom {
  readonly phones: Phones;
  /** Waits for what is being written; before the store is closed. */
  close(): Promise<void>;
}

export async function openPhoneRoom(ports: PhoneRoomPorts): Promise<PhoneRoom> {
  const { store, bus, virtual, seal, newId, onProblem } = ports;
  const phones = await openPhones({
    store,
    virtual,
    seal,
    newId,
    random: (count) => randomBytes(count),
    endpointOf: (id) => `${ports.providersUrl()}/webpush/v1/${encodeURIComponent(id)}`,
    onProblem,
  });
  const unsubscribe = bus.subscribe((events) => {
    for (const { type, data } of events)
      if (type === 'deleted' && Array.isArray(data.ids)) phones.messagesDeleted(data.ids.map(String));
  });
  return {
    phones,
    async close() {
      unsubscribe();
      await phones.idle();
    },
  };
}
