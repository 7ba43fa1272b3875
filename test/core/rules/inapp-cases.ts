/** One case for every condition and for every action, as the in-app door meets them. */
import type { Decision } from '../../../core/rules/decision.ts';
import {
  type InAppMessageAbout,
  type InAppRequestAbout,
  inAppFacts,
} from '../../../core/rules/inapp-facts.ts';
import type { Action, ConditionKey, Conditions, InAppMoment } from '../../../core/rules/schema.ts';
import type { DeskWorld } from './desk-world.ts';

export const user = 'anna@shop.example';

export const request: InAppRequestAbout = {
  moment: 'pull',
  door: 'inapp',
  user,
  key: 'pk_shop',
  fields: [
    ['authorization', 'Bearer pk_shop'],
    ['user-agent', 'sandpost-inapp/1'],
  ],
  bytes: 600,
  exchangeId: 'x-1',
};

export const message: InAppMessageAbout = {
  content: {
    title: 'Big sale',
    body: 'Größe M is 20 % off',
    image: 'https://img.shop.example/shoe.png?w=300',
    link: null,
    actions: [{ id: 'buy', label: 'Buy now', url: null, style: 'primary', dismisses: false }],
    slides: [],
    data: {},
  },
  tags: ['offers'],
};

export interface InAppConditionCase {
  readonly key: ConditionKey;
  readonly when: Conditions;
  /** Asked of a message, and not of a request for many. */
  readonly ofMessage?: true;
  /** What does not meet it; null: it counts, and is met or not by what came before. */
  readonly other: {
    readonly request?: Partial<InAppRequestAbout>;
    readonly message?: InAppMessageAbout;
  } | null;
}

const otherMessage: InAppMessageAbout = {
  content: { ...message.content, title: 'Hello', body: 'Nothing', image: null },
  tags: ['news'],
};

export const inAppConditionCases: readonly InAppConditionCase[] = [
  { key: 'channel', when: { channel: 'inapp' }, other: null },
  { key: 'door', when: { door: 'inapp' }, other: { request: { door: 'api' } } },
  { key: 'recipient', when: { recipient: ['otto', 'anna@*'] }, other: { request: { user: 'berta' } } },
  { key: 'sender', when: { sender: 'pk_shop' }, other: { request: { key: 'pk_other' } } },
  {
    key: 'header',
    when: { header: { name: 'user-agent', text: 'sandpost' } },
    other: { request: { fields: [] } },
  },
  { key: 'size', when: { size: { bytesMin: 500 } }, other: { request: { bytes: 499 } } },
  { key: 'subject', when: { subject: 'SALE' }, ofMessage: true, other: { message: otherMessage } },
  {
    key: 'body',
    when: { body: { matches: '\\d+ % off' } },
    ofMessage: true,
    other: { message: otherMessage },
  },
  { key: 'tag', when: { tag: 'Offers' }, ofMessage: true, other: { message: otherMessage } },
  {
    key: 'attachment',
    when: { attachment: { name: '*.png' } },
    ofMessage: true,
    other: { message: otherMessage },
  },
  { key: 'time', when: { time: { forMs: 60_000 } }, other: null },
  { key: 'nth', when: { nth: 2 }, other: null },
  { key: 'everyNth', when: { everyNth: 2 }, other: null },
  { key: 'rate', when: { rate: { moreThan: 1, perMs: 60_000 } }, other: null },
  { key: 'probability', when: { probability: 0.7 }, other: null },
  { key: 'atMost', when: { atMost: 1 }, other: null },
];

export interface InAppActionCase {
  readonly name: string;
  readonly action: Action;
  /** Where the rule names none. */
  readonly at: readonly InAppMoment[];
}

const everywhere: readonly InAppMoment[] = ['send', 'pull', 'display', 'track', 'realtime'];
const theClients: readonly InAppMoment[] = ['pull', 'display', 'track', 'realtime'];

export const inAppActionCases: readonly InAppActionCase[] = [
  { name: 'answer', action: { do: 'answer', reason: 'rate_limited' }, at: everywhere },
  { name: 'disconnect', action: { do: 'disconnect', at: 'endOfData' }, at: everywhere },
  { name: 'cut in the middle', action: { do: 'disconnect', at: 'midData' }, at: everywhere },
  {
    name: 'refuse connections',
    action: { do: 'refuseConnection', how: 'reset', code: 554, text: 'No' },
    at: everywhere,
  },
  { name: 'offline', action: { do: 'offline', forMs: 60_000 }, at: theClients },
  { name: 'go away', action: { do: 'goAway', reason: 'Shutdown', answered: false }, at: ['realtime'] },
  { name: 'slow', action: { do: 'slow', bytesPerSecond: 1_000 }, at: ['pull', 'display'] },
  { name: 'hold', action: { do: 'hold' }, at: ['send'] },
  { name: 'delay', action: { do: 'delay', ms: 1_000 }, at: ['send'] },
  { name: 'expire', action: { do: 'expire', afterMs: 60_000 }, at: ['send'] },
  { name: 'black hole', action: { do: 'blackHole' }, at: ['send'] },
  { name: 'duplicate', action: { do: 'duplicate', copies: 3 }, at: ['pull', 'realtime'] },
  { name: 'empty', action: { do: 'empty' }, at: ['pull', 'display'] },
  { name: 'stale', action: { do: 'stale' }, at: ['pull'] },
  { name: 'shuffle', action: { do: 'shuffle' }, at: ['pull', 'display'] },
];

/** All that the desk decides for a request like that of the table, and for the message that it is about. */
export function inAppDecisions(
  world: DeskWorld,
  about: Partial<InAppRequestAbout> = {},
  one: InAppMessageAbout = message,
): readonly Decision[] {
  const asked = { ...request, ...about };
  const whole = asked.moment === 'send' || asked.moment === 'track';
  const first = world.desk.atInApp(inAppFacts(world.desk, asked, whole ? one : null), 'request');
  return whole ? first : [...first, ...world.desk.atInApp(inAppFacts(world.desk, asked, one), 'message')];
}
