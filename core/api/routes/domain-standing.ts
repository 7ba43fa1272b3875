/** /v1/domains/{name}/standing: how a fault of a sending domain compounds, from its records to its readers. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import { providerKeys } from '../../model/mail-provider.ts';
import type { CopyRow } from '../../model/mailbox-copy.ts';
import type { Store } from '../../store/store.ts';
import { domainStanding, type RecentCopy } from '../domain-standing.ts';
import type { Services } from '../services.ts';
import { domainStandingSchema } from '../standing-schema.ts';
import { json, problems } from './responses.ts';

const copiesMax = 200;
const pageCopies = 200;
/** The mailboxes are shared by all senders: so far back is looked for those of one. */
const pagesMax = 5;
/** What comes back to the app's own domains, bounces above all, says nothing about how it is received elsewhere. */
const ownProvider = 'own';
const refusedDaysMs = 7 * 24 * 3_600_000;

type StandingServices = Pick<Services, 'store' | 'domains' | 'mailboxes' | 'time'>;

export function domainStandingRoutes(
  api: OpenAPIHono,
  { store, domains, mailboxes, time }: StandingServices,
): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/domains/{name}/standing',
      summary: 'How a fault of it compounds: DNS, authentication, reputation, filter, engagement',
      request: { params: z.object({ name: z.string().openapi({ param: { name: 'name', in: 'path' } }) }) },
      responses: { 200: json(domainStandingSchema, 'the five stages'), ...problems },
    }),
    async (c) => {
      const { name } = c.req.valid('param');
      const domain = domains.get(name);
      if (domain === null) throw new AppError('not_found', `There is no sending domain ${name}.`);
      const mine = ownedBy(domain.name);
      const since = time.nowMs() - refusedDaysMs;
      const [checks, copies] = await Promise.all([
        domains.check(domain.name, 'sandbox'),
        recentCopies(store, mine),
      ]);
      return c.json(
        domainStanding({
          domain: domain.name,
          ip: domain.ip,
          checks,
          copies,
          reputations: mailboxes
            .reputations()
            .filter((one) => one.provider !== ownProvider)
            .filter((one) => (one.kind === 'ip' ? one.subject === domain.ip : mine(senderOf(one.subject)))),
          refused: providerKeys.map((provider) => ({
            provider,
            messages: mailboxes
              .postmaster(provider)
              .filter((page) => mine(page.domain))
              .flatMap((page) => page.days)
              .filter((day) => day.atMs >= since)
              .reduce((total, day) => total + day.refused, 0),
          })),
        }),
        200,
      );
    },
  );
}

/** A stream is named `marketing@news.shop.example`. */
const senderOf = (subject: string): string => subject.slice(subject.lastIndexOf('@') + 1);

/** Its sub-domains are its streams. */
const ownedBy =
  (domain: string) =>
  (sender: string): boolean =>
    sender === domain || sender.endsWith(`.${domain}`);

async function recentCopies(
  store: Pick<Store, 'copies'>,
  mine: (sender: string) => boolean,
): Promise<readonly RecentCopy[]> {
  const found: CopyRow[] = [];
  let after: number | null = null;
  for (let page = 0; page < pagesMax && found.length < copiesMax; page++) {
    const filter = { mailbox: null, placement: null, messageId: null, deliveryId: null };
    const { entries, next } = await store.copies(filter, { after, limit: pageCopies });
    found.push(
      ...entries.filter(
        ({ provider, authentication, envelopeFrom }) =>
          provider !== ownProvider && mine(authentication.dmarc.domain ?? senderOf(envelopeFrom)),
      ),
    );
    if (next === null) break;
    after = next;
  }
  return found.slice(0, copiesMax).map(asRecent);
}

function asRecent({ id, mailbox, placement, authentication, filter }: CopyRow): RecentCopy {
  const { spf, dkim, dmarc } = authentication;
  const signature = dkim.find((one) => one.result === 'pass') ?? dkim[0];
  return {
    id,
    mailbox,
    placement,
    spf: spf.result,
    dkim: signature?.result ?? 'none',
    dmarc: dmarc.result,
    why: { spf: spf.why, dkim: signature?.why ?? 'The message is not signed.', dmarc: dmarc.why },
    reasons: filter.reasons,
  };
}
