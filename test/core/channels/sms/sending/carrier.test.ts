import { describe, expect, it } from 'vitest';
import { createSmsCarrier, type SmsCarrierPorts } from '../../../../../core/channels/sms/carrier.ts';
import type { SmsClient, SmsOutcome, SmsOutgoing } from '../../../../../core/channels/sms/client.ts';
import type { ClaimedDelivery, Job } from '../../../../../core/delivery/carrier.ts';
import type { SmsProvider } from '../../../../../core/model/sms.ts';
import { type SmsSubmission, smsSubmissionBytes } from '../../../../../core/model/sms-submission.ts';

const nowMs = 1_000_000;
const submission: SmsSubmission = {
  to: [{ number: '+14155550123' }],
  from: null,
  body: 'Hello',
  media: [],
  providers: ['twilio', 'vonage'],
  trackLinks: false,
  validitySeconds: null,
  reference: null,
  tags: [],
  metadata: {},
  stream: null,
  sendAtMs: null,
  project: null,
};

function claimedSms(): ClaimedDelivery {
  return {
    delivery: {
      seq: 5,
      id: 'delivery-1',
      carriage: 'sms',
      messageId: 'message-1',
      messageSeq: 1,
      project: 'main',
      recipient: '+14155550123',
      domain: 'api.twilio.com',
      provider: 'twilio',
      stream: 'transactional',
      status: 'queued',
      substatus: null,
      class: null,
      reason: null,
      attempts: 0,
      createdAtMs: nowMs,
      nextAttemptAtMs: null,
      expiresAtMs: nowMs + 600_000,
      endedAtMs: null,
      placement: null,
      retryOf: null,
      waitsFor: null,
      heldSinceMs: null,
      heldBy: null,
      releasedAtMs: null,
      releasedFrom: [],
      mailFrom: null,
      editedFrom: null,
    },
    parameters: null,
    message: {
      id: 'message-1',
      seq: 1,
      door: 'api',
      project: 'main',
      envelopeFrom: '+15005550006',
      envelopeParameters: null,
      bytes: 10,
      receivedAtMs: nowMs,
      details: null,
    },
  };
}

const taken: SmsOutcome = { kind: 'sent', providerId: 'SM1', text: '201 queued SM1', code: 201 };
const refused = (
  about: Partial<Exclude<SmsOutcome, { kind: 'sent' }>>,
): Exclude<SmsOutcome, { kind: 'sent' }> => ({
  kind: 'refused',
  deferred: false,
  retryAfterMs: null,
  class: 'config',
  code: 400,
  providerCode: null,
  text: 'refused',
  ...about,
});

/** What each provider answers, in the order in which it is asked. */
function world(answers: Partial<Record<SmsProvider, SmsOutcome>>, said: Partial<SmsSubmission> = {}) {
  const asked: { provider: SmsProvider; outgoing: SmsOutgoing }[] = [];
  const ports: SmsCarrierPorts = {
    submissionOf: () => Promise.resolve(smsSubmissionBytes({ ...submission, ...said })),
    clientOf: (provider): Promise<SmsClient> =>
      Promise.resolve({
        provider,
        host: `${provider}.example`,
        send(outgoing) {
          asked.push({ provider, outgoing });
          return Promise.resolve(answers[provider] ?? taken);
        },
        close: () => Promise.resolve(),
      }),
    ownSends: () => null,
    reportUrl: (provider, id) => `http://core.example/${provider}/${id}`,
    shortLinks: () => ({ base: 'http://localhost:8025/s/', secret: Buffer.alloc(32, 1) }),
    begins: () => undefined,
    clock: { monotonicMs: () => 0 },
    virtual: { nowMs: () => nowMs, at: () => () => undefined },
    close: () => Promise.resolve(),
  };
  const job: Job = { deliveries: [claimedSms()], nowMs, signal: new AbortController().signal };
  return { carry: async () => await createSmsCarrier(ports).carry(job), asked };
}

describe('the carrier of SMS', () => {
  it('stops at the first provider that takes it, and says who that was', async () => {
    const { carry, asked } = world({});
    const { results, evidence } = await carry();
    expect(asked.map(({ provider }) => provider)).toEqual(['twilio']);
    expect(asked[0]?.outgoing).toMatchObject({
      number: '+14155550123',
      sender: '+15005550006',
      text: 'Hello',
      unicode: false,
      reportUrl: 'http://core.example/twilio/delivery-1',
    });
    expect(results).toMatchObject([
      { outcome: { kind: 'sent' }, takenBy: { provider: 'twilio', domain: 'twilio.example' } },
    ]);
    expect(evidence.changes).toMatchObject([{ code: 'rendered', detail: '1 part of GSM-7, 5 characters' }]);
  });

  it.each([
    ['is down', refused({ deferred: true, class: 'provider_down', code: 503 })],
    ['says too many', refused({ deferred: true, class: 'rate_limited', code: 429 })],
    ['knows no such account', refused({ class: 'config', code: 401 })],
    ['never answers', refused({ kind: 'unanswered', deferred: true, class: 'network', code: null })],
  ])('fails over where one %s, in the same attempt', async (_what, outcome) => {
    const { carry, asked } = world({ twilio: outcome });
    const { results, evidence } = await carry();
    expect(asked.map(({ provider }) => provider)).toEqual(['twilio', 'vonage']);
    expect(results).toMatchObject([{ outcome: { kind: 'sent' }, takenBy: { provider: 'vonage' } }]);
    expect(evidence.transcript.map(({ text }) => text)).toContain(
      'failed over to Vonage: Twilio did not take it (refused)',
    );
  });

  it.each([
    ['bad_address', 'never'],
    ['opted_out', 'now'],
  ] as const)('asks nobody else about a number that is %s', async (outcomeClass, suppresses) => {
    const { carry, asked } = world({ twilio: refused({ class: outcomeClass }) });
    const { results } = await carry();
    expect(asked).toHaveLength(1);
    expect(results).toMatchObject([{ outcome: { kind: 'failed' }, class: outcomeClass, suppresses }]);
  });

  it('tries again where one of them may take it later, at the soonest time that was named', async () => {
    const { carry } = world({
      twilio: refused({ deferred: true, class: 'rate_limited', retryAfterMs: 60_000 }),
      vonage: refused({ deferred: true, class: 'provider_down', retryAfterMs: 5_000 }),
    });
    expect((await carry()).results).toMatchObject([
      { outcome: { kind: 'deferred', retryAfterMs: 5_000 }, text: 'Twilio: refused; Vonage: refused' },
    ]);
  });

  it('ends where none of them ever will', async () => {
    const { carry } = world({ twilio: refused({}), vonage: refused({ class: 'config' }) });
    expect((await carry()).results).toMatchObject([{ outcome: { kind: 'failed' }, class: 'config' }]);
  });

  it('gives what is left of the validity, and shortens links where it was asked to', async () => {
    const { carry, asked } = world(
      {},
      { validitySeconds: 600, trackLinks: true, body: 'Go to https://shop.example/a' },
    );
    const { evidence } = await carry();
    expect(asked[0]?.outgoing.validitySeconds).toBe(600);
    expect(asked[0]?.outgoing.text).toMatch(/^Go to http:\/\/localhost:8025\/s\/[0-9A-Za-z]{7}$/);
    expect(evidence.changes[0]).toMatchObject({ code: 'short_links' });
  });
});
