/** /v1/topics: what a message can be about, and whether its readers can unsubscribe from it. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import type { Topic } from '../../model/user.ts';
import type { People } from '../../people/index.ts';
import { newTopicSchema, replacedTopicSchema, topicSchema } from '../people-schema.ts';
import { presentTopic } from '../present-people.ts';
import { listOf } from '../schema.ts';
import { conflict, json, problems } from './responses.ts';

const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });
const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
});

export function topicRoutes(api: OpenAPIHono, people: People): void {
  function existing(id: string): Topic {
    const topic = people.topic(id);
    if (topic === null) throw new AppError('not_found', `There is no topic ${id}.`);
    return topic;
  }

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/topics',
      summary: 'List topics',
      responses: { 200: json(listOf(topicSchema), 'all of them'), ...problems },
    }),
    (c) => {
      const entries = people.topics().map(presentTopic);
      return c.json({ entries, nextCursor: null, total: entries.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/topics',
      summary: 'Make a topic',
      request: { body: body(newTopicSchema) },
      responses: { 201: json(topicSchema, 'the topic'), ...problems, ...conflict },
    }),
    async (c) => {
      const topic = c.req.valid('json');
      if (people.topic(topic.id) !== null)
        throw new AppError('not_possible', `There is a topic ${topic.id} already; PUT replaces it.`, {
          errors: [{ field: 'id', code: 'taken', detail: 'there is a topic of this id already' }],
        });
      await people.putTopic(topic);
      return c.json(presentTopic(topic), 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/topics/{id}',
      summary: 'One topic',
      request: { params: idParam },
      responses: { 200: json(topicSchema, 'the topic'), ...problems },
    }),
    (c) => c.json(presentTopic(existing(c.req.valid('param').id)), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/topics/{id}',
      summary: 'Make a topic, or replace one',
      request: { params: idParam, body: body(replacedTopicSchema) },
      responses: {
        200: json(topicSchema, 'the topic, replaced'),
        201: json(topicSchema, 'the topic, new'),
        ...problems,
        ...conflict,
      },
    }),
    async (c) => {
      const { id: _said, ...rest } = c.req.valid('json');
      const topic = newTopicSchema.shape.id.safeParse(c.req.valid('param').id);
      if (!topic.success)
        throw new AppError('bad_request', `id: ${topic.error.issues[0]?.message ?? 'is wrong'}`);
      const next: Topic = { id: topic.data, ...rest };
      return (await people.putTopic(next))
        ? c.json(presentTopic(next), 201)
        : c.json(presentTopic(next), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/topics/{id}',
      summary: 'Remove a topic',
      description: 'What users said of it stays with them, and counts again when there is one of that id.',
      request: { params: idParam },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      await people.removeTopic(c.req.valid('param').id);
      return c.body(null, 204);
    },
  );
}
