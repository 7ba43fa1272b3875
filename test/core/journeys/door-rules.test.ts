import { request } from 'node:http';
import nodemailer from 'nodemailer';
import { describe, expect, it } from 'vitest';
import type { RuleInput } from '../../../core/rules/schema.ts';
import { startCore, type TestCore } from '../../start-core.ts';

const from = 'app@shop.example';
const to = 'jane@gmail.com';

async function coreWith(rules: readonly RuleInput[], flags: readonly string[] = []): Promise<TestCore> {
  const core = await startCore(flags);
  const put = await ask(core, 'PUT', '/v1/rules', { rules });
  expect(put.status, await put.clone().text()).toBe(200);
  return core;
}

function ask(core: TestCore, method: string, path: string, body?: unknown): Promise<Response> {
  return core.get(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
}

const post = (core: TestCore, more: Record<string, unknown> = {}): Promise<Response> =>
  ask(core, 'POST', '/v1/messages', { from, to, subject: 'x', text: 'x', ...more });

const total = async (core: TestCore): Promise<number> =>
  (await core.json<{ total: number }>('/v1/messages')).total;

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly substatus: string | null;
  readonly placement: string | null;
  readonly reason: string | null;
}
const deliveries = async (core: TestCore): Promise<readonly Shown[]> =>
  (await core.json<{ entries: readonly Shown[] }>('/v1/deliveries')).entries;

const mail = (core: TestCore) =>
  nodemailer
    .createTransport({ host: '127.0.0.1', port: core.port('smtp') })
    .sendMail({ from, to, subject: 'x', text: 'the secret word' });

/** Settles when a rule has done something. */
async function hit(core: TestCore): Promise<void> {
  for (;;) {
    const { entries } = await core.json<{ entries: readonly unknown[] }>('/v1/rules/hits');
    if (entries.length > 0) return;
  }
}

describe('rules at our own doors', () => {
  it('answer an app that sends by SMTP, and the next command hears of a set that is replaced', async () => {
    const core = await coreWith([
      {
        stage: 'door',
        name: 'no janes',
        when: { recipient: to },
        then: { do: 'reject', code: 550, enhanced: '5.1.1', text: 'No {recipient}' },
      },
    ]);
    await expect(mail(core)).rejects.toMatchObject({ responseCode: 550 });
    const client = await core.smtp();
    await client.say(`MAIL FROM:<${from}>`);
    expect(await client.say(`RCPT TO:<${to}>`)).toBe(`550 5.1.1 No ${to}`);
    await ask(core, 'PUT', '/v1/rules', { rules: [] });
    expect(await client.say(`RCPT TO:<${to}>`)).toMatch(/^250 /);
    await client.quit();
    expect(await total(core)).toBe(0);
  });

  it('read the body where they ask for it', async () => {
    const core = await coreWith([
      {
        stage: 'door',
        when: { body: 'secret word' },
        then: { do: 'reject', code: 554, text: 'Not that' },
      },
    ]);
    await expect(mail(core)).rejects.toMatchObject({ responseCode: 554 });
    expect((await post(core)).status).toBe(202);
    expect((await post(core, { text: 'a secret word' })).status).toBe(422);
    expect(await total(core)).toBe(1);
  });

  it('answer an app that sends by the API', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const core = await coreWith([
      {
        stage: 'door',
        name: 'no janes',
        when: { recipient: to },
        then: { do: 'reject', code: 550, enhanced: '5.1.1', text: 'No such user' },
      },
      {
        stage: 'door',
        when: { domain: 'later.example' },
        then: { do: 'defer', code: 451, text: 'Later', until },
      },
    ]);
    const rejected = await post(core, { to: ['joe@example.com', to] });
    expect(rejected.status).toBe(422);
    expect(await rejected.json()).toMatchObject({
      code: 'rejected_by_rule',
      errors: [{ field: 'to[1]', code: 'rejected_by_rule' }],
    });
    const deferred = await post(core, { to: 'a@later.example' });
    expect(deferred.status).toBe(503);
    expect(Number(deferred.headers.get('retry-after'))).toBeGreaterThan(3_000);
    expect(await deferred.json()).toMatchObject({ code: 'deferred_by_rule' });
    expect(await total(core)).toBe(0);
  });

  it('keep nothing of a request whose client left while its answer was held back', async () => {
    const core = await coreWith([
      { stage: 'door', when: { door: 'api' }, then: { do: 'delay', ms: 600_000, at: 'rcpt' } },
    ]);
    const { hostname, port } = new URL(core.app.url);
    const waiting = request({
      hostname,
      port,
      path: '/v1/messages',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    const closed = new Promise<void>((resolve) => {
      waiting.on('close', () => resolve());
    });
    waiting.on('error', () => undefined);
    waiting.end(JSON.stringify({ from, to, subject: 'x', text: 'x' }));
    await hit(core);
    waiting.destroy();
    await closed;
    await core.close();
    expect(core.log.filter((line) => line.includes('failed'))).toEqual([]);
  });

  it('hold, lose, double and order for the far side what is taken', async () => {
    const core = await coreWith(
      [
        { stage: 'door', name: 'wait', when: { recipient: 'hold@gmail.com' }, then: { do: 'hold' } },
        { stage: 'door', when: { recipient: 'lost@gmail.com' }, then: { do: 'blackHole' } },
        { stage: 'door', when: { recipient: 'twice@gmail.com' }, then: { do: 'duplicate', copies: 2 } },
        { stage: 'door', when: { recipient: 'spam@gmail.com' }, then: { do: 'place', in: 'spam' } },
      ],
      ['--deliver'],
    );
    const only = async (mailbox: string): Promise<readonly Shown[]> => {
      expect((await post(core, { to: `${mailbox}@gmail.com` })).status).toBe(202);
      await core.app.settled();
      const { entries } = await core.json<{ entries: readonly Shown[] }>(
        `/v1/deliveries?recipient=${mailbox}@gmail.com`,
      );
      return entries;
    };
    const [held] = await only('hold');
    expect(held).toMatchObject({ status: 'queued', substatus: 'held', reason: 'held by the rule “wait”' });
    expect((await ask(core, 'POST', `/v1/deliveries/${held?.id}/release`, {})).status).toBe(200);
    await core.app.settled();
    expect((await deliveries(core)).find(({ id }) => id === held?.id)?.status).toBe('delivered');
    expect(await only('lost')).toMatchObject([{ status: 'sent', substatus: 'unconfirmed' }]);
    expect(await only('twice')).toMatchObject([{ status: 'delivered' }, { status: 'delivered' }]);
    expect(await only('spam')).toMatchObject([{ status: 'delivered', placement: 'spam' }]);
  });
});
