/** Voices for the carriers' tests: a provider that says everything, in words of the table of statuses. */
import type { SmsVoice } from '../../../../core/delivery/sms-far-side.ts';
import type { NewCallback } from '../../../../core/model/callback.ts';
import type { NewSms, SmsCause, SmsProvider, SmsState } from '../../../../core/model/sms.ts';

const words: Readonly<Record<SmsState, string>> = {
  scheduled: 'scheduled',
  accepted: 'queued',
  sent: 'sent',
  held: 'sent',
  delivered: 'delivered',
  undelivered: 'undelivered',
  failed: 'failed',
  rejected: 'failed',
  expired: 'undelivered',
  canceled: 'canceled',
  unknown: 'sent',
  received: 'received',
};

const codes: Readonly<Partial<Record<SmsCause, string>>> = {
  unknown_number: '30005',
  landline: '30006',
  unreachable: '30003',
  blocked: '30004',
  filtered: '30007',
  validity: '30036',
};

export const hourMs = 3_600_000;

export function testVoice(provider: SmsProvider = 'twilio'): SmsVoice {
  let lastId = 0;
  const callback = (
    sms: NewSms,
    tells: string,
    purpose: 'report' | 'inbound',
    atMs: number,
  ): NewCallback => ({
    callback: {
      kind: 'http',
      provider,
      account: sms.account,
      purpose,
      tells,
      smsId: sms.id,
      method: 'POST',
      url: 'http://127.0.0.1:9/hook',
      contentType: 'text/plain',
      body: tells,
    },
    dueAtMs: atMs,
    lifetimeMs: hourMs,
  });
  return {
    provider,
    say: (_sms, state, cause, forced) => ({
      status: forced?.status ?? words[state],
      code: forced?.code ?? (cause === null ? null : (codes[cause] ?? null)),
    }),
    report: (sms, step, { nowMs }) =>
      step.state === 'held' || step.state === 'accepted' ? [] : [callback(sms, step.status, 'report', nowMs)],
    inbound: (sms, sender, { nowMs }) =>
      sender?.inboundUrl == null ? [] : [callback(sms, 'message', 'inbound', nowMs)],
    optOut: {
      stop: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'],
      start: ['START', 'YES', 'UNSTOP'],
      help: ['HELP', 'INFO'],
      answers: { stop: 'You are out.', start: 'You are in.', help: 'Reply STOP to unsubscribe.' },
      forwarded: false,
    },
    newProviderId: () => `SM${String(++lastId).padStart(4, '0')}`,
  };
}
