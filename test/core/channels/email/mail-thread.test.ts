import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MailThread } from '../../../../core/channels/email/mail-thread/mail-thread.ts';
import type { PrepareRequest } from '../../../../core/channels/email/mail-thread/prepare.ts';
import { systemClock } from '../../../../core/clock.ts';
import { fakeClock } from '../../../fake-clock.ts';
import { startCore } from '../../../start-core.ts';
import { carry, delivery, emailCarrier, said } from './carry-mail.ts';
import { networkTo } from './client/scripted-server.ts';
import { makeKey } from './dkim-keys.ts';

const head =
  'From: shop@shop.example\r\nDate: Sat, 31 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\nSubject: hello\r\n';

const request = (seq: number): PrepareRequest => ({
  seq,
  hop: { eightBitMime: true, smtputf8: true, sizeMax: 0 },
  context: { received: null, dateMs: 0, messageId: '<x@y.example>', envelopeNeedsUtf8: false },
  keys: [],
  wallSeconds: 1_769_853_600,
  alterBody: false,
  tokens: null,
});

async function storedAt(content: string) {
  const core = await startCore();
  const id = await core.send(content);
  const { seq } = await core.json<{ seq: number }>(`/v1/messages/${id}`);
  return { core, seq };
}

function threadOn(folder: string, clock = systemClock): MailThread {
  const thread = new MailThread(join(folder, 'sandpost.db'), clock);
  onTestFinished(() => thread.close());
  return thread;
}

describe('the mail thread', () => {
  it('prepares what the store holds', async () => {
    const { core, seq } = await storedAt(`${head}\r\nbody\r\n`);
    const thread = threadOn(core.dataDir);
    const plain = await thread.prepare(request(seq));
    expect(plain).toMatchObject({ ok: true, changes: [], signatures: [] });
    expect(plain?.ok === true ? Buffer.from(plain.content).toString() : '').toBe(`${head}\r\nbody\r\n`);
    const key = makeKey('shop.example', 'r1', 'rsa-sha256');
    const signed = await Promise.all(
      Array.from({ length: 20 }, () => thread.prepare({ ...request(seq), keys: [key] })),
    );
    for (const one of signed) expect(one).toMatchObject({ ok: true, signatures: [{ selector: 'r1' }] });
  });

  it('says what is not there any more, and what is wrong with a key, and goes on', async () => {
    const { core, seq } = await storedAt(`${head}\r\nbody\r\n`);
    const thread = threadOn(core.dataDir);
    expect(await thread.prepare(request(seq + 1_000))).toBeNull();
    const broken = { ...makeKey('shop.example', 'r1', 'rsa-sha256'), id: 'broken', privateKey: 'no key' };
    await expect(thread.prepare({ ...request(seq), keys: [broken] })).rejects.toMatchObject({
      code: 'unreadable',
    });
    expect(await thread.prepare(request(seq))).toMatchObject({ ok: true });
  });

  it('is let go when it is idle, and started again when it is needed', async () => {
    const { core, seq } = await storedAt(`${head}\r\nbody\r\n`);
    const clock = fakeClock();
    const thread = new MailThread(join(core.dataDir, 'sandpost.db'), clock);
    onTestFinished(() => thread.close());
    await thread.prepare(request(seq));
    clock.advance(60_000);
    expect(await thread.prepare(request(seq))).toMatchObject({ ok: true });
  });

  it('refuses work when it is closed', async () => {
    const { core, seq } = await storedAt(`${head}\r\nbody\r\n`);
    const thread = threadOn(core.dataDir);
    await thread.close();
    await expect(thread.prepare(request(seq))).rejects.toMatchObject({ code: 'store_closed' });
  });
});

describe('from our own store to our own door', () => {
  it('a message arrives as it was prepared, by STARTTLS', async () => {
    const { core, seq } = await storedAt(`Bcc: hidden@far.example\r\n${head}\r\n.dots\r\n..\r\nbody\r\n`);
    const thread = threadOn(core.dataDir);
    const carrier = emailCarrier({
      network: networkTo(core.port('submission')),
      ports: { prepare: (how) => thread.prepare({ ...how, seq }) },
    });
    const carried = await carry(carrier, delivery('a@far.example'), delivery('b@far.example'));
    expect(carried.results.map(({ outcome }) => outcome.kind)).toEqual(['sent', 'sent']);
    expect(said(carried).some((line) => line.startsWith('N: TLS:'))).toBe(true);
    const id = /stored as (\S+)/.exec(carried.results[0]?.text ?? '')?.[1] ?? '';
    expect((await core.raw(id)).toString()).toBe(
      `Received: from localhost (localhost [127.0.0.1])\r\n\tby out.shop.example (Sandpost) with ESMTP id message-1;\r\n\tSat, 31 Jan 2026 10:00:00 +0000\r\n${head}\r\n.dots\r\n..\r\nbody\r\n`,
    );
  });
});
