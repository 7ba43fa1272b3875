/** The API's document: that it is one, that it says enough, and that a client made from it compiles and works. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileMsMax, documentSchema, operationsIn, useClientOf } from '../../openapi-client.ts';
import { openCore, type TestCore } from '../../start-core.ts';

const startMsMax = 60_000;

async function documentOf(core: TestCore, path = '/v1/openapi.json') {
  const json: unknown = await core.json(path);
  return { json: JSON.stringify(json), document: documentSchema.parse(json) };
}

describe('the document of the API', () => {
  let core: TestCore;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandpost-test-'));
    core = await openCore(join(folder, 'data'), ['--deliver']);
  }, startMsMax);
  afterAll(async () => {
    await core.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is an OpenAPI document', async () => {
    const { json } = await documentOf(core);
    const { valid, errors } = await new Validator().validate(JSON.parse(json));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  it('says of each operation its name, what it is for, what it takes, and how it refuses', async () => {
    const operations = operationsIn((await documentOf(core)).document);
    const names = operations.map(({ operation }) => operation.operationId);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    expect(names.filter((name) => !/^[a-z][A-Za-z]+$/.test(name))).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining(['listMessages', 'sendMessage', 'getMessage', 'waitForMessage', 'holdDelivery']),
    );
    for (const { at, path, operation } of operations) {
      const { responses, parameters } = operation;
      expect(
        Object.keys(responses).some((code) => /^[23]/.test(code)),
        at,
      ).toBe(true);
      const refusals = Object.values(responses).filter(
        ({ content }) => 'application/problem+json' in (content ?? {}),
      );
      expect(refusals.length, at).toBeGreaterThan(0);
      const named = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      const described = parameters.filter((one) => one.in === 'path');
      expect(new Set(described.map(({ name }) => name)), at).toEqual(named);
      expect(
        described.every(({ required }) => required === true),
        at,
      ).toBe(true);
    }
  });

  it(
    'makes a client that compiles, and that sends, lists and reads messages',
    async () => {
      const { json } = await documentOf(core);
      const talk = await useClientOf(JSON.parse(json), folder, use);
      expect(await talk(core.app.url)).toEqual({
        sent: ['queued'],
        listed: 1,
        subject: 'Made by a client',
        channel: 'email',
        log: 'queued',
        refused: { status: 404, code: 'not_found' },
      });
    },
    compileMsMax,
  );
});

/** What an app would write against the generated client; compiled with it. */
const use = `
import { Api } from './client.ts';

export async function talk(url: string) {
  const api = new Api({ baseUrl: url });
  const sent = await api.messages.sendMessage({
    channel: 'email',
    from: 'shop@example.com',
    to: ['jane@example.com'],
    subject: 'Made by a client',
    text: 'Hello',
  });
  const listed = await api.messages.listMessages({ channel: 'email', limit: 5 });
  const message = await api.messages.getMessage(sent.data.id);
  const [delivery] = sent.data.deliveries;
  const log = await api.deliveries.getDeliveryLog(delivery?.id ?? '');
  const refused = await api.messages.getMessage('nobody').then(
    () => null,
    (answer: { status: number; error: { code: string } }) => ({ status: answer.status, code: answer.error.code }),
  );
  return {
    sent: sent.data.deliveries.map((one) => one.status),
    listed: listed.data.total,
    subject: message.data.subject,
    channel: message.data.channel,
    log: log.data.entries[0]?.status,
    refused,
  };
}
`;
