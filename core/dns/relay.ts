/** The e-mail service of the sandbox: what a misaligned domain sends through, and who sends as somebody else. */
import type { DkimKey, SendingDomain } from '../model/sending-domain.ts';
import { relayHost } from './addresses.ts';

export function relayDomain(keys: readonly DkimKey[], createdAtMs: number): SendingDomain {
  return {
    name: relayHost.domain,
    createdAtMs,
    onTheFly: false,
    ip: relayHost.ip,
    helo: relayHost.helo,
    keys,
    signWith: 'both',
    dmarc: { policy: 'none', alignment: 'relaxed' },
    faults: [],
    pool: 'shared',
    inbound: { kind: 'mailbox' },
    streams: { transactional: null, marketing: null },
  };
}
