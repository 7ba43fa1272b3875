/** One case for every condition and for every action, as an SMS meets them. */
import type { Action, ConditionKey, Conditions } from '../../../core/rules/schema.ts';
import { type SmsAbout, smsFacts } from '../../../core/rules/sms-facts.ts';
import type { DeskWorld } from './desk-world.ts';

export const number = '+4915112345678';

export const base: SmsAbout = {
  door: 'twilio',
  provider: 'twilio',
  sender: 'ShopInfo',
  recipient: number,
  text: 'Your code is 4711. Größe M',
  media: [{ url: 'https://img.shop.example/shoe.png?w=300', contentType: null }],
  fields: [
    ['authorization', 'Basic secret'],
    ['user-agent', 'twilio-node/6.0'],
  ],
  bytes: 700,
  tags: ['codes'],
  same: 'To=%2B4915112345678&Body=Your+code',
  exchangeId: 'x-1',
};

export interface SmsConditionCase {
  readonly key: ConditionKey;
  readonly when: Conditions;
  /** An SMS that does not meet it; null: it counts, and is met or not by what came before. */
  readonly other: Partial<SmsAbout> | null;
}

export const smsConditionCases: readonly SmsConditionCase[] = [
  // Every SMS has that channel.
  { key: 'channel', when: { channel: 'sms' }, other: null },
  { key: 'door', when: { door: ['twilio', 'queue'] }, other: { door: 'vonage' } },
  { key: 'provider', when: { provider: 'twilio' }, other: { provider: 'smpp' } },
  {
    key: 'recipient',
    when: { recipient: ['+33612000000', '+4915*'] },
    other: { recipient: '+447400123456' },
  },
  { key: 'sender', when: { sender: 'shopinfo' }, other: { sender: '+12025550123' } },
  { key: 'header', when: { header: { name: 'user-agent', text: 'twilio' } }, other: { fields: [] } },
  { key: 'body', when: { body: { matches: 'code\\s+is \\d{4}' } }, other: { text: 'Hello' } },
  { key: 'attachment', when: { attachment: { name: '*.png', type: 'image/*' } }, other: { media: [] } },
  { key: 'size', when: { size: { bytesMin: 500 } }, other: { bytes: 499 } },
  { key: 'tag', when: { tag: 'Codes' }, other: { tags: ['news'] } },
  { key: 'time', when: { time: { forMs: 60_000 } }, other: null },
  { key: 'nth', when: { nth: 2 }, other: null },
  { key: 'everyNth', when: { everyNth: 2 }, other: null },
  { key: 'rate', when: { rate: { moreThan: 1, perMs: 60_000 } }, other: null },
  { key: 'probability', when: { probability: 0.7 }, other: null },
  { key: 'atMost', when: { atMost: 1 }, other: null },
];

export interface SmsActionCase {
  readonly name: string;
  readonly action: Action;
  /** Where the orders have it. */
  readonly in: 'answer' | 'connection' | 'after' | 'hold';
}

export const smsActionCases: readonly SmsActionCase[] = [
  { name: 'answer', action: { do: 'answer', reason: '21610' }, in: 'answer' },
  { name: 'answer so often', action: { do: 'answer', reason: '20429', times: 1 }, in: 'answer' },
  { name: 'disconnect', action: { do: 'disconnect', at: 'endOfData' }, in: 'answer' },
  { name: 'disconnect and keep', action: { do: 'disconnect', at: 'endOfData', keep: true }, in: 'answer' },
  {
    name: 'refuse connections',
    action: { do: 'refuseConnection', how: 'reset', code: 554, text: 'No' },
    in: 'answer',
  },
  { name: 'slow', action: { do: 'slow', bytesPerSecond: 1_000 }, in: 'connection' },
  { name: 'hold', action: { do: 'hold' }, in: 'hold' },
  { name: 'delay', action: { do: 'delay', ms: 1_000 }, in: 'after' },
  { name: 'black hole', action: { do: 'blackHole' }, in: 'after' },
  { name: 'duplicate', action: { do: 'duplicate', copies: 3 }, in: 'after' },
  { name: 'offline', action: { do: 'offline', forMs: 7_200_000 }, in: 'after' },
  {
    name: 'report',
    action: { do: 'report', status: 'undelivered', code: '30007', afterMs: 1_000 },
    in: 'after',
  },
  { name: 'lose reports', action: { do: 'reports', how: 'lose', times: 2, ms: 60_000 }, in: 'after' },
];

/** What the desk orders for an SMS like the one of the table, of which something may be otherwise. */
export function smsOrders(world: DeskWorld, other: Partial<SmsAbout> = {}) {
  return world.desk.orders(smsFacts(world.desk, { ...base, ...other }));
}
