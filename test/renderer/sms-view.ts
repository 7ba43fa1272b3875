/** SMS as the API shows them, for tests of what the screen makes of them. */
import type { SmsCallbackView, SmsView } from '../../core/api/sms-schema.ts';
import { iso } from './delivery.ts';

export function smsView(about: Partial<SmsView> = {}): SmsView {
  return {
    id: 'sms-1',
    seq: 1,
    provider: 'twilio',
    account: 'AC1',
    providerId: 'SM1',
    batchId: null,
    direction: 'mt',
    number: '+14155552671',
    sender: '+15005550006',
    service: null,
    messageId: 'message-1',
    deliveryId: 'delivery-1',
    text: 'Hello',
    media: [],
    price: { amount: '0.0083', currency: 'USD' },
    receivedAt: iso(0),
    expiresAt: iso(72 * 3_600_000),
    state: 'delivered',
    copies: 1,
    steps: [step('accepted', 0), step('sent', 1_000), step('delivered', 2_000)],
    encoding: 'GSM-7',
    parts: 1,
    characters: 5,
    units: 5,
    unitsLeft: 155,
    partTexts: ['Hello'],
    unicode: [],
    callbacks: [],
    faults: [],
    ...about,
  };
}

type Step = SmsView['steps'][number];

export const step = (state: Step['state'], afterMs: number, about: Partial<Step> = {}): Step => ({
  state,
  at: iso(afterMs),
  cause: null,
  status: state,
  code: null,
  reason: null,
  ...about,
});

export const callback = (about: Partial<SmsCallbackView> = {}): SmsCallbackView => ({
  id: 'call-1',
  purpose: 'report',
  tells: 'delivered',
  method: 'POST',
  url: 'http://127.0.0.1:3000/status',
  body: 'MessageStatus=delivered',
  status: 'delivered',
  substatus: null,
  reason: null,
  attempts: 1,
  nextAttemptAt: null,
  answer: { at: iso(3_000), code: 200, text: '200 OK' },
  ...about,
});
