/**
 * The SPF test cases of openspf.org for RFC 7208, through mailauth with our resolver's shapes. Where mailauth departs
 * from them, the case is listed with its reason, and the test says so when that changes.
 */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { nodeResolver } from '../../../core/dns/resolver.ts';
import { scenarios, suiteResolver } from './rfc7208-suite.ts';

interface MailauthSpf {
  readonly spf: (options: object) => Promise<{
    readonly status: { readonly result: string };
    readonly explanation?: string;
  }>;
}
const { spf }: MailauthSpf = createRequire(import.meta.url)('mailauth/lib/spf');

/**
 * Every result is as the suite wants it, in strict mode. What differs is one explanation: mailauth writes the nibbles of
 * an IPv6 address in lower case, where the suite has upper case. It is a name, so its case means nothing (RFC 4343).
 */
const explanationDepartures: ReadonlySet<string> = new Set(['v-macro-ip6']);

describe('the SPF test cases of RFC 7208', () => {
  for (const { description, tests, zonedata } of scenarios) {
    const resolver = nodeResolver(suiteResolver(zonedata));
    describe(description, () => {
      it.each(Object.entries(tests))('%s', async (name, { helo, host, mailfrom, result, explanation }) => {
        const judged = await spf({
          // RFC 7208 §2.4: without a sender, postmaster at the HELO name is judged.
          sender: mailfrom || `postmaster@${helo ?? ''}`,
          ip: host,
          helo: helo ?? '',
          mta: 'mx.sandpost.example',
          strict: true,
          resolver,
        });
        expect([result].flat()).toContain(judged.status.result);
        if (explanation !== undefined && explanation !== 'DEFAULT')
          expect(judged.explanation).toBe(
            explanationDepartures.has(name)
              ? explanation.replace(/(?:[0-9A-F]\.){32}/, lowerCase)
              : explanation,
          );
      });
    });
  }
});

const lowerCase = (text: string): string => text.toLowerCase();
