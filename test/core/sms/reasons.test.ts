/**
 * What the rules offer to answer with is what the doors say then, with its HTTP status and its code; what they offer to report
 * is what the app is told. Each row of both tables.
 */
import smpp from 'smpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smsProviders } from '../../../core/model/sms.ts';
import { smsReasons, smsReports } from '../../../core/rules/sms-reasons.ts';
import { openWebhook, refusalOf, type SmsPeers, startSmsPeers } from './peers.ts';
import { type Api, type PlainRequests, plainRequests, reportTo } from './plain-requests.ts';

let peers: SmsPeers;
let plain: PlainRequests;
beforeAll(async () => {
  peers = await startSmsPeers();
  plain = await plainRequests(peers.port);
});
afterAll(async () => {
  plain.close();
  await peers.close();
});

const to = '+447911150001';

/** @returns the HTTP status, and the body */
async function said(api: Api): Promise<readonly [status: number, body: string]> {
  const error = await refusalOf(plain.send(api, to));
  const [, status = '', body = ''] = /: (\d{3}) (.*)$/s.exec(String(error)) ?? [];
  return [Number(status), body];
}

/** Where the code that a rule names does not stand in the body as it is. */
function shownAs(api: Api, code: string, status: number): string {
  // Version 3 of its interface has codes made of the status.
  if (api === 'infobip') return `"errorCode":"E${status}"`;
  // General errors of Vonage have pages with names in place of numbers.
  if (api === 'vonageMessages' && code === String(status)) return 'https://developer.vonage.com/api-errors#';
  return code;
}

describe.each(smsProviders)('in place of the yes, %s', (provider) => {
  it.each(smsReasons[provider])('says $code: $means', async ({ code, status }) => {
    await peers.smsRules({ name: code, when: { recipient: to }, then: { do: 'answer', reason: code } });
    if (provider === 'smpp') {
      expect(Object(await plain.send('smpp', to)).command_status).toBe(smpp.errors[code]);
      return;
    }
    if (status === null) {
      expect(await plain.send(provider, to)).toMatchObject({ messages: [{ status: code }] });
      return;
    }
    const api = provider === 'vonage' ? 'vonageMessages' : provider;
    const [told, body] = await said(api);
    expect([told, body]).toEqual([status, expect.stringContaining(shownAs(api, code, status))]);
  });
});

/** Whatever can be heard. */
function wanting(api: Api, url: string): Readonly<Record<string, unknown>> {
  return api === 'infobip'
    ? { webhooks: { delivery: { url, intermediateReport: true } } }
    : reportTo[api](url);
}

describe.each(smsProviders)('after the yes, %s', (provider) => {
  it.each(smsReports[provider])('reports $status $code: $means', async ({ status, code }) => {
    const app = await openWebhook();
    const then = { do: 'report', status, afterMs: 0, ...(code === null ? {} : { code }) };
    await peers.smsRules({ name: status, when: { recipient: to }, then });
    const api = status === 'undeliverable' ? 'vonageMessages' : provider;
    const before = plain.receipts.length;
    await plain.send(api, to, wanting(api, app.url));
    await peers.settled();
    const { id } = await peers.newest(to);
    const [sms] = await peers.sms(id);
    const last = sms?.steps.at(-1);
    expect(last?.status).toBe(status);
    if (code !== null) expect(last?.code).toBe(code);
    const told = [
      ...app.calls.map(({ url, body }) => `${url} ${body}`),
      ...plain.receipts.slice(before).map(({ short_message }) => String(Object(short_message).message)),
    ].join('\n');
    expect(told).toContain(status);
    if (code !== null) expect(told).toContain(code);
  });
});
