/** What every store must do for in-app messages that nobody has been shown yet. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { type InAppChange, type NewInApp, usualDisplay } from '../../core/model/inapp.ts';
import { emptyContent } from '../../core/model/inapp-submission.ts';
import type { DeliveryStep } from '../../core/model/sms.ts';
import type { Store } from '../../core/store/store.ts';
import { type OpenStore, submission } from './store.ts';
import { newDelivery } from './store-deliveries.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const keepNone = { countMax: 0, ageMaxMs: -1, bytesMax: 1 } as const;

const step = (kind: DeliveryStep['kind']): DeliveryStep => ({
  kind,
  class: kind === 'fail' ? 'expired' : null,
  reason: null,
  providerStatus: kind,
  code: null,
});

export function inAppsContract(name: string, openStore: OpenStore): void {
  async function open(): Promise<Store> {
    const { store } = await openStore();
    onTestFinished(() => store.close());
    return store;
  }

  /** @returns id of its row, by which it is changed */
  async function handedOut(store: Store, about: Partial<NewInApp> = {}): Promise<string> {
    const delivery = newDelivery({ recipient: 'jane', provider: null, dueAtMs: null });
    const message = submission();
    const row: NewInApp = {
      id: `row-${delivery.id}`,
      user: 'jane',
      messageId: message.id,
      deliveryId: delivery.id,
      project: '',
      content: emptyContent,
      display: { ...usualDisplay, kind: 'modal' },
      tags: [],
      priority: 500,
      saveToInbox: false,
      createdAtMs: nowMs,
      availableAtMs: nowMs,
      expiresAtMs: null,
      state: 'waiting',
      ...about,
    };
    await store.accept({
      ...message,
      channel: 'inapp',
      delivery: { nowMs, to: [delivery] },
      inapp: { puts: [row], changes: [] },
    });
    await change(store, row.id, {
      state: 'pulled',
      times: { pulledAtMs: nowMs },
      delivery: step('send'),
      what: 'pulled',
    });
    return row.id;
  }

  async function change(store: Store, id: string, said: Omit<InAppChange, 'id' | 'nowMs'>): Promise<void> {
    await store.keepInApps({ puts: [], changes: [{ id, nowMs, ...said }] }, nowMs);
  }

  async function pruned(store: Store): Promise<number> {
    while (await store.prune(keepNone, nowMs));
    return store.counts().messages;
  }

  describe(`${name}: retention of in-app messages`, () => {
    it.each<[string, Omit<InAppChange, 'id' | 'nowMs'>]>([
      [
        'it was shown',
        {
          state: 'shown',
          times: { seenAtMs: nowMs },
          impressionAtMs: nowMs,
          delivery: step('deliver'),
          what: 'seen',
        },
      ],
      ['its time is over', { state: 'expired', delivery: step('fail'), what: 'expired' }],
      ['it was dismissed', { times: { dismissedAtMs: nowMs }, what: 'dismissed' }],
      ['it was archived', { times: { archivedAtMs: nowMs }, what: 'archived' }],
    ])('leaves alone what was pulled and waits to be shown, until %s', async (_what, said) => {
      const store = await open();
      const id = await handedOut(store);
      // It is looked at once, and found again by what ends it.
      expect([await pruned(store), await pruned(store)]).toEqual([1, 1]);
      await change(store, id, said);
      expect(await pruned(store)).toBe(0);
      expect(await store.inApp(id)).toBeNull();
    });

    it.each<[string, Partial<NewInApp>]>([
      ['stays in the inbox', { saveToInbox: true }],
      ['is of the inbox alone', { display: usualDisplay }],
      ['is shown again and again', { display: { ...usualDisplay, kind: 'banner', frequency: 'always' } }],
    ])('leaves alone what was dismissed unseen and %s', async (_what, about) => {
      const store = await open();
      const id = await handedOut(store, about);
      await change(store, id, { times: { dismissedAtMs: nowMs }, what: 'dismissed' });
      expect(await pruned(store)).toBe(1);
    });
  });
}
