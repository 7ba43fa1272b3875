/** Magic numbers and rules at the providers' real doors: a plain HTTP client, a whole core behind them, its own clock. */
import { describe, expect, it } from 'vitest';
import { startCore, type TestCore } from '../../start-core.ts';

const from = '+15005550006';
const hourMs = 3_600_000;
const account = 'AC0123456789abcdef0123456789abcdef';

interface Said {
  readonly status: number;
  readonly body: string;
}

interface Door {
  readonly name: string;
  send(core: TestCore, to: string, text: string): Promise<Said>;
}

async function call(
  core: TestCore,
  path: string,
  fields: Readonly<Record<string, string>>,
  body: string,
): Promise<Said> {
  const response = await fetch(`http://127.0.0.1:${core.port('providers')}${path}`, {
    method: 'POST',
    headers: fields,
    body,
  });
  return { status: response.status, body: await response.text() };
}

const json = { 'content-type': 'application/json' } as const;
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

const twilio: Door = {
  name: 'twilio',
  send: (core, to, text) =>
    call(
      core,
      `/twilio/2010-04-01/Accounts/${account}/Messages.json`,
      {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: basic(`${account}:0123456789abcdef0123456789abcdef`),
      },
      new URLSearchParams({ To: to, From: from, Body: text }).toString(),
    ),
};
const vonage: Door = {
  name: 'vonage',
  send: (core, to, text) =>
    call(
      core,
      '/vonage/sms/json',
      json,
      JSON.stringify({
        api_key: 'a1b2c3d4',
        api_secret: '0123456789abcdef',
        to: to.slice(1),
        from: from.slice(1),
        text,
      }),
    ),
};
const sinch: Door = {
  name: 'sinch',
  send: (core, to, text) =>
    call(
      core,
      '/sinch/xms/v1/plan/batches',
      { ...json, authorization: 'Bearer token' },
      JSON.stringify({ from: from.slice(1), to: [to.slice(1)], body: text }),
    ),
};
const telnyx: Door = {
  name: 'telnyx',
  send: (core, to, text) =>
    call(
      core,
      '/telnyx/v2/messages',
      { ...json, authorization: 'Bearer KEY0123456789_abcdefghijklmnopqrst' },
      JSON.stringify({ from, to, text }),
    ),
};

interface DeliveryRow {
  readonly messageId: string;
  readonly recipient: string;
  readonly provider: string;
  readonly status: string;
  readonly substatus: string | null;
  readonly reason: string | null;
}

async function deliveries(core: TestCore): Promise<readonly DeliveryRow[]> {
  await core.app.settled();
  return (await core.json<{ entries: readonly DeliveryRow[] }>('/v1/deliveries?limit=100')).entries;
}

async function advance(core: TestCore, advanceMs: number): Promise<void> {
  await core.get('/v1/clock', { method: 'POST', headers: json, body: JSON.stringify({ advanceMs }) });
}

/** What the journey of the only delivery of that provider tells: its statuses with the provider's words and codes. */
async function journey(core: TestCore, provider: string): Promise<string> {
  const row = (await deliveries(core)).find((one) => one.provider === provider);
  return row === undefined ? '' : await (await core.get(`/v1/messages/${row.messageId}/events`)).text();
}

const german = (end: string): string => `+49151127263${end}`;
const doors = [twilio, vonage, sinch, telnyx] as const;

interface Refusal {
  readonly status: number;
  readonly says: RegExp;
}

const refusals: readonly (readonly [door: Door, refused: Readonly<Record<string, Refusal>>])[] = [
  [
    twilio,
    {
      '01': { status: 400, says: /"code":21211/ },
      '02': { status: 400, says: /"code":21612/ },
      '03': { status: 400, says: /"code":21408/ },
      '04': { status: 400, says: /"code":21610/ },
      '09': { status: 400, says: /"code":21614/ },
      12: { status: 429, says: /"code":20429/ },
      14: { status: 500, says: /"code":20500/ },
    },
  ],
  [
    vonage,
    {
      '01': { status: 200, says: /"status":"3"/ },
      '04': { status: 200, says: /"status":"7"/ },
      12: { status: 200, says: /"status":"1"/ },
      14: { status: 200, says: /"status":"5"/ },
    },
  ],
  [
    sinch,
    {
      '01': { status: 400, says: /"code":"syntax_invalid_parameter_format"/ },
      12: { status: 429, says: /"code":"too_many_requests"/ },
      14: { status: 500, says: /"code":"internal_error"/ },
    },
  ],
  [
    telnyx,
    {
      '01': { status: 422, says: /"code":"10002"/ },
      '04': { status: 403, says: /"code":"40300"/ },
      12: { status: 429, says: /"code":"10011"/ },
      14: { status: 500, says: /"code":"10007"/ },
    },
  ],
];

describe('magic numbers at the doors', () => {
  it.each(refusals.map(([door, refused]) => ({ name: door.name, door, refused })))(
    '$name refuses them in its own words',
    async ({ door, refused }) => {
      const core = await startCore();
      for (const [end, { status, says }] of Object.entries(refused)) {
        const said = await door.send(core, german(end), 'Hello');
        expect(said.body, end).toMatch(says);
        expect(said.status, end).toBe(status);
      }
      expect(await deliveries(core)).toEqual([]);
      const hits = await core.json<{ entries: readonly { label: string; ruleId: string | null }[] }>(
        '/v1/rules/hits',
      );
      expect(new Set(hits.entries.map(({ label }) => label))).toEqual(
        new Set(Object.keys(refused).map((end) => `…7263${end}`)),
      );
      expect(hits.entries.every(({ ruleId }) => ruleId === null)).toBe(true);
    },
  );

  it('are refused once, and then taken', async () => {
    const core = await startCore();
    for (const door of doors) {
      const said: Said[] = [];
      for (const text of ['one', 'one', 'two']) said.push(await door.send(core, german('11'), text));
      const refused = said.map(({ body }) => /20429|"status":"1"|too_many_requests|10011/.test(body));
      expect(refused, door.name).toEqual([true, false, true]);
    }
    expect(await deliveries(core)).toHaveLength(doors.length);
  });

  it.each<readonly [end: string, codes: readonly RegExp[]]>([
    ['33', [/"30003"/, /"2"/, /"29"/, /"40006"/]],
    ['37', [/"30007"/, /"6"/, /"991"/, /"40002"/]],
    ['39', [/"30036"/, /"expired"/, /"996"/, /"40005"/]],
  ])('…7263%s is accepted by all, and reported in the words of each', async (end, codes) => {
    const core = await startCore(['--deliver']);
    for (const door of doors) expect((await door.send(core, german(end), 'Hello')).status).toBeLessThan(300);
    for (const row of await deliveries(core))
      expect(row).toMatchObject({
        status: 'undeliverable',
        reason: `reported on purpose by the magic number …7263${end}`,
      });
    for (const [at, { name }] of doors.entries())
      expect(await journey(core, name), name).toMatch(codes[at] ?? /./);
  });

  it('switches handsets off: for an hour, for 71 and for 73', async () => {
    const core = await startCore(['--deliver']);
    for (const end of ['51', '52', '53'])
      expect((await twilio.send(core, german(end), 'Hello')).status).toBe(201);
    const states = async () =>
      Object.fromEntries(
        (await deliveries(core)).map(({ recipient, status, substatus }) => [
          recipient.slice(-2),
          substatus ?? status,
        ]),
      );
    expect(await states()).toEqual({ 51: 'held', 52: 'held', 53: 'held' });
    await advance(core, hourMs);
    expect(await states()).toEqual({ 51: 'delivered', 52: 'held', 53: 'held' });
    await advance(core, 70 * hourMs);
    expect(await states()).toEqual({ 51: 'delivered', 52: 'delivered', 53: 'held' });
    await advance(core, 3 * hourMs);
    expect(await states()).toMatchObject({ 53: 'undeliverable' });
  });

  it('leaves Twilio’s own test numbers to the Twilio door', async () => {
    const core = await startCore();
    expect((await twilio.send(core, '+15005550001', 'Hello')).body).toMatch(/"code":21211/);
    expect((await core.json<{ total: number }>('/v1/rules/hits')).total).toBe(0);
  });

  it('does nothing where magic is switched off', async () => {
    const core = await startCore();
    await core.get('/v1/rules', {
      method: 'PUT',
      headers: json,
      body: JSON.stringify({ magicAddresses: false }),
    });
    expect((await twilio.send(core, german('04'), 'Hello')).status).toBe(201);
  });
});

describe('rules at the doors', () => {
  it('meet an SMS by its sender, its number and its words, and refuse it in the provider’s own', async () => {
    const core = await startCore();
    await core.get('/v1/rules', {
      method: 'PUT',
      headers: json,
      body: JSON.stringify({
        rules: [
          {
            id: 'filtered',
            stage: 'farSide',
            when: { provider: 'twilio', recipient: '+4915*', sender: from, body: 'casino' },
            then: { do: 'report', status: 'undelivered', code: '30007' },
          },
          {
            id: 'busy',
            stage: 'farSide',
            when: { channel: 'sms', nth: 2 },
            then: { do: 'answer', reason: '40318' },
          },
        ],
      }),
    });
    expect((await twilio.send(core, '+4915112345678', 'The casino is open')).status).toBe(201);
    const busy = await telnyx.send(core, '+4915112345678', 'Hello');
    expect([busy.status, /"code":"40318"/.test(busy.body)]).toEqual([429, true]);
    expect(await deliveries(core)).toMatchObject([
      { status: 'undeliverable', reason: 'reported on purpose by the rule “filtered”' },
    ]);
    expect(await journey(core, 'twilio')).toContain('"30007"');
  });
});
