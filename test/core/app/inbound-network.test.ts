import { describe, expect, it } from 'vitest';
import { inboundResolver } from '../../../core/app/inbound-network.ts';
import { zonesResolver } from '../../../core/dns/resolver.ts';
import { emptyZoneState, published, type ZoneState } from '../../../core/dns/zone-state.ts';
import { createZones } from '../../../core/dns/zones.ts';
import type { SendingDomain } from '../../../core/model/sending-domain.ts';
import { sendingDomain } from '../dns/domains.ts';

const route = { kind: 'smtp', host: '127.0.0.1', port: 2500 } as const;

/** What the core is told of the MX of a domain whose mail the app takes itself. */
async function mxOf(change: Partial<SendingDomain>, state: Partial<ZoneState> = {}) {
  const domain = sendingDomain({ name: 'shop.example', inbound: route, ...change });
  const zones = createZones({ ...emptyZoneState, domains: [published(domain)], ...state });
  const resolver = inboundResolver(zonesResolver(zones), (name) =>
    name === domain.name || name.endsWith(`.${domain.name}`) ? domain.inbound : null,
  );
  return resolver.query('Bounce.shop.example', 'MX');
}

describe('an inbound route to a server of the app', () => {
  it('has a host of its own as MX, which has an address', async () => {
    expect((await mxOf({})).records).toMatchObject([
      { type: 'MX', exchange: 'inbound-route.bounce.shop.example' },
    ]);
  });

  it('is no way around what is broken about the domain', async () => {
    expect((await mxOf({ faults: ['no_mx'] })).records).toEqual([]);
    const broken = (fault: 'servfail' | 'nxdomain' | 'timeout') =>
      mxOf({}, { recipientFaults: new Map([['shop.example', fault]]) });
    expect((await broken('servfail')).code).toBe('SERVFAIL');
    expect((await broken('nxdomain')).code).toBe('NXDOMAIN');
    expect((await broken('timeout')).code).toBe('TIMEOUT');
    const nullMx = await mxOf({}, { recipientFaults: new Map([['bounce.shop.example', 'null_mx']]) });
    expect(nullMx.records).toMatchObject([{ type: 'MX', exchange: '' }]);
  });
});
