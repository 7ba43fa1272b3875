/**
 * The document of the API, made whole: what generators of clients go by and no route says of itself. Each operation gets a
 * name (`operationId`) by one rule, so that a client has `listMessages` and `holdDelivery`, and the noun it is about as its
 * tag. Pure.
 * Source: OpenAPI 3.1.0, §4.8.10 (operationId is unique among all operations).
 */
import type { OpenAPIHono } from '@hono/zod-openapi';

type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>;
type PathItem = NonNullable<Document['paths']>[string];
type Operation = NonNullable<PathItem['get']>;

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;
type Method = (typeof methods)[number];

/** @param base what the paths begin with, before the noun: `/v1` */
export function wholeDocument(document: Document, base: string): Document {
  const paths = Object.entries(document.paths ?? {}).map(([path, item]): [string, PathItem] => [
    path,
    {
      ...item,
      ...Object.fromEntries(
        methods.flatMap((method) => {
          const operation = item[method];
          return operation === undefined ? [] : [[method, named(operation, method, path, base)]];
        }),
      ),
    },
  ]);
  const tags = new Set(paths.map(([path]) => nounOf(path, base)));
  return {
    ...document,
    paths: Object.fromEntries(paths),
    ...(document.components?.schemas === undefined
      ? {}
      : { components: { ...document.components, schemas: plainUnions(document.components.schemas) } }),
    tags: [...tags].sort().map((name) => ({ name })),
  };
}

type Schemas = NonNullable<NonNullable<Document['components']>['schemas']>;

/**
 * What tells the members of a union apart must be required in each of them (§4.8.25); where it may be left out (mail needs no
 * `channel`), the union stands without, and its members are told apart by what they have.
 */
function plainUnions(schemas: Schemas): Schemas {
  const requires = (reference: string, property: string): boolean => {
    const required = memberOf(schemas[reference.slice(reference.lastIndexOf('/') + 1)], 'required');
    return Array.isArray(required) && required.includes(property);
  };
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      if (!('discriminator' in schema) || schema.discriminator === undefined) return [name, schema];
      const { discriminator, oneOf, ...rest } = schema;
      const members = oneOf ?? [];
      const told = members.every((one) => '$ref' in one && requires(one.$ref, discriminator.propertyName));
      return [name, told ? schema : { ...rest, anyOf: members }];
    }),
  );
}

function named(operation: Operation, method: Method, path: string, base: string): Operation {
  return {
    ...operation,
    operationId: operation.operationId ?? operationName(method, path, base, answersList(operation)),
    tags: operation.tags ?? [nounOf(path, base)],
  };
}

function nounOf(path: string, base: string): string {
  return path.slice(base.length).split('/')[1] ?? '';
}

/** Names that the rule would not find: what is done there is not what the method says. */
const ownNames: Readonly<Record<string, string>> = {
  'post /v1/messages': 'sendMessage',
  'get /v1/messages/wait': 'waitForMessage',
  'put /v1/messages/read': 'markMessagesRead',
  'post /v1/messages/import': 'importMessage',
  'put /v1/messages/{id}/read': 'markMessageRead',
  'delete /v1/messages/{id}/read': 'markMessageUnread',
  'put /v1/messages/{id}/tags': 'setMessageTags',
  'delete /v1/messages/{id}/tags': 'removeMessageTags',
  'get /v1/deliveries/{id}/attempts/{number}/response': 'getAttemptResponse',
  'post /v1/queues/hold': 'holdDeliveries',
  'post /v1/queues/release': 'releaseDeliveries',
  'post /v1/queues/retry': 'retryDeliveries',
  'post /v1/queues/cancel': 'cancelDeliveries',
  'post /v1/queues/bounce': 'bounceDeliveries',
  'post /v1/clock': 'setClock',
  'post /v1/connect/test': 'sendTestMessage',
  'get /v1/messages/{id}/auth': 'getMessageAuthentication',
  'post /v1/rules/start-over': 'startRulesOver',
  'post /v1/rules/dry-run': 'tryRules',
  'post /v1/scenarios/current': 'saveCurrentRulesAsScenario',
  'post /v1/scenarios/stop': 'stopScenario',
  'get /v1/suppressions/export': 'exportSuppressions',
  'post /v1/webhooks/{id}/rotate-secret': 'rotateWebhookSecret',
  'post /v1/domains/{name}/rotate': 'rotateDomainKeys',
  'post /v1/phones/{id}/rotate': 'rotatePhoneToken',
  'post /v1/phones/{id}/online': 'switchPhoneOn',
  'post /v1/phones/{id}/offline': 'switchPhoneOff',
  'post /v1/phones/{id}/permission': 'setPhonePermission',
  'post /v1/phones/{id}/install': 'installPhoneApp',
  'post /v1/phones/{id}/uninstall': 'uninstallPhoneApp',
  'post /v1/phones/{id}/register': 'registerPhoneApp',
  'post /v1/handsets/{number}/online': 'switchHandsetOn',
  'post /v1/handsets/{number}/offline': 'switchHandsetOff',
  'post /v1/mailboxes/{address}/messages/{copyId}/report-spam': 'reportMailboxMessageAsSpam',
};

/** How a path ends in a verb: what is done to what stands before it. */
const verbs: ReadonlySet<string> = new Set([
  'activate',
  'archive',
  'bounce',
  'cancel',
  'check',
  'click',
  'complete',
  'delete',
  'dismiss',
  'hold',
  'import',
  'install',
  'move',
  'open',
  'preview',
  'publish',
  'register',
  'release',
  'render',
  'replay',
  'reply',
  'reset',
  'restore',
  'retry',
  'rotate',
  'send',
  'start',
  'star',
  'stop',
  'subscribe',
  'tap',
  'test',
  'undo',
  'uninstall',
  'unsubscribe',
]);

function operationName(method: Method, path: string, base: string, isList: boolean): string {
  const own = ownNames[`${method} ${path}`];
  if (own !== undefined) return own;
  const segments = path.slice(base.length).split('/').filter(Boolean);
  const words = segments.filter((segment) => !isParameter(segment));
  const last = segments.at(-1) ?? '';
  const onOne = isParameter(last);
  const nouns = words.map((word, at) => {
    const followed = segments[segments.indexOf(word) + 1];
    const one =
      (followed !== undefined && isParameter(followed)) || (at < words.length - 1 && words.length > 1);
    return pascal(one ? singular(word) : word);
  });
  if (method === 'post' && !onOne && verbs.has(last)) {
    const before = isParameter(segments.at(-2) ?? '') ? nouns.at(-2) : pascal(words.at(-2) ?? '');
    return camel(`${pascal(last)}${nouns.slice(0, -2).join('')}${before ?? ''}`);
  }
  const noun = nouns.join('');
  if (method === 'get') return isList && !onOne ? `list${noun}` : `get${noun}`;
  if (method === 'post') return `create${singular(noun)}`;
  return `${{ put: 'replace', patch: 'change', delete: 'delete' }[method]}${noun}`;
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}

function singular(word: string): string {
  if (/(?:ss|us|is|sms|dns|stats)$/i.test(word)) return word;
  return word
    .replace(/ies$/, 'y')
    .replace(/(x|ch|sh)es$/, '$1')
    .replace(/s$/, '');
}

function pascal(word: string): string {
  return word
    .split(/[^A-Za-z0-9]+/)
    .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
    .join('');
}

function camel(word: string): string {
  return `${word.charAt(0).toLowerCase()}${word.slice(1)}`;
}

function answersList({ responses }: Operation): boolean {
  const ok: unknown = responses?.['200'];
  const schema = memberOf(ok, 'content', 'application/json', 'schema', 'properties');
  return typeof schema === 'object' && schema !== null && 'entries' in schema;
}

function memberOf(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    value,
  );
}
