/** Mail as an app sends it, signed by mailauth, and the records that go with it. */
import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import type { Zone } from './zone.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const published = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

export const goodZone: Zone = {
  'example.com': { TXT: ['v=spf1 ip4:192.0.2.10 -all'], A: ['192.0.2.1'] },
  'bounce.example.com': { TXT: ['v=spf1 ip4:192.0.2.10 -all'] },
  's1._domainkey.example.com': { TXT: [`v=DKIM1; k=rsa; p=${published}`] },
  '_dmarc.example.com': { TXT: ['v=DMARC1; p=reject'] },
  'out.example.com': { A: ['192.0.2.10', '192.0.2.99'] },
  '10.2.0.192.in-addr.arpa': { PTR: ['out.example.com'] },
  '99.2.0.192.in-addr.arpa': { PTR: ['out.example.com'] },
};

export interface Letter {
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly headers?: readonly string[];
  readonly text?: string;
  /** A body with its own Content-Type. */
  readonly body?: { readonly contentType: string; readonly content: string };
}

export function letter({ from, to, subject, headers = [], text, body }: Letter = {}): Buffer {
  const lines = [
    `From: ${from ?? 'Ann <ann@example.com>'}`,
    `To: ${to ?? 'jane@gmail.com'}`,
    `Subject: ${subject ?? 'Lunch on Friday'}`,
    'Date: Sat, 31 Jan 2026 10:00:00 +0000',
    'Message-ID: <m1@example.com>',
    'MIME-Version: 1.0',
    ...headers,
    `Content-Type: ${body?.contentType ?? 'text/plain; charset=utf-8'}`,
    '',
    body?.content ?? text ?? 'Shall we meet at noon? I found a place by the river.',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

const signed = [
  'from',
  'to',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'list-unsubscribe',
  'list-unsubscribe-post',
];

export async function sign(message: Buffer, domain = 'example.com'): Promise<Buffer> {
  const { signatures } = await dkimSign(message, {
    canonicalization: 'relaxed/relaxed',
    signatureData: [
      {
        signingDomain: domain,
        selector: 's1',
        privateKey: pem,
        algorithm: 'rsa-sha256',
        headerList: signed.join(':'),
      },
    ],
  } as Parameters<typeof dkimSign>[1]);
  return Buffer.concat([Buffer.from(signatures), message]);
}
