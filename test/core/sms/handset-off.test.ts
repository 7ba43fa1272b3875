/** A handset that is off for days, in a whole Sandpost whose clock jumps: what its carrier kept, and what the app was told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hourMs, openWebhook, type SmsPeers, startSmsPeers } from './peers.ts';
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

let made = 0;

/** @returns the end that the app was told of, and where our delivery is */
async function offFor(hours: number, api: Api): Promise<readonly unknown[]> {
  const app = await openWebhook();
  made += 1;
  const to = `+44791113${String(made).padStart(4, '0')}`;
  await peers.newHandset(to);
  await peers.off(to, hours * hourMs);
  await plain.send(api, to, reportTo[api](app.url));
  const { id } = await peers.newest(to);
  expect(await peers.only(id)).toMatchObject({ status: 'sent', substatus: 'held' });
  await peers.clock({ advanceMs: 74 * hourMs });
  await peers.settled();
  const { status, class: outcome } = await peers.only(id);
  const [sms] = await peers.sms(id);
  const heard =
    api === 'smpp'
      ? String(Object(plain.receipts.at(-1)?.short_message).message)
      : app.calls.map(({ body, url }) => `${url} ${body}`).join('\n');
  return [status, outcome, sms?.steps.at(-1)?.status, heard];
}

describe('a handset that is off', () => {
  it.each([
    // A carrier keeps it for 72 hours.
    ['twilio', 71, 'delivered', 'MessageStatus=delivered'],
    ['vonage', 71, 'delivered', '"status":"delivered"'],
    ['vonageMessages', 71, 'delivered', '"status":"delivered"'],
    ['messagebird', 71, 'delivered', 'status=delivered'],
    ['sinch', 71, 'Delivered', '"status":"Delivered"'],
    ['telnyx', 71, 'delivered', '"event_type":"message.finalized"'],
    ['smpp', 71, 'DELIVRD', 'stat:DELIVRD'],
    // Infobip itself keeps nothing longer than 48 hours.
    ['infobip', 47, 'DELIVERED_TO_HANDSET', '"name":"DELIVERED_TO_HANDSET"'],
  ] as const)(
    '%s: for %i hours, then on: it is delivered, and reported',
    async (api, hours, word, report) => {
      const [status, outcome, said, heard] = await offFor(hours, api);
      expect([status, outcome, said]).toEqual(['delivered', null, word]);
      expect(heard).toContain(report);
    },
  );

  it.each([
    ['twilio', 73, 'undelivered', 'ErrorCode=30003'],
    ['vonage', 73, 'expired', '"status":"expired"'],
    ['vonageMessages', 73, 'rejected', '"title":"1180"'],
    ['messagebird', 73, 'expired', 'status=expired'],
    ['sinch', 73, 'Expired', '"status":"Expired"'],
    ['telnyx', 73, 'expired', '"code":"40005"'],
    ['smpp', 73, 'EXPIRED', 'stat:EXPIRED'],
    ['infobip', 73, 'EXPIRED_EXPIRED', '"name":"EXPIRED_EXPIRED"'],
    ['infobip', 49, 'EXPIRED_EXPIRED', '"name":"EXPIRED_EXPIRED"'],
  ] as const)('%s: for %i hours: it expires, and that is reported', async (api, hours, word, report) => {
    const [status, , said, heard] = await offFor(hours, api);
    expect([status, said]).toEqual(['undeliverable', word]);
    expect(heard).toContain(report);
  });
});
