/** Who a message is sent as: address, HELO, keys and envelope, with what is broken about the domain on purpose. Pure. */
import { type OutboundIdentity, outboundIdentity } from '../../dns/addresses.ts';
import type { EgressChange } from '../../model/delivery.ts';
import { type DkimKey, type SendingDomain, streamUnder } from '../../model/sending-domain.ts';
import type { SigningKey } from './dkim.ts';

/** Where it goes out for real: nobody here knows from which address. */
export interface RealIdentity {
  readonly ip: null;
  readonly helo: string;
}

export interface SenderIdentity {
  readonly outbound: OutboundIdentity | RealIdentity;
  readonly keys: readonly SigningKey[];
  /** The reverse path is moved to this domain; null leaves it. */
  readonly envelopeDomain: string | null;
  /** A relay on the way changes the body after it was signed. */
  readonly alterBody: boolean;
  /** What of it is a fault set on purpose, or a choice, for the journey. */
  readonly notes: readonly EgressChange[];
}

export interface IdentityFacts {
  /** Of the message's From field. */
  readonly from: string;
  /** The domain that the message is from. */
  readonly domain: SendingDomain;
  /** Whose keys sign for it: its own, another's when it is misaligned, or nobody's. */
  readonly signer: SendingDomain | null;
  /** Domain of the envelope sender that bounces come back to. */
  readonly bounceDomain: string;
  /** The door leaves signing to the app. */
  readonly unsigned: boolean;
}

export function senderIdentity(facts: IdentityFacts): SenderIdentity {
  const { domain, signer, bounceDomain, unsigned } = facts;
  const notes: EgressChange[] = [];
  const misaligned = domain.faults.includes('misaligned');
  if (misaligned) {
    notes.push({
      code: 'misaligned',
      detail: `envelope and signature are of ${signer?.name ?? bounceDomain}, not of From’s ${domain.name} (a fault set for the domain)`,
    });
  }
  const keys =
    unsigned || signer === null ? [] : signer.keys.filter((key) => key.active && isChosen(signer, key));
  if (keys.length === 0) {
    const why = unsigned
      ? 'the door leaves signing to the app'
      : signer === null
        ? 'signing is off (a fault set for the domain)'
        : `${signer.name} has no key that signs`;
    notes.push({ code: 'not_signed', detail: `not signed: ${why}` });
  }
  const signingDomain =
    signer?.name === domain.name
      ? (streamUnder(domain, facts.from)?.host ?? domain.name)
      : (signer?.name ?? domain.name);
  return {
    outbound: outboundIdentity(domain),
    // A stream with a sub-domain of its own is signed with it; its keys are published there too.
    keys: keys.map(({ selector, algorithm, publicKey, privateKey }) => ({
      domain: signingDomain,
      selector,
      algorithm,
      id: publicKey,
      privateKey,
    })),
    envelopeDomain: misaligned ? bounceDomain : null,
    alterBody: domain.faults.includes('dkim_body_altered'),
    notes,
  };
}

function isChosen({ signWith }: SendingDomain, { algorithm }: DkimKey): boolean {
  return signWith === 'both' || signWith === algorithm;
}

/** Of a server that signs nothing: a stranger's, or ours for a message from nobody that can be set up. */
export function plainIdentity(outbound: SenderIdentity['outbound']): SenderIdentity {
  return { outbound, keys: [], envelopeDomain: null, alterBody: false, notes: [] };
}
