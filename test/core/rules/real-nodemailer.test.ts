/**
 * An app that sends with nodemailer and tries again by itself, as its documentation says an app should: what it is told
 * is what SMTP lets a rule say, and each message ends up stored once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import nodemailer from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { List, Message } from '../../../core/api/schema.ts';
import type { RuleInput } from '../../../core/rules/schema.ts';
import { openCore, type TestCore } from '../../start-core.ts';

const from = 'app@shop.example';
const to = 'jane@example.com';
const triesMax = 200;
/** The app's own patience: without it, whoever is over a rate stays over it. */
const backOffMs = { first: 5, most: 800 } as const;

/** What nodemailer documents of an error: https://nodemailer.com/errors */
interface Failure {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
}

/** One for all tests, for it takes a second to start. */
let core: TestCore;

/** These are in force, nothing is counted yet, and nothing is stored. */
async function begin(...rules: readonly RuleInput[]): Promise<void> {
  const put = await core.get('/v1/rules', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rules }),
  });
  expect(put.status, await put.clone().text()).toBe(200);
  await core.get('/v1/rules/start-over', { method: 'POST' });
  await core.get('/v1/messages?all=true', { method: 'DELETE' });
}

/** The app: sends a letter until it is taken, or refused for good. */
function app(options: { readonly pool?: boolean; readonly port?: string; readonly auth?: boolean } = {}) {
  const transport = nodemailer.createTransport({
    host: '127.0.0.1',
    port: core.port(options.port ?? 'smtp'),
    ...(options.pool === true ? { pool: true, maxConnections: 3, maxMessages: 10 } : {}),
    ...(options.auth === true ? { auth: { user: 'shop', pass: 'secret' } } : {}),
    ...(options.port === 'submission' ? { requireTLS: true, tls: { rejectUnauthorized: false } } : {}),
  });
  onTestFinished(() => transport.close());
  return async (subject: string, recipients: readonly string[] = [to], bytes = 100) => {
    const failures: Failure[] = [];
    for (let number = 1; number <= triesMax; number++) {
      try {
        const { response, accepted, rejected } = await transport.sendMail({
          from,
          to: [...recipients],
          subject,
          messageId: `<${subject}@shop.example>`,
          text: `${'x'.repeat(70)}\n`.repeat(Math.ceil(bytes / 71)),
        });
        return { failures, id: /stored as (\S+)$/.exec(response)?.[1] ?? null, accepted, rejected };
      } catch (error) {
        const failure = failureOf(error);
        failures.push(failure);
        // RFC 5321 §4.2.1: a 5yz is for good, everything else may be tried again; TLS that is lacking says nothing of the letter.
        if (failure.code !== 'ETLS' && failure.responseCode !== undefined && failure.responseCode >= 500)
          return { failures, id: null, accepted: [], rejected: [...recipients] };
        const mostMs = Math.min(backOffMs.first * 2 ** number, backOffMs.most);
        await setTimeout(mostMs * (0.5 + Math.random() / 2));
      }
    }
    throw new Error(`${subject} was not taken in ${triesMax} tries`);
  };
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) throw error;
  const { code, responseCode, response, command }: Error & Failure = error;
  return {
    ...(code === undefined ? {} : { code }),
    ...(responseCode === undefined ? {} : { responseCode }),
    ...(response === undefined ? {} : { response }),
    ...(command === undefined ? {} : { command }),
  };
}

async function list(): Promise<readonly Message[]> {
  return (await core.json<List<Message>>('/v1/messages?limit=500')).entries;
}

const cases: readonly {
  readonly title: string;
  readonly when?: RuleInput['when'];
  readonly then: RuleInput['then'];
  readonly failure: Failure;
}[] = [
  {
    title: '451 at RCPT',
    then: { do: 'defer', code: 451, enhanced: '4.3.0', text: 'Later', times: 2 },
    failure: {
      code: 'EENVELOPE',
      responseCode: 451,
      response: '451 4.3.0 Later',
      command: 'RCPT TO',
    },
  },
  {
    title: '450 at MAIL',
    when: { nth: [1, 2] },
    then: { do: 'defer', code: 450, text: 'Not from you', at: 'mail' },
    failure: { code: 'EENVELOPE', responseCode: 450, response: '450 Not from you', command: 'MAIL FROM' },
  },
  {
    title: '421 at DATA',
    then: { do: 'defer', code: 421, text: 'Closing', times: 2, at: 'data' },
    failure: { code: 'EENVELOPE', responseCode: 421, response: '421 Closing', command: 'DATA' },
  },
  {
    title: '451 at the end of DATA',
    then: { do: 'defer', code: 451, text: 'No room', times: 2, at: 'endOfData' },
    failure: { code: 'EMESSAGE', responseCode: 451, response: '451 No room', command: 'DATA' },
  },
  {
    title: '421 in place of the greeting',
    when: { nth: [1, 2] },
    then: { do: 'defer', code: 421, text: 'Too many connections', at: 'connect' },
    failure: { code: 'EPROTOCOL', responseCode: 421, response: '421 Too many connections', command: 'CONN' },
  },
  {
    title: 'a disconnect in the middle of DATA',
    when: { nth: [1, 2] },
    then: { do: 'disconnect', at: 'midData', afterBytes: 50_000 },
    failure: { code: 'ECONNECTION', command: 'CONN' },
  },
  {
    title: 'a disconnect after the dot',
    when: { nth: [1, 2] },
    then: { do: 'disconnect', at: 'endOfData' },
    failure: { code: 'ECONNECTION', command: 'CONN' },
  },
  {
    title: 'a disconnect at RCPT',
    when: { nth: [1, 2] },
    then: { do: 'disconnect', at: 'rcpt' },
    failure: { code: 'ECONNECTION', command: 'CONN' },
  },
];

describe('a nodemailer app', () => {
  beforeAll(async () => {
    core = await openCore(await mkdtemp(join(tmpdir(), 'sandpost-rules-')));
  });
  afterAll(async () => {
    await core.close();
    await rm(core.dataDir, { recursive: true, force: true });
  });

  for (const pool of [false, true]) {
    const kind = pool ? 'with a pool' : 'with a connection each';
    it.each(cases)(`${kind} is told of $title, and its third try is stored once`, async (one) => {
      await begin({ stage: 'door', when: one.when ?? {}, then: one.then });
      const { failures, id } = await app({ pool })('letter', [to], 200_000);
      expect(failures).toMatchObject([one.failure, one.failure]);
      expect(await list()).toMatchObject([{ id, subject: 'letter' }]);
    });

    it(`${kind} does not try again what is refused for good`, async () => {
      await begin({
        stage: 'door',
        then: { do: 'reject', code: 554, enhanced: '5.7.1', text: 'Not that', at: 'endOfData' },
      });
      const { failures } = await app({ pool })('letter');
      expect(failures).toMatchObject([
        { code: 'EMESSAGE', responseCode: 554, response: '554 5.7.1 Not that' },
      ]);
      expect(await list()).toEqual([]);
    });

    it(`${kind} gets all of a burst through a rate and through bad luck, each letter once`, async () => {
      await begin(
        { stage: 'door', when: { probability: 0.1 }, then: { do: 'disconnect', at: 'endOfData' } },
        {
          stage: 'door',
          when: { probability: 0.2 },
          then: { do: 'disconnect', at: 'midData', afterBytes: 2_000 },
        },
        {
          stage: 'door',
          when: { rate: { moreThan: 4, perMs: 50 } },
          then: { do: 'defer', code: 421, enhanced: '4.7.0', text: 'Slow down', at: 'mail' },
        },
      );
      const send = app({ pool });
      const subjects = Array.from({ length: 30 }, (_, at) => `letter-${at}`);
      const sent = await Promise.all(subjects.map((subject) => send(subject, [to], 10_000)));
      const messages = await list();
      expect(messages.map(({ id }) => id).sort()).toEqual(sent.map(({ id }) => id).sort());
      expect(messages.map(({ subject }) => subject).sort()).toEqual([...subjects].sort());
      const said = new Set(sent.flatMap(({ failures }) => failures).map(({ responseCode }) => responseCode));
      expect(said).toEqual(new Set([421, undefined]));
    });
  }

  it('is told which of several recipients was refused, and the others have their letter', async () => {
    await begin({
      stage: 'door',
      when: { recipient: to },
      then: { do: 'reject', code: 550, text: 'No {recipient}' },
    });
    const { accepted, rejected, failures } = await app()('letter', [to, 'joe@example.com']);
    expect({ accepted, rejected, failures }).toEqual({
      accepted: ['joe@example.com'],
      rejected: [to],
      failures: [],
    });
    expect(await list()).toMatchObject([{ envelope: { to: ['joe@example.com'] } }]);
  });

  it('sends what is split by 452 in a transaction of its own', async () => {
    await begin({
      stage: 'door',
      when: { recipient: to },
      then: { do: 'defer', code: 451, text: 'Later', times: 1, at: 'endOfData' },
    });
    const send = app();
    const first = await send('letter', ['joe@example.com', to]);
    expect(first).toMatchObject({ accepted: ['joe@example.com'], rejected: [to], failures: [] });
    const second = await send('letter', [to]);
    expect(second.failures).toMatchObject([{ responseCode: 451 }]);
    expect((await list()).map(({ envelope }) => envelope.to)).toEqual([[to], ['joe@example.com']]);
  });

  it('is told of AUTH that is refused, and goes on when it is taken again', async () => {
    await begin({
      stage: 'door',
      when: { nth: 1 },
      then: { do: 'refuseAuth', code: 454, enhanced: '4.7.0', text: 'No directory' },
    });
    const { failures, id } = await app({ auth: true })('letter');
    expect(failures).toMatchObject([
      {
        code: 'EAUTH',
        responseCode: 454,
        response: '454 4.7.0 No directory',
        command: expect.stringContaining('AUTH'),
      },
    ]);
    expect(await list()).toMatchObject([{ id, user: 'shop' }]);
  });

  it.each([
    ['notOffered', { code: 'ETLS' }],
    ['refuse', { code: 'ETLS' }],
    ['cut', { code: 'ESOCKET' }],
  ] as const)('that must have TLS is told that it is broken (%s)', async (how, failure) => {
    await begin({ stage: 'door', when: { nth: [1, 2] }, then: { do: 'breakTls', how } });
    const { failures, id } = await app({ port: 'submission' })('letter');
    expect(failures[0]).toMatchObject(failure);
    expect(await list()).toMatchObject([{ id, door: 'submission' }]);
  });
});
