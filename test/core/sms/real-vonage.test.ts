/** `@vonage/server-sdk`, unmodified, against a whole Sandpost: the SMS API and the Messages API, each with its own validator. */
import { generateKeyPairSync } from 'node:crypto';
import { AlgorithmTypes } from '@vonage/auth';
import { verifySignature } from '@vonage/jwt';
import { Vonage } from '@vonage/server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Call, openWebhook, refusalOf, type SmsPeers, startSmsPeers } from './peers.ts';

const apiKey = 'abcd1234';
const apiSecret = 'secret-of-16-let';
const to = '447911123456';
const from = '447700900000';
const american = '12025550123';
const americanSender = '12025550100';

let peers: SmsPeers;
let signingSecret: string;
beforeAll(async () => {
  peers = await startSmsPeers();
  signingSecret = (await peers.secret('vonage')).value;
});
afterAll(() => peers.close());

function client(about: Readonly<Record<string, string>> = {}): Vonage {
  const base = peers.base('vonage');
  return new Vonage({ apiKey, apiSecret, ...about }, { restHost: base, apiHost: base });
}

function fieldsOf({ body }: Call): Record<string, string> {
  const value: Record<string, string> = JSON.parse(body);
  return value;
}

function isVonages(call: Call, secret = signingSecret): boolean {
  const { sig = '', ...signed } = fieldsOf(call);
  return client().sms.verifySignature(sig, signed, secret, AlgorithmTypes.md5hash);
}

function hasVonagesToken({ headers }: Call, secret = signingSecret): boolean {
  return verifySignature(String(headers.authorization).replace('Bearer ', ''), secret);
}

describe('the SMS API, by the SDK of Vonage', () => {
  it('sends, and hears of it by a receipt that the SDK’s validator accepts', async () => {
    const app = await openWebhook();
    const sent = await client().sms.send({ to, from, text: 'Your code is 471147', callback: app.url });
    expect(sent).toMatchObject({ messageCount: '1', messages: [{ to, status: '0' }] });
    const receipt = await app.next();
    expect([isVonages(receipt), isVonages(receipt, 'another')]).toEqual([true, false]);
    const [message] = sent.messages;
    expect(fieldsOf(receipt)).toMatchObject({
      msisdn: to,
      to: from,
      status: 'delivered',
      'err-code': '0',
      'api-key': apiKey,
      messageId: message !== undefined && 'messageId' in message ? message.messageId : '',
    });
    expect(await peers.newest(`+${to}`)).toMatchObject({
      door: 'vonage',
      deliveries: [{ status: 'delivered' }],
    });
  });

  it('is refused with a status for what is wrong, and by settings', async () => {
    const refusedWith = async (status: string, request: Readonly<Record<string, string>>) =>
      expect(await refusalOf(client().sms.send({ to, from, text: 'x', ...request }))).toMatchObject({
        response: { messages: [{ status, errorText: expect.stringMatching(/./) }] },
      });
    await refusedWith('2', { text: '' });
    await refusedWith('3', { to: 'somebody' });
    await refusedWith('6', { to: '999' });
    await refusedWith('12', { text: 'x'.repeat(3_201) });
    await refusedWith('15', { to: american, from: 'Shop' });
    await peers.smsSettings({
      credentials: { vonage: [{ account: apiKey, secret: 'the-right-one' }] },
    });
    await refusedWith('4', {});
    await expect(
      client({ apiSecret: 'the-right-one' }).sms.send({ to, from, text: 'x' }),
    ).resolves.toMatchObject({ messages: [{ status: '0' }] });
  });

  it('is refused by rules with each of its statuses', async () => {
    const statuses = ['1', '5', '7', '8', '9', '10', '11', '13', '14', '22', '29', '33'];
    await peers.smsRules(
      ...statuses.map((reason, at) => ({
        name: reason,
        when: { recipient: `+4479111230${10 + at}` },
        then: { do: 'answer', reason },
      })),
    );
    for (const [at, status] of statuses.entries())
      expect(
        await refusalOf(client().sms.send({ to: `4479111230${10 + at}`, from, text: 'x' })),
      ).toMatchObject({ response: { messages: [{ status }] } });
  });

  it('tells what the carrier says: of a landline, of nobody, of a filter', async () => {
    const app = await openWebhook();
    await peers.newHandset('+442079460001', { line: 'landline' });
    await peers.newHandset('+447911000005', { line: 'unknown' });
    for (const [number, text, status, code] of [
      ['442079460001', 'x', 'failed', '12'],
      ['447911000005', 'x', 'failed', '3'],
      ['447911000007', 'Free spins at our online casino', 'failed', '6'],
    ] as const) {
      await client().sms.send({ to: number, from, text, callback: app.url });
      const receipt = await app.next();
      expect(isVonages(receipt)).toBe(true);
      expect(fieldsOf(receipt)).toMatchObject({ msisdn: number, status, 'err-code': code });
    }
  });

  it('hears an answer signed, is refused after STOP, and sends again after START', async () => {
    const app = await openWebhook();
    await peers.sender('vonage', americanSender, { inboundUrl: app.url, countries: ['*'] });
    const send = () => client().sms.send({ to: american, from: americanSender, text: 'Your table is ready' });
    await send();
    await peers.reply(`+${american}`, `+${americanSender}`, 'Thanks, see you');
    const answer = await app.next();
    expect([isVonages(answer), isVonages(answer, 'another')]).toEqual([true, false]);
    expect(fieldsOf(answer)).toMatchObject({
      msisdn: american,
      to: americanSender,
      text: 'Thanks, see you',
      keyword: 'THANKS,',
      type: 'text',
    });
    expect(await peers.reply(`+${american}`, `+${americanSender}`, 'STOP')).toMatchObject({
      outcome: 'opted_out',
    });
    expect(fieldsOf(await app.next())).toMatchObject({ keyword: 'STOP' });
    expect(await refusalOf(send())).toMatchObject({ response: { messages: [{ status: '7' }] } });
    await peers.reply(`+${american}`, `+${americanSender}`, 'START');
    await expect(send()).resolves.toMatchObject({ messages: [{ status: '0' }] });
  });
});

describe('the Messages API, by the SDK of Vonage', () => {
  const hello = { channel: 'sms', messageType: 'text', to, from, text: 'Hello' } as const;

  it('sends, and hears of it by webhooks whose token the SDK’s validator accepts', async () => {
    const app = await openWebhook();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const application = client({
      applicationId: 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab',
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    });
    for (const sdk of [client(), application]) {
      const { messageUUID } = await sdk.messages.send({ ...hello, ...{ webhookUrl: app.url } });
      const told = [await app.next(), await app.next()];
      expect(told.map((call) => [hasVonagesToken(call), hasVonagesToken(call, 'another')])).toEqual([
        [true, false],
        [true, false],
      ]);
      expect(new Set(told.map((call) => fieldsOf(call).status))).toEqual(new Set(['submitted', 'delivered']));
      expect(new Set(told.map((call) => fieldsOf(call).message_uuid))).toEqual(new Set([messageUUID]));
    }
  });

  it('is refused with problem documents', async () => {
    const refused = async (request: Readonly<Record<string, string>>, sdk = client()): Promise<number> => {
      const error = await refusalOf(sdk.messages.send({ ...hello, ...request }));
      return Object(Object(error).response).status;
    };
    expect(await refused({ to: 'somebody' })).toBe(422);
    expect(await refused({ text: '' })).toBe(422);
    await peers.smsSettings({
      credentials: { vonage: [{ account: apiKey, secret: 'the-right-one' }] },
    });
    expect(await refused({})).toBe(401);
    await peers.smsRules({ name: 'busy', when: { channel: 'sms' }, then: { do: 'answer', reason: '429' } });
    expect(await refused({}, client({ apiSecret: 'the-right-one' }))).toBe(429);
  });

  it('tells of a sender that does not work there, and of STOP, by a webhook', async () => {
    const app = await openWebhook();
    const send = (sender: string) =>
      client().messages.send({ ...hello, to: american, from: sender, ...{ webhookUrl: app.url } });
    await send('Shop');
    const refused = await app.next();
    expect(hasVonagesToken(refused)).toBe(true);
    expect(JSON.parse(refused.body)).toMatchObject({ status: 'rejected', error: { title: '1120' } });
    await send('12025550101');
    await app.until(3);
    await peers.reply(`+${american}`, '+12025550101', 'STOP');
    await send('12025550101');
    const [, , , optedOut] = await app.until(4);
    expect(JSON.parse(optedOut?.body ?? '')).toMatchObject({ status: 'rejected', error: { title: '1240' } });
  });
});
