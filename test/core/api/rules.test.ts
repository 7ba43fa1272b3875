import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleScenarios } from '../../../core/rules/examples/index.ts';
import { openCore, startCore, type TestCore } from '../../start-core.ts';
import { mail, startWorld } from '../journeys/journey.ts';

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly hits: number;
  readonly matches: number;
  readonly position: number;
}
interface Rules {
  readonly entries: readonly Entry[];
  readonly total: number;
  readonly nextCursor: string | null;
  readonly magicAddresses: boolean;
  readonly seed: number;
  readonly undo: string | null;
  readonly scenario: { readonly name: string; readonly changed: boolean } | null;
}
interface Problem {
  readonly code: string;
  readonly errors: readonly { readonly field: string; readonly detail: string }[];
}

const reject = { do: 'reject', code: 550, text: 'No' };

async function ask<T>(
  core: TestCore,
  method: string,
  path: string,
  body?: unknown,
  type = 'application/json',
) {
  const response = await core.get(path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': type }, body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: T = text === '' ? null : JSON.parse(text);
  return { status: response.status, body: answer };
}

const ids = (rules: Rules): readonly string[] => rules.entries.map(({ id }) => id);

describe('/v1/rules', () => {
  it('is replaced as a whole, or not at all', async () => {
    const core = await startCore();
    const put = await ask<Rules>(core, 'PUT', '/v1/rules', {
      rules: [
        { id: 'a', stage: 'door', then: reject },
        { stage: 'farSide', then: { do: 'place', in: 'spam' } },
      ],
    });
    expect(put.status).toBe(200);
    expect(ids(put.body)).toEqual(['a', 'rule-2']);
    const bad = await ask<Problem>(core, 'PUT', '/v1/rules', {
      rules: [
        { id: 'b', stage: 'door', then: reject },
        { stage: 'door', then: { ...reject, code: 250 } },
      ],
    });
    expect(bad.status).toBe(422);
    expect(bad.body).toMatchObject({ code: 'invalid_rules', errors: [{ field: 'rules[1].then.code' }] });
    expect(ids((await ask<Rules>(core, 'GET', '/v1/rules')).body)).toEqual(['a', 'rule-2']);
    expect((await ask<Problem>(core, 'PUT', '/v1/rules', {})).status).toBe(400);
    expect((await ask<Problem>(core, 'PUT', '/v1/rules', '{')).status).toBe(400);
    await core.close();
  });

  it('takes, changes, moves and removes single rules, and takes each back', async () => {
    const core = await startCore();
    const add = (id: string, query = '') =>
      ask<Entry>(core, 'POST', `/v1/rules${query}`, { id, stage: 'door', then: reject });
    expect((await add('a')).status).toBe(201);
    await add('b');
    expect((await add('c', '?before=b')).body).toMatchObject({ id: 'c', position: 1 });
    expect((await add('c')).status).toBe(422);
    expect((await add('d', '?before=nobody')).status).toBe(404);
    const now = async () => ids((await ask<Rules>(core, 'GET', '/v1/rules')).body);
    expect(await now()).toEqual(['a', 'c', 'b']);
    await ask(core, 'POST', '/v1/rules/a/move', { before: null });
    expect(await now()).toEqual(['c', 'b', 'a']);
    expect(
      (await ask<Entry>(core, 'PUT', '/v1/rules/b', { name: 'Bee', stage: 'door', then: reject })).body,
    ).toMatchObject({ id: 'b', name: 'Bee' });
    expect((await ask(core, 'DELETE', '/v1/rules/c')).status).toBe(204);
    expect((await ask(core, 'DELETE', '/v1/rules/c')).status).toBe(404);
    const undone: string[] = [];
    for (;;) {
      const { body } = await ask<Rules>(core, 'GET', '/v1/rules');
      if (body.undo === null) break;
      undone.push(body.undo);
      await ask(core, 'POST', '/v1/rules/undo');
    }
    expect(undone).toEqual([
      'the removal of “c”',
      'the change of “Bee”',
      'the place of “a”',
      'the new rule “c”',
      'the new rule “b”',
      'the new rule “a”',
    ]);
    expect(await now()).toEqual([]);
    expect((await ask<Problem>(core, 'POST', '/v1/rules/undo')).status).toBe(409);
    await core.close();
  });

  it('pages through many and finds some by their words', async () => {
    const core = await startCore();
    const rules = Array.from({ length: 25 }, (_, at) => ({
      stage: 'door',
      when: { recipient: `u${at}@x.example` },
      then: reject,
    }));
    await ask(core, 'PUT', '/v1/rules', { rules });
    const first = (await ask<Rules>(core, 'GET', '/v1/rules?limit=20')).body;
    expect([first.entries.length, first.total]).toEqual([20, 25]);
    const second = (await ask<Rules>(core, 'GET', `/v1/rules?limit=20&after=${first.nextCursor}`)).body;
    expect([second.entries.length, second.nextCursor]).toEqual([5, null]);
    expect(ids((await ask<Rules>(core, 'GET', '/v1/rules?q=u7%40x')).body)).toEqual(['rule-8']);
    await core.close();
  });

  it('lists what a rule hit, with the way to it, over a restart too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sandpost-rules-'));
    const core = await openCore(folder, ['--deliver']);
    await ask(core, 'PUT', '/v1/rules', {
      rules: [
        {
          id: 'spam',
          stage: 'farSide',
          name: 'To the spam',
          when: { atMost: 2 },
          then: { do: 'place', in: 'spam' },
        },
      ],
      seed: 9,
      magicAddresses: false,
    });
    const messageId = await core.send(mail(), 'hello@shop.example', ['jane@gmail.com']);
    await core.app.settled();
    const hits = await core.json<{ entries: readonly Record<string, unknown>[] }>('/v1/rules/hits?rule=spam');
    expect(hits.entries).toMatchObject([
      {
        ruleId: 'spam',
        label: 'To the spam',
        messageId,
        recipient: 'jane@gmail.com',
        sender: 'hello@shop.example',
        action: 'place',
        stage: 'farSide',
        point: 'accepted',
      },
    ]);
    expect(hits.entries[0]?.deliveryId).toEqual(expect.any(String));
    await core.close();

    const again = await openCore(folder, ['--deliver']);
    const kept = (await ask<Rules>(again, 'GET', '/v1/rules')).body;
    expect(kept).toMatchObject({
      seed: 9,
      magicAddresses: false,
      entries: [{ id: 'spam', hits: 1, matches: 1 }],
    });
    for (const at of [1, 2, 3])
      await again.send(mail({ subject: `Mail ${at}` }), 'hello@shop.example', ['jane@gmail.com']);
    await again.app.settled();
    // At most two, and one of them was before the restart.
    expect((await ask<Entry>(again, 'GET', '/v1/rules/spam')).body).toMatchObject({ hits: 2, matches: 4 });
    expect((await again.json<{ total: number }>('/v1/rules/hits?rule=spam')).total).toBe(2);
    await again.close();
  });

  it('says by a dry run what a stored and a made-up message would meet, and counts nothing', async () => {
    const world = await startWorld();
    await world.call('PUT', '/v1/rules', {
      rules: [
        { id: 'body', stage: 'farSide', when: { body: 'on its way', nth: 2 }, then: reject },
        {
          id: 'subject',
          stage: 'farSide',
          when: { subject: 'order' },
          then: { do: 'place', in: 'promotions' },
        },
      ],
    });
    const messageId = await world.send('jane@gmail.com');
    const about = (body: unknown) =>
      world.call<{
        recipients: readonly {
          farSide: {
            met: readonly { ruleId: string }[];
            others: readonly { ruleId: string; why: readonly string[] }[];
          };
        }[];
      }>('POST', '/v1/rules/dry-run', body);
    const stored = (await about({ messageId })).recipients[0]?.farSide;
    // The first message was number one; the next would be the second.
    expect(stored?.met.map(({ ruleId }) => ruleId)).toEqual(['body']);
    expect(stored?.others).toMatchObject([{ ruleId: 'subject', why: [expect.stringMatching(/met before/)] }]);
    const madeUp = (await about({ message: { to: ['bob@yahoo.com'], subject: 'Hello' } })).recipients[0]
      ?.farSide;
    expect(madeUp?.met).toEqual([]);
    expect(madeUp?.others.map(({ why }) => why[0])).toEqual([
      expect.stringMatching(/nothing in the body/),
      expect.stringMatching(/the subject is “Hello”/),
    ]);
    const tried = (await about({ messageId, rules: [{ id: 'new', stage: 'farSide', then: { do: 'hold' } }] }))
      .recipients[0]?.farSide;
    expect(tried?.met.map(({ ruleId }) => ruleId)).toEqual(['new']);
    const { entries } = await world.call<Rules>('GET', '/v1/rules');
    expect(entries.map(({ hits, matches }) => [hits, matches])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(
      (
        await world.core.get('/v1/rules/dry-run', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        })
      ).status,
    ).toBe(400);
  });

  it('tells what a push would meet, and refuses what a push does not have', async () => {
    const core = await startCore();
    const wrong = await ask<Problem>(core, 'POST', '/v1/rules', {
      stage: 'farSide',
      when: { channel: 'push' },
      then: { do: 'place', in: 'spam' },
    });
    expect(wrong.status).toBe(422);
    expect(wrong.body.errors[0]).toMatchObject({ field: 'then.do', code: 'not_of_channel' });
    await ask(core, 'PUT', '/v1/rules', {
      rules: [
        {
          id: 'sale',
          stage: 'farSide',
          when: { provider: 'fcm', sender: 'shop-*', subject: 'größe', body: { matches: 'id: 4\\d' } },
          then: { do: 'answer', reason: 'QUOTA_EXCEEDED', retryAfterS: 30 },
        },
      ],
    });
    const message = { channel: 'push', from: 'shop-1', subject: 'Größe M', body: 'id: 42' };
    const tried = async (about: Readonly<Record<string, unknown>>) => {
      const { body } = await ask<{
        recipients: readonly {
          provider: string;
          farSide: { met: readonly { label: string }[]; others: readonly { why: readonly string[] }[] };
        }[];
      }>(core, 'POST', '/v1/rules/dry-run', { message: { ...message, ...about } });
      return body.recipients.map(({ provider, farSide }) => [
        provider,
        ...farSide.met.map(({ label }) => label),
        ...farSide.others.flatMap(({ why }) => why),
      ]);
    };
    expect(await tried({ door: 'fcm', to: ['one', 'offline-2h'] })).toEqual([
      ['fcm', 'sale'],
      ['fcm', 'sale', '“sale” is met before, and ends the way there'],
    ]);
    expect(await tried({ door: 'api', provider: 'apns', to: ['bad'] })).toEqual([
      ['apns', 'bad', 'the provider is apns, not fcm'],
    ]);
    await core.close();
  });

  it('dry-runs an SMS: its number, its sender, its text, and magic numbers', async () => {
    const core = await startCore();
    await ask(core, 'PUT', '/v1/rules', {
      rules: [
        {
          id: 'codes',
          stage: 'farSide',
          when: { provider: 'vonage', sender: 'Shop*', recipient: '+49*', body: { matches: 'code \\d+' } },
          then: { do: 'report', status: 'failed', code: '2' },
        },
        { id: 'titled', stage: 'farSide', when: { subject: 'x' }, then: { do: 'hold' } },
      ],
    });
    const message = { channel: 'sms', from: 'ShopInfo', body: 'Your code 4711' };
    const tried = async (about: Readonly<Record<string, unknown>>) => {
      const { body } = await ask<{
        recipients: readonly {
          recipient: string;
          provider: string;
          farSide: { met: readonly { label: string }[]; others: readonly { why: readonly string[] }[] };
        }[];
      }>(core, 'POST', '/v1/rules/dry-run', { message: { ...message, ...about } });
      return body.recipients.map(({ recipient, provider, farSide }) => [
        recipient,
        provider,
        ...farSide.met.map(({ label }) => label),
        ...farSide.others.flatMap(({ why }) => why),
      ]);
    };
    const noSubject = 'an SMS has no subject: ask for its body';
    expect(await tried({ door: 'vonage', to: ['4915112345678', '+49 1511 2726304'] })).toEqual([
      ['+4915112345678', 'vonage', 'codes', noSubject],
      ['+4915112726304', 'vonage', '…726304', '“…726304” is met before, and ends the way there', noSubject],
    ]);
    expect(await tried({ door: 'api', provider: 'smpp', to: ['+4915112345678'] })).toEqual([
      ['+4915112345678', 'smpp', 'the provider is smpp, not vonage', noSubject],
    ]);
    await core.close();
  });

  it('offers presets and the card of magic addresses, tokens and numbers', async () => {
    const core = await startCore();
    expect((await core.json<{ total: number }>('/v1/rules/presets')).total).toBeGreaterThanOrEqual(40);
    const card = await core.json<{ entries: readonly { of: string; example: string; hex: string | null }[] }>(
      '/v1/rules/magic-addresses',
    );
    const [address] = card.entries.filter(({ of }) => of === 'address');
    const [token] = card.entries.filter(({ of }) => of === 'token');
    const [number] = card.entries.filter(({ of }) => of === 'number');
    expect(number).toMatchObject({
      form: '726301',
      example: '+12025726301',
      countries: expect.arrayContaining([{ country: 'DE', example: '+4915112726301' }]),
    });
    expect(address).toMatchObject({ example: 'jane+bounce-550-5.1.1@gmail.com', hex: null });
    expect(token).toMatchObject({
      example: 'bad-jane',
      hex: Buffer.from('bad-jane').toString('hex'),
    });
    const schema = await core.json<{ required: readonly string[] }>('/v1/rules/schema.json');
    expect(schema.required).toContain('then');
    await core.close();
  });
});

describe('holding', () => {
  it('holds everything or some domains, says since when, and ends', async () => {
    const world = await startWorld();
    const hold = (body: unknown) =>
      world.call<{ everything: boolean; domains: readonly string[]; since: string | null }>(
        'PUT',
        '/v1/queues/holding',
        body,
      );
    expect(await hold({ everything: true, domains: [] })).toMatchObject({
      everything: true,
      domains: [],
      since: expect.stringMatching(/^20/),
    });
    const first = await world.send('jane@gmail.com');
    expect(await world.delivery(first)).toMatchObject({
      substatus: 'held',
      heldBy: { rule: 'hold-everything', label: 'Hold everything' },
    });
    expect(await hold({ everything: false, domains: ['Gmail.com'] })).toMatchObject({
      everything: false,
      domains: ['gmail.com'],
    });
    const [second, third] = [await world.send('jane@gmail.com'), await world.send('bob@yahoo.com')];
    expect((await world.delivery(second)).substatus).toBe('held');
    expect((await world.delivery(third)).status).toBe('delivered');
    expect(await hold({ everything: false, domains: [] })).toEqual({
      everything: false,
      domains: [],
      since: null,
    });
    await world.call('POST', '/v1/queues/release', { all: true });
    await world.core.app.settled();
    expect((await world.delivery(first)).status).toBe('delivered');
    expect((await world.delivery(second)).status).toBe('delivered');
  });
});

const yaml = `# My bad day
sandpost: 1
name: My bad day
description: Everything is put off once.
seed: 5
clock: {speed: 0}
rules:
  - name: Once
    stage: farSide
    then: {do: defer, code: 451, text: Later, times: 1}
`;

describe('/v1/scenarios', () => {
  it('are imported, started, stopped, exported and removed', async () => {
    const core = await startCore();
    await ask(core, 'PUT', '/v1/rules', {
      rules: [{ id: 'mine', stage: 'door', when: { nth: 3 }, then: reject }],
    });
    const made = await ask<{ id: string; rules: number }>(
      core,
      'POST',
      '/v1/scenarios',
      yaml,
      'application/yaml',
    );
    expect([made.status, made.body.id, made.body.rules]).toEqual([201, 'my-bad-day', 1]);
    expect(await (await core.get('/v1/scenarios/my-bad-day')).text()).toBe(yaml);
    await ask(core, 'POST', '/v1/scenarios/my-bad-day/start');
    const on = (await ask<Rules>(core, 'GET', '/v1/rules')).body;
    expect(on).toMatchObject({
      scenario: { name: 'My bad day', changed: false },
      seed: 5,
      entries: [{ id: 'rule-1', name: 'Once' }],
    });
    expect(await core.json<{ speed: number }>('/v1/clock')).toMatchObject({ speed: 0 });
    await ask(core, 'POST', '/v1/rules', { id: 'more', stage: 'door', when: { nth: 9 }, then: reject });
    expect((await ask<Rules>(core, 'GET', '/v1/rules')).body.scenario?.changed).toBe(true);
    const saved = await ask<{ id: string; rules: number }>(core, 'POST', '/v1/scenarios/current', {
      name: 'Two',
    });
    expect(saved.body).toMatchObject({ id: 'two', rules: 2 });
    await ask(core, 'POST', '/v1/scenarios/stop');
    const off = (await ask<Rules>(core, 'GET', '/v1/rules')).body;
    expect(off).toMatchObject({ scenario: null, seed: 1, entries: [{ id: 'mine' }] });
    expect(await core.json<{ speed: number }>('/v1/clock')).toMatchObject({ speed: 1 });
    expect((await ask(core, 'POST', '/v1/scenarios/stop')).status).toBe(409);
    expect((await ask(core, 'DELETE', '/v1/scenarios/two')).status).toBe(204);
    const { entries } = await core.json<{ entries: readonly { id: string; example: boolean }[] }>(
      '/v1/scenarios',
    );
    expect(entries.filter(({ example }) => !example).map(({ id }) => id)).toEqual(['my-bad-day']);
    expect(entries.filter(({ example }) => example)).toHaveLength(exampleScenarios().length);
    const [example] = entries.filter((one) => one.example);
    expect((await ask(core, 'DELETE', `/v1/scenarios/${example?.id}`)).status).toBe(409);
    const bad = await ask<Problem>(
      core,
      'POST',
      '/v1/scenarios',
      'sandpost: 1\nname: x\nrules: [{stage: door}]',
      'application/yaml',
    );
    expect(bad.body).toMatchObject({ code: 'invalid_scenario', errors: [{ field: 'rules[0].then' }] });
    await core.close();
  });

  it('holds for one run when it is given at the start, and leaves what is one’s own as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sandpost-scenario-'));
    const file = join(folder, 'bad-day.yaml');
    await writeFile(file, yaml);
    const first = await openCore(folder);
    await ask(first, 'PUT', '/v1/rules', {
      rules: [{ id: 'mine', stage: 'door', when: { nth: 3 }, then: reject }],
    });
    await first.close();
    const run = await openCore(folder, ['--scenario', file]);
    expect((await ask<Rules>(run, 'GET', '/v1/rules')).body).toMatchObject({
      scenario: { name: 'My bad day' },
      entries: [{ name: 'Once' }],
    });
    await run.close();
    const after = await openCore(folder);
    expect((await ask<Rules>(after, 'GET', '/v1/rules')).body).toMatchObject({
      scenario: null,
      seed: 1,
      entries: [{ id: 'mine' }],
    });
    expect(await after.json<{ speed: number }>('/v1/clock')).toMatchObject({ speed: 1 });
    await after.close();
    await expect(openCore(folder, ['--scenario', join(folder, 'nothing.yaml')])).rejects.toThrow(
      /--scenario .*cannot be read/,
    );
    await writeFile(file, 'sandpost: 1\nname: x\nrules: [{stage: door}]');
    await expect(openCore(folder, ['--scenario', file])).rejects.toThrow(/rules\[0\]\.then/);
  });

  it('has the same outcome twice for the same input, whatever chance has a part in', async () => {
    const outcomes: unknown[] = [];
    for (let run = 0; run < 2; run++) {
      const world = await startWorld();
      await world.call('POST', '/v1/scenarios', {
        sandpost: 1,
        name: 'Chance',
        seed: 11,
        clock: { speed: 0 },
        rules: [
          {
            stage: 'farSide',
            when: { probability: 0.2 },
            then: { do: 'reject', code: 550, enhanced: '5.1.1', text: 'No' },
          },
          {
            stage: 'farSide',
            when: { probability: 0.4 },
            then: { do: 'defer', code: 451, text: 'Later', times: 2 },
          },
          { stage: 'farSide', when: { everyNth: 3 }, then: { do: 'place', in: 'spam' } },
          { stage: 'farSide', when: { probability: 0.3 }, then: { do: 'delay', ms: 1_000, msMax: 600_000 } },
        ],
      });
      await world.call('POST', '/v1/scenarios/chance/start');
      const to = Array.from(
        { length: 60 },
        (_, at) => `user${at}@${['gmail.com', 'yahoo.com', 'x.example'][at % 3]}`,
      );
      for (const one of to) await world.core.send(mail({ to: one }), 'hello@shop.example', [one]);
      await world.core.app.settled();
      await world.clock({ advanceMs: 24 * 3_600_000 });
      const { entries } = await world.call<{ entries: readonly Record<string, unknown>[] }>(
        'GET',
        '/v1/deliveries?limit=500&provider=',
      );
      outcomes.push(
        entries
          .filter(({ recipient }) => to.includes(String(recipient)))
          .map(({ recipient, status, class: why, attempts, placement }) => [
            recipient,
            status,
            why,
            attempts,
            placement,
          ])
          .sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
      );
    }
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(JSON.stringify(outcomes[0])).toMatch(/undeliverable.*spam|spam.*undeliverable/);
  });
});
