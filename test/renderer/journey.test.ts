import { describe, expect, it } from 'vitest';
import { presentReceipt } from '../../core/api/present-delivery.ts';
import type { Evidence, Suppression } from '../../core/api/schema.ts';
import { gapsOf, type JourneyFacts } from '../../renderer/src/journey/stage.ts';
import { stagesOf } from '../../renderer/src/journey/stages.ts';
import { copyOf } from '../core/api/receipt.ts';
import { neverHeld } from '../core/delivery/never-held.ts';
import { attempt, deliveryDetail, event, iso } from './delivery.ts';

const evidence: Evidence = {
  routing: [{ atMs: 1, question: 'MX example.com', answer: '10 mx1.example.com' }],
  changes: [],
  authentication: null,
  signatures: [
    {
      domain: 'shop.example',
      selector: 's1',
      algorithm: 'rsa-sha256',
      header: 'DKIM-Signature: v=1',
      headersSigned: ['from'],
      bodyHash: 'abc=',
    },
  ],
  identity: null,
  transcript: [],
  rules: [],
  live: null,
};

const facts = (about: Partial<JourneyFacts>): JourneyFacts => ({
  message: { door: 'smtp', receivedAt: iso(0), user: 'shop' },
  exchange: null,
  delivery: deliveryDetail(),
  events: [],
  receipts: [],
  suppressions: [],
  ...about,
});

const kinds = (about: Partial<JourneyFacts>): readonly string[] =>
  stagesOf(facts(about)).map(({ kind }) => kind);

describe('a journey', () => {
  it('goes from the door to the mailbox, each step with what it rests on', () => {
    const delivery = deliveryDetail({
      status: 'delivered',
      placement: 'inbox',
      attempts: 1,
      attemptLog: [attempt(1, { evidence })],
    });
    const row = { id: delivery.id, provider: 'default', recipient: delivery.recipient };
    const receipt = presentReceipt({
      ...copyOf({
        ...delivery,
        ...row,
        messageId: 'message-1',
        messageSeq: 1,
        createdAtMs: 0,
        nextAttemptAtMs: null,
        expiresAtMs: 0,
        endedAtMs: null,
        ...neverHeld,
      }),
      seq: 1,
      messageSeq: 1,
      flags: {
        seen: false,
        starred: false,
        answered: false,
        reportedSpam: false,
        unsubscribed: false,
        deleted: false,
      },
      subject: null,
      fromName: null,
    });
    const stages = stagesOf(
      facts({
        delivery,
        receipts: [receipt],
        events: [
          event('queued'),
          event('attempted', { data: { attempt: 1 } }),
          event('sent', { data: { attempt: 1 } }),
          event('delivered', { data: { placement: 'inbox' } }),
          event('opened', { data: { userAgent: 'Mail' } }),
        ],
      }),
    );
    expect(stages.map(({ kind }) => kind)).toEqual([
      'submitted',
      'queued',
      'signed',
      'routed',
      'attempt',
      'authenticated',
      'filtered',
      'placed',
      'answered',
    ]);
    expect(stages.map(({ line }) => line)).toEqual([
      'through smtp, as shop',
      'for jane@example.com at default, transactional',
      'DKIM by s1._domainkey.shop.example',
      'to mx1.example.com',
      'mx1.example.com: 250 2.0.0 OK',
      'SPF pass · DKIM pass · DMARC pass',
      '1.5 of 5 points for spam',
      'in inbox of jane@example.com, at default',
      '',
    ]);
    expect(stages.at(-1)?.evidence).toEqual({ kind: 'facts', facts: [['User agent', 'Mail']] });
  });

  it('tells every attempt, what stopped it in between, and what it waits for', () => {
    const delivery = deliveryDetail({
      substatus: 'deferred',
      attempts: 2,
      nextAttemptAt: iso(600_000),
      attemptLog: [
        attempt(1, { outcome: 'deferred', code: 451, text: '451 4.7.1 Later', class: 'rate_limited' }),
        attempt(2, { outcome: 'deferred', code: 451, text: '451 4.7.1 Later', evidence }),
      ],
    });
    const events = [
      event('queued'),
      event('attempted', { data: { attempt: 1 } }),
      event('deferred', { data: { attempt: 1, nextAttemptAtMs: Date.parse(iso(120_000)) } }),
      event('held', { data: { reason: 'wait for legal' } }),
      event('released'),
      event('attempted', { data: { attempt: 2 } }),
      event('deferred', { data: { attempt: 2 } }),
    ];
    const stages = stagesOf(facts({ delivery, events }));
    expect(stages.map(({ word }) => word)).toEqual([
      'Submitted',
      'Queued',
      'Attempt 1',
      'Held',
      'Released',
      'Signed',
      'Routed',
      'Attempt 2',
      'Deferred',
    ]);
    expect(stages[2]).toMatchObject({
      line: 'mx1.example.com: 451 4.7.1 Later · Too much came at once.',
      tone: 'warn',
      evidence: { kind: 'attempt', whole: true, nextAttemptAt: iso(120_000) },
    });
    expect(stages[7]).toMatchObject({ evidence: { whole: false } });
    expect(stages.at(-1)).toMatchObject({ at: null, kind: 'waiting' });
  });

  it('ends with what to do, and names the suppression where it came', () => {
    const delivery = deliveryDetail({
      status: 'undeliverable',
      class: 'bad_address',
      reason: '550 5.1.1 No such user',
      attemptLog: [attempt(1, { outcome: 'failed', class: 'bad_address', text: '550 5.1.1 No such user' })],
    });
    const suppression: Suppression = {
      seq: 1,
      address: 'jane@example.com',
      scope: 'all',
      reason: 'hard_bounce',
      source: 'delivery',
      class: 'bad_address',
      detail: null,
      deliveryId: delivery.id,
      createdAt: iso(60_000),
      expiresAt: null,
    };
    const events = [
      event('queued'),
      event('attempted', { data: { attempt: 1 }, virtualAt: iso(60_000) }),
      event('undeliverable', {
        data: { attempt: 1, reason: '550 5.1.1 No such user' },
        virtualAt: iso(60_000),
      }),
      event('bounced', { virtualAt: iso(120_000) }),
    ];
    const stages = stagesOf(facts({ delivery, events, suppressions: [suppression] }));
    expect(stages.map(({ kind }) => kind).slice(-4)).toEqual(['attempt', 'ended', 'suppressed', 'answered']);
    expect(stages.at(-3)?.line).toContain('Take it off your list');
  });

  it('says where a second copy may come from', () => {
    const delivery = deliveryDetail({ status: 'sent', attempts: 1, attemptLog: [attempt(1)] });
    const reason = 'Sandpost stopped while an attempt was under way';
    const events = [
      event('queued'),
      event('interrupted', { data: { reason } }),
      event('attempted', { data: { attempt: 1 } }),
    ];
    expect(stagesOf(facts({ delivery, events }))[2]).toMatchObject({
      word: 'Interrupted',
      line: reason,
      tone: 'warn',
    });
  });

  it('shows what a report says, and no attempt for it', () => {
    const delivery = deliveryDetail({ status: 'sent', attempts: 1, attemptLog: [attempt(1)] });
    const report = (type: string, action: string) =>
      event(type, { data: { outOfBand: true, action, reason: 'smtp; 250 OK' } });
    const events = [
      event('attempted', { data: { attempt: 1 } }),
      report('deferred', 'delayed'),
      report('reported', 'relayed'),
    ];
    const stages = stagesOf(facts({ delivery, events })).filter(({ kind }) => kind === 'answered');
    expect(stages.map(({ word, line, tone }) => [word, line, tone])).toEqual([
      ['Reported as delayed', 'smtp; 250 OK', 'warn'],
      ['Reported as handed on', 'smtp; 250 OK', 'quiet'],
    ]);
    expect(kinds({ delivery, events }).filter((kind) => kind === 'attempt').length).toBe(1);
  });

  it('still shows the attempts when the oldest events are gone', () => {
    const delivery = deliveryDetail({
      status: 'sent',
      attempts: 2,
      attemptLog: [attempt(1, { outcome: 'deferred' }), attempt(2)],
    });
    expect(kinds({ delivery, events: [] })).toEqual(['submitted', 'queued', 'attempt', 'attempt', 'waiting']);
    const events = [event('attempted', { data: { attempt: 2 }, virtualAt: iso(120_000) })];
    expect(stagesOf(facts({ delivery, events })).map(({ id }) => id)).toEqual([
      'submitted',
      'queued',
      'attempt-1',
      'attempt-2',
      'waiting',
    ]);
  });

  it('of a webhook’s call begins in the queue', () => {
    const delivery = deliveryDetail({ carriage: 'webhook', domain: 'localhost', messageId: null });
    const stages = stagesOf(facts({ message: null, delivery, events: [event('queued')] }));
    expect(stages.map(({ line }) => line)[0]).toContain('webhook at localhost');
  });

  it('says how long each stage came after the one before', () => {
    const delivery = deliveryDetail({ status: 'sent', attemptLog: [attempt(1), attempt(5)] });
    expect(gapsOf(stagesOf(facts({ delivery })))).toEqual([null, 0, 60_000, 240_000, null]);
  });
});
