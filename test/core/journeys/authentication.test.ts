/** What is broken about a sending domain, and what each kind of provider makes of it. */
import { describe, expect, it } from 'vitest';
import { startWorld, type World } from './journey.ts';

async function worldWith(change: Readonly<Record<string, unknown>>): Promise<World> {
  const world = await startWorld();
  await world.call('POST', '/v1/domains', { name: 'shop.example' });
  await world.domain('shop.example', change);
  return world;
}

describe('a sending domain', () => {
  it('without SPF is told so, and DMARC still passes by DKIM', async () => {
    const world = await worldWith({ faults: ['no_spf'] });
    await world.send('jane@somewhere.example');
    const [copy] = await world.inbox('jane@somewhere.example');
    expect(copy?.authentication).toMatchObject({ spf: { result: 'none' }, dmarc: { result: 'pass' } });
    expect(copy?.authentication.spf.why).toMatch(/no SPF record/i);
  });

  it('without SPF and without a signature is refused as unauthenticated by a Gmail-like provider', async () => {
    const world = await worldWith({ faults: ['no_spf', 'dkim_off'] });
    const id = await world.send('jane@gmail.com');
    expect(await world.delivery(id)).toMatchObject({
      status: 'undeliverable',
      class: 'authentication_failed',
    });
    const [attempt] = await world.attempts(id);
    expect(attempt).toMatchObject({
      code: 550,
      enhanced: '5.7.26',
      evidence: { authentication: { spf: { result: 'none' }, dmarc: { result: 'fail' } } },
    });
    expect(await world.suppressions()).toEqual([]);
  });

  it('whose mail a relay alters fails DKIM, with the body named as the reason', async () => {
    const world = await worldWith({ faults: ['dkim_body_altered'] });
    const id = await world.send('jane@somewhere.example');
    const [copy] = await world.inbox('jane@somewhere.example');
    expect(copy?.authentication.dkim[0]).toMatchObject({ result: 'fail' });
    expect(copy?.authentication.dkim[0]?.why).toMatch(/body/);
    const [attempt] = await world.attempts(id);
    expect(attempt?.evidence.changes.map((one) => one.code)).toContain('altered_in_transit');
  });

  it('with a rotated key that nobody published fails DKIM, until it is published', async () => {
    const world = await startWorld();
    await world.call('POST', '/v1/domains', { name: 'shop.example' });
    await world.call('POST', '/v1/domains/shop.example/rotate', { publish: false });
    await world.send('jane@somewhere.example');
    const [copy] = await world.inbox('jane@somewhere.example');
    expect(copy?.authentication.dkim[0]?.result).not.toBe('pass');
    expect(copy?.authentication.dkim[0]?.why).toMatch(/no key|not published|no record/i);
    await world.domain('shop.example', { faults: [] });
    await world.send('jane@somewhere.example');
    const [after] = await world.inbox('jane@somewhere.example');
    expect(after?.authentication.dkim[0]?.result).toBe('pass');
  });

  it('signs with one key alone where it is told to', async () => {
    const world = await worldWith({ signWith: 'rsa-sha256' });
    const id = await world.send('jane@somewhere.example');
    const [attempt] = await world.attempts(id);
    expect(attempt?.evidence.signatures.map((one) => one.algorithm)).toEqual(['rsa-sha256']);
    const [copy] = await world.inbox('jane@somewhere.example');
    expect(copy?.authentication.dkim.map(({ algorithm, result }) => [algorithm, result])).toEqual([
      ['rsa-sha256', 'pass'],
    ]);
  });

  it('that is misaligned under p=reject is refused by DMARC, and nobody is suppressed for it', async () => {
    const world = await worldWith({ faults: ['misaligned'], dmarc: { policy: 'reject' } });
    const id = await world.send('jane@somewhere.example');
    expect(await world.delivery(id)).toMatchObject({
      status: 'undeliverable',
      class: 'authentication_failed',
    });
    const [attempt] = await world.attempts(id);
    expect(attempt?.text).toMatch(/DMARC/i);
    expect(attempt?.evidence.signatures.every((one) => one.domain !== 'shop.example')).toBe(true);
    expect(await world.suppressions()).toEqual([]);
  });

  it.each([
    ['spf_twice', 'permerror'],
    ['spf_too_many_lookups', 'permerror'],
    ['spf_wrong_ip', 'fail'],
  ] as const)('with the fault %s gets SPF %s', async (fault, result) => {
    const world = await worldWith({ faults: [fault] });
    await world.send('jane@somewhere.example');
    const [copy] = await world.inbox('jane@somewhere.example');
    expect(copy?.authentication.spf.result).toBe(result);
  });

  it('whose address has no name is refused by a Gmail-like provider, and nobody is suppressed for it', async () => {
    const world = await worldWith({ faults: ['no_ptr'] });
    const id = await world.send('jane@gmail.com');
    expect(await world.delivery(id)).toMatchObject({ status: 'undeliverable', class: 'config' });
    const [attempt] = await world.attempts(id);
    expect(attempt).toMatchObject({ code: 550, enhanced: '5.7.25', evidence: { identity: { ptr: null } } });
    expect(await world.suppressions()).toEqual([]);
  });

  it('that says a wrong name in HELO loses points for it, with the name as the reason', async () => {
    const world = await worldWith({ faults: ['helo_mismatch'] });
    const id = await world.send('jane@somewhere.example');
    const [attempt] = await world.attempts(id);
    const said = attempt?.evidence.transcript.map((line) => line.text) ?? [];
    expect(said).toContain('EHLO wrong-name.sandpost.example');
    const [copy] = await world.inbox('jane@somewhere.example');
    expect(copy?.filter.reasons.map((reason) => reason.code)).toContain('helo_mismatch');
  });

  it('that is misaligned under p=quarantine gets into the spam', async () => {
    const world = await worldWith({ faults: ['misaligned'], dmarc: { policy: 'quarantine' } });
    const id = await world.send('jane@somewhere.example');
    expect(await world.delivery(id)).toMatchObject({ status: 'delivered', placement: 'spam' });
  });

  it('that an app signs for by itself is checked as it is, at a door that leaves signing alone', async () => {
    const world = await startWorld();
    const settings = await world.call<Record<string, unknown>>('GET', '/v1/queues/settings');
    await world.call('PUT', '/v1/queues/settings', { ...settings, unsignedDoors: ['smtp'] });
    const id = await world.send('jane@somewhere.example');
    const [attempt] = await world.attempts(id);
    expect(attempt?.evidence.signatures).toEqual([]);
    const [copy] = await world.inbox('jane@somewhere.example');
    expect(copy?.authentication.dkim.every((one) => one.result === 'none')).toBe(true);
  });
});

describe('a stream with a sub-domain of its own', () => {
  it('is known by it, and signed with it, so that strict alignment holds', async () => {
    const world = await worldWith({
      streams: { marketing: 'news.shop.example' },
      dmarc: { policy: 'reject', alignment: 'strict' },
    });
    const from = 'hello@news.shop.example';
    const bySmtp = await world.send('jane@somewhere.example', { from }, from);
    const byApi = await world.submit('jane@somewhere.example', { from });
    const plain = await world.send('jane@somewhere.example');
    for (const id of [bySmtp, byApi]) {
      expect((await world.delivery(id)).status).toBe('delivered');
      const [attempt] = await world.attempts(id);
      expect(attempt?.evidence.signatures.map((one) => one.domain)).toEqual([
        'news.shop.example',
        'news.shop.example',
      ]);
    }
    const copies = await world.inbox('jane@somewhere.example');
    expect(copies.map((copy) => copy.authentication.dmarc.result)).toEqual(['pass', 'pass', 'pass']);
    const { entries } = await world.core.json<{ entries: { messageId: string }[] }>(
      '/v1/deliveries?stream=marketing',
    );
    expect(new Set(entries.map((one) => one.messageId))).toEqual(new Set([bySmtp, byApi]));
    const [own] = await world.attempts(plain);
    expect(own?.evidence.signatures[0]?.domain).toBe('shop.example');
  });
});
