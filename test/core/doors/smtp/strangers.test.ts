/** Clients that speak something else at an SMTP door, and what the exchange says of them. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, it } from 'vitest';
import type { Exchange, ExchangeDetail, List } from '../../../../core/api/schema.ts';
import { startCore, type TestCore } from '../../../start-core.ts';

/** The first exchange whose end is kept: asked for again at each event, for a session ends after its client went. */
async function endedExchange(core: TestCore): Promise<ExchangeDetail> {
  for (;;) {
    const { entries } = await core.json<List<Exchange>>('/v1/exchanges');
    const ended = entries.find((one) => one.endedAt !== null);
    if (ended !== undefined) return core.json<ExchangeDetail>(`/v1/exchanges/${ended.id}`);
  }
}

it('turns a web page away that posts commands to the SMTP door, and stores nothing', async () => {
  const core = await startCore();
  const client = await core.smtp();
  client.write(
    'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n\r\n.\r\n',
  );
  expect(await client.reply()).toMatch(/^421 4\.7\.0 This is an SMTP door/);
  await client.closed;
  expect((await core.json<List<unknown>>('/v1/messages')).total).toBe(0);
});

it('says of a client that began with TLS on the plain door what to use instead', async () => {
  const core = await startCore();
  const socket = connect({ port: core.port('smtp'), host: '127.0.0.1' });
  socket.end(Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x03]));
  socket.resume();
  await once(socket, 'close');
  const { transcript } = await endedExchange(core);
  expect(transcript.map((line) => line.text)).toContainEqual(expect.stringContaining('began with TLS'));
});

it('says of a client that left at the TLS handshake that it may not trust our certificate', async () => {
  const core = await startCore();
  const socket = connectTls({ port: core.port('smtps'), host: '127.0.0.1', servername: 'localhost' });
  const refused = new Promise<Error>((resolve) => socket.once('error', resolve));
  expect((await refused).message).toMatch(/certificate/);
  expect(await endedExchange(core)).toMatchObject({
    door: 'smtps',
    messages: 0,
    reason: expect.stringContaining('ca.pem'),
  });
});

it('keeps the exchange of a client that speaks plainly at the door that begins with TLS', async () => {
  const core = await startCore();
  const socket = connect({ port: core.port('smtps'), host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.write('EHLO plain.example\r\n');
  socket.resume();
  await once(socket, 'close');
  expect(await endedExchange(core)).toMatchObject({
    door: 'smtps',
    outcome: 'refused',
    reason: expect.stringContaining('does not speak TLS'),
  });
});
