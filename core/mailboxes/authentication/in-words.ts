/** What a check of authentication found, in plain words: why, and what to do about it. Pure. */
import type { SignatureResult } from 'mailauth/lib/dkim/dkim-verifier.js';
import type { SpfVerdict } from 'mailauth/lib/spf/index.js';
import type { Authentication, SpfResult } from '../../model/authentication.ts';

export function whySpf(result: SpfResult, verdict: SpfVerdict, ip: string): string {
  const { domain } = verdict;
  const said = verdict.status.comment ?? '';
  switch (result) {
    case 'pass':
      return `The SPF record of ${domain} allows ${ip}.`;
    case 'fail':
      return `The SPF record of ${domain} does not allow ${ip} and ends in "-all". Add the address to the record, or send from one that it names.`;
    case 'softfail':
      return `The SPF record of ${domain} does not allow ${ip}; "~all" asks to accept it with suspicion. Add the address to the record.`;
    case 'neutral':
      return `The SPF record of ${domain} says neither yes nor no about ${ip}. Add the address, and end the record in "~all" or "-all".`;
    case 'none':
      return `${domain} has no SPF record. Publish one that names ${ip}: "v=spf1 ip4:${ip} -all".`;
    case 'permerror':
      return `The SPF record of ${domain} cannot be used: ${permanent(said)}`;
    case 'temperror':
      return `The SPF record of ${domain} could not be looked up for now: ${reasonIn(said)}.`;
  }
}

function permanent(said: string): string {
  if (/multiple SPF records/i.test(said))
    return 'there are two or more of them, and only one may be (RFC 7208 §4.5). Merge them into one.';
  if (/Too many DNS requests/i.test(said))
    return 'it needs more than ten DNS lookups (RFC 7208 §4.6.4). Replace includes by addresses.';
  if (/Too many void/i.test(said))
    return 'more than two of its lookups find nothing (RFC 7208 §4.6.4). Remove the names that do not exist.';
  return `${reasonIn(said)}. Correct the record.`;
}

/** mailauth puts what went wrong behind the last colon. */
function reasonIn(said: string): string {
  const found = /during lookup of [^:]*: (.+)$/.exec(said)?.[1];
  return found ?? (said === '' ? 'no reason was given' : said);
}

export function whyDkim(signature: SignatureResult, fromDomain: string): string {
  const { status, selector = '?', signingDomain = '?' } = signature;
  const key = `${selector}._domainkey.${signingDomain}`;
  const comment = status.comment || '';
  switch (status.result) {
    case 'pass':
      return `The signature verifies with the key at ${key}, and the body is as it was when it was signed.${covered(status.underSized)}`;
    case 'none':
      return 'The message is not signed. Sign it with a key of the From domain.';
    case 'temperror':
      return `The key at ${key} could not be looked up for now: ${comment}.`;
    case 'policy':
      return comment === 'weak algorithm'
        ? 'The signature uses SHA-1, which does not count any more (RFC 8301). Sign with rsa-sha256.'
        : `The key at ${key} is too short to count (RFC 8301). Use RSA with 2048 bits.`;
    default:
      return failed(comment, key, fromDomain);
  }
}

function failed(comment: string, key: string, fromDomain: string): string {
  if (/body hash/i.test(comment))
    return 'The body was changed after it was signed: its hash is not the one in the signature. A relay that adds a footer or re-encodes the text does that.';
  if (/bad signature/i.test(comment))
    return `The signature does not fit the key at ${key}: that is another key than the one that signed, or a signed header was changed on the way.`;
  if (/no key/i.test(comment))
    return `There is no key at ${key}: it was not published, or was taken away when keys were rotated. Publish it, and keep old keys for a week.`;
  if (/expired/i.test(comment)) return 'The signature has expired (x=).';
  return `The signature counts for nothing${fromDomain === '' ? '' : ` towards ${fromDomain}`}: ${comment === '' ? 'no reason was given' : comment}.`;
}

function covered(unsigned: number | undefined): string {
  return unsigned === undefined || unsigned === 0
    ? ''
    : ` But ${unsigned} bytes at its end are not covered (l=).`;
}

export function whyDmarc(
  part: Omit<Authentication['dmarc'], 'why'>,
  found: {
    readonly from: string;
    readonly spf: SpfVerdict;
    readonly signing: readonly string[];
    readonly reason: string | null;
  },
): string {
  const { from } = found;
  switch (part.result) {
    case 'pass':
      return `${[part.dkimAligned ? 'DKIM' : null, part.spfAligned ? 'SPF' : null].filter((one) => one !== null).join(' and ')} passed for a domain that is aligned with ${from}, the domain of From.`;
    case 'none':
      return part.domain === null || from === ''
        ? `DMARC cannot be judged: ${found.reason ?? 'From names no domain'}.`
        : `${from} has no DMARC record. Publish one at _dmarc.${from}, to begin with "v=DMARC1; p=none".`;
    case 'fail':
      return `Nothing that passed is aligned with ${from}, the domain of From: ${spfSide(found.spf)}, ${dkimSide(found.signing)}. The policy asks for ${asks[part.disposition]}.`;
    case 'permerror':
    case 'temperror':
      return `DMARC of ${from} could not be judged for now: ${found.reason ?? 'the DNS did not answer'}.`;
  }
}

const asks = { none: 'nothing', quarantine: 'the spam folder', reject: 'a refusal' } as const;

function spfSide(verdict: SpfVerdict): string {
  return verdict.status.result === 'pass'
    ? `SPF passed for ${verdict.domain}`
    : `SPF of ${verdict.domain} did not pass (${verdict.status.result})`;
}

function dkimSide(signing: readonly string[]): string {
  return signing.length === 0 ? 'no signature passed' : `DKIM passed for ${signing.join(', ')}`;
}

export function whyArc(result: string, comment: string | null): string {
  switch (result) {
    case 'pass':
      return `The ARC chain is intact${comment === null || comment === '' ? '' : ` (${comment})`}: whoever forwarded the message says what it was before.`;
    case 'fail':
      return `The ARC chain is broken: ${comment ?? 'one of its seals does not verify'}.`;
    default:
      return 'No server on the way sealed the message (ARC).';
  }
}
