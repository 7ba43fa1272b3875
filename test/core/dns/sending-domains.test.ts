import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeKeyPair } from '../../../core/dns/keys.ts';
import type { ZoneChange } from '../../../core/dns/zone-state.ts';
import { createZones } from '../../../core/dns/zones.ts';
import { domainFaults } from '../../../core/model/sending-domain.ts';
import { MemoryDocuments, openDomains, quickKeyPair } from './memory-documents.ts';

describe('a sending domain', () => {
  it('gets an address, a name for its server, and keys of both kinds', async () => {
    const domains = await openDomains();
    const shop = await domains.create('Shop.Example.');
    expect(shop).toMatchObject({
      name: 'shop.example',
      ip: '192.0.2.1',
      helo: 'mta-1.shop.example',
      onTheFly: false,
      pool: 'dedicated',
      dmarc: { policy: 'none', alignment: 'relaxed' },
    });
    expect(shop.keys.map((key) => [key.selector, key.algorithm, key.active])).toEqual([
      ['sp1-rsa', 'rsa-sha256', true],
      ['sp1-ed', 'ed25519-sha256', true],
    ]);
    expect(await domains.create('other.example')).toMatchObject({ ip: '192.0.2.2' });
    const txt = await domains.resolver.query('sp1-rsa._domainkey.shop.example', 'TXT');
    expect(txt.records).toMatchObject([{ text: `v=DKIM1; k=rsa; p=${shop.keys[0]?.publicKey}` }]);
  });

  it('has keys whose halves belong together', async () => {
    const domains = await openDomains(new MemoryDocuments(), { makeKeyPair });
    const [rsa, ed25519] = (await domains.create('shop.example')).keys;
    if (rsa === undefined || ed25519 === undefined) throw new Error('no keys');
    const spki = (pem: string): Buffer =>
      createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'der' });
    expect(spki(rsa.privateKey).toString('base64')).toBe(rsa.publicKey);
    expect(createPrivateKey(rsa.privateKey).asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(spki(ed25519.privateKey).subarray(-32).toString('base64')).toBe(ed25519.publicKey);
  });

  it.each([
    ['', 'no domain name'],
    ['not a name', 'no domain name'],
    ['shop', 'no dot'],
    ['gmail.com', 'belongs to the Gmail-like provider'],
    ['mail.yahoo.com', 'belongs to the Yahoo-like provider'],
    ['esp.sandpost.example', "the sandbox's own"],
    ['null-mx.example', 'go wrong'],
    ['shop.invalid', 'in no DNS'],
    ['my.localhost', 'in no DNS'],
  ])('is not to be made of %j', async (name, reason) => {
    const domains = await openDomains();
    await expect(domains.create(name)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(reason),
    });
  });

  it('takes names of every script', async () => {
    expect(await (await openDomains()).create('bücher.example')).toMatchObject({
      name: 'xn--bcher-kva.example',
    });
  });

  it('is made once', async () => {
    const domains = await openDomains();
    await domains.create('shop.example');
    await expect(domains.create('SHOP.example')).rejects.toMatchObject({ code: 'domain_exists' });
  });

  it('outlives a restart, its private keys sealed on the way', async () => {
    const documents = new MemoryDocuments();
    const first = await openDomains(documents);
    const shop = await first.create('shop.example');
    const relay = await first.relay();
    const providers = await first.providerKeys();
    await first.setRecipientFaults({ 'them.org': 'servfail' });
    await first.change('shop.example', {
      faults: ['no_spf'],
      extraRecords: [{ name: 'www.shop.example', ttlS: 5, type: 'A', address: '192.0.2.80' }],
    });
    expect(JSON.stringify([...documents.kept.values()].map((rows) => [...rows.values()]))).not.toContain(
      'PRIVATE',
    );
    const second = await openDomains(documents);
    expect(second.get('shop.example')).toEqual({ ...shop, faults: ['no_spf'] });
    expect(await second.relay()).toEqual(relay);
    expect(await second.providerKeys()).toEqual(providers);
    expect(second.zones.lookup('them.org', 'MX').code).toBe('SERVFAIL');
    expect(second.zones.lookup('www.shop.example', 'A').records).toHaveLength(1);
    await second.remove('shop.example');
    const third = await openDomains(documents);
    expect(third.list()).toEqual([]);
    expect(third.extraRecords('shop.example')).toEqual([]);
  });

  it('that cannot be read is passed over and told of', async () => {
    const documents = new MemoryDocuments();
    await (await openDomains(documents)).create('shop.example');
    await documents.save('sending-domain', 'torn.example', { name: 'torn.example' });
    const problems: string[] = [];
    const domains = await openDomains(documents, { onProblem: (text) => problems.push(text) });
    expect(domains.list().map((domain) => domain.name)).toEqual(['shop.example']);
    expect(problems).toEqual([expect.stringContaining('torn.example')]);
  });
});

describe('a domain that nobody set up', () => {
  it('is set up on the fly, once for all who ask at the same time', async () => {
    let pairs = 0;
    const domains = await openDomains(new MemoryDocuments(), {
      makeKeyPair: (algorithm) => {
        pairs += 1;
        return quickKeyPair(algorithm);
      },
    });
    const made = await Promise.all(Array.from({ length: 20 }, () => domains.onTheFly('shop.example')));
    expect(new Set(made).size).toBe(1);
    expect(made[0]).toMatchObject({ name: 'shop.example', onTheFly: true });
    expect(pairs).toBe(2);
    expect(await domains.onTheFly('SHOP.example')).toBe(made[0]);
  });

  it('sends as its parent, where that is there or on its way', async () => {
    const domains = await openDomains();
    const [shop, news] = await Promise.all([
      domains.create('shop.example'),
      domains.onTheFly('news.shop.example'),
    ]);
    expect(news).toBe(shop);
    expect(await domains.onTheFly('a.b.shop.example')).toBe(shop);
    expect((await domains.onTheFly('myshop.example')).name).toBe('myshop.example');
    expect(domains.owner('x.shop.example')).toBe(shop);
    expect(domains.owner('gmail.com')).toBeNull();
  });

  it.each(['gmail.com', 'localhost', 'box.local', 'no name', ''])(
    'sends through the e-mail service of the sandbox when it is %j',
    async (name) => {
      const domains = await openDomains();
      expect(await domains.onTheFly(name)).toMatchObject({ name: 'esp.sandpost.example' });
      expect(domains.list()).toEqual([]);
    },
  );

  it('is refused in strict mode', async () => {
    const domains = await openDomains(new MemoryDocuments(), {}, { strict: true });
    await domains.create('shop.example');
    expect(await domains.onTheFly('news.shop.example')).toMatchObject({ name: 'shop.example' });
    await expect(domains.onTheFly('other.example')).rejects.toMatchObject({ code: 'sender_domain_unknown' });
  });

  it('shares an address when there is none left', async () => {
    const domains = await openDomains();
    for (let index = 0; index < 239; index += 1) await domains.onTheFly(`d${index}.example`);
    expect(await domains.onTheFly('one-more.example')).toMatchObject({
      pool: 'shared',
      ip: '192.0.2.240',
      helo: 'mta.pool.sandpost.example',
    });
    await expect(domains.change('one-more.example', { pool: 'dedicated' })).rejects.toMatchObject({
      code: 'bad_request',
    });
    await domains.remove('d7.example');
    expect(await domains.change('one-more.example', { pool: 'dedicated' })).toMatchObject({
      ip: '192.0.2.8',
    });
  });
});

describe('a change', () => {
  it('takes what it names and leaves the rest, also when two come at once', async () => {
    const domains = await openDomains();
    await domains.create('shop.example');
    await Promise.all([
      domains.change('shop.example', { dmarc: { policy: 'reject' } }),
      domains.change('shop.example', { faults: ['no_ptr', 'no_ptr'] }),
      domains.change('shop.example', { streams: { marketing: 'News.shop.example' } }),
      domains.change('shop.example', { pool: 'shared' }),
      domains.change('shop.example', { inbound: { kind: 'smtp', host: '127.0.0.1', port: 2500 } }),
    ]);
    expect(domains.get('shop.example')).toMatchObject({
      dmarc: { policy: 'reject', alignment: 'relaxed' },
      faults: ['no_ptr'],
      streams: { transactional: null, marketing: 'news.shop.example' },
      pool: 'shared',
      ip: '192.0.2.240',
      inbound: { kind: 'smtp', host: '127.0.0.1', port: 2500 },
    });
  });

  it.each([
    ['a stream of another domain', { streams: { marketing: 'news.other.example' } }],
    [
      'one name for both streams',
      { streams: { marketing: 'm.shop.example', transactional: 'm.shop.example' } },
    ],
    ['a record of another domain', { extraRecords: [{ name: 'x.org', ttlS: 1, type: 'TXT', text: '' }] }],
  ] as const)('is refused for %s', async (_, change) => {
    const domains = await openDomains();
    const shop = await domains.create('shop.example');
    await expect(domains.change('shop.example', change)).rejects.toMatchObject({ code: 'bad_request' });
    expect(domains.get('shop.example')).toBe(shop);
  });

  it('of what is not there is refused', async () => {
    const domains = await openDomains();
    for (const attempt of [
      domains.change('a.example', {}),
      domains.remove('a.example'),
      domains.rotate('a.example'),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is told to zones elsewhere, which then answer the same', async () => {
    const domains = await openDomains();
    const elsewhere = createZones(structuredClone(domains.zoneState()));
    const changes: ZoneChange[] = [];
    domains.subscribe((change) => changes.push(structuredClone(change)));
    await domains.create('shop.example');
    await domains.create('gone.example');
    await domains.change('shop.example', {
      faults: ['misaligned', 'spf_twice'],
      extraRecords: [{ name: 'shop.example', ttlS: 5, type: 'CNAME', target: 'x.org' }],
    });
    await domains.rotate('shop.example');
    await domains.providerKeys();
    await domains.remove('gone.example');
    await domains.setRecipientFaults({ 'them.org': 'null_mx' });
    for (const change of changes) elsewhere.apply(change);
    const fresh = createZones(structuredClone(domains.zoneState()));
    expect(JSON.stringify(changes)).not.toContain('PRIVATE');
    for (const name of [
      'shop.example',
      'gone.example',
      'them.org',
      'sp2-ed._domainkey.shop.example',
      'esp-rsa._domainkey.esp.sandpost.example',
      'sim-rsa._domainkey.gmail.com',
      '1.2.0.192.in-addr.arpa',
    ])
      for (const type of ['TXT', 'MX', 'PTR'] as const) {
        expect(elsewhere.lookup(name, type)).toEqual(domains.zones.lookup(name, type));
        expect(fresh.lookup(name, type)).toEqual(domains.zones.lookup(name, type));
      }
  });
});

describe('a rotation', () => {
  it('signs with new keys and leaves the old ones published', async () => {
    const domains = await openDomains();
    await domains.create('shop.example');
    await domains.change('shop.example', { faults: ['dkim_wrong_key', 'no_ptr'] });
    const shop = await domains.rotate('shop.example');
    expect(shop.keys.map((key) => [key.selector, key.active])).toEqual([
      ['sp1-rsa', false],
      ['sp1-ed', false],
      ['sp2-rsa', true],
      ['sp2-ed', true],
    ]);
    expect(shop.faults).toEqual(['no_ptr']);
    for (const { selector } of shop.keys)
      expect(domains.zones.lookup(`${selector}._domainkey.shop.example`, 'TXT').records).toHaveLength(1);
  });

  it('can leave out to publish the new ones', async () => {
    const domains = await openDomains();
    await domains.create('shop.example');
    const shop = await domains.rotate('shop.example', { publish: false });
    expect(shop.faults).toEqual(['dkim_not_published']);
    expect(domains.zones.lookup('sp2-rsa._domainkey.shop.example', 'TXT').code).toBe('NXDOMAIN');
    expect(domains.zones.lookup('sp1-rsa._domainkey.shop.example', 'TXT').code).toBe('NOERROR');
  });

  it('ends when there are too many keys, until old ones are removed', async () => {
    const domains = await openDomains();
    await domains.create('shop.example');
    for (let turn = 0; turn < 3; turn += 1) await domains.rotate('shop.example');
    await expect(domains.rotate('shop.example')).rejects.toThrow('remove an old one');
    await expect(domains.removeKey('shop.example', 'sp4-rsa')).rejects.toThrow('signs');
    await expect(domains.removeKey('shop.example', 'sp9-rsa')).rejects.toMatchObject({ code: 'not_found' });
    await domains.removeKey('shop.example', 'sp1-rsa');
    const shop = await domains.removeKey('shop.example', 'sp1-ed');
    expect(shop.keys).toHaveLength(6);
    expect((await domains.rotate('shop.example')).keys.at(-1)?.selector).toBe('sp5-ed');
  });
});

describe('who signs and where bounces go', () => {
  it('is the domain itself, the e-mail service, or nobody', async () => {
    const domains = await openDomains();
    const shop = await domains.create('shop.example');
    expect(await domains.signerOf(shop)).toBe(shop);
    expect(domains.bounceDomainOf(shop)).toBe('bounce.shop.example');
    const misaligned = await domains.change('shop.example', { faults: ['misaligned'] });
    expect(await domains.signerOf(misaligned)).toMatchObject({ name: 'esp.sandpost.example' });
    expect(domains.bounceDomainOf(misaligned)).toBe('bounce.esp.sandpost.example');
    expect(domains.zones.lookup('esp-rsa._domainkey.esp.sandpost.example', 'TXT').records).toHaveLength(1);
    expect(await domains.signerOf({ ...shop, faults: ['dkim_off'] })).toBeNull();
  });
});

describe('every switch', () => {
  it.each(domainFaults)('%s can be kept and thrown back', async (fault) => {
    const domains = await openDomains();
    await domains.create('shop.example');
    expect((await domains.change('shop.example', { faults: [fault] })).faults).toEqual([fault]);
    expect((await domains.change('shop.example', { faults: [] })).faults).toEqual([]);
  });
});
