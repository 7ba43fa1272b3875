/** What comes next for a user, by table. */
import { describe, expect, it } from 'vitest';
import type { Status } from '../../../core/model/delivery.ts';
import { nextMove, type PlanStep } from '../../../core/multichannel/plan.ts';

const send = {
  channels: ['push', 'sms', 'inapp'],
  routing: 'first',
  fallback: { afterUndeliverable: true, unreadAfterSeconds: null, giveUpAfterSeconds: null },
} as const;
const queued = { status: 'queued', substatus: null } as const;

function step(number: number, status: Status, about: Partial<PlanStep> = {}): PlanStep {
  const channel = send.channels[number - 1] ?? 'inapp';
  const class_ = status === 'undeliverable' ? 'inactive' : null;
  const reason = status === 'undeliverable' ? 'no_channel: nowhere' : null;
  return { step: number, channel, status, class: class_, reason, why: 'first', passedOver: null, ...about };
}

describe('in the order of preference', () => {
  it.each<[string, readonly PlanStep[], unknown]>([
    ['begins with the first', [], { kind: 'begin', steps: [{ step: 1, channel: 'push', why: 'first' }] }],
    ['waits for one that is queued', [step(1, 'queued')], { kind: 'rest' }],
    ['waits for one that is sent', [step(1, 'sent')], { kind: 'rest' }],
    [
      'goes on after one that is undeliverable',
      [step(1, 'undeliverable')],
      { kind: 'begin', steps: [{ step: 2, channel: 'sms', why: 'undeliverable' }] },
    ],
    [
      'goes on beside one that nobody read',
      [step(1, 'sent', { passedOver: 'unread' })],
      { kind: 'begin', steps: [{ step: 2, channel: 'sms', why: 'unread' }] },
    ],
    [
      'goes on after one that was given up',
      [step(1, 'canceled', { passedOver: 'given_up', reason: 'late' })],
      { kind: 'begin', steps: [{ step: 2, channel: 'sms', why: 'given_up' }] },
    ],
    [
      'ends canceled with one that was canceled by hand',
      [step(1, 'canceled')],
      { kind: 'end', as: 'cancel' },
    ],
    [
      'waits for an earlier one that may still be delivered',
      [step(1, 'sent', { passedOver: 'unread' }), step(2, 'undeliverable'), step(3, 'undeliverable')],
      { kind: 'rest' },
    ],
    [
      'ends when none is left',
      [step(1, 'undeliverable'), step(2, 'undeliverable'), step(3, 'undeliverable', { class: 'expired' })],
      { kind: 'end', as: 'fail', class: 'expired' },
    ],
  ])('%s', (_name, steps, expected) => {
    expect(nextMove(send, queued, steps)).toMatchObject(expected as object);
  });

  it('takes no step while it is held, or after its end', () => {
    expect(nextMove(send, { status: 'queued', substatus: 'held' }, [])).toEqual({ kind: 'rest' });
    for (const status of ['undeliverable', 'canceled'] as const)
      expect(nextMove(send, { status, substatus: null }, [step(1, 'undeliverable')])).toEqual({
        kind: 'rest',
      });
  });

  it('goes on after delivery only where it was not read', () => {
    const delivered = { status: 'delivered', substatus: null } as const;
    expect(nextMove(send, delivered, [step(1, 'delivered')])).toEqual({ kind: 'rest' });
    expect(nextMove(send, delivered, [step(1, 'delivered', { passedOver: 'unread' })])).toMatchObject({
      kind: 'begin',
    });
    const unread = step(1, 'delivered', { passedOver: 'unread' });
    expect(nextMove(send, delivered, [unread, step(2, 'undeliverable', { why: 'unread' })])).toMatchObject({
      kind: 'begin',
      steps: [{ step: 3 }],
    });
  });

  it('ends with the first that fails where nothing is to follow', () => {
    const only = { ...send, fallback: { ...send.fallback, afterUndeliverable: false } };
    expect(nextMove(only, queued, [step(1, 'undeliverable')])).toMatchObject({ kind: 'end', as: 'fail' });
  });
});

describe('all at once', () => {
  const all = { ...send, routing: 'all' } as const;

  it('begins with every channel, and with those that are missing after a crash', () => {
    expect(nextMove(all, queued, [])).toMatchObject({ steps: [{ step: 1 }, { step: 2 }, { step: 3 }] });
    expect(nextMove(all, queued, [step(1, 'queued'), step(3, 'queued')])).toMatchObject({
      steps: [{ step: 2, channel: 'sms' }],
    });
  });

  it('ends when each of them has, and none was delivered', () => {
    const two = [step(1, 'undeliverable'), step(2, 'undeliverable')];
    expect(nextMove(all, queued, [...two, step(3, 'queued')])).toEqual({ kind: 'rest' });
    expect(nextMove(all, queued, [...two, step(3, 'undeliverable')])).toMatchObject({
      kind: 'end',
      as: 'fail',
    });
  });
});
