/** A carrier with everything around it in the test's own hands. */
import { onTestFinished } from 'vitest';
import { createEmailCarrier, type EmailCarrierPorts } from '../../../../core/channels/email/carrier.ts';
import { standardPoolLimits } from '../../../../core/channels/email/client/pool.ts';
import type { SigningKey } from '../../../../core/channels/email/dkim.ts';
import { prepare } from '../../../../core/channels/email/mail-thread/prepare.ts';
import type { SenderIdentity } from '../../../../core/channels/email/sender-identity.ts';
import { systemClock } from '../../../../core/clock.ts';
import type { Carried, Carrier, ClaimedDelivery, ClaimedMessage } from '../../../../core/delivery/carrier.ts';
import type { Network } from '../../../../core/delivery/network.ts';
import { neverHeld } from '../../delivery/never-held.ts';
import { networkTo } from './client/scripted-server.ts';
import { resolverOf, type Zone } from './zone.ts';

export const farZone: Zone = {
  'far.example': ['mx 10 mx1.far.example', 'mx 20 mx2.far.example'],
  'mx1.far.example': ['a 198.51.100.1'],
  'mx2.far.example': ['a 198.51.100.2'],
};

export const raw = Buffer.from(
  'From: Shop <shop@shop.example>\r\nTo: a@far.example\r\nBcc: hidden@far.example\r\nSubject: hello\r\nDate: Sat, 31 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\n\r\nHello\r\n',
);

const identity: SenderIdentity = {
  outbound: { ip: '192.0.2.7', helo: 'out.shop.example', ptr: 'out.shop.example' },
  keys: [],
  envelopeDomain: null,
  alterBody: false,
  notes: [],
};

export interface Setting {
  readonly port?: number;
  readonly network?: Network;
  readonly zone?: Zone;
  readonly content?: Uint8Array;
  readonly keys?: readonly SigningKey[];
  readonly identity?: Partial<SenderIdentity>;
  readonly ports?: Partial<EmailCarrierPorts>;
}

export function emailCarrier(setting: Setting): Carrier {
  let lastId = 0;
  const carrier = createEmailCarrier(
    {
      resolver: resolverOf(setting.zone ?? farZone),
      network: setting.network ?? networkTo(setting.port ?? 0),
      clock: systemClock,
      random: () => 0,
      newId: () => String(++lastId),
      prepare: async (request) => prepare(setting.content ?? raw, request),
      identityOf: () => Promise.resolve({ ...identity, keys: setting.keys ?? [], ...setting.identity }),
      bounceAddress: () => null,
      tls: () => 'opportunistic',
      ...setting.ports,
    },
    standardPoolLimits,
  );
  onTestFinished(() => carrier.close());
  return carrier;
}

export function delivery(
  recipient: string,
  about: Partial<ClaimedMessage> = {},
  parameters: ClaimedDelivery['parameters'] = null,
): ClaimedDelivery {
  const message: ClaimedMessage = {
    id: 'message-1',
    seq: 1,
    door: 'smtp',
    project: 'main',
    envelopeFrom: 'b@shop.example',
    envelopeParameters: null,
    bytes: raw.length,
    receivedAtMs: Date.UTC(2026, 0, 31, 10),
    details: null,
    ...about,
  };
  return {
    message,
    parameters,
    delivery: {
      seq: 1,
      id: `delivery to ${recipient}`,
      carriage: 'email',
      messageId: message.id,
      messageSeq: message.seq,
      project: 'main',
      recipient,
      domain: recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase(),
      provider: null,
      stream: 'transactional',
      status: 'queued',
      substatus: null,
      class: null,
      reason: null,
      attempts: 0,
      createdAtMs: 0,
      nextAttemptAtMs: 0,
      expiresAtMs: 1,
      endedAtMs: null,
      placement: null,
      retryOf: null,
      ...neverHeld,
    },
  };
}

export const carry = (carrier: Carrier, ...deliveries: readonly ClaimedDelivery[]): Promise<Carried> =>
  carrier.carry({ deliveries, nowMs: 0, signal: new AbortController().signal });

/** What was said, without the times. */
export const said = ({ evidence }: Carried): readonly string[] =>
  evidence.transcript.map(({ by, text }) => `${by}: ${text}`);
