/** One delivery of the core's own, as its SMTP client makes it. */
import type { FarSide } from './far-side.ts';

export const gmailHost = { host: 'mx1.gmail.sandpost.example', address: '198.51.100.11' };
export const outlookHost = { host: 'mx1.outlook.sandpost.example', address: '198.51.100.21' };
export const yahooHost = { host: 'mx1.yahoo.sandpost.example', address: '198.51.100.31' };
export const corporateHost = { host: 'mx1.corporate.sandpost.example', address: '198.51.100.41' };
export const defaultHost = { host: 'mx1.default.sandpost.example', address: '198.51.100.51' };
export const ownHost = { host: 'mx1.own.sandpost.example', address: '198.51.100.61' };

export interface Sending {
  readonly at?: { readonly host: string; readonly address: string };
  readonly from?: string;
  readonly to?: readonly string[];
  readonly fromIp?: string;
  readonly helo?: string;
  readonly stream?: 'transactional' | 'marketing';
}

/** @returns the reply that ended it */
export async function deliver(far: FarSide, raw: Uint8Array, sending: Sending = {}): Promise<string> {
  const to = sending.to ?? ['jane@gmail.com'];
  const client = await far.connect(sending.at ?? gmailHost, {
    fromIp: sending.fromIp ?? '192.0.2.10',
    transaction: {
      messageId: 'message-1',
      deliveries: new Map(to.map((address) => [address, `delivery-${address}`])),
      ...(sending.stream === undefined ? {} : { stream: sending.stream }),
      verdict: null,
    },
  });
  try {
    const greeting = await client.reply();
    if (!greeting.startsWith('220')) return greeting;
    await client.say(`EHLO ${sending.helo ?? 'out.example.com'}`);
    return await client.deliver(sending.from ?? 'b+1@bounce.example.com', to, raw);
  } finally {
    client.destroy();
  }
}
