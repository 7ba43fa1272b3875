import { describe, expect, it } from 'vitest';
import type { AuditEntry, LiveStatus } from '../../renderer/src/api/live-relay.ts';
import { detailFacts, lineOf, lineWords } from '../../renderer/src/live-relay/audit-words.ts';
import { clockIsFixed } from '../../renderer/src/live-relay/fixed-clock.ts';
import {
  countdownWords,
  endWords,
  goesInAll,
  goingWords,
  isHeldByLive,
  recipientsInWords,
} from '../../renderer/src/live-relay/live-words.ts';
import {
  channelsOfMessage,
  releaseOf,
  releaseOfMessages,
} from '../../renderer/src/live-relay/release-channels.ts';
import { delivery, iso } from './delivery.ts';

const status = (about: Partial<LiveStatus> = {}): LiveStatus => ({
  live: false,
  channels: {},
  since: null,
  until: null,
  startedBy: null,
  underWay: 0,
  released: 0,
  lastEnd: null,
  ...about,
});

describe('the countdown', () => {
  it('shows minutes and seconds, and hours where there are any', () => {
    expect(countdownWords(862_000)).toBe('14:22');
    expect(countdownWords(65_000)).toBe('1:05');
    expect(countdownWords(3_725_000)).toBe('1:02:05');
  });

  it('rounds up, so that it says zero only when the time is over', () => {
    expect(countdownWords(400)).toBe('0:01');
    expect(countdownWords(0)).toBe('0:00');
    expect(countdownWords(-5_000)).toBe('0:00');
  });
});

describe('live relay in words', () => {
  it('says who ended it, or that its time was over', () => {
    expect(endWords('stopped', 'cli')).toBe('Stopped by the command.');
    expect(endWords('time_over', 'sandpost')).toBe('Its time was over.');
  });

  it('names a few recipients and counts the rest', () => {
    const entries = ['a', 'b', 'c', 'd'].map((name) => ({
      kind: 'address' as const,
      value: `${name}@example.com`,
    }));
    expect(recipientsInWords({ kind: 'allow', entries })).toBe(
      'a@example.com, b@example.com, c@example.com and 1 more',
    );
    expect(recipientsInWords({ kind: 'rewrite', to: 'me@example.com' })).toBe('everything to me@example.com');
  });

  it('says how many go at once', () => {
    const one = {
      relay: { id: 'r', name: 'main', kind: 'smtp', address: 'h:25' } as const,
      overCap: 0,
      notAllowed: 3,
      later: 0,
      entries: [],
      notAllowedEntries: [],
    };
    expect(goesInAll({ channels: { email: { ...one, goes: 2 }, sms: { ...one, goes: 1 } } })).toBe(3);
    expect(goingWords(0)).toContain('Nothing waits');
    expect(goingWords(1)).toContain('1 delivery goes out for real');
  });

  it('tells what it holds from what a rule or a magic address holds', () => {
    expect(isHeldByLive({ rule: null, label: 'Live relay' })).toBe(true);
    expect(isHeldByLive({ rule: null, label: '+hold' })).toBe(false);
    expect(isHeldByLive({ rule: 'r1', label: 'Live relay' })).toBe(false);
    expect(isHeldByLive(null)).toBe(false);
  });

  it('fixes the clock while anything may go for real', () => {
    expect(clockIsFixed(status())).toBeNull();
    expect(clockIsFixed(status({ live: true }))).toContain('Live relay is on');
    expect(clockIsFixed(status({ released: 1 }))).toContain('released by hand');
  });
});

describe('what can be released by hand', () => {
  it('goes by the channel of its message', () => {
    expect(channelsOfMessage({ channel: 'email', deliveries: [] })).toEqual(['email']);
    expect(channelsOfMessage({ channel: 'inapp', deliveries: [] })).toEqual([]);
    expect(channelsOfMessage({ channel: 'multi', deliveries: [] })).toEqual([]);
  });

  it('of a push, by the providers that it was for', () => {
    const deliveries = [delivery({ carriage: 'push', provider: 'fcm' })];
    expect(channelsOfMessage({ channel: 'push', deliveries })).toEqual(['fcm']);
    expect(channelsOfMessage({ channel: 'push', deliveries: [] })).toEqual(['apns', 'fcm', 'webpush']);
  });

  it('of deliveries, names each message once, and no channel where they differ', () => {
    const mail = delivery({ carriage: 'email', messageId: 'm1' });
    expect(releaseOf([mail, { ...mail, recipient: 'bob@example.com' }])).toEqual({
      messageIds: ['m1'],
      channels: ['email'],
    });
    expect(releaseOf([mail, delivery({ carriage: 'sms', messageId: 'm2' })]).channels).toEqual([]);
    expect(releaseOf([delivery({ carriage: 'webhook', messageId: null })])).toEqual({
      messageIds: [],
      channels: [],
    });
  });

  it('of messages, only what all of them can go by', () => {
    const push = { id: 'p', channel: 'push' as const, deliveries: [] };
    const fcm = { ...push, id: 'f', deliveries: [delivery({ carriage: 'push', provider: 'fcm' })] };
    expect(releaseOfMessages([push, fcm])).toEqual({ messageIds: ['p', 'f'], channels: ['fcm'] });
    expect(releaseOfMessages([push, { ...push, id: 'm', channel: 'email' }]).channels).toEqual([]);
  });
});

describe('an entry of the log', () => {
  const entry = (about: Partial<AuditEntry>): AuditEntry => ({
    seq: 7,
    at: iso(0),
    kind: 'send',
    by: 'screen',
    channel: 'email',
    relay: 'main',
    recipient: 'jane@example.com',
    messageId: null,
    deliveryId: null,
    detail: {},
    ...about,
  });

  it('says in a line to whom and by what', () => {
    expect(lineWords(entry({}))).toBe('to jane@example.com, by main');
    expect(lineWords(entry({ kind: 'answer', detail: { outcome: 'sent', text: '250 OK' } }))).toBe(
      'to jane@example.com, sent, 250 OK',
    );
    expect(lineWords(entry({ kind: 'turned_off', by: 'sandpost', detail: { why: 'time_over' } }))).toBe(
      'Its time was over.',
    );
    expect(lineWords(entry({ kind: 'verified', recipient: null, detail: { ok: false, text: 'no' } }))).toBe(
      'main, it does not work, no',
    );
  });

  it('shows every detail that is there, times as times', () => {
    const facts = detailFacts(
      entry({ detail: { nextHop: 'mx.example.com', code: null, setup: { durationMs: 1 }, untilMs: 0 } }),
    );
    expect(facts.map(([name]) => name)).toEqual(['Next hop', 'Setup', 'Until']);
    expect(facts[2]?.[1]).toContain('1970');
    expect(lineOf(entry({})).id).toBe('7');
  });
});
