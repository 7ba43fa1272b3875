import { expect, test } from 'vitest';
import { inAppWorld } from './inapp-world.ts';

test('a user’s own name says what goes wrong: answers, lost marks, holds, early ends', async () => {
  const { call, send, delivery, advance } = await inAppWorld();
  await send('anna+answer-503-x1', { title: 'Out of order' });
  const pull = (user: string) => call('GET', `/v1/users/${encodeURIComponent(user)}/messages`);
  expect((await pull('anna+answer-503-x1')).status).toBe(503);
  expect((await pull('anna+answer-503-x1')).body).toMatchObject({ total: 1 });

  const lost = await send('anna+lost', { title: 'Thanks for nothing' });
  expect((await call('PUT', `/v1/messages/${lost.rows[0]}/seen`)).status).toBe(200);
  expect(await delivery(lost.id)).toMatchObject({ status: 'queued' });

  const held = await send('anna+hold', { title: 'Held' });
  expect(await delivery(held.id)).toMatchObject({ status: 'queued', substatus: 'held' });
  expect((await pull('anna+hold')).body.total).toBe(0);

  const brief = await send('anna+expire', { title: 'Brief' });
  await advance(61_000);
  expect(await delivery(brief.id)).toMatchObject({ status: 'undeliverable', class: 'expired' });

  const late = await send('anna+delay-10m', { title: 'Late' });
  expect((await pull('anna+delay-10m')).body.total).toBe(0);
  await advance(600_000);
  expect((await pull('anna+delay-10m')).body.total).toBe(1);
  expect(await delivery(late.id)).toMatchObject({ status: 'sent' });

  const gone = await send('anna+blackhole', { title: 'Lost' });
  expect(await delivery(gone.id)).toMatchObject({ status: 'sent', substatus: 'unconfirmed' });
  expect((await pull('anna+blackhole')).body.total).toBe(0);
});
