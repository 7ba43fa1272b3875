/** Judges the records of a sending domain one by one: the sandbox's, or real ones when somebody asks for that. */
import { assertNever } from '../model/app-error.ts';
import type { DnsAnswer, Resolver } from './dns.ts';
import { type ExpectedRecord, expectedRecords } from './records.ts';
import { answerText, recordText } from './resolver.ts';
import { spfLookupsMax, spfRecordsOf, walkSpf } from './spf-record.ts';
import type { PublishedDomain } from './zone-state.ts';

/**
 * From well to worst. `unanswered`: the name server failed or said nothing, so that nothing is known.
 */
export const checkResults = ['ok', 'unanswered', 'several', 'wrong', 'missing'] as const;
export type CheckResult = (typeof checkResults)[number];
export const checkRank = (result: CheckResult): number => checkResults.indexOf(result);

export interface Verdict {
  readonly result: CheckResult;
  readonly found: readonly string[];
  /** What is wrong and what to do about it; when all is well, what may be worth knowing, or null. */
  readonly note: string | null;
}

export interface RecordCheck extends ExpectedRecord, Verdict {}

/** The records that the sandbox should have for it. */
export async function checkSandboxRecords(
  domain: PublishedDomain,
  resolver: Resolver,
): Promise<readonly RecordCheck[]> {
  return await Promise.all(
    expectedRecords(domain, null).map(async (record) => ({
      ...record,
      ...(await judge(record, resolver, {
        whenMissing: 'A switch took it away, or a record made by hand is in its place.',
        judge: (walk) => sandboxSpf(walk, domain, record.name),
      })),
    })),
  );
}

/**
 * The records that mail sent for real needs: the keys and the policy as they are here; SPF and MX by whether they can
 * work, since they name others than the sandbox.
 */
export async function checkRealRecords(
  domain: PublishedDomain,
  resolver: Resolver,
  relayInclude: string | null,
): Promise<readonly RecordCheck[]> {
  return await Promise.all(
    realRecords(domain, relayInclude).map(async (record) => ({
      ...record,
      ...(await judge(record, resolver, {
        whenMissing:
          relayInclude === null
            ? 'Publish one that names the servers that send for you.'
            : `Publish ${record.value}, with whoever else sends for you.`,
        judge: (walk) => realSpf(walk, record.name, relayInclude),
      })),
    })),
  );
}

function realRecords(domain: PublishedDomain, relayInclude: string | null): readonly ExpectedRecord[] {
  const { name } = domain;
  const pasted = expectedRecords(domain, relayInclude).filter((record) => record.paste);
  return [
    ...pasted,
    ...(relayInclude === null
      ? [
          {
            name,
            type: 'TXT' as const,
            value: 'v=spf1 and whoever really sends for you',
            purpose: 'spf' as const,
            paste: false,
            why: 'Names the servers that may send for this domain.',
          },
        ]
      : []),
    {
      name,
      type: 'MX',
      value: anyServer,
      purpose: 'mx',
      paste: false,
      why: 'Replies and bounces come back by it.',
    },
  ];
}

/** In the place of a value that only the domain's owner knows. */
const anyServer = 'a mail server of yours';

/** What differs between the sandbox and the real DNS. */
interface SpfJudge {
  /** What to do when there is no record. */
  readonly whenMissing: string;
  judge(walk: { readonly resolver: Resolver; readonly record: string }): Promise<Verdict>;
}

async function judge(record: ExpectedRecord, resolver: Resolver, spf: SpfJudge): Promise<Verdict> {
  const answer = await resolver.query(record.name, record.type);
  if (answer.code !== 'NOERROR' && answer.code !== 'NXDOMAIN')
    return {
      result: 'unanswered',
      found: [],
      note: `${record.name} could not be looked up: ${answerText(answer)}.`,
    };
  switch (record.purpose) {
    case 'mx':
      return judgeMx(record, answer);
    case 'spf':
      return await judgeSpf(record, answer, resolver, spf);
    case 'dkim':
      return judgeDkim(record, answer);
    case 'dmarc':
      return judgeDmarc(record, answer);
    case 'ptr':
      return judgePtr(record, answer);
    case 'helo':
      return judgeHelo(record, answer);
    default:
      return assertNever(record.purpose);
  }
}

const missing = (note: string): Verdict => ({ result: 'missing', found: [], note });

function judgeMx(record: ExpectedRecord, answer: DnsAnswer): Verdict {
  const found = answer.records.filter((one) => one.type === 'MX');
  const shown = found.map(recordText);
  if (found.length === 0)
    return missing(`${record.name} has no MX: replies and bounces to it have nowhere to go.`);
  if (found.some((one) => one.exchange === ''))
    return {
      result: 'wrong',
      found: shown,
      note: `${record.name} says that it takes no mail at all (RFC 7505): replies and bounces are lost.`,
    };
  if (record.value !== anyServer && !shown.includes(record.value))
    return {
      result: 'wrong',
      found: shown,
      note: 'The MX leads elsewhere: what comes back does not reach the inbound route. A record made by hand may be in its place.',
    };
  return { result: 'ok', found: shown, note: null };
}

async function judgeSpf(
  { name }: ExpectedRecord,
  answer: DnsAnswer,
  resolver: Resolver,
  spf: SpfJudge,
): Promise<Verdict> {
  const found = spfRecordsOf(answer);
  const [record] = found;
  if (record === undefined)
    return missing(
      `${name} has no SPF record: receivers cannot tell who may send for it. ${spf.whenMissing}`,
    );
  if (found.length > 1)
    return {
      result: 'several',
      found,
      note: 'With two SPF records neither counts: it is a permanent error (RFC 7208 §4.5). Merge them into one.',
    };
  const verdict = await spf.judge({ resolver, record });
  return { ...verdict, found };
}

async function sandboxSpf(
  { resolver }: { readonly resolver: Resolver },
  domain: PublishedDomain,
  name: string,
): Promise<Verdict> {
  const walk = await walkSpf(resolver, name, domain.ip);
  switch (walk.result) {
    case 'pass':
      return { result: 'ok', found: [], note: null };
    case 'permerror':
    case 'temperror':
      return spfError(walk.result, walk.problem);
    case 'fail':
    case 'softfail':
    case 'neutral':
    case 'none':
      return {
        result: 'wrong',
        found: [],
        note: `It does not name ${domain.ip}, from which this domain sends: SPF says ${walk.result}. Add ip4:${domain.ip}.`,
      };
    default:
      return assertNever(walk.result);
  }
}

async function realSpf(
  { resolver, record }: { readonly resolver: Resolver; readonly record: string },
  name: string,
  relayInclude: string | null,
): Promise<Verdict> {
  // No address matches, so every lookup is counted.
  const walk = await walkSpf(resolver, name, null);
  if (walk.result === 'permerror' || walk.result === 'temperror') return spfError(walk.result, walk.problem);
  if (/(?:^| )\+?all(?: |$)/i.test(record))
    return {
      result: 'wrong',
      found: [],
      note: 'It ends in +all: everybody in the world may send for this domain. End it in ~all or -all.',
    };
  if (
    relayInclude !== null &&
    !new RegExp(`(?:^| )\\+?include:${escaped(relayInclude)}(?: |$)`, 'i').test(record)
  )
    return {
      result: 'wrong',
      found: [],
      note: `The live relay is not in it: add include:${relayInclude} before the term that ends in all.`,
    };
  return { result: 'ok', found: [], note: `${walk.lookups} of ${spfLookupsMax} DNS lookups used.` };
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

function spfError(result: 'permerror' | 'temperror', problem: string | null): Verdict {
  return result === 'permerror'
    ? { result: 'wrong', found: [], note: `A permanent error, so SPF protects nothing: ${problem ?? ''}.` }
    : { result: 'unanswered', found: [], note: `SPF could not be worked out: ${problem ?? ''}.` };
}

function judgeDkim({ name, value }: ExpectedRecord, answer: DnsAnswer): Verdict {
  const found = textsOf(answer);
  const [record] = found;
  if (record === undefined)
    return missing(
      `There is no key at ${name}: signatures that name it cannot be checked, and DKIM fails. Publish it.`,
    );
  if (found.length > 1)
    return {
      result: 'several',
      found,
      note: 'Several TXT records at one selector: which one counts is left to chance (RFC 6376 §3.6.2.2). Keep one.',
    };
  const key = tagOf(record, 'p');
  if (key === '')
    return {
      result: 'wrong',
      found,
      note: 'The key is revoked (an empty p=). Publish the key that signs, or rotate.',
    };
  if (key !== tagOf(value, 'p'))
    return {
      result: 'wrong',
      found,
      note: 'Another key is published than the one that signs: every signature fails. Publish this one in its place.',
    };
  return { result: 'ok', found, note: null };
}

function judgeDmarc({ name, value }: ExpectedRecord, answer: DnsAnswer): Verdict {
  const found = textsOf(answer).filter((text) => /^v=DMARC1\s*(?:;|$)/i.test(text.trim()));
  const [record] = found;
  if (record === undefined)
    return missing(
      `There is no policy at ${name}. Large providers refuse bulk mail from domains without one. Publish it.`,
    );
  if (found.length > 1)
    return {
      result: 'several',
      found,
      note: 'With two DMARC records neither counts (RFC 7489 §6.6.3). Keep one.',
    };
  const policy = tagOf(record, 'p');
  if (policy !== 'none' && policy !== 'quarantine' && policy !== 'reject')
    return {
      result: 'wrong',
      found,
      note: 'Its p= is neither none, quarantine nor reject, so receivers ignore it.',
    };
  for (const tag of ['p', 'adkim', 'aspf']) {
    const has = tagOf(record, tag) ?? 'r';
    const wanted = tagOf(value, tag) ?? 'r';
    if (has !== wanted)
      return { result: 'wrong', found, note: `It says ${tag}=${has}; here it is ${tag}=${wanted}.` };
  }
  return { result: 'ok', found, note: null };
}

function judgePtr({ name, value }: ExpectedRecord, answer: DnsAnswer): Verdict {
  const found = answer.records.flatMap((record) => (record.type === 'PTR' ? [record.target] : []));
  if (found.length === 0)
    return missing(`The address has no name (${name}): large providers refuse or defer such senders.`);
  if (!found.includes(value))
    return { result: 'wrong', found, note: `The address leads to another name than ${value}.` };
  return { result: 'ok', found, note: null };
}

function judgeHelo({ name, value }: ExpectedRecord, answer: DnsAnswer): Verdict {
  const found = answer.records.flatMap((record) => (record.type === 'A' ? [record.address] : []));
  if (found.length === 0) return missing(`EHLO says ${name}, which has no address.`);
  if (!found.includes(value))
    return {
      result: 'wrong',
      found,
      note: `EHLO says ${name}, which leads to ${found.join(', ')} and not to ${value}, where the mail comes from.`,
    };
  return { result: 'ok', found, note: null };
}

function textsOf(answer: DnsAnswer): readonly string[] {
  return answer.records.flatMap((record) => (record.type === 'TXT' ? [record.text] : []));
}

/** A tag of a tag list (RFC 6376 §3.2), without the space that may be in it; null when it is not there. */
function tagOf(list: string, wanted: string): string | null {
  for (const part of list.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim().toLowerCase() === wanted)
      return part.slice(equals + 1).replaceAll(/\s/g, '');
  }
  return null;
}
