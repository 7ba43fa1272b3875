/**
 * npm's `messagebird`, unmodified, in a process of its own: its host is fixed in it, so that it is led to a whole Sandpost by
 * what `sandpost env` prints for Node.
 */
import { createSecretKey } from 'node:crypto';
import { verify } from 'messagebird/lib/webhook-signature-jwt.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, openWebhook, type SmsPeers, startSmsPeers } from './peers.ts';

const accessKey = 'live_abcdefghijklmnop';
const from = '+3197001234567';
const to = '31612345678';

let peers: SmsPeers;
let signingKey: string;
beforeAll(async () => {
  peers = await startSmsPeers();
  signingKey = (await peers.secret('messagebird')).value;
});
afterAll(() => peers.close());

interface Result {
  readonly error: { readonly statusCode: number; readonly errors: readonly unknown[] } | null;
  readonly data: unknown;
}

/** Calls of the SDK, one after the other; `last` stands for the id in the answer before. */
async function bySdk(
  calls: readonly (readonly [method: string, ...given: unknown[]])[],
  key = accessKey,
): Promise<readonly Result[]> {
  const results = await peers.script(
    `import messagebird from 'messagebird';
    const client = messagebird.initClient(${JSON.stringify(key)}, 30000);
    const results = [];
    for (const [method, ...given] of ${JSON.stringify(calls)}) {
      const [room, name] = method.split('.');
      const last = results.at(-1)?.data?.id;
      results.push(await new Promise((resolve) => {
        client[room][name](...given.map((one) => one === 'last' ? last : one), (error, data) =>
          resolve({ error: error && { statusCode: error.statusCode, errors: error.errors }, data }));
      }));
    }
    console.log(JSON.stringify(results));`,
    peers.environment('node'),
  );
  return results as readonly Result[];
}

/** Its validator: of the Express middleware, without the middleware. */
function isMessagebirds({ url, body, headers }: Call, key = signingKey): Promise<boolean> {
  const token = String(headers['messagebird-signature-jwt']);
  return verify(url, Buffer.from(body), token, createSecretKey(Buffer.from(key))).catch(() => false);
}

function told({ url }: Call): Record<string, string> {
  return Object.fromEntries(new URL(url).searchParams);
}

const hello = { originator: from, recipients: [to], body: 'Your code is 471147' };

describe('the SDK of MessageBird', () => {
  it('sends, reads back, lists, and hears of it by a call that its validator accepts', async () => {
    const app = await openWebhook();
    const [sent, read, listed] = await bySdk([
      ['messages.create', { ...hello, reference: 'order-7', reportUrl: `${app.url}/report?shop=1` }],
      ['messages.read', 'last'],
      ['messages.list', { limit: 5, offset: 0 }],
    ]);
    expect(sent).toMatchObject({ error: null, data: { recipients: { items: [{ status: 'sent' }] } } });
    expect(read).toMatchObject({ data: { recipients: { items: [{ status: 'delivered' }] } } });
    expect(listed).toMatchObject({ data: { totalCount: 1 } });
    const report = await app.next();
    expect(told(report)).toMatchObject({
      shop: '1',
      reference: 'order-7',
      recipient: to,
      status: 'delivered',
    });
    expect([await isMessagebirds(report), await isMessagebirds(report, 'another')]).toEqual([true, false]);
    expect(await peers.newest(`+${to}`)).toMatchObject({
      door: 'messagebird',
      deliveries: [{ status: 'delivered' }],
    });
  });

  it('is refused for what is wrong, by rules, and where credentials are fixed', async () => {
    await peers.smsRules(
      ...['25', '99', '429'].map((reason, at) => ({
        name: reason,
        when: { recipient: `+3161234570${at}` },
        then: { do: 'answer', reason },
      })),
    );
    const results = await bySdk([
      ['messages.create', {}],
      ['messages.create', { ...hello, body: '' }],
      ['messages.create', { ...hello, originator: 'Much too long a name' }],
      ['messages.create', { ...hello, recipients: ['nobody'] }],
      ['messages.read', 'nothing'],
      ...[0, 1, 2].map((at) => ['messages.create', { ...hello, recipients: [`3161234570${at}`] }] as const),
    ]);
    expect(results.map(({ error }) => [error?.statusCode, Object(error?.errors[0]).code])).toEqual([
      [422, 9],
      [422, 9],
      [422, 10],
      [422, 9],
      [404, 20],
      [402, 25],
      [500, 99],
      [429, 429],
    ]);
    await peers.smsSettings({ credentials: { messagebird: [{ account: 'shop', secret: 'live_other' }] } });
    expect(await bySdk([['messages.create', hello]])).toMatchObject([
      { error: { statusCode: 401, errors: [{ code: 2 }] } },
    ]);
  });

  it('tells in signed reports what the carrier says', async () => {
    const app = await openWebhook();
    await peers.newHandset('+31201234567', { line: 'landline' });
    await peers.newHandset('+31612000005', { line: 'unknown' });
    await peers.newHandset('+31612000004', { blocked: true });
    const cases = [
      ['31201234567', 'delivery_failed', '11', 'x'],
      ['31612000005', 'delivery_failed', '1', 'x'],
      ['31612000004', 'delivery_failed', '13', 'x'],
    ] as const;
    await bySdk(
      cases.map(([number, , , body]) => [
        'messages.create',
        { ...hello, body, recipients: [number], reference: 'r', reportUrl: app.url },
      ]),
    );
    await app.until(cases.length);
    const heard = app.calls.map((call) => told(call));
    expect(
      new Set(
        heard.map(({ recipient, status, statusErrorCode }) => `${recipient} ${status} ${statusErrorCode}`),
      ),
    ).toEqual(new Set(cases.map(([number, status, code]) => `${number} ${status} ${code}`)));
    for (const call of app.calls) expect(await isMessagebirds(call)).toBe(true);
  });

  it('hears an answer by GET or POST, signed; STOP is a word like any other', async () => {
    const app = await openWebhook();
    await bySdk([['messages.create', hello]]);
    for (const inboundMethod of ['GET', 'POST'] as const) {
      await peers.sender('messagebird', from, { inboundUrl: `${app.url}/mo`, inboundMethod });
      expect(await peers.reply(`+${to}`, from, 'STOP & go')).toMatchObject({ outcome: 'told' });
      const answer = await app.next();
      expect(await isMessagebirds(answer)).toBe(true);
      const said: unknown = inboundMethod === 'GET' ? told(answer) : JSON.parse(answer.body);
      expect(said).toMatchObject({ originator: to, recipient: from.slice(1), body: 'STOP & go' });
    }
    // MessageBird keeps no list: who wrote STOP is the app's to remember.
    await peers.reply(`+${to}`, from, 'STOP');
    expect(await bySdk([['messages.create', hello]])).toMatchObject([{ error: null }]);
  });
});
