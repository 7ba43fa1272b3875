/** /v1/stats/statuses: how many deliveries came to each status, over time. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import { streams } from '../../model/delivery.ts';
import { statusStatsSchema } from '../log-schema.ts';
import { presentStatusStats } from '../present-log.ts';
import type { Services } from '../services.ts';
import { json, problems } from './responses.ts';
import { timeOf } from './selection.ts';

const bucketsMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
/** Buckets that one answer has at the most. */
const bucketsMax = 1_500;
/** Without `from`: so many before the end. */
const usualBuckets = { minute: 60, hour: 24, day: 30 } as const;

const textFilter = z.string().min(1).optional();

export function statsRoutes(
  api: OpenAPIHono,
  { store, clock, time }: Pick<Services, 'store' | 'clock' | 'time'>,
): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/stats/statuses',
      summary: 'Counts over time by status and channel, with rates',
      description:
        'Each delivery counts once for each status, when it came to it. Deleted messages are not counted. Calls of webhooks and callbacks are no deliveries here.',
      request: {
        query: z.object({
          from: z.string().optional().openapi({ description: 'ISO 8601, or 2h, 3d for that long ago' }),
          to: z.string().optional().openapi({ description: 'the same; usually now' }),
          bucket: z.enum(['minute', 'hour', 'day']).default('hour'),
          clock: z
            .enum(['virtual', 'wall'])
            .default('virtual')
            .openapi({ description: 'by which the times go' }),
          channel: z.enum(['email', 'push', 'sms', 'inapp', 'multi']).optional(),
          provider: textFilter,
          project: textFilter,
          stream: z.enum(streams).optional(),
          tag: textFilter,
          template: textFilter,
          topic: textFilter,
          user: textFilter,
        }),
      },
      responses: { 200: json(statusStatsSchema, 'the counts'), ...problems },
    }),
    async (c) => {
      const query = c.req.valid('query');
      const { bucket } = query;
      const bucketMs = bucketsMs[bucket];
      const nowMs = query.clock === 'wall' ? clock.wallMs() : time.nowMs();
      // What happens this very moment is in the last bucket.
      const toMs = timeOf(query.to, 'to', nowMs) ?? nowMs + 1;
      const fromMs = timeOf(query.from, 'from', nowMs) ?? startOf(toMs, bucketMs, usualBuckets[bucket]);
      if (fromMs >= toMs) throw new AppError('bad_request', 'from: it must be before `to`.');
      if (Math.ceil(toMs / bucketMs) - Math.floor(fromMs / bucketMs) > bucketsMax)
        throw new AppError(
          'bad_request',
          `bucket: these are more than ${bucketsMax} buckets; take a longer bucket or a shorter span.`,
        );
      const request = {
        clock: query.clock,
        fromMs,
        toMs,
        bucketMs,
        channel: query.channel ?? null,
        provider: query.provider ?? null,
        project: query.project ?? null,
        stream: query.stream ?? null,
        tag: query.tag ?? null,
        template: query.template ?? null,
        topic: query.topic ?? null,
        user: query.user ?? null,
      };
      return c.json(presentStatusStats(request, bucket, await store.statusCounts(request)), 200);
    },
  );
}

/** Where the bucket begins from which on there are that many, the last one with `toMs` at its end or within it. */
function startOf(toMs: number, bucketMs: number, buckets: number): number {
  return (Math.ceil(toMs / bucketMs) - buckets) * bucketMs;
}
