/** Reports that come back from outside, tied to the delivery that they are about. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { bounceAddress, createFeedback } from '../../../core/delivery/feedback.ts';
import { type DeliverySettings, deliverySettingsSchema } from '../../../core/delivery/settings.ts';
import { buildDsn, type DsnAction } from '../../../core/reports/dsn.ts';
import { openWorld, sent } from './world.ts';

async function open(settings: Partial<DeliverySettings> = {}) {
  const world = await openWorld();
  onTestFinished(() => world.close());
  world.answer = () => sent;
  const { store, virtual } = world;
  const current = deliverySettingsSchema.parse(settings);
  const feedback = createFeedback({ store, virtual, settings: () => current });

  async function send(): Promise<string> {
    const [id = ''] = await world.send(['jane@example.com']);
    await world.engine.idle();
    return id;
  }

  async function report(id: string, action: DsnAction, status: string, diagnostic: string): Promise<void> {
    const to = bounceAddress(id, 'shop.example');
    const bytes = buildDsn({
      kind: action === 'failed' ? 'failure' : action === 'delayed' ? 'delay' : 'success',
      reportingMta: 'mx.example.com',
      from: 'mailer-daemon@mx.example.com',
      to,
      originalEnvelopeId: null,
      arrivalAtMs: virtual.nowMs(),
      recipients: [
        {
          finalRecipient: 'jane@example.com',
          originalRecipient: null,
          action,
          status,
          remoteMta: null,
          diagnostic,
          lastAttemptAtMs: null,
          willRetryUntilMs: null,
        },
      ],
      original: Buffer.from('Subject: x\r\n\r\nbody\r\n'),
      return: 'headers',
      messageId: 'report@mx.example.com',
      dateMs: virtual.nowMs(),
      explanation: 'About your message.',
    });
    const tied = await feedback.take({ bytes, envelopeTo: [to] });
    expect(tied).toEqual({ kind: 'dsn', deliveryIds: [id] });
  }

  return {
    world,
    send,
    report,
    full: (id: string) => report(id, 'failed', '5.2.2', '552 5.2.2 The mailbox is full'),
    suppressed: async () =>
      (await store.suppressions({ text: null }, { after: null, limit: 10 })).entries.map(
        ({ address, reason, source }) => ({ address, reason, source }),
      ),
    statusOf: async (id: string) => (await store.delivery(id))?.delivery.status,
  };
}

describe('a soft bounce that is reported after the message was taken', () => {
  const suppression = { address: 'jane@example.com', reason: 'soft_bounces', source: 'dsn' };

  it('suppresses when one is enough', async () => {
    const w = await open({ softBounceRun: 1 });
    const id = await w.send();
    await w.full(id);
    expect(await w.statusOf(id)).toBe('undeliverable');
    expect(await w.suppressed()).toEqual([suppression]);
  });

  it('goes on with the run though each of the messages was taken first', async () => {
    const w = await open({ softBounceRun: 3 });
    await w.full(await w.send());
    const [second, third] = [await w.send(), await w.send()];
    await w.full(second);
    await w.full(second);
    expect(await w.suppressed()).toEqual([]);
    await w.full(third);
    expect(await w.suppressed()).toEqual([suppression]);
  });

  it('never suppresses when that is switched off', async () => {
    const w = await open({ softBounceRun: 0 });
    await w.full(await w.send());
    expect(await w.suppressed()).toEqual([]);
  });
});

describe('a report of what did not fail', () => {
  it.each([
    ['delayed', '4.4.1', 'deferred', 'network'],
    ['delivered', '2.1.5', 'reported', null],
    ['relayed', '2.1.9', 'reported', null],
    ['expanded', '2.1.5', 'reported', null],
  ] as const)('%s is no attempt', async (action, status, type, outcomeClass) => {
    const w = await open();
    const id = await w.send();
    const before = w.world.events.length;
    await w.report(id, action, status, 'the far side says so');
    expect(w.world.events.slice(before)).toMatchObject([
      { type, deliveryId: id, data: { outOfBand: true, action, class: outcomeClass, permanent: false } },
    ]);
    expect(await w.statusOf(id)).toBe('sent');
  });
});
