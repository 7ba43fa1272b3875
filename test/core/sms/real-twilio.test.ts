/** npm's `twilio`, unmodified, against a whole Sandpost: its own validator is who says that Twilio called. */
import twilioSdk from 'twilio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, openWebhook, refusalOf, type SmsPeers, startSmsPeers } from './peers.ts';

const account = 'AC0123456789abcdef0123456789abcdef';
const token = 'the-token-of-the-account';
const from = '+14155550100';
const to = '+447911123456';

let peers: SmsPeers;
beforeAll(async () => {
  peers = await startSmsPeers();
});
afterAll(() => peers.close());

function client(user = account, password = token, about: { readonly accountSid?: string } = {}) {
  const made = twilioSdk(user, password, about);
  made.api.baseUrl = peers.base('twilio');
  made.messaging.baseUrl = peers.base('twilio');
  return made;
}

function fieldsOf({ body }: Call): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body));
}

function isTwilios(call: Call, secret = token): boolean {
  const signature = String(call.headers['x-twilio-signature']);
  return twilioSdk.validateRequest(secret, signature, call.url, fieldsOf(call));
}

describe('the SDK of Twilio', () => {
  it('sends, reads back, lists, and hears of it by calls that its validator accepts', async () => {
    const app = await openWebhook();
    const sent = await client().messages.create({
      to,
      from,
      body: 'Your code is 471147',
      statusCallback: `${app.url}/status?order=7`,
    });
    expect(sent).toMatchObject({ status: 'queued', numSegments: '1', errorCode: null, from, to });
    await app.until(2);
    expect(app.calls.map((call) => isTwilios(call))).toEqual([true, true]);
    expect(app.calls.map((call) => isTwilios(call, 'another'))).toEqual([false, false]);
    expect(app.calls.map(fieldsOf).sort(byStatus)).toMatchObject([
      { MessageSid: sent.sid, MessageStatus: 'delivered', AccountSid: account, From: from, To: to },
      { MessageSid: sent.sid, MessageStatus: 'sent', SmsSid: sent.sid, SmsStatus: 'sent' },
    ]);
    expect(await client().messages(sent.sid).fetch()).toMatchObject({ status: 'delivered' });
    expect((await client().messages.list({ to })).map(({ sid }) => sid)).toEqual([sent.sid]);
    expect(await peers.newest(to)).toMatchObject({ door: 'twilio', deliveries: [{ status: 'delivered' }] });
  });

  it('with an API key is called by the secret that Settings shows', async () => {
    const app = await openWebhook();
    const sdk = client('SK0123456789abcdef0123456789abcdef', 'secret-of-the-key', {
      accountSid: 'ACffffffffffffffffffffffffffffffff',
    });
    await sdk.messages.create({ to, from, body: 'Hello', statusCallback: `${app.url}/status` });
    const { value } = await peers.secret('twilio');
    await app.until(2);
    expect(app.calls.map((call) => isTwilios(call, value))).toEqual([true, true]);
  });

  it('is refused for what is wrong with a message', async () => {
    const { messages } = client();
    expect(await refusalOf(messages.create({ to: '+1415555', from, body: 'x' }))).toMatchObject({
      status: 400,
      code: 21211,
      moreInfo: 'https://www.twilio.com/docs/errors/21211',
      message: expect.stringContaining("Invalid 'To' Phone Number"),
    });
    for (const [request, status, code] of [
      [{ to, from }, 400, 21602],
      [{ to, body: 'x' }, 400, 21603],
      [{ to, from, body: 'x'.repeat(1_601) }, 400, 21617],
      [{ to: '+14155550123', from: 'Shop', body: 'x' }, 400, 21612],
      [{ to: '+15005550009', from, body: 'x' }, 400, 21614],
      [{ to, from: '+15005550008', body: 'x' }, 429, 21611],
    ] as const)
      expect(await refusalOf(messages.create(request))).toMatchObject({ status, code });
  });

  it('is refused by settings: credentials, countries, senders', async () => {
    await peers.smsSettings({
      credentials: { twilio: [{ account, secret: 'the-right-one' }] },
      blockedCountries: ['FR'],
      unknownSenders: 'refuse',
    });
    const wrong = client().messages.create({ to, from, body: 'x' });
    expect(await refusalOf(wrong)).toMatchObject({ status: 401, code: 20003 });
    const { messages } = client(account, 'the-right-one');
    expect(
      await refusalOf(messages.create({ to: '+33612345678', from: '+15005550006', body: 'x' })),
    ).toMatchObject({ status: 400, code: 21408 });
    const stranger = messages.create({ to: '+14155550123', from: '+12025550177', body: 'x' });
    expect(await refusalOf(stranger)).toMatchObject({ status: 400, code: 21606 });
  });

  it('is refused by rules, with the status that goes with the code', async () => {
    const codes = [
      [20429, 429],
      [20500, 500],
      [20503, 503],
      [21703, 400],
      [21608, 400],
    ] as const;
    await peers.smsRules(
      ...codes.map(([reason], at) => ({
        name: String(reason),
        when: { channel: 'sms', recipient: `+4479111234${10 + at}` },
        then: { do: 'answer', reason: String(reason) },
      })),
    );
    for (const [at, [code, status]] of codes.entries())
      expect(
        await refusalOf(client().messages.create({ to: `+4479111234${10 + at}`, from, body: 'x' })),
      ).toMatchObject({ status, code });
  });

  it('hears in reports what the carrier says: of a landline, of nobody, of one that blocks, of a filter', async () => {
    const app = await openWebhook();
    await peers.newHandset('+442079460001', { line: 'landline' });
    await peers.newHandset('+447911000005', { line: 'unknown' });
    await peers.newHandset('+447911000003', { unreachable: true });
    await peers.newHandset('+447911000004', { blocked: true });
    for (const [number, code, body] of [
      ['+442079460001', 30006, 'x'],
      ['+447911000005', 30005, 'x'],
      ['+447911000003', 30003, 'x'],
      ['+447911000004', 30004, 'x'],
      ['+447911000007', 30007, 'Free spins at our online casino'],
    ] as const) {
      const { sid } = await client().messages.create({
        to: number,
        from,
        body,
        statusCallback: `${app.url}/${code}`,
      });
      expect(await client().messages(sid).fetch()).toMatchObject({ status: 'undelivered', errorCode: code });
    }
    await app.until(10);
    const ends = app.calls.map(fieldsOf).filter(({ MessageStatus }) => MessageStatus === 'undelivered');
    expect(ends.map(({ ErrorCode }) => ErrorCode).sort()).toEqual([
      '30003',
      '30004',
      '30005',
      '30006',
      '30007',
    ]);
    expect(app.calls.every((call) => isTwilios(call))).toBe(true);
  });

  it('hears an answer signed, is refused after STOP, and sends again after START', async () => {
    const app = await openWebhook((_, response) => {
      response.setHeader('content-type', 'text/xml').end('<Response/>');
    });
    await client().incomingPhoneNumbers.create({ phoneNumber: from, smsUrl: `${app.url}/sms` });
    const send = () => client().messages.create({ to, from, body: 'Your table is ready' });
    await send();
    expect(await peers.reply(to, from, 'Thanks')).toMatchObject({ provider: 'twilio', outcome: 'told' });
    const answer = await app.next();
    expect(isTwilios(answer)).toBe(true);
    expect(fieldsOf(answer)).toMatchObject({
      From: to,
      To: from,
      Body: 'Thanks',
      NumMedia: '0',
      NumSegments: '1',
      SmsStatus: 'received',
      MessageSid: expect.stringMatching(/^SM[0-9a-f]{32}$/),
    });
    expect(await peers.reply(to, from, 'stop')).toMatchObject({ outcome: 'opted_out' });
    expect(await refusalOf(send())).toMatchObject({ status: 400, code: 21610 });
    expect(await peers.reply(to, from, 'START')).toMatchObject({ outcome: 'opted_in' });
    expect(await send()).toMatchObject({ status: 'queued' });
    expect(await peers.reply(to, from, 'HELP')).toMatchObject({ outcome: 'helped' });
  });
});

function byStatus(one: Record<string, string>, other: Record<string, string>): number {
  return (one.MessageStatus ?? '').localeCompare(other.MessageStatus ?? '');
}
