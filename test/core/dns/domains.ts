/** Sending domains for tests, with keys that nobody signs with. */
import { generateKeyPairSync } from 'node:crypto';
import type { SendingDomain } from '../../../core/model/sending-domain.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed25519 = generateKeyPairSync('ed25519');

export function sendingDomain(
  change: Partial<SendingDomain> & { readonly name: string } = { name: 'shop.example' },
): SendingDomain {
  return {
    createdAtMs: 0,
    onTheFly: false,
    ip: '192.0.2.7',
    helo: `mta-7.${change.name}`,
    keys: [
      {
        selector: 'sp1-rsa',
        algorithm: 'rsa-sha256',
        publicKey: rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
        privateKey: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        active: true,
        createdAtMs: 0,
      },
      {
        selector: 'sp1-ed',
        algorithm: 'ed25519-sha256',
        publicKey: ed25519.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64'),
        privateKey: ed25519.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        active: true,
        createdAtMs: 0,
      },
    ],
    dmarc: { policy: 'reject', alignment: 'relaxed' },
    signWith: 'both',
    faults: [],
    pool: 'dedicated',
    inbound: { kind: 'mailbox' },
    streams: { transactional: null, marketing: null },
    ...change,
  };
}
