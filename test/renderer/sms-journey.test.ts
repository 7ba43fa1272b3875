import { describe, expect, it } from 'vitest';
import { formatDateTime } from '../../renderer/src/format.ts';
import type { JourneyFacts, Stage } from '../../renderer/src/journey/stage.ts';
import { stagesOf } from '../../renderer/src/journey/stages.ts';
import { tabsOf } from '../../renderer/src/message/message-tabs.ts';
import { recipientName } from '../../renderer/src/status/recipient-name.ts';
import { attempt, delivery, deliveryDetail, event, iso } from './delivery.ts';
import { callback, smsView, step } from './sms-view.ts';

const sent = {
  id: 'delivery-1',
  carriage: 'sms',
  provider: 'twilio',
  recipient: '+14155552671',
  domain: 'api.twilio.com',
} as const;

function journey(about: Partial<JourneyFacts> = {}): readonly Stage[] {
  return stagesOf({
    message: { door: 'twilio', receivedAt: iso(0), user: null },
    exchange: null,
    delivery: deliveryDetail({ ...sent, status: 'delivered' }),
    events: [event('queued'), event('sent'), event('delivered')],
    receipts: [],
    suppressions: [],
    sms: [smsView()],
    handset: { name: 'Jane’s phone', carrier: { name: 'Alder Mobile', network: '00101' } },
    ...about,
  });
}

const words = (stages: readonly Stage[]): readonly string[] =>
  stages.map(({ word, line }) => (line === '' ? word : `${word}: ${line}`));

describe('the journey of an SMS', () => {
  it('goes from the aggregator by the carrier to the handset, with each report and the app’s answer', () => {
    const failed = callback({
      id: 'call-2',
      tells: 'sent',
      status: 'queued',
      attempts: 1,
      nextAttemptAt: iso(60_000),
      answer: { at: iso(2_500), code: 500, text: '500 oops' },
    });
    const stages = journey({ sms: [smsView({ callbacks: [callback(), failed] })] });
    expect(words(stages)).toEqual([
      'Accepted: by Twilio, GSM-7 · 1 part · 0.0083 USD',
      'Carrier: Alder Mobile has it at its SMSC',
      'Delivered: to the handset “Jane’s phone”',
      `Report: “sent” waits, next try ${formatDateTime(iso(60_000))} (last: 500 oops)`,
      'Report: “delivered”: the app said 200 OK',
    ]);
    expect(stages.at(-1)?.evidence).toMatchObject({ kind: 'callback', call: { id: 'call-1' } });
  });

  it('tells what the SMSC holds, and until when', () => {
    const held = smsView({ state: 'held', steps: [step('accepted', 0), step('sent', 0), step('held', 0)] });
    const stages = journey({
      delivery: deliveryDetail({ ...sent, status: 'sent', substatus: 'held', waitsFor: 'device' }),
      events: [event('queued'), event('sent'), event('held')],
      sms: [held],
    });
    expect(words(stages).slice(-2)).toEqual([
      `Held: Held by the carrier until ${formatDateTime(held.expiresAt)}`,
      `Waiting: The carrier keeps it until the handset is on, or until ${formatDateTime(iso(48 * 3_600_000))}.`,
    ]);
  });

  it('ends in the provider’s own code, with the cause', () => {
    const filtered = step('undelivered', 1_000, { cause: 'filtered', code: '30007' });
    const stages = journey({
      delivery: deliveryDetail({ ...sent, status: 'undeliverable', class: 'content' }),
      events: [event('queued'), event('sent'), event('undeliverable', { data: { reason: 'filtered' } })],
      sms: [smsView({ state: 'undelivered', steps: [step('accepted', 0), filtered] })],
    });
    expect(words(stages).slice(1)).toEqual(['Undelivered: 30007: filtered by the carrier']);
    expect(stages.at(-1)).toMatchObject({ kind: 'filtered', tone: 'bad' });
  });

  it('is told by its events where the provider keeps nothing any more', () => {
    expect(words(journey({ sms: [] })).at(-1)).toMatch(/^Delivered/);
  });

  it('shows of an own send the fail-over before its attempt, the reports, and the click', () => {
    const note = 'failed over to Telnyx: Twilio did not take it (503 20503)';
    const evidence = {
      routing: [],
      changes: [
        { code: 'short_links', detail: 'Links were shortened' },
        { code: 'rendered', detail: '1 part of GSM-7, 41 characters' },
      ],
      signatures: [],
      identity: null,
      transcript: [{ by: 'note', atMs: 1, text: note }],
      authentication: null,
      rules: [],
      live: null,
    } as const;
    const stages = journey({
      message: { door: 'api', receivedAt: iso(0), user: null },
      delivery: deliveryDetail({
        ...sent,
        provider: 'telnyx',
        status: 'delivered',
        attemptLog: [
          attempt(1, {
            nextHop: 'api.telnyx.com',
            text: '200 queued',
            evidence: {
              ...evidence,
              routing: [],
              changes: [...evidence.changes],
              signatures: [],
              transcript: [...evidence.transcript],
              rules: [],
              live: null,
            },
          }),
        ],
      }),
      events: [
        event('queued'),
        event('attempted', { data: { attempt: 1 } }),
        event('sent'),
        event('reported', { data: { provider: 'telnyx', providerStatus: 'delivered' } }),
        event('delivered'),
        event('clicked', { data: { url: 'https://birchbean.example/x' } }),
      ],
    });
    expect(words(stages)).toEqual([
      'Submitted: through api',
      'Queued: for +14155552671 (Telnyx), transactional',
      'Rendered: links shortened, 1 part of GSM-7, 41 characters',
      'Failed over: to Telnyx: Twilio did not take it (503 20503)',
      'Attempt 1: api.telnyx.com: 200 queued',
      'Reported: Telnyx says delivered',
      'Delivered: to the handset “Jane’s phone”',
      'Clicked: https://birchbean.example/x',
    ]);
  });
});

describe('an SMS elsewhere on the screen', () => {
  it('has the views that make sense for it', () => {
    const tabs = (door: string, exchangeId: string | null = 'x') =>
      tabsOf({ channel: 'sms', door, exchangeId });
    expect(tabs('twilio')).toEqual(['journey', 'log', 'preview', 'headers', 'source', 'exchange']);
    expect(tabs('smpp')).toEqual(['journey', 'log', 'preview', 'source', 'exchange']);
    expect(tabs('api', null)).toEqual(['journey', 'log', 'preview', 'source']);
  });

  it('is named by number and provider, a callback by whom it calls', () => {
    expect(recipientName(delivery(sent))).toBe('+14155552671 (Twilio)');
    const call = { ...sent, carriage: 'callback', domain: '127.0.0.1:3000' } as const;
    expect(recipientName(delivery(call))).toBe('callback of Twilio to 127.0.0.1:3000');
  });
});
