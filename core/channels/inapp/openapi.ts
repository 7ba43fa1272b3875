/**
 * The door's document for generators of clients: its operations, and the schemas that read its requests. Pure.
 * Source: OpenAPI 3.1.0, whose schemas are JSON Schema 2020-12 (§4.8.24).
 */
import { z } from 'zod';
import { problemRows } from '../../model/problem-rows.ts';
import { answerSchemas, type Operation, type OperationAnswer, requestSchemas } from './operation.ts';
import { operations } from './operations.ts';

type Json = Readonly<Record<string, unknown>>;

export interface DocumentAbout {
  readonly version: string;
  /** What comes before `/inapp`; empty: nothing. */
  readonly basePath: string;
}

export function inAppDocument({ version, basePath }: DocumentAbout): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = `/inapp${operation.path}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: described(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sandpost, in-app messages',
      version,
      description:
        'They wait for a user until the app asks. Keys and hashes are taken as they come until PUT /v1/inapp/settings has them checked.',
    },
    servers: [{ url: basePath === '' ? '/' : basePath }],
    paths,
    components: {
      schemas: { ...componentsOf(requestSchemas, 'input'), ...componentsOf(answerSchemas, 'output') },
      securitySchemes,
    },
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
  };
}

/** Fields first; the query for what cannot set fields. */
const securitySchemes = {
  key: { type: 'http', scheme: 'bearer', description: 'pk_… in pages, sk_… in the backend' },
  keyInQuery: { type: 'apiKey', in: 'query', name: 'key' },
  userHash: {
    type: 'apiKey',
    in: 'header',
    name: 'X-User-Hash',
    description: 'HMAC-SHA256 of the user’s id with the secret key, in hex',
  },
  userHashInQuery: { type: 'apiKey', in: 'query', name: 'hash' },
} as const;

const asked: Readonly<Record<Operation['access'], readonly Json[]>> = {
  anyone: [],
  backend: [{}, { key: [] }, { keyInQuery: [] }],
  user: [
    {},
    { key: [] },
    { keyInQuery: [] },
    { key: [], userHash: [] },
    { keyInQuery: [], userHashInQuery: [] },
    { userHash: [] },
    { userHashInQuery: [] },
  ],
};

function described(operation: Operation): Json {
  const { id, tag, summary, description, access, parameters, body, bodyOptional, answers, codes } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: asked[access],
    parameters: (['path', 'query', 'header'] as const).flatMap((place) =>
      Object.entries(parameters[place]?.shape ?? {}).map(([name, schema]) => parameter(place, name, schema)),
    ),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: bodyOptional !== true,
            content: { 'application/json': { schema: reference(body) } },
          },
        }),
    responses: { ...Object.fromEntries(answers.map(answered)), ...refusals(codes) },
  };
}

function parameter(place: 'path' | 'query' | 'header', name: string, schema: z.core.$ZodType): Json {
  const { description, ...shape } = plain(z.toJSONSchema(schema, { io: 'input' }));
  const isOptional = z.safeParse(schema, undefined).success;
  return {
    name,
    in: place,
    required: !isOptional,
    ...(description === undefined ? {} : { description }),
    schema: shape,
  };
}

function answered({ status, description, schema, type, headers = {} }: OperationAnswer): [string, Json] {
  const content =
    schema === undefined
      ? type === undefined
        ? null
        : { [type]: { schema: type === 'application/json' ? { type: 'object' } : { type: 'string' } } }
      : { 'application/json': { schema: reference(schema) } };
  return [
    String(status),
    {
      description,
      ...(Object.keys(headers).length === 0
        ? {}
        : {
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, what]) => [
                name,
                { description: what, schema: { type: 'string' } },
              ]),
            ),
          }),
      ...(content === null ? {} : { content }),
    },
  ];
}

/** By their status; several codes may share one. `default`: a rule may answer anything. */
function refusals(codes: Operation['codes']): Json {
  const byStatus = Map.groupBy(codes, (code) => problemRows[code][0]);
  const content = { 'application/problem+json': { schema: reference('InAppProblem') } };
  return {
    ...Object.fromEntries(
      [...byStatus].map(([status, same]) => [
        String(status),
        { description: same.map((code) => `${code}: ${problemRows[code][1]}`).join('; '), content },
      ]),
    ),
    default: { description: 'what a rule says in its place', content },
  };
}

function reference(name: keyof typeof requestSchemas | keyof typeof answerSchemas): Json {
  return { $ref: componentUri(name) };
}

function componentUri(name: string): string {
  return `#/components/schemas/${name}`;
}

function componentsOf(schemas: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): Json {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io, uri: componentUri });
  return Object.fromEntries(Object.entries(made.schemas).map(([name, schema]) => [name, plain(schema)]));
}

/** What a document of its own says of itself has no place in a part of another. */
function plain({
  $schema: _schema,
  $id: _id,
  ...rest
}: z.core.JSONSchema.BaseSchema): Readonly<Record<string, unknown>> {
  return rest;
}
