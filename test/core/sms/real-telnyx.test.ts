/** npm's `telnyx`, unmodified, against a whole Sandpost: `webhooks.unwrap` is who says that Telnyx called. */
import Telnyx from 'telnyx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, openWebhook, refusalOf, type SmsPeers, startSmsPeers } from './peers.ts';

const to = '+13125550142';
const from = '+13125550199';

let peers: SmsPeers;
let publicKey: string | null;
beforeAll(async () => {
  peers = await startSmsPeers();
  ({ publicKey } = await peers.secret('telnyx'));
});
afterAll(() => peers.close());

function client(apiKey = 'KEY_any'): Telnyx {
  return new Telnyx({ apiKey, publicKey, baseURL: `${peers.base('telnyx')}/v2`, maxRetries: 0 });
}

function fieldsOf({ headers }: Call): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** What the SDK reads of a call, once it found that Telnyx signed it. */
async function heard(call: Call): Promise<unknown> {
  await expect(client().webhooks.unwrap(`${call.body} `, { headers: fieldsOf(call) })).rejects.toThrow();
  return await client().webhooks.unwrap(call.body, { headers: fieldsOf(call) });
}

function refusedWith(code: string, status: number): unknown {
  return expect.objectContaining({
    status,
    error: { errors: [expect.objectContaining({ code, title: expect.any(String) })] },
  });
}

describe('the SDK of Telnyx', () => {
  it('sends, reads back, and hears of it by calls that its validator accepts', async () => {
    const app = await openWebhook();
    const { data } = await client().messages.send({ from, to, text: 'Hello', webhook_url: app.url });
    expect(data).toMatchObject({ to: [{ phone_number: to, status: 'queued' }], parts: 1 });
    const told = [await heard(await app.next()), await heard(await app.next())];
    expect(told).toEqual(
      expect.arrayContaining(
        [
          ['message.sent', 'sent'],
          ['message.finalized', 'delivered'],
        ].map(([event_type, status]) =>
          expect.objectContaining({
            data: expect.objectContaining({
              event_type,
              payload: expect.objectContaining({ id: data?.id, to: [expect.objectContaining({ status })] }),
            }),
          }),
        ),
      ),
    );
    expect((await client().messages.retrieve(data?.id ?? '')).data).toMatchObject({
      to: [{ status: 'delivered' }],
    });
    expect(await peers.newest(to)).toMatchObject({ door: 'telnyx', deliveries: [{ status: 'delivered' }] });
  });

  it('is refused for what is wrong, by rules, and by settings', async () => {
    const refused = (about: Readonly<Record<string, unknown>>, sdk = client()) =>
      refusalOf(sdk.messages.send({ from, to, text: 'x', ...about }));
    expect(await refused({ to: '5550101' })).toEqual(refusedWith('40310', 400));
    expect(await refused({ text: '' })).toEqual(refusedWith('40316', 400));
    expect(await refused({ text: 'x'.repeat(1_531) })).toEqual(refusedWith('40302', 400));
    expect(
      await refused({ from: 'Shop', messaging_profile_id: '4001932d-9b55-4bb8-9cd1-85de6c4d83d9' }),
    ).toEqual(refusedWith('40305', 400));
    const codes = [
      ['10011', 429],
      ['10007', 500],
      ['20100', 403],
      ['40318', 429],
    ] as const;
    await peers.smsRules(
      ...codes.map(([reason], at) => ({
        name: reason,
        when: { recipient: `+1312555015${at}` },
        then: { do: 'answer', reason },
      })),
    );
    for (const [at, [code, status]] of codes.entries())
      expect(await refused({ to: `+1312555015${at}` })).toEqual(refusedWith(code, status));
    await peers.smsSettings({
      credentials: { telnyx: [{ account: 'shop', secret: 'KEY_right' }] },
      blockedCountries: ['FR'],
      unknownSenders: 'refuse',
    });
    expect(await refused({})).toEqual(refusedWith('10009', 401));
    const right = client('KEY_right');
    expect(await refused({ to: '+33612345678' }, right)).toEqual(refusedWith('40309', 400));
    expect(await refused({ from: '+12025550177' }, right)).toEqual(refusedWith('40305', 400));
  });

  it('hears signed what the carrier says: of a landline, of nobody, of a filter', async () => {
    const app = await openWebhook();
    await peers.newHandset('+13125550161', { line: 'landline' });
    await peers.newHandset('+13125550162', { line: 'unknown' });
    await peers.newHandset('+13125550163', { unreachable: true });
    for (const [number, code, text] of [
      ['+13125550161', '40001', 'x'],
      ['+13125550162', '40012', 'x'],
      ['+13125550163', '40006', 'x'],
      ['+13125550164', '40002', 'Free spins at our online casino'],
    ] as const) {
      await client().messages.send({ from, to: number, text, webhook_url: app.url });
      const told = [await heard(await app.next()), await heard(await app.next())];
      expect(new Set(told.map((one) => Object(Object(one).data).event_type))).toEqual(
        new Set(['message.sent', 'message.finalized']),
      );
      expect(told, number).toContainEqual(
        expect.objectContaining({
          data: expect.objectContaining({
            payload: expect.objectContaining({
              to: [expect.objectContaining({ status: 'delivery_failed' })],
              errors: [expect.objectContaining({ code })],
            }),
          }),
        }),
      );
    }
  });

  it('hears an answer signed, is refused after STOP, and sends again after START', async () => {
    const app = await openWebhook();
    const { data: profile } = await client().messagingProfiles.create({
      name: 'shop',
      whitelisted_destinations: ['*'],
      webhook_url: app.url,
    });
    const number = '+13125550190';
    await client().phoneNumbers.messaging.update(number, { messaging_profile_id: profile?.id ?? '' });
    const send = () => client().messages.send({ from: number, to, text: 'Your table is ready' });
    await send();
    await app.next();
    await app.next();
    await peers.reply(to, number, 'Thanks');
    expect(await heard(await app.next())).toMatchObject({
      data: { event_type: 'message.received', payload: { text: 'Thanks', from: { phone_number: to } } },
    });
    expect(await peers.reply(to, number, 'STOP')).toMatchObject({ outcome: 'opted_out' });
    expect(await heard(await app.next())).toMatchObject({ data: { payload: { autoresponse_type: 'STOP' } } });
    expect(await refusalOf(send())).toEqual(refusedWith('40300', 403));
    expect(await peers.reply(to, number, 'START')).toMatchObject({ outcome: 'opted_in' });
    expect((await send()).data?.to).toMatchObject([{ status: 'queued' }]);
  });
});
