import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { RealDns } from '../../../core/dns/real-records.ts';
import { nodeResolver } from '../../../core/dns/resolver.ts';
import type { SendingDomains } from '../../../core/dns/sending-domains.ts';
import { walkSpf } from '../../../core/dns/spf-record.ts';
import { type DomainFault, domainFaults } from '../../../core/model/sending-domain.ts';
import { MemoryDocuments, noRealDns, openDomains } from './memory-documents.ts';

/** What is not well of shop.example: purpose, name and result. */
async function troubles(domains: SendingDomains): Promise<readonly string[]> {
  const checks = await domains.check('shop.example', 'sandbox');
  for (const { result, note } of checks) if (result !== 'ok') expect(note).toMatch(/\.$/);
  return checks
    .filter((check) => check.result !== 'ok')
    .map((check) => `${check.purpose} ${check.name} ${check.result}`);
}

async function withFaults(...faults: readonly DomainFault[]): Promise<SendingDomains> {
  const domains = await openDomains();
  await domains.create('shop.example');
  await domains.change('shop.example', { faults });
  return domains;
}

describe('the records of a sending domain', () => {
  it('are all well at first, for its streams too', async () => {
    const domains = await withFaults();
    await domains.change('shop.example', {
      streams: { marketing: 'news.shop.example', transactional: 'mail.shop.example' },
      dmarc: { policy: 'reject', alignment: 'strict' },
    });
    await domains.rotate('shop.example');
    expect(await troubles(domains)).toEqual([]);
    expect((await domains.check('shop.example', 'sandbox')).length).toBeGreaterThan(15);
    await domains.change('shop.example', { pool: 'shared' });
    expect(await troubles(domains)).toEqual([]);
  });

  it('are offered for pasting only where they are true outside', async () => {
    const domains = await openDomains(new MemoryDocuments(), {}, { relayInclude: '_spf.relay.example' });
    await domains.create('shop.example');
    const records = domains.records('shop.example');
    expect(
      records.filter((record) => record.paste).map((record) => `${record.purpose} ${record.name}`),
    ).toEqual([
      'dkim sp1-rsa._domainkey.shop.example',
      'dkim sp1-ed._domainkey.shop.example',
      'dmarc _dmarc.shop.example',
      'spf shop.example',
    ]);
    expect(records.find((record) => record.purpose === 'spf')?.value).toContain('include:_spf.relay.example');
    expect(records.every((record) => record.why !== '')).toBe(true);
    // What the live relay wants is none of the sandbox's business.
    expect(await troubles(domains)).toEqual([]);
  });

  const bothSpf = (result: string): string[] =>
    ['shop.example', 'bounce.shop.example'].map((name) => `spf ${name} ${result}`);
  const bothKeys = (result: string): string[] =>
    ['rsa', 'ed'].map((kind) => `dkim sp1-${kind}._domainkey.shop.example ${result}`);
  const expected: Readonly<Record<DomainFault, readonly string[]>> = {
    no_spf: bothSpf('missing'),
    spf_wrong_ip: bothSpf('wrong'),
    spf_twice: bothSpf('several'),
    spf_too_many_lookups: bothSpf('wrong'),
    dkim_not_published: bothKeys('missing'),
    dkim_wrong_key: bothKeys('wrong'),
    no_dmarc: ['dmarc _dmarc.shop.example missing'],
    no_ptr: ['ptr 1.2.0.192.in-addr.arpa missing'],
    helo_mismatch: ['helo wrong-name.sandpost.example wrong'],
    no_mx: ['mx shop.example missing', 'mx bounce.shop.example missing'],
    // These are wrong with the mail, and not in the DNS.
    dkim_body_altered: [],
    dkim_off: [],
    misaligned: [],
  };
  it.each(domainFaults)('tell of %s', async (fault) => {
    expect(await troubles(await withFaults(fault))).toEqual(expected[fault]);
  });

  const byHand: readonly (readonly [string, { readonly name: string; readonly text: string }, string])[] = [
    [
      'a key that is revoked',
      { name: 'sp1-rsa._domainkey.shop.example', text: 'v=DKIM1; p=' },
      'dkim sp1-rsa._domainkey.shop.example wrong',
    ],
    [
      'a policy that is none',
      { name: '_dmarc.shop.example', text: 'v=DMARC1; p=maybe' },
      'dmarc _dmarc.shop.example wrong',
    ],
    [
      'another policy',
      { name: '_dmarc.shop.example', text: 'v=DMARC1; p=reject' },
      'dmarc _dmarc.shop.example wrong',
    ],
    [
      'SPF that cannot be read',
      { name: 'shop.example', text: 'v=spf1 ipv4:192.0.2.1 -all' },
      'spf shop.example wrong',
    ],
    [
      'SPF that includes what is not there',
      { name: 'shop.example', text: 'v=spf1 include:nobody.invalid -all' },
      'spf shop.example wrong',
    ],
    [
      'SPF behind a server that fails',
      { name: 'shop.example', text: 'v=spf1 include:dns-servfail.example -all' },
      'spf shop.example unanswered',
    ],
  ];
  it.each(byHand)('tell of %s', async (_, record, line) => {
    const domains = await withFaults();
    await domains.change('shop.example', {
      extraRecords: [{ ttlS: 5, type: 'TXT', ...record }],
    });
    expect(await troubles(domains)).toEqual([line]);
  });

  it('tell when nobody answers', async () => {
    const domains = await withFaults();
    await domains.setRecipientFaults({ 'shop.example': 'timeout' });
    const checks = await domains.check('shop.example', 'sandbox');
    expect(checks.filter((check) => check.result === 'unanswered')).toHaveLength(checks.length - 1);
  });
});

describe('real records', () => {
  const notThere = (code: string) => (): never => {
    throw Object.assign(new Error(code), { code });
  };
  function realDns(
    texts: Readonly<Record<string, readonly string[]>>,
    mx: readonly { readonly priority: number; readonly exchange: string }[],
  ): RealDns {
    return {
      ...noRealDns,
      resolveTxt: (name) => {
        const found = texts[name];
        if (found === undefined) return Promise.resolve().then(notThere('ENOTFOUND'));
        // In pieces, as they come over the wire.
        return Promise.resolve(found.map((text) => text.match(/.{1,200}/g) ?? []));
      },
      resolveMx: () => (mx.length === 0 ? Promise.resolve().then(notThere('ENODATA')) : Promise.resolve(mx)),
    };
  }

  async function check(
    own: (domains: SendingDomains) => Readonly<Record<string, readonly string[]>>,
    mx: readonly { readonly priority: number; readonly exchange: string }[] = [
      { priority: 1, exchange: 'mx.real.org' },
    ],
    relayInclude: string | null = null,
  ): Promise<Readonly<Record<string, readonly [string, string | null]>>> {
    let texts: Readonly<Record<string, readonly string[]>> = {};
    const lazy: RealDns = {
      ...noRealDns,
      resolveTxt: (name) => realDns(texts, mx).resolveTxt(name),
      resolveMx: (name) => realDns(texts, mx).resolveMx(name),
    };
    const domains = await openDomains(new MemoryDocuments(), { realDns: lazy }, { relayInclude });
    await domains.create('shop.example');
    texts = own(domains);
    const checks = await domains.check('shop.example', 'real');
    return Object.fromEntries(
      checks.map((one) => [`${one.purpose} ${one.name.replace('shop.example', '')}`, [one.result, one.note]]),
    );
  }

  const pasted = (domains: SendingDomains): Record<string, readonly string[]> =>
    Object.fromEntries(
      domains
        .records('shop.example')
        .filter((record) => record.paste && record.purpose !== 'spf')
        .map((record) => [record.name, [record.value]]),
    );

  it('are well when the keys and the policy were pasted, and SPF and MX are the domain’s own', async () => {
    const found = await check((domains) => ({
      ...pasted(domains),
      'shop.example': ['some-verification=1', 'v=spf1 include:_spf.real.org ~all'],
      '_spf.real.org': ['v=spf1 ip4:198.51.100.0/24 ~all'],
    }));
    expect(found).toEqual({
      'dkim sp1-rsa._domainkey.': ['ok', null],
      'dkim sp1-ed._domainkey.': ['ok', null],
      'dmarc _dmarc.': ['ok', null],
      'spf ': ['ok', '1 of 10 DNS lookups used.'],
      'mx ': ['ok', null],
    });
  });

  it('are missing when nothing was published', async () => {
    const found = await check(() => ({}), []);
    expect(Object.values(found).map(([result]) => result)).toEqual(
      Array.from({ length: 5 }, () => 'missing'),
    );
  });

  it('must name the live relay, and not everybody', async () => {
    const spf = async (text: string, include: string | null): Promise<unknown> =>
      (await check(() => ({ 'shop.example': [text], '_spf.relay.org': ['v=spf1 -all'] }), [], include))[
        'spf '
      ];
    expect(await spf('v=spf1 +all', null)).toMatchObject(['wrong', expect.stringContaining('everybody')]);
    expect(await spf('v=spf1 ~all', '_spf.relay.org')).toMatchObject([
      'wrong',
      expect.stringContaining('include:_spf.relay.org'),
    ]);
    expect(await spf('v=spf1 include:_spf.relay.org ~all', '_spf.relay.org')).toMatchObject([
      'ok',
      '1 of 10 DNS lookups used.',
    ]);
  });

  it('that say that no mail is taken are wrong', async () => {
    expect((await check(() => ({}), [{ priority: 0, exchange: '' }]))['mx ']).toMatchObject([
      'wrong',
      expect.any(String),
    ]);
  });

  it('are not known when the name server fails', async () => {
    const failing: RealDns = {
      ...noRealDns,
      resolveTxt: notThere('ESERVFAIL'),
      resolveMx: notThere('ETIMEOUT'),
    };
    const domains = await openDomains(new MemoryDocuments(), { realDns: failing });
    await domains.create('shop.example');
    const checks = await domains.check('shop.example', 'real');
    expect(new Set(checks.map((one) => one.result))).toEqual(new Set(['unanswered']));
  });
});

interface MailauthSpf {
  readonly spf: (options: object) => Promise<{ readonly status: { readonly result: string } }>;
}
const { spf }: MailauthSpf = createRequire(import.meta.url)('mailauth/lib/spf');

describe('the SPF that is shown', () => {
  it.each([
    'v=spf1 ip4:192.0.2.0/24 -all',
    'v=spf1 ip4:192.0.2.9 ~all',
    'v=spf1 a mx ?all',
    'v=spf1 mx:gmail.com a:mta-1.shop.example -all',
    'v=spf1 include:esp.sandpost.example -all',
    'v=spf1 -include:esp.sandpost.example +all',
    'v=spf1 redirect=esp.sandpost.example',
    'v=spf1 redirect=nobody.invalid',
    'v=spf1 include:somewhere.org -all',
    'v=spf1 a:mta-1.shop.example/24 -all',
    'v=spf1 ip6:2001:db8::/32 ?all',
    'v=spf1 ip4:192.0.2.300 -all',
    'v=spf1 bogus -all',
    'v=spf1 a:x.invalid a:y.invalid a:z.invalid -all',
    'v=spf1 include:_spf.crm.vendors.sandpost.example include:_spf.helpdesk.vendors.sandpost.example include:_spf.newsletter.vendors.sandpost.example include:_spf.billing.vendors.sandpost.example -all',
    'v=spf1',
  ])('is what mailauth makes of it: %s', async (text) => {
    const domains = await withFaults();
    await domains.change('shop.example', {
      extraRecords: [{ name: 'shop.example', ttlS: 5, type: 'TXT', text }],
    });
    const judged = await spf({
      sender: 'a@shop.example',
      ip: '192.0.2.1',
      helo: 'mta-1.shop.example',
      mta: 'mx.sandpost.example',
      strict: true,
      resolver: nodeResolver(domains.resolver),
    });
    const walked = await walkSpf(domains.resolver, 'shop.example', '192.0.2.1');
    expect(walked.result).toBe(judged.status.result);
  });
});
