/**
 * Who sent this message? SPF (RFC 7208), DKIM (RFC 6376, RFC 8463), DMARC (RFC 9989) and ARC (RFC 8617), found out by
 * mailauth with the resolver it is given, and the address's own name (RFC 1912 §2.1). Every finding says why in words.
 *
 * mailauth's parts are called one by one, where its `authenticate` would do: so that keys are parsed once and each
 * DNS question is noted.
 */
import { arc } from 'mailauth/lib/arc/index.js';
import { DkimVerifier, type SignatureResult } from 'mailauth/lib/dkim/dkim-verifier.js';
import dmarcVerify, { type DmarcVerdict } from 'mailauth/lib/dmarc/verify.js';
import { type SpfVerdict, spf } from 'mailauth/lib/spf/index.js';
import type { Resolver } from '../../dns/dns.ts';
import { addressBytes } from '../../doors/smtp/ip-address.ts';
import type { Authentication, DmarcResult, SpfResult } from '../../model/authentication.ts';
import { domainOf } from '../address.ts';
import { askDns, type Lookup, type MailauthResolver } from './ask-dns.ts';
import { whyArc, whyDkim, whyDmarc, whySpf } from './in-words.ts';
import type { KeyBook } from './key-book.ts';

export interface ClientFacts {
  readonly ip: string;
  readonly helo: string;
  /** Name that it claims to have, where the DNS is not to be asked (a stranger without one). */
  readonly claimedName: string | null;
  readonly tls: boolean;
}

export interface AuthenticationRequest {
  readonly client: ClientFacts;
  readonly envelopeFrom: string;
  /** Host that checks: the authserv-id (RFC 8601 §2.5). */
  readonly host: string;
}

/** Signatures of one message that are looked at (RFC 6376 §6.1 lets a verifier limit them). */
const signaturesShownMax = 10;

export async function authenticate(
  raw: Uint8Array,
  request: AuthenticationRequest,
  resolver: Resolver,
  keys: KeyBook,
): Promise<Authentication> {
  const lookups: Lookup[] = [];
  const ask = askDns(resolver, lookups);
  const client = await examineClient(request.client, ask);
  const spfVerdict = await spf({
    // Empty for a bounce: HELO is what vouches then (RFC 7208 §2.4), and what the header names (RFC 8601 §2.7.2).
    sender: request.envelopeFrom,
    ip: request.client.ip,
    helo: request.client.helo,
    mta: request.host,
    resolver: ask,
    // As the RFC says: the lenient mode passes over records that receivers outside refuse to use.
    strict: true,
  });
  const verifier = await verifySignatures(raw, request, ask, keys);
  const arcVerdict = await arc(verifier.arc, { resolver: ask, ip: request.client.ip });
  const passing = verifier.results.filter((one) => one.status.result === 'pass');
  const evaluated = await dmarcVerify.evaluateDmarc({
    headerFrom: verifier.headerFrom,
    fromFields: verifier.fromFields,
    spfDomains: spfVerdict.status.result === 'pass' ? [spfVerdict.domain] : [],
    dkimDomains: passing.map((one) => ({
      id: one.id,
      domain: one.signingDomain,
      aligned: one.status.aligned,
      underSized: one.status.underSized,
    })),
    arcResult: arcVerdict,
    resolver: ask,
  });
  const dmarc = evaluated.response === false ? null : evaluated.response;
  const aligned = evaluated.dkimAligned ?? new Set<string>();
  const fromDomain = domainOf(verifier.headerFrom[0] ?? '');
  return {
    client,
    spf: {
      result: spfResult(spfVerdict.status.result),
      domain: spfVerdict.domain,
      record: spfVerdict.rr ?? null,
      why: whySpf(spfResult(spfVerdict.status.result), spfVerdict, request.client.ip),
      lookups: spfVerdict.lookups?.count ?? null,
    },
    dkim: signatures(verifier.results, aligned, fromDomain),
    dmarc: dmarcPart(dmarc, evaluated.reason ?? null, {
      from: fromDomain,
      spf: spfVerdict,
      signing: passing.flatMap((one) => one.signingDomain ?? []),
    }),
    arc: {
      result:
        arcVerdict.status.result === 'pass' || arcVerdict.status.result === 'fail'
          ? arcVerdict.status.result
          : 'none',
      why: whyArc(arcVerdict.status.result, arcVerdict.status.comment ?? null),
    },
    header: [
      request.host,
      ...verifier.results.map((one) => one.info),
      spfVerdict.info,
      arcVerdict.info,
      dmarc?.info,
    ]
      .filter((part) => part !== undefined)
      .map((part) => part.replace(/\s+/g, ' '))
      .join('; '),
    oneClickSigned: passing.some((one) => {
      const fields = signedFields(one);
      return fields.includes('list-unsubscribe') && fields.includes('list-unsubscribe-post');
    }),
    lookups,
  };
}

/** Names of the header fields that a signature covers, lower case. */
function signedFields(signature: SignatureResult): string[] {
  return (signature.signingHeaders?.keys ?? '').split(':').map((name) => name.trim().toLowerCase());
}

async function verifySignatures(
  raw: Uint8Array,
  request: AuthenticationRequest,
  ask: MailauthResolver,
  keys: KeyBook,
): Promise<DkimVerifier> {
  // Strict: a body that was altered is a failure (RFC 6376 §6.1.3), and SHA-1 does not count (RFC 8301).
  const verifier = new DkimVerifier({ resolver: ask, sender: request.envelopeFrom, strict: true });
  const cache = keys.for(ask);
  verifier.keyCache = cache;
  verifier.arc.keyCache = cache;
  await written(verifier, Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
  return verifier;
}

/** In one piece: mailauth's own way lets the event loop turn twice a message. */
function written(verifier: DkimVerifier, message: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    verifier.once('error', reject);
    verifier.once('finish', resolve);
    verifier.end(message);
  });
}

function signatures(
  results: readonly SignatureResult[],
  aligned: ReadonlySet<string>,
  fromDomain: string,
): Authentication['dkim'] {
  return results.slice(0, signaturesShownMax).flatMap((one) =>
    one.signingDomain === undefined && one.status.result === 'none'
      ? []
      : [
          {
            result: one.status.result,
            domain: one.signingDomain ?? null,
            selector: one.selector ?? null,
            algorithm: one.algo ?? null,
            aligned:
              one.status.result === 'pass' && one.signingDomain !== undefined
                ? aligned.has(one.signingDomain.toLowerCase())
                : Boolean(one.status.aligned),
            why: whyDkim(one, fromDomain),
          },
        ],
  );
}

function dmarcPart(
  verdict: DmarcVerdict | null,
  reason: string | null,
  found: { readonly from: string; readonly spf: SpfVerdict; readonly signing: readonly string[] },
): Authentication['dmarc'] {
  const result = dmarcResult(verdict?.status.result ?? 'none');
  const policy = policyOf(verdict?.policy);
  const part = {
    result,
    domain: verdict?.policyDomain ?? verdict?.domain ?? (found.from === '' ? null : found.from),
    policy: verdict?.rr === undefined ? null : policy,
    record: verdict?.rr ?? null,
    spfAligned: verdict?.alignment?.spf.result !== undefined,
    dkimAligned: verdict?.alignment?.dkim.result !== undefined,
    disposition: result === 'fail' && policy !== null ? policy : ('none' as const),
  };
  return { ...part, why: whyDmarc(part, { ...found, reason: verdict?.error ?? reason }) };
}

function policyOf(text: string | undefined): 'none' | 'quarantine' | 'reject' | null {
  return text === 'none' || text === 'quarantine' || text === 'reject' ? text : null;
}

/** Does the address have a name, and does that name lead back to it? */
async function examineClient(client: ClientFacts, ask: MailauthResolver): Promise<Authentication['client']> {
  const type = client.ip.includes(':') ? 'AAAA' : 'A';
  const addresses = (name: string): Promise<readonly unknown[]> => orNone(ask(name, type));
  const asked = client.claimedName === null;
  const [ptr] = asked ? await orNone(ask(reverseName(client.ip), 'PTR')) : [client.claimedName];
  const name = typeof ptr === 'string' ? ptr : null;
  const literal = client.helo.startsWith('[');
  return {
    ip: client.ip,
    helo: client.helo,
    ptr: name,
    ptrConfirmed: name !== null && (!asked || (await addresses(name)).includes(client.ip)),
    heloMatches:
      literal || (!asked && client.helo === name) || (await addresses(client.helo)).includes(client.ip),
    tls: client.tls,
  };
}

/** No answer is no name: what went wrong stands among the lookups. */
function orNone(answer: Promise<unknown[]>): Promise<readonly unknown[]> {
  return answer.catch(() => []);
}

/** RFC 1035 §3.5, RFC 3596 §2.5. */
function reverseName(ip: string): string {
  if (!ip.includes(':')) return `${ip.split('.').reverse().join('.')}.in-addr.arpa`;
  const nibbles = [...addressBytes(ip, 6).toString('hex')];
  return `${nibbles.reverse().join('.')}.ip6.arpa`;
}

function spfResult(text: string): SpfResult {
  switch (text) {
    case 'pass':
    case 'fail':
    case 'softfail':
    case 'neutral':
    case 'none':
    case 'permerror':
      return text;
    default:
      return 'temperror';
  }
}

function dmarcResult(text: string): DmarcResult {
  switch (text) {
    case 'pass':
    case 'fail':
    case 'none':
    case 'permerror':
      return text;
    default:
      return 'temperror';
  }
}
