/** What the tests of journeys share: a core with the simulated world behind it, and what became of a message. */
import type { TestCore } from '../../start-core.ts';

export interface DeliveryView {
  readonly id: string;
  readonly messageId: string;
  readonly recipient: string;
  readonly provider: string | null;
  readonly status: string;
  readonly substatus: string | null;
  readonly class: string | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly placement: string | null;
  readonly retryOf: string | null;
}

export const mail = (about: {
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly body?: string;
  readonly headers?: string;
}): string =>
  [
    `From: ${about.from ?? 'Shop <hello@shop.example>'}`,
    `To: ${about.to ?? 'jane@gmail.com'}`,
    `Subject: ${about.subject ?? 'Your order 1234 was sent'}`,
    'Date: Sat, 31 Jan 2026 12:00:00 +0000',
    'Message-ID: <1@shop.example>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    ...(about.headers === undefined ? [] : [about.headers]),
    '',
    about.body ?? 'Hello Jane, your order is on its way and will be with you on Tuesday.',
    '',
  ].join('\r\n');

export async function deliveriesOf(core: TestCore, messageId: string): Promise<readonly DeliveryView[]> {
  const message = await core.json<{ deliveries: DeliveryView[] }>(`/v1/messages/${messageId}`);
  return message.deliveries;
}

export async function onlyDelivery(core: TestCore, messageId: string): Promise<DeliveryView> {
  const [first, ...others] = await deliveriesOf(core, messageId);
  if (first === undefined || others.length > 0)
    throw new Error(`${messageId} has ${others.length} deliveries more than one`);
  return first;
}
