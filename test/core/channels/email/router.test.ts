import { describe, expect, it } from 'vitest';
import { Router } from '../../../../core/channels/email/router.ts';
import { resolverOf, type Zone } from './zone.ts';

function router(zone: Zone, random = () => 0) {
  const resolver = resolverOf(zone);
  return { resolver, router: new Router({ resolver, random }, () => 0) };
}

describe('the route to a domain', () => {
  it('goes by preference, and asks for no address while there is an MX', async () => {
    const { router: one, resolver } = router({
      'far.example': ['mx 20 b.example', 'mx 10 A.example', 'a 198.51.100.9'],
    });
    expect(await one.route('far.example')).toEqual({
      kind: 'hosts',
      hosts: [
        { name: 'a.example', preference: 10 },
        { name: 'b.example', preference: 20 },
      ],
    });
    expect(resolver.asked).toEqual(['far.example MX']);
    expect(one.steps).toEqual([
      { atMs: 0, question: 'far.example MX', answer: '20 b.example; 10 A.example' },
    ]);
  });

  it('mixes hosts of equal preference by chance', async () => {
    const zone: Zone = { 'far.example': ['mx 10 a.example', 'mx 10 b.example', 'mx 5 c.example'] };
    const first = async (random: number) => {
      const route = await router(zone, () => random).router.route('far.example');
      return route.kind === 'hosts' ? route.hosts.map(({ name }) => name).join(' ') : route.kind;
    };
    expect(await first(0)).toBe('c.example a.example b.example');
    expect(await first(0.5)).toBe('c.example b.example a.example');
  });

  it('leads to the domain itself when it has no MX at all', async () => {
    const { router: one } = router({ 'only.example': ['a 198.51.100.9'] });
    expect(await one.route('only.example')).toEqual({
      kind: 'hosts',
      hosts: [{ name: 'only.example', preference: null }],
    });
    expect(await one.addresses('only.example')).toEqual(['198.51.100.9']);
  });

  it('leads straight to an address literal', async () => {
    const { router: one, resolver } = router({});
    expect(await one.route('[192.0.2.9]')).toEqual({
      kind: 'hosts',
      hosts: [{ name: '192.0.2.9', preference: null }],
    });
    expect(await one.addresses('192.0.2.9')).toEqual(['192.0.2.9']);
    expect(await one.route('[IPv6:2001:db8::9]')).toMatchObject({ hosts: [{ name: '2001:db8::9' }] });
    expect(resolver.asked).toEqual([]);
  });

  it('asks for a name outside ASCII by its A-labels', async () => {
    const { router: one } = router({ 'xn--bcher-kva.example': ['mx 10 mx.example'] });
    expect(await one.route('Bücher.example')).toMatchObject({ kind: 'hosts' });
  });

  it.each<[string, Zone[string], object]>([
    ['does not exist', 'NXDOMAIN', { kind: 'failed', code: 550, enhanced: '5.1.2', class: 'bad_domain' }],
    ['has a null MX', ['mx 0 .'], { kind: 'failed', code: 556, enhanced: '5.1.10', class: 'bad_domain' }],
    ['has a null MX, written empty', ['mx 0 '], { kind: 'failed', code: 556, enhanced: '5.1.10' }],
    ['has neither MX nor address', [], { kind: 'failed', enhanced: '5.1.2', class: 'bad_domain' }],
    ['has a server that fails', 'SERVFAIL', { kind: 'deferred', enhanced: '4.4.3' }],
    ['has a server that is silent', 'TIMEOUT', { kind: 'deferred', enhanced: '4.4.3' }],
  ])('a domain that %s', async (_name, entry, expected) => {
    expect(await router({ 'far.example': entry }).router.route('far.example')).toMatchObject(expected);
  });
});

describe('the addresses of a host', () => {
  it('are followed through an alias, which is noted', async () => {
    const { router: one } = router({
      'mx.example': ['cname real.example'],
      'real.example': ['a 198.51.100.1'],
    });
    expect(await one.addresses('mx.example')).toEqual(['198.51.100.1']);
    expect(one.steps.at(-1)?.answer).toContain('is an alias');
  });

  it('are IPv6 where there is no IPv4', async () => {
    expect(await router({ 'mx.example': ['a6 2001:db8::1'] }).router.addresses('mx.example')).toEqual([
      '2001:db8::1',
    ]);
  });

  it('are none, or unknown', async () => {
    expect(await router({}).router.addresses('mx.example')).toEqual([]);
    expect(await router({ 'mx.example': 'TIMEOUT' }).router.addresses('mx.example')).toBe('unknown');
  });
});
