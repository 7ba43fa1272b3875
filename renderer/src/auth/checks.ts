import type { Authentication } from '../../../core/api/schema.ts';

export interface Check {
  readonly id: string;
  readonly name: string;
  readonly result: string;
  readonly tone: 'good' | 'bad' | 'warn' | 'quiet';
  readonly why: string;
  /** What to do about it; null when all is well. */
  readonly fix: string | null;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What of the domain's records would mend it. */
  readonly purpose: 'spf' | 'dkim' | 'dmarc' | null;
}

/** Each check of a receiver, explained: what it found, why, and what to do. */
export function checksOf(authentication: Authentication): readonly Check[] {
  const { spf, dkim, dmarc, arc, client } = authentication;
  return [
    {
      id: 'spf',
      name: 'SPF',
      result: spf.result,
      tone: toneOf(spf.result),
      why: spf.why,
      fix: spfFix(authentication),
      purpose: 'spf',
      facts: facts([
        ['Domain of the envelope', spf.domain],
        ['Address', client.ip],
        ['Record', spf.record],
        ['Lookups', spf.lookups === null ? null : `${spf.lookups} of 10`],
        ['Aligned with From', dmarc.domain === null ? null : yesNo(dmarc.spfAligned)],
      ]),
    },
    ...dkim.map(
      (one, index): Check => ({
        id: `dkim-${index}`,
        name: dkim.length > 1 ? `DKIM ${index + 1}` : 'DKIM',
        result: one.result,
        tone: toneOf(one.result),
        why: one.why,
        fix: dkimFix(one.result, one.domain, one.selector),
        purpose: 'dkim',
        facts: facts([
          ['Domain', one.domain],
          ['Selector', one.selector],
          ['Algorithm', one.algorithm],
          ['Aligned with From', one.domain === null ? null : yesNo(one.aligned)],
        ]),
      }),
    ),
    ...(dkim.length > 0
      ? []
      : [
          {
            id: 'dkim-none',
            name: 'DKIM',
            result: 'none',
            tone: 'warn' as const,
            why: 'The message carries no signature.',
            fix: 'Let Sandpost sign it, or sign it in the app and publish the key.',
            purpose: 'dkim' as const,
            facts: [],
          },
        ]),
    {
      id: 'dmarc',
      name: 'DMARC',
      result: dmarc.result,
      tone: toneOf(dmarc.result),
      why: dmarc.why,
      fix: dmarcFix(authentication),
      purpose: 'dmarc',
      facts: facts([
        ['Domain of From', dmarc.domain],
        ['Policy', dmarc.policy],
        ['Record', dmarc.record],
        ['Asks for', dmarc.disposition],
      ]),
    },
    {
      id: 'client',
      name: 'Sender',
      result: client.ptrConfirmed && client.heloMatches ? 'confirmed' : 'doubtful',
      tone: client.ptrConfirmed && client.heloMatches ? 'good' : 'warn',
      why: clientWhy(client),
      fix: client.ptrConfirmed
        ? client.heloMatches
          ? null
          : 'Say a name in HELO that leads to the address that sends.'
        : 'Have the PTR of the address name a host that leads back to the address.',
      purpose: null,
      facts: facts([
        ['Address', client.ip],
        ['HELO', client.helo],
        ['PTR', client.ptr ?? 'none'],
        ['TLS', yesNo(client.tls)],
      ]),
    },
    {
      id: 'arc',
      name: 'ARC',
      result: arc.result,
      tone: arc.result === 'fail' ? 'warn' : arc.result === 'pass' ? 'good' : 'quiet',
      why: arc.why,
      fix: null,
      purpose: null,
      facts: [],
    },
  ];
}

export function toneOf(result: string): Check['tone'] {
  switch (result) {
    case 'pass':
      return 'good';
    case 'fail':
    case 'permerror':
      return 'bad';
    case 'softfail':
    case 'temperror':
    case 'policy':
    case 'none':
      return 'warn';
    default:
      return 'quiet';
  }
}

function spfFix({ spf, client, dmarc }: Authentication): string | null {
  switch (spf.result) {
    case 'pass':
      return dmarc.spfAligned || dmarc.domain === null
        ? null
        : `It passes for ${spf.domain}, which is not the domain of From (${dmarc.domain}): use an envelope sender of that domain.`;
    case 'none':
      return `Publish an SPF record at ${spf.domain} that names ${client.ip}.`;
    case 'permerror':
      return 'Publish exactly one SPF record, which leads to at most ten lookups (RFC 7208 §4.6.4).';
    case 'temperror':
      return 'The DNS did not answer; the receiver may try again.';
    default:
      return `Name ${client.ip} in the SPF record of ${spf.domain}.`;
  }
}

function dkimFix(result: string, domain: string | null, selector: string | null): string | null {
  const key = domain === null || selector === null ? 'the key' : `${selector}._domainkey.${domain}`;
  switch (result) {
    case 'pass':
      return null;
    case 'temperror':
      return 'The DNS did not answer; the receiver may try again.';
    case 'permerror':
    case 'neutral':
      return `Publish ${key} as a TXT record with the public key that belongs to the signature.`;
    case 'none':
      return 'Sign the message, and publish the key.';
    default:
      return `See that ${key} holds the key that signs, and that nothing changes the message after it was signed.`;
  }
}

function dmarcFix({ dmarc, spf, dkim }: Authentication): string | null {
  if (dmarc.result === 'pass') return null;
  const domain = dmarc.domain ?? 'the domain of From';
  if (dmarc.result === 'none') return `Publish a DMARC record at _dmarc.${domain}.`;
  if (dmarc.result === 'temperror') return 'The DNS did not answer; the receiver may try again.';
  if (dmarc.result === 'permerror') return `Mend the record at _dmarc.${domain}: it cannot be read.`;
  const passes = spf.result === 'pass' || dkim.some((one) => one.result === 'pass');
  return passes
    ? `What passes is of another domain than From. Sign as ${domain}, or use an envelope sender of ${domain}.`
    : `One of SPF and DKIM must pass for ${domain}; mend the checks above.`;
}

function clientWhy({ ip, ptr, ptrConfirmed, heloMatches, helo }: Authentication['client']): string {
  if (ptr === null) return `${ip} has no PTR; many receivers refuse or distrust that.`;
  if (!ptrConfirmed) return `The PTR of ${ip} says ${ptr}, which does not lead back to ${ip}.`;
  if (!heloMatches) return `HELO said ${helo}, which does not lead to ${ip}.`;
  return `${ip} is ${ptr}, there and back, and says so in HELO.`;
}

const facts = (rows: readonly (readonly [string, string | null])[]): readonly (readonly [string, string])[] =>
  rows.flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, value] as const]));

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
