/** A copy in a mailbox, as a far side that checks what it takes would keep it. */
import type { DeliveryRow } from '../../../core/model/delivery.ts';
import type { NewCopy } from '../../../core/model/mailbox-copy.ts';

let lastId = 0;

export function copyOf(delivery: DeliveryRow, about: Partial<NewCopy> = {}): NewCopy {
  return {
    id: `30000000-0000-7000-8000-${String(++lastId).padStart(12, '0')}`,
    provider: delivery.provider ?? 'default',
    mailbox: delivery.recipient,
    deliveryId: delivery.id,
    messageId: delivery.messageId,
    receivedAtMs: delivery.createdAtMs,
    placement: 'inbox',
    envelopeFrom: 'from@example.com',
    authentication: {
      client: {
        ip: '192.0.2.10',
        helo: 'out.example.com',
        ptr: 'out.example.com',
        ptrConfirmed: true,
        heloMatches: true,
        tls: true,
      },
      spf: {
        result: 'pass',
        domain: 'example.com',
        record: 'v=spf1 ip4:192.0.2.10 -all',
        why: '192.0.2.10 is named by the SPF record of example.com.',
        lookups: 1,
      },
      dkim: [
        {
          result: 'pass',
          domain: 'example.com',
          selector: 's1',
          algorithm: 'rsa-sha256',
          aligned: true,
          why: 'The signature fits the body and the signed headers.',
        },
      ],
      dmarc: {
        result: 'pass',
        domain: 'example.com',
        policy: 'reject',
        record: 'v=DMARC1; p=reject',
        spfAligned: true,
        dkimAligned: true,
        disposition: 'none',
        why: 'SPF and DKIM pass and are aligned with From.',
      },
      arc: { result: 'none', why: 'No ARC set.' },
      header:
        'mx.example.net; spf=pass smtp.mailfrom=example.com; dkim=pass header.d=example.com; dmarc=pass header.from=example.com',
      lookups: [{ question: 'TXT example.com', answer: 'v=spf1 ip4:192.0.2.10 -all' }],
    },
    filter: {
      score: 1.5,
      spamAt: 5,
      reasons: [
        { code: 'caps', points: 2, detail: 'The subject is in capitals.', stage: 'content' },
        { code: 'aligned', points: -0.5, detail: 'DMARC passes.', stage: 'authentication' },
      ],
    },
    bytes: new Uint8Array(),
    headOnly: true,
    ...about,
  };
}
