/** The record checks' own reading of SPF, on those cases of the RFC 7208 suite that it does not pass over on purpose. */
import { describe, expect, it } from 'vitest';
import { walkSpf } from '../../../core/dns/spf-record.ts';
import { type Scenario, scenarios, suiteResolver } from './rfc7208-suite.ts';

/** It expands no macros, looks up nothing for `exists` and `ptr`, and is asked with addresses that senders have. */
function isPassedOver({ zonedata }: Scenario, domain: string, host: string): boolean {
  const records = JSON.stringify(zonedata[domain] ?? []);
  return /::ffff/i.test(host) || /%|\bexists:|\bptr\b/.test(records);
}

/** Its redirect leads to a record with `ptr`. */
const passedOverByName: ReadonlySet<string> = new Set(['bytes-bug']);

describe('walking an SPF record', () => {
  for (const scenario of scenarios) {
    const cases = Object.entries(scenario.tests).flatMap(([name, { helo, host, mailfrom, result }]) => {
      const domain = (mailfrom || `postmaster@${helo ?? ''}`).split('@').at(-1) ?? '';
      return passedOverByName.has(name) || isPassedOver(scenario, domain, host)
        ? []
        : [{ name, domain, host, wanted: [result].flat() }];
    });
    if (cases.length === 0) continue;
    describe(scenario.description, () => {
      it.each(cases)('$name', async ({ domain, host, wanted }) => {
        const { result } = await walkSpf(suiteResolver(scenario.zonedata), domain, host);
        expect(wanted).toContain(result);
      });
    });
  }
});
