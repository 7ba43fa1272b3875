/** One case for every condition and for every action: the tables that tests are made of. */
import type { Facts } from '../../../core/rules/decision.ts';
import type { Action, ConditionKey, Conditions, Stage } from '../../../core/rules/schema.ts';

export const base: Facts = {
  channel: 'email',
  door: 'smtp',
  provider: 'gmail',
  sender: 'App@Shop.example',
  recipient: 'Jane@gmail.com',
  headers: 'From: app@shop.example\r\nTo: jane@gmail.com\r\nSubject: Your invoice 42\r\nX-Kind: receipt\r\n',
  bytes: 5_000,
  tags: ['billing'],
  content: {
    text: 'Thank you for your order',
    attachments: [{ name: 'invoice.pdf', type: 'application/pdf', bytes: 3_000 }],
  },
  tryKey: 'one',
  messageId: 'm-1',
  deliveryId: 'd-1',
};

export interface ConditionCase {
  readonly key: ConditionKey;
  readonly when: Conditions;
  /** Facts under which it is not met; null: it counts, and is met or not by what came before. */
  readonly other: Partial<Facts> | null;
}

export const conditionCases: readonly ConditionCase[] = [
  { key: 'channel', when: { channel: 'email' }, other: { channel: 'sms' } },
  { key: 'door', when: { door: ['smtp', 'queue'] }, other: { door: 'smtps' } },
  { key: 'provider', when: { provider: 'gmail' }, other: { provider: 'yahoo' } },
  { key: 'recipient', when: { recipient: 'jane@gmail.com' }, other: { recipient: 'bob@gmail.com' } },
  { key: 'sender', when: { sender: ['shop.example'] }, other: { sender: 'app@other.example' } },
  { key: 'domain', when: { domain: 'gmail.com' }, other: { recipient: 'jane@yahoo.com' } },
  { key: 'subject', when: { subject: 'INVOICE' }, other: { headers: 'Subject: Hello\r\n' } },
  {
    key: 'header',
    when: { header: { name: 'x-kind', text: { equals: 'Receipt' } } },
    other: { headers: 'X-Kind: news\r\n' },
  },
  {
    key: 'body',
    when: { body: { matches: 'your\\s+order' } },
    other: { content: { text: 'Hello', attachments: [] } },
  },
  {
    key: 'attachment',
    when: { attachment: { name: '*.pdf', type: 'application/*', bytesMax: 10_000 } },
    other: { content: { text: '', attachments: [{ name: 'a.zip', type: 'application/zip', bytes: 3 }] } },
  },
  { key: 'size', when: { size: { bytesMin: 1_000 } }, other: { bytes: 999 } },
  { key: 'tag', when: { tag: 'Billing' }, other: { tags: ['news'] } },
  { key: 'time', when: { time: { forMs: 60_000 } }, other: null },
  { key: 'nth', when: { nth: 2 }, other: null },
  { key: 'everyNth', when: { everyNth: 2 }, other: null },
  { key: 'rate', when: { rate: { moreThan: 1, perMs: 60_000 } }, other: null },
  { key: 'probability', when: { probability: 0.7 }, other: null },
  { key: 'atMost', when: { atMost: 1 }, other: null },
];

export interface ActionCase {
  readonly name: string;
  readonly action: Action;
}

export const actionCases: readonly ActionCase[] = [
  { name: 'reject', action: { do: 'reject', code: 550, enhanced: '5.1.1', text: 'No {recipient} here' } },
  { name: 'reject at EHLO', action: { do: 'reject', code: 554, text: 'Not you', at: 'ehlo' } },
  {
    name: 'reject at MAIL',
    action: { do: 'reject', code: 553, enhanced: '5.7.1', text: 'Not you', at: 'mail' },
  },
  {
    name: 'reject at the end of DATA',
    action: { do: 'reject', code: 554, enhanced: '5.7.1', text: 'Two\nlines', at: 'endOfData' },
  },
  { name: 'defer', action: { do: 'defer', code: 451, enhanced: '4.7.1', text: 'Later', times: 1 } },
  {
    name: 'defer with 421',
    action: { do: 'defer', code: 421, enhanced: '4.3.2', text: 'Closing', at: 'connect' },
  },
  { name: 'hold', action: { do: 'hold' } },
  { name: 'delay', action: { do: 'delay', ms: 1_000, msMax: 2_000 } },
  { name: 'slow', action: { do: 'slow', bytesPerSecond: 100_000 } },
  { name: 'disconnect at connect', action: { do: 'disconnect', at: 'connect' } },
  { name: 'disconnect at EHLO', action: { do: 'disconnect', at: 'ehlo' } },
  { name: 'disconnect at MAIL', action: { do: 'disconnect', at: 'mail' } },
  { name: 'disconnect at RCPT', action: { do: 'disconnect', at: 'rcpt' } },
  { name: 'disconnect at DATA', action: { do: 'disconnect', at: 'data' } },
  { name: 'disconnect in the middle of DATA', action: { do: 'disconnect', at: 'midData', afterBytes: 100 } },
  { name: 'disconnect after the dot', action: { do: 'disconnect', at: 'endOfData' } },
  { name: 'refuse connections', action: { do: 'refuseConnection', how: 'reset', code: 554, text: 'No' } },
  {
    name: 'refuse connections by a reply',
    action: { do: 'refuseConnection', how: 'reply', code: 554, text: 'No SMTP here' },
  },
  { name: 'no STARTTLS', action: { do: 'breakTls', how: 'notOffered' } },
  { name: 'refuse STARTTLS', action: { do: 'breakTls', how: 'refuse' } },
  { name: 'cut TLS', action: { do: 'breakTls', how: 'cut' } },
  { name: 'refuse AUTH', action: { do: 'refuseAuth', code: 535, enhanced: '5.7.8', text: 'No' } },
  { name: 'black hole', action: { do: 'blackHole' } },
  { name: 'duplicate', action: { do: 'duplicate', copies: 3 } },
  {
    name: 'bounce later',
    action: { do: 'bounceLater', afterMs: 60_000, code: 550, enhanced: '5.1.1', text: 'Gone' },
  },
  { name: 'complain', action: { do: 'complain', afterMs: 60_000 } },
  { name: 'place in the inbox', action: { do: 'place', in: 'inbox' } },
  { name: 'place in promotions', action: { do: 'place', in: 'promotions' } },
  { name: 'place in the spam', action: { do: 'place', in: 'spam' } },
  { name: 'auto-reply', action: { do: 'autoReply', text: 'Away', afterMs: 1_000 } },
  { name: 'corrupt', action: { do: 'corrupt' } },
];

export const bothStages: readonly Stage[] = ['door', 'farSide'];
