/** The in-app door's document: that it is one, that it says what the door does, and that a client made from it works. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answerSchemas } from '../../../core/channels/inapp/operation.ts';
import { compileMsMax, documentSchema, operationsIn, useClientOf } from '../../openapi-client.ts';
import { type InAppWorld, inAppWorld } from './inapp-world.ts';

const path = '/v1/openapi.json';

describe('the document of the in-app door', () => {
  it('is an OpenAPI document, at both ports, with where it stands', async () => {
    const { core, call } = await inAppWorld(['--deliver', '--base-path', '/sand']);
    const { body, headers } = await call('GET', path);
    expect(headers.get('content-type')).toContain('application/json');
    const { valid, errors } = await new Validator().validate(structuredClone(body));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    const atApi: unknown = await core.json(`/inapp${path}`);
    expect(atApi).toEqual({ ...body, servers: [{ url: '/sand' }] });
    expect(body.servers).toEqual([{ url: '/' }]);
  });

  it('has every operation with a name, its parameters, its answers and its refusals', async () => {
    const { call } = await inAppWorld();
    const operations = operationsIn(documentSchema.parse((await call('GET', path)).body));
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    for (const { at, path: template, operation } of operations) {
      const { responses, parameters } = operation;
      expect(
        Object.keys(responses).some((code) => /^[123]/.test(code)),
        at,
      ).toBe(true);
      expect(responses.default?.content, at).toHaveProperty(['application/problem+json']);
      const inPath = parameters.filter((one) => one.in === 'path');
      expect(new Set(inPath.map(({ name }) => name)), at).toEqual(
        new Set([...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)),
      );
    }
  });

  it('has nothing that the door has not', async () => {
    const { call } = await inAppWorld();
    const operations = operationsIn(documentSchema.parse((await call('GET', path)).body));
    for (const { at } of operations) {
      const [method = '', template = ''] = at.split(' ');
      const real = template
        .slice('/inapp'.length)
        .replace('{status}', 'seen')
        .replaceAll(/\{\w+\}/g, 'x');
      if (real.endsWith('/client.js') || real.endsWith('/client.mjs')) continue;
      const said = await call(method.toUpperCase(), real).catch((error: unknown) => ({ body: error }));
      expect(JSON.stringify(said.body), at).not.toContain('There is nothing at');
    }
  });

  it('says what the faults of a request are, as the door finds them', async () => {
    const { call } = await inAppWorld();
    const { body } = await call('GET', path);
    const { parameters } = body.paths['/inapp/v1/users/{user}/messages'].get;
    const schemaOf = (name: string) => parameters.find((one: { name: string }) => one.name === name).schema;
    expect(schemaOf('limit')).toEqual({ type: 'integer', minimum: 1, maximum: 100, default: 20 });
    expect(schemaOf('archived')).toMatchObject({ enum: ['exclude', 'include', 'only'] });
    expect(schemaOf('tags')).toMatchObject({ type: 'array', items: { type: 'string' } });
    const refused = await call('GET', '/v1/users/jane/messages?limit=101&archived=yes&after=x');
    expect(
      [refused.status, ...refused.body.errors.map(({ field }: { field: string }) => field)].toSorted(),
    ).toEqual([400, 'after', 'archived', 'limit']);
    expect(body.components.schemas.InAppSend).toMatchObject({ additionalProperties: false });
  });

  it('says of each answer all that is in it, and nothing that is not', async () => {
    const world = await inAppWorld();
    for (const [schema, answer] of await answersOf(world)) {
      // What is not named would be left out.
      expect(answerSchemas[schema].parse(answer), schema).toEqual(answer);
    }
  });

  it(
    'makes a client that compiles, and that sends, pulls, chooses and tells',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'sandpost-test-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const { core, call } = await inAppWorld();
      const talk = await useClientOf((await call('GET', path)).body, folder, use);
      const expected = {
        sent: ['queued'],
        titles: ['Summer sale'],
        chosen: 'Summer sale',
        clicked: true,
        unread: 0,
        changed: 1,
        refused: { status: 422, code: 'invalid_submission', fields: ['title'] },
      };
      expect(await talk(`http://127.0.0.1:${core.port('providers')}`)).toEqual(expected);
    },
    compileMsMax,
  );
});

async function answersOf({
  call,
  send,
}: InAppWorld): Promise<readonly (readonly [keyof typeof answerSchemas, unknown])[]> {
  const rules = [{ directive: 'show', operator: 'contains', argument: '/shop' }];
  const sent = await call('POST', '/v1/messages', {
    users: ['jane', 'joe'],
    title: 'Sale',
    slides: [{ title: 'One', actions: [{ label: 'See' }] }],
    actions: [{ label: 'Go', url: '/sale' }],
    display: { kind: 'carousel', slot: 'top', pageRules: rules, maxPerWeek: 2 },
    ttlSeconds: 60,
  });
  const { rows } = await send('jane', { title: 'Hello' });
  const [row = ''] = rows;
  const get = async (from: string) => (await call('GET', from)).body;
  return [
    ['InAppSent', sent.body],
    ['InAppPage', await get('/v1/users/jane/messages')],
    ['InAppCounts', await get('/v1/users/jane/counts')],
    ['InAppEligible', await get('/v1/users/jane/eligible?url=/shop')],
    ['InAppKnownEntry', await get(`/v1/messages/${row}`)],
    ['InAppWholeMessage', await get(`/v1/messages/${sent.body.id}`)],
    ['InAppEntry', (await call('PUT', `/v1/messages/${row}/read`)).body],
    ['InAppEntry', (await call('POST', `/v1/messages/${row}/snooze`, { seconds: 60 })).body],
    ['InAppEligible', (await call('POST', '/v1/users/jane/events', { name: 'opened' })).body],
    ['InAppChanged', (await call('POST', '/v1/users/jane/batch/seen', { ids: 'all' })).body],
    ['InAppProblem', (await call('GET', '/v1/messages/none')).body],
  ];
}

/** What an app would write against the generated client; compiled with it. */
const use = `
import { Api } from './client.ts';

export async function talk(url: string) {
  const api = new Api({ baseUrl: url });
  const sent = await api.messages.sendInAppMessage(
    { user: 'jane', title: 'Summer sale', body: '20 %', display: { kind: 'modal' }, saveToInbox: true },
    { headers: { 'idempotency-key': 'one' } },
  );
  const pulled = await api.users.pullMessages('jane', { limit: 5 });
  const eligible = await api.users.getEligible('jane', { url: '/shop' });
  const id = sent.data.messages[0]?.id ?? '';
  const clicked = await api.messages.tellClick(id, { url: '/shop' }, { action: null });
  const counts = await api.users.getCounts('jane');
  const changed = await api.users.markUsersMessages('jane', 'archived', { ids: [id] });
  const refused = await api.messages.sendInAppMessage({ user: 'jane' }).then(
    () => null,
    (answer: { status: number; error: { code: string; errors: { field: string }[] } }) => ({
      status: answer.status,
      code: answer.error.code,
      fields: answer.error.errors.map(({ field }) => field),
    }),
  );
  return {
    sent: sent.data.messages.map(({ status }) => status),
    titles: pulled.data.entries.map(({ title }) => title),
    chosen: eligible.data.chosen?.title,
    clicked: clicked.data.interactedAt !== null,
    unread: counts.data.unread,
    changed: changed.data.changed,
    refused,
  };
}
`;
