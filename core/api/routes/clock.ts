/** /v1/clock: virtual time, which due times run on, shown and moved. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ClockChange } from '../../delivery/virtual-time.ts';
import { AppError } from '../../model/app-error.ts';
import { presentClock } from '../present-delivery.ts';
import { clockSchema } from '../queue-schema.ts';
import type { Services } from '../services.ts';
import { conflict, json, problems } from './responses.ts';

const changeSchema = z
  .object({
    advanceMs: z.number().optional().openapi({ description: 'goes from due time to due time until then' }),
    toNext: z.literal(true).optional().openapi({ description: 'goes to the next thing that is due' }),
    speed: z
      .number()
      .optional()
      .openapi({ description: 'times as fast as the wall clock; 1 is its own, 0 freezes' }),
    freeze: z
      .boolean()
      .optional()
      .openapi({ description: 'true stands still, false goes on as fast as the wall clock' }),
    reset: z.literal(true).optional().openapi({
      description:
        'goes back to wall time and its own speed, as live relay needs it; what waits keeps the time that it has still to wait',
    }),
  })
  .strict();

export function clockRoutes(api: OpenAPIHono, { time }: Services): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clock',
      summary: 'What the virtual clock shows',
      responses: { 200: json(clockSchema, 'the clock'), ...problems },
    }),
    async (c) => c.json(presentClock(await time.view()), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clock',
      summary: 'Move the virtual clock, one way at a time',
      description: 'Answers when what became due on the way has settled.',
      request: { body: { required: true, content: { 'application/json': { schema: changeSchema } } } },
      responses: { 200: json(clockSchema, 'the clock afterwards'), ...problems, ...conflict },
    }),
    async (c) => c.json(presentClock(await time.change(toChange(c.req.valid('json')))), 200),
  );
}

function toChange(given: z.infer<typeof changeSchema>): ClockChange {
  const changes: ClockChange[] = [];
  if (given.advanceMs !== undefined) changes.push({ kind: 'advance', byMs: given.advanceMs });
  if (given.toNext !== undefined) changes.push({ kind: 'to_next' });
  if (given.speed !== undefined) changes.push({ kind: 'speed', speed: given.speed });
  if (given.freeze !== undefined)
    changes.push(given.freeze ? { kind: 'freeze' } : { kind: 'speed', speed: 1 });
  if (given.reset !== undefined) changes.push({ kind: 'reset' });
  const [change, ...more] = changes;
  if (change === undefined || more.length > 0)
    throw new AppError('bad_request', 'Give one of advanceMs, toNext, speed, freeze and reset.');
  return change;
}
