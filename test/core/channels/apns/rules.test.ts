/** The rules' desk itself behind the door: rules, and magic tokens as node-apn lets them through. */
import apn from '@parse/node-apn';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RuleInput } from '../../../../core/rules/schema.ts';
import { deskWorld } from '../../rules/desk-world.ts';
import { type ApnsDoors, apnsDoors } from './apns-doors.ts';
import { app, kid, privateKey, teamId, token } from './apns-world.ts';

async function opened(
  rules: readonly RuleInput[] = [],
): Promise<ApnsDoors & { readonly provider: apn.Provider }> {
  const doors = await apnsDoors({ desk: deskWorld(rules).desk });
  const provider = new apn.Provider({
    token: { key: privateKey, keyId: kid, teamId },
    address: 'localhost',
    port: doors.port,
    ca: [doors.doors.ca],
  });
  onTestFinished(() => provider.shutdown());
  return { ...doors, provider };
}

const hexOf = (text: string): string => Buffer.from(text).toString('hex');
const note = (title = 'Order 7'): apn.Notification =>
  Object.assign(new apn.Notification(), {
    topic: app,
    pushType: 'alert',
    alert: { title, body: 'On its way' },
  });

describe('a magic token, in hexadecimal', () => {
  it.each([
    ['unregistered-jane', 410, 'Unregistered'],
    ['expired-jane', 410, 'ExpiredToken'],
    ['bad-jane', 400, 'BadDeviceToken'],
    ['mismatch-jane', 400, 'DeviceTokenNotForTopic'],
    ['toolarge-jane', 413, 'PayloadTooLarge'],
    ['answer-TopicDisallowed', 400, 'TopicDisallowed'],
  ])('%s is answered %i %s', async (word, status, reason) => {
    const { provider } = await opened();
    expect((await provider.send(note(), hexOf(word))).failed).toMatchObject([
      { status, response: { reason } },
    ]);
  });

  it('ratelimited-x2 goes through at the third try, which node-apn makes by itself', async () => {
    const { provider, world } = await opened();
    expect((await provider.send(note(), hexOf('ratelimited-x2'))).sent).toHaveLength(1);
    expect(world.handovers).toHaveLength(1);
  });
});

describe('a rule', () => {
  it('asks for the app, the title and a field of the request', async () => {
    const { provider } = await opened([
      {
        id: 'sale',
        name: 'No sales',
        stage: 'farSide',
        when: {
          provider: 'apns',
          sender: app,
          subject: 'Sale',
          header: { name: 'apns-push-type', text: 'alert' },
        },
        then: { do: 'answer', reason: 'TopicDisallowed' },
      },
    ]);
    const { sent, failed } = await provider.send(note('Sale: 50 %'), token);
    expect(sent).toEqual([]);
    expect(failed).toMatchObject([{ status: 400, response: { reason: 'TopicDisallowed' } }]);
    expect((await provider.send(note(), token)).sent).toHaveLength(1);
  });
});
