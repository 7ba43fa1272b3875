/** What each provider remembers of each sender: reputations, days, and how its people take the mail. */
import { z } from 'zod';
import type { Stream } from '../model/delivery.ts';
import type { ProviderKey } from '../model/mail-provider.ts';
import { DocumentMap, type Documents } from './document-map.ts';
import { neighbourDrag } from './ip-pool.ts';
import type { SenderRecord } from './judge-message.ts';
import { noRelation, type Relation, relationKey, relationSchema } from './relation.ts';
import {
  complaintRate,
  emptyTally,
  faded,
  type Signal,
  scoreOf,
  type Tally,
  tallySchema,
  withSignal,
} from './reputation.ts';
import { type PoolSettings, poolSettingsSchema } from './settings.ts';

export interface Sender {
  readonly domain: string;
  readonly ip: string;
  readonly stream: Stream;
}

const count = z.int().min(0);
const feedbackSchema = z.object({ delivered: count, complained: count });
export const daySchema = z.object({
  provider: z.string(),
  domain: z.string(),
  /** Virtual days since the epoch. */
  day: z.int(),
  delivered: count,
  spam: count,
  complained: count,
  refused: count,
  spfPass: count,
  dkimPass: count,
  dmarcPass: count,
  tls: count,
  withoutOneClick: count,
  byFeedbackId: z.record(z.string(), feedbackSchema),
});
export type SenderDay = z.infer<typeof daySchema>;

const dayMs = 24 * 3_600_000;
const hourMs = 3_600_000;
const talliesMax = 20_000;
const relationsMax = 50_000;
const daysMax = 10_000;
const feedbackIdsMax = 200;
const hoursMax = 10_000;

export interface Arrival {
  readonly recipients: number;
  readonly spam: number;
  readonly lacksOneClick: boolean;
  readonly feedbackId: string | null;
  readonly spfPass: boolean;
  readonly dkimPass: boolean;
  readonly dmarcPass: boolean;
  readonly tls: boolean;
}

export class SenderBook {
  readonly tallies: DocumentMap<Tally>;
  readonly relations: DocumentMap<Relation>;
  readonly days: DocumentMap<SenderDay>;
  readonly #pool: DocumentMap<PoolSettings>;
  readonly #isShared: (ip: string) => boolean;
  readonly #hours = new Map<string, { readonly hour: number; readonly count: number }>();

  /** @param isShared tells the addresses of the shared pool */
  constructor(documents: Documents, isShared: (ip: string) => boolean) {
    const parsed =
      <T>(schema: z.ZodType<T>) =>
      (value: unknown): T | null =>
        schema.safeParse(value).data ?? null;
    this.tallies = new DocumentMap(documents, 'reputation', parsed(tallySchema), talliesMax);
    this.relations = new DocumentMap(documents, 'relation', parsed(relationSchema), relationsMax);
    this.days = new DocumentMap(documents, 'sender_day', parsed(daySchema), daysMax);
    this.#pool = new DocumentMap(documents, 'ip_pool', parsed(poolSettingsSchema), 1);
    this.#isShared = isShared;
  }

  async load(): Promise<void> {
    await Promise.all([this.tallies.load(), this.relations.load(), this.days.load(), this.#pool.load()]);
  }

  async flush(onProblem: (text: string) => void): Promise<void> {
    await Promise.all([
      this.tallies.flush(onProblem),
      this.relations.flush(onProblem),
      this.days.flush(onProblem),
    ]);
  }

  pool(): PoolSettings {
    return this.#pool.get('shared') ?? { neighbour: 'quiet', sinceMs: 0 };
  }

  async setPool(pool: PoolSettings): Promise<void> {
    await this.#pool.save('shared', pool);
  }

  record(provider: ProviderKey, sender: Sender, complaintSampleMin: number, nowMs: number): SenderRecord {
    const tally = (key: string): Tally => faded(this.tallies.get(key) ?? emptyTally(nowMs), nowMs);
    const [domain, ip, stream] = keysOf(provider, sender);
    const drag = this.#isShared(sender.ip) ? neighbourDrag(this.pool(), nowMs) : 0;
    const ofDomain = tally(domain);
    const day = this.#day(provider, sender.domain, nowMs);
    const hour = this.#hours.get(`${provider}|${sender.domain}`);
    return {
      scores: {
        domain: scoreOf(ofDomain),
        ip: Math.max(0, scoreOf(tally(ip)) - drag),
        stream: scoreOf(tally(stream)),
        drag,
        complaintRate: complaintRate(ofDomain, complaintSampleMin),
      },
      today: day.delivered,
      withoutOneClickToday: day.withoutOneClick,
      thisHour: hour?.hour === Math.floor(nowMs / hourMs) ? hour.count : 0,
    };
  }

  arrived(provider: ProviderKey, sender: Sender, arrival: Arrival, nowMs: number): void {
    for (let left = arrival.recipients; left > 0; left--) this.signal(provider, sender, 'delivered', nowMs);
    if (!arrival.spfPass && !arrival.dkimPass) this.signal(provider, sender, 'unauthenticated', nowMs);
    const add = (yes: boolean): number => (yes ? arrival.recipients : 0);
    const before = this.#day(provider, sender.domain, nowMs);
    this.#setDay({
      ...before,
      delivered: before.delivered + arrival.recipients,
      spam: before.spam + arrival.spam,
      spfPass: before.spfPass + add(arrival.spfPass),
      dkimPass: before.dkimPass + add(arrival.dkimPass),
      dmarcPass: before.dmarcPass + add(arrival.dmarcPass),
      tls: before.tls + add(arrival.tls),
      withoutOneClick: before.withoutOneClick + add(arrival.lacksOneClick),
      byFeedbackId: withFeedback(before.byFeedbackId, arrival.feedbackId, arrival.recipients, 0),
    });
    const hour = Math.floor(nowMs / hourMs);
    const key = `${provider}|${sender.domain}`;
    const known = this.#hours.get(key);
    if (this.#hours.size >= hoursMax) this.#hours.clear();
    this.#hours.set(key, { hour, count: (known?.hour === hour ? known.count : 0) + arrival.recipients });
  }

  refused(provider: ProviderKey, sender: Sender, nowMs: number): void {
    const before = this.#day(provider, sender.domain, nowMs);
    this.#setDay({ ...before, refused: before.refused + 1 });
  }

  complained(provider: ProviderKey, sender: Sender, feedbackId: string | null, nowMs: number): void {
    this.signal(provider, sender, 'complained', nowMs);
    const before = this.#day(provider, sender.domain, nowMs);
    this.#setDay({
      ...before,
      complained: before.complained + 1,
      byFeedbackId: withFeedback(before.byFeedbackId, feedbackId, 0, 1),
    });
  }

  signal(provider: ProviderKey, sender: Sender, signal: Signal, nowMs: number): void {
    for (const key of keysOf(provider, sender))
      this.tallies.set(key, withSignal(this.tallies.get(key) ?? emptyTally(nowMs), signal, nowMs));
  }

  /** Mail for somebody who is not there: known before the content, so that its stream is not. */
  bounced(provider: ProviderKey, sender: Omit<Sender, 'stream'>, nowMs: number): void {
    const [domain, ip] = keysOf(provider, { ...sender, stream: 'transactional' });
    for (const key of [domain, ip])
      this.tallies.set(key, withSignal(this.tallies.get(key) ?? emptyTally(nowMs), 'bounced', nowMs));
  }

  relation(mailbox: string, from: string): Relation {
    return this.relations.get(relationKey(mailbox, from)) ?? noRelation;
  }

  relate(mailbox: string, from: string, change: Partial<Relation>): void {
    this.relations.set(relationKey(mailbox, from), { ...this.relation(mailbox, from), ...change });
  }

  #day(provider: ProviderKey, domain: string, nowMs: number): SenderDay {
    const day = Math.floor(nowMs / dayMs);
    return this.days.get(`${provider}|${domain}|${day}`) ?? { ...emptyDay, provider, domain, day };
  }

  #setDay(day: SenderDay): void {
    this.days.set(`${day.provider}|${day.domain}|${day.day}`, day);
  }
}

const emptyDay = {
  delivered: 0,
  spam: 0,
  complained: 0,
  refused: 0,
  spfPass: 0,
  dkimPass: 0,
  dmarcPass: 0,
  tls: 0,
  withoutOneClick: 0,
  byFeedbackId: {},
};

function keysOf(provider: ProviderKey, { domain, ip, stream }: Sender): readonly [string, string, string] {
  return [`${provider}|domain|${domain}`, `${provider}|ip|${ip}`, `${provider}|stream|${stream}@${domain}`];
}

function withFeedback(
  before: SenderDay['byFeedbackId'],
  id: string | null,
  delivered: number,
  complained: number,
): SenderDay['byFeedbackId'] {
  if (id === null) return before;
  const known = before[id];
  if (known === undefined && Object.keys(before).length >= feedbackIdsMax) return before;
  return {
    ...before,
    [id]: {
      delivered: (known?.delivered ?? 0) + delivered,
      complained: (known?.complained ?? 0) + complained,
    },
  };
}
