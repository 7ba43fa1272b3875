import { expect, it } from 'vitest';
import { startWorld } from './journey.ts';

const hourMs = 3_600_000;

it('a reader leaves a topic by the button of their mail program, and hears nothing of it any more', async () => {
  const world = await startWorld();
  const { people, url, settled } = world.core.app;
  await world.call('POST', '/v1/users', { id: 'jane', email: 'jane@gmail.com' });
  await world.call('POST', '/v1/topics', { id: 'news', name: 'News' });
  const link = people.unsubscribeUrl({ user: 'jane', topic: 'news' });
  expect(link.startsWith(`${url}/u/`)).toBe(true);
  await world.call('POST', '/v1/messages', {
    channel: 'email',
    from: 'hello@shop.example',
    to: ['jane@gmail.com'],
    subject: 'News',
    text: 'What is new this week, in some words.',
    listUnsubscribe: { url: link, oneClick: true },
  });
  await settled();
  await world.clock({ advanceMs: hourMs });
  const [copy] = await world.inbox('jane@gmail.com');
  expect(
    await world.call('POST', `/v1/mailboxes/jane@gmail.com/messages/${copy?.id}/unsubscribe`, {}),
  ).toMatchObject({ way: 'one_click', visit: { status: 200 } });
  expect(await world.call('GET', '/v1/users/jane/preferences')).toMatchObject({
    topics: { news: false },
    effective: expect.arrayContaining([
      expect.objectContaining({ topic: 'news', channel: 'email', reason: 'unsubscribed' }),
    ]),
  });
});
