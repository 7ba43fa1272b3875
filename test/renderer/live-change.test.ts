import { describe, expect, it } from 'vitest';
import type { Event } from '../../core/api/schema.ts';
import { arrivedIn, liveChange } from '../../renderer/src/live/live-change.ts';

let seq = 0;
const event = (type: string, change: Partial<Event> = {}): Event => {
  seq += 1;
  const at = '2026-01-01T00:00:00.000Z';
  return {
    seq,
    at,
    virtualAt: null,
    type,
    messageId: null,
    deliveryId: null,
    exchangeId: null,
    project: null,
    data: {},
    ...change,
  };
};

describe('liveChange', () => {
  it('tells arrivals apart by project and names the last', () => {
    const change = liveChange([
      event('accepted', { messageId: 'a', project: 'shop' }),
      event('accepted', { messageId: 'b', project: 'main' }),
      event('accepted', { messageId: 'c', project: 'shop' }),
    ]);
    expect(arrivedIn(change, 'shop')).toEqual(['a', 'c']);
    expect(arrivedIn(change, null)).toEqual(['a', 'b', 'c']);
    expect(change.lastArrivedId).toBe('c');
  });

  it('reads many ids of one event', () => {
    const change = liveChange([
      event('indexed', { data: { ids: ['a', 'b'] } }),
      event('deleted', { data: { ids: ['c'] } }),
    ]);
    expect([...change.indexed]).toEqual(['a', 'b']);
    expect([...change.deleted]).toEqual(['c']);
    expect(change.wholesale).toBe(false);
  });

  it('lets the last word on read and unread win', () => {
    const change = liveChange([event('read', { messageId: 'a' }), event('unread', { messageId: 'a' })]);
    expect(change.read.get('a')).toBe(false);
  });

  it('names the deliveries that something happened to, and their messages', () => {
    const change = liveChange([
      event('deferred', { messageId: 'a', deliveryId: 'x' }),
      event('sent', { deliveryId: 'call' }),
      event('suppressed'),
    ]);
    expect([...change.deliveries]).toEqual(['x', 'call']);
    expect([...change.deliveredMessages]).toEqual(['a']);
    expect(change.suppressions).toBe(true);
    expect(change.arrived.size).toBe(0);
  });

  it('says when everything must be fetched again', () => {
    expect(liveChange([event('deleted', { data: { all: true } })]).wholesale).toBe(true);
    expect(liveChange([event('read')]).wholesale).toBe(true);
    expect(liveChange([event('of a later version')]).wholesale).toBe(false);
  });
});
