/** One case for every condition and for every action, as a push meets them. */

import type { PushContent } from '../../../core/model/push.ts';
import { noContent } from '../../../core/model/push-content.ts';
import { type PushAbout, pushFacts } from '../../../core/rules/push-facts.ts';
import type { Action, ConditionKey, Conditions } from '../../../core/rules/schema.ts';
import type { DeskWorld } from './desk-world.ts';

export const content: PushContent = {
  ...noContent,
  title: 'Order 42 is here: Größe M',
  body: 'Thank you for your order',
  image: 'https://img.shop.example/shoe.png?w=300',
  data: { orderId: '42', items: [{ name: 'Schuh' }] },
  silent: false,
};

export const token = '5f2c19d0a3b7e84c';

export const base: PushAbout = {
  door: 'apns',
  provider: 'apns',
  app: 'com.Shop.App',
  recipient: token,
  fields: [
    [':path', `/3/device/${token}`],
    ['authorization', 'bearer secret'],
    ['apns-topic', 'com.Shop.App'],
    ['apns-priority', '10'],
  ],
  bytes: 700,
  content,
  tags: ['orders'],
  same: '{"aps":{}}',
  exchangeId: 'x-1',
};

export interface PushConditionCase {
  readonly key: ConditionKey;
  readonly when: Conditions;
  /** A push that does not meet it; null: it counts, and is met or not by what came before. */
  readonly other: Partial<PushAbout> | null;
}

export const pushConditionCases: readonly PushConditionCase[] = [
  // Every push has that channel.
  { key: 'channel', when: { channel: 'push' }, other: null },
  { key: 'door', when: { door: ['apns', 'queue'] }, other: { door: 'fcm' } },
  { key: 'provider', when: { provider: 'apns' }, other: { provider: 'fcm' } },
  { key: 'recipient', when: { recipient: ['/topics/news', '5F2C19D0*'] }, other: { recipient: 'aa00' } },
  { key: 'sender', when: { sender: 'com.shop.app' }, other: { app: 'com.shop.app.other' } },
  { key: 'subject', when: { subject: 'größe m' }, other: { content: { ...content, title: 'Hello' } } },
  {
    key: 'header',
    when: { header: { name: 'apns-priority', text: { equals: '10' } } },
    other: { fields: [['apns-priority', '5']] },
  },
  {
    key: 'body',
    when: { body: { matches: 'your\\s+order' } },
    other: { content: { ...content, body: 'Hello' } },
  },
  {
    key: 'attachment',
    when: { attachment: { name: '*.png', type: 'image/*' } },
    other: { content: { ...content, image: null } },
  },
  { key: 'size', when: { size: { bytesMin: 500 } }, other: { bytes: 499 } },
  { key: 'tag', when: { tag: 'Orders' }, other: { tags: ['news'] } },
  { key: 'time', when: { time: { forMs: 60_000 } }, other: null },
  { key: 'nth', when: { nth: 2 }, other: null },
  { key: 'everyNth', when: { everyNth: 2 }, other: null },
  { key: 'rate', when: { rate: { moreThan: 1, perMs: 60_000 } }, other: null },
  { key: 'probability', when: { probability: 0.7 }, other: null },
  { key: 'atMost', when: { atMost: 1 }, other: null },
];

export interface PushActionCase {
  readonly name: string;
  readonly action: Action;
  /** Where the orders have it. */
  readonly in: 'answer' | 'connection' | 'after' | 'hold';
}

export const pushActionCases: readonly PushActionCase[] = [
  { name: 'answer', action: { do: 'answer', reason: 'Unregistered' }, in: 'answer' },
  {
    name: 'answer so often',
    action: { do: 'answer', reason: 'TooManyRequests', retryAfterS: 30, times: 1 },
    in: 'answer',
  },
  { name: 'go away', action: { do: 'goAway', reason: 'Shutdown', answered: false }, in: 'answer' },
  { name: 'answer and go away', action: { do: 'goAway', reason: 'Shutdown', answered: true }, in: 'answer' },
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
  { name: 'uninstall', action: { do: 'uninstall' }, in: 'after' },
  { name: 'uninstall, told later', action: { do: 'uninstall', tellAfterSends: 3 }, in: 'after' },
];

/** What the desk orders for a push like the one of the table, of which something may be otherwise. */
export function ordersFor(world: DeskWorld, other: Partial<PushAbout> = {}) {
  return world.desk.orders(pushFacts(world.desk, { ...base, ...other }));
}
