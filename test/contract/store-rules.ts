/** What every store must do for the hits and counters of rules. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { everyHit, hitsMax, hitsOfRuleMax, type RuleHit } from '../../core/store/rules.ts';
import type { Store } from '../../core/store/store.ts';
import { type OpenedStore, type OpenStore, submission } from './store.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);

const hit = (about: Partial<RuleHit> = {}): RuleHit => ({
  rule: 'r1',
  label: 'the first rule',
  virtualAtMs: nowMs,
  atMs: nowMs,
  stage: 'door',
  point: 'rcpt',
  action: 'reject',
  recipient: 'jane@example.com',
  sender: 'app@example.org',
  messageId: null,
  deliveryId: null,
  exchangeId: null,
  ...about,
});
const page = { after: null, limit: 500 } as const;

export function rulesContract(name: string, openStore: OpenStore): void {
  async function opened(): Promise<OpenedStore> {
    const one = await openStore();
    onTestFinished(() => one.store.close());
    return one;
  }
  const open = async (): Promise<Store> => (await opened()).store;

  describe(`${name}: hits of rules`, () => {
    it('are listed newest first, by rule, message, delivery and exchange, page by page', async () => {
      const store = await open();
      await store.keepRuleHits(
        [
          hit({ exchangeId: 'x1' }),
          hit({ rule: 'r2', messageId: 'm1', deliveryId: 'd1' }),
          hit({ rule: null, label: '+hold', messageId: 'm1' }),
          hit({ action: 'delay' }),
        ],
        [],
      );
      const { entries, total } = await store.ruleHits(everyHit, page);
      expect(total).toBe(4);
      expect(entries.map(({ rule, action }) => [rule, action])).toEqual([
        ['r1', 'delay'],
        [null, 'reject'],
        ['r2', 'reject'],
        ['r1', 'reject'],
      ]);
      expect(entries[3]).toEqual({ ...hit({ exchangeId: 'x1' }), seq: 1 });
      const labels = async (filter: Partial<typeof everyHit>) =>
        (await store.ruleHits({ ...everyHit, ...filter }, page)).entries.map(({ seq }) => seq);
      expect(await labels({ rule: 'r1' })).toEqual([4, 1]);
      expect(await labels({ messageId: 'm1' })).toEqual([3, 2]);
      expect(await labels({ messageId: 'm1', rule: 'r2' })).toEqual([2]);
      expect(await labels({ deliveryId: 'd1' })).toEqual([2]);
      expect(await labels({ exchangeId: 'x1' })).toEqual([1]);
      const first = await store.ruleHits(everyHit, { after: null, limit: 3 });
      expect(first.next).toBe(2);
      expect((await store.ruleHits(everyHit, { after: first.next, limit: 3 })).entries.length).toBe(1);
    });

    it('stay with their counters through a crash, in one transaction', async () => {
      const one = await opened();
      await one.store.keepRuleHits(
        [hit()],
        [
          { rule: 'r1', matches: 3, hits: 1, lastAtMs: nowMs },
          { rule: 'r2', matches: 9, hits: 0, lastAtMs: null },
        ],
      );
      await one.store.keepRuleHits([hit()], [{ rule: 'r1', matches: 5, hits: 2, lastAtMs: nowMs + 1 }]);
      const store = await one.crash();
      expect((await store.ruleHits(everyHit, page)).total).toBe(2);
      expect(await store.ruleCounters()).toEqual([
        { rule: 'r1', matches: 5, hits: 2, lastAtMs: nowMs + 1 },
        { rule: 'r2', matches: 9, hits: 0, lastAtMs: null },
      ]);
    });

    it('are forgotten with their rules', async () => {
      const store = await open();
      await store.keepRuleHits(
        [hit(), hit({ rule: 'r2' })],
        [
          { rule: 'r1', matches: 1, hits: 1, lastAtMs: nowMs },
          { rule: 'r2', matches: 1, hits: 1, lastAtMs: nowMs },
        ],
      );
      await store.forgetRules(['r1', 'unknown']);
      expect((await store.ruleHits(everyHit, page)).entries.map(({ rule }) => rule)).toEqual(['r2']);
      expect((await store.ruleCounters()).map(({ rule }) => rule)).toEqual(['r2']);
    });

    it('lose their link, and nothing else, when the message goes', async () => {
      const store = await open();
      const message = submission();
      await store.accept(message);
      await store.keepRuleHits([hit({ messageId: message.id, deliveryId: 'd1' })], []);
      await store.deleteMessages([message.id]);
      const { entries } = await store.ruleHits(everyHit, page);
      expect(entries).toMatchObject([{ messageId: null, deliveryId: null, recipient: 'jane@example.com' }]);
    });

    it(`of one rule are the last ${hitsOfRuleMax}, whatever else hits`, async () => {
      const store = await open();
      await store.keepRuleHits([hit({ rule: 'rare' })], []);
      for (let batch = 0; batch < 3; batch++) {
        await store.keepRuleHits(
          Array.from({ length: 1_000 }, (_, at) => hit({ recipient: `${batch}-${at}@example.com` })),
          [],
        );
      }
      const { entries, total } = await store.ruleHits({ ...everyHit, rule: 'r1' }, page);
      expect(total).toBe(hitsOfRuleMax);
      expect(entries[0]?.recipient).toBe('2-999@example.com');
      expect(entries.at(-1)?.recipient).toBe('2-800@example.com');
      expect((await store.ruleHits({ ...everyHit, rule: 'rare' }, page)).total).toBe(1);
    });

    it(`are at most ${hitsMax} in all, the newest`, async () => {
      const store = await open();
      for (let batch = 0; batch < 103; batch++) {
        await store.keepRuleHits(
          Array.from({ length: 1_000 }, (_, at) => hit({ rule: `r${batch}-${at % 10}` })),
          [],
        );
      }
      const last = (await store.ruleHits(everyHit, { after: null, limit: 1 })).entries[0];
      expect(last?.rule).toBe('r102-9');
      const old = await store.ruleHits(everyHit, { after: (last?.seq ?? 0) - hitsMax + 1, limit: 500 });
      expect(old.entries).toEqual([]);
    });
  });
}
