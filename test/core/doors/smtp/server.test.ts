import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Reply, replies, reply } from '../../../../core/doors/smtp/reply.ts';
import {
  type ReceivedMessage,
  type SmtpServer,
  type SmtpServerOptions,
  type SmtpServerPorts,
  startSmtpServer,
} from '../../../../core/doors/smtp/server.ts';
import { openLocalCa } from '../../../../core/doors/tls/local-ca.ts';
import { AppError } from '../../../../core/model/app-error.ts';
import type { ExchangeEnd } from '../../../../core/model/message.ts';
import { spoolChunkBytes } from '../../../../core/store/store.ts';
import { type FakeClock, fakeClock } from '../../../fake-clock.ts';
import { openSmtp, openSmtps, type SmtpClient } from '../../../smtp-client.ts';
import { temporaryFolder } from '../../../start-core.ts';
import { settled } from './wire.ts';

interface Door {
  readonly server: SmtpServer;
  readonly clock: FakeClock;
  readonly received: ReceivedMessage[];
  /** The next exchange to end. */
  exchange(): Promise<ExchangeEnd>;
  open(host?: string): Promise<SmtpClient>;
}

async function startDoor(
  options: Partial<SmtpServerOptions> = {},
  ports: Partial<SmtpServerPorts> = {},
  hosts: readonly string[] = ['127.0.0.1'],
): Promise<Door> {
  const clock = fakeClock();
  const received: ReceivedMessage[] = [];
  const ended: ExchangeEnd[] = [];
  let heard: (() => void) | null = null;
  let lastId = 0;
  const server = await startSmtpServer(
    {
      door: 'smtp',
      hostname: 'mx.test',
      greeting: 'ESMTP Test',
      tls: 'none',
      startTls: 'off',
      auth: 'optional',
      messageBytesMax: 10_000_000,
      recipientsMax: 100,
      connectionsMax: 10,
      idleMsMax: 60_000,
      refusalsMax: 50,
      ...options,
    },
    {
      clock,
      newId: () => `exchange-${++lastId}`,
      certificate: null,
      authenticate: () => null,
      room: () => new Uint8Array(spoolChunkBytes),
      spool: () => Promise.resolve(1),
      unspool: () => undefined,
      async message(message) {
        received.push(message);
        return reply(250, '2.0.0', 'OK: stored');
      },
      exchangeEnded(end) {
        ended.push(end);
        heard?.();
      },
      challenge: () => '<1@mx.test>',
      ...ports,
    },
    { hosts, port: 0 },
  );
  onTestFinished(() => server.close(0).then(() => undefined));
  const closing = server.close.bind(server);
  const door: Door = {
    server: {
      port: server.port,
      async close(graceMs) {
        const closed = closing(graceMs);
        clock.advance(graceMs);
        await closed;
      },
    },
    clock,
    received,
    async exchange() {
      if (ended.length === 0)
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      const next = ended.shift();
      if (next === undefined) throw new Error('no exchange ended');
      return next;
    },
    open: (host) => openSmtp(server.port, host),
  };
  onTestFinished(() => door.server.close(0));
  return door;
}

const certificates = async () => {
  const ca = await openLocalCa(await temporaryFolder(), [], Date.now());
  return { certificate: ca.server, ca: readFileSync(ca.caFile, 'utf8') };
};

describe('a connection', () => {
  it('is greeted at once: no clock has to move, and the client has to say nothing', async () => {
    const door = await startDoor();
    const client = await door.open();
    expect(await client.reply()).toBe('220 mx.test ESMTP Test');
    expect(door.clock.monotonicMs()).toBe(0);
    client.destroy();
  });

  it('over the limit is told 421 and closed; when one goes there is room again', async () => {
    const door = await startDoor({ connectionsMax: 2 });
    const [first, second] = [await door.open(), await door.open()];
    await first.reply();
    await second.reply();
    const third = await door.open();
    expect(await third.reply()).toMatch(/^421 4\.3\.2 Too many connections/);
    await third.closed;
    expect((await door.exchange()).outcome).toBe('refused');
    await first.quit();
    await door.exchange();
    const fourth = await door.open();
    expect(await fourth.reply()).toMatch(/^220 /);
    for (const client of [second, fourth]) client.destroy();
  });

  it('that is idle too long is told 421 and closed, and not a moment before', async () => {
    const door = await startDoor({ idleMsMax: 60_000 });
    const client = await door.open();
    await client.reply();
    await client.say('EHLO me');
    door.clock.advance(59_000);
    expect(await client.say('NOOP')).toBe('250 2.0.0 OK');
    door.clock.advance(59_000);
    expect(await client.say('NOOP'), 'each command starts the time anew').toBe('250 2.0.0 OK');
    door.clock.advance(61_000);
    expect(await client.reply()).toMatch(/^421 4\.4\.2 Idle/);
    await client.closed;
    const end = await door.exchange();
    expect(end.reason).toContain('Idle');
  });

  it('that waits for its message to be stored is not idle', async () => {
    let stored: (value: ReturnType<typeof reply>) => void = () => undefined;
    let asked: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const door = await startDoor(
      {},
      {
        message: () => {
          asked();
          return new Promise((resolve) => {
            stored = resolve;
          });
        },
      },
    );
    const client = await door.open();
    await client.reply();
    await client.say('EHLO me');
    const answer = client.deliver('a@x', ['b@x'], 'hello\r\n');
    await waiting;
    door.clock.advance(600_000);
    stored(replies.ok);
    expect(await answer).toBe('250 2.0.0 OK');
    client.destroy();
  });

  it('works on IPv6 as on IPv4, on the same port', async () => {
    const door = await startDoor({}, {}, ['127.0.0.1', '::1']);
    for (const host of ['127.0.0.1', '::1']) {
      const client = await door.open(host);
      await client.reply();
      await client.say('EHLO me');
      expect(await client.deliver('a@x', ['b@x'], 'hello\r\n')).toMatch(/^250 /);
      await client.quit();
      expect((await door.exchange()).start.remoteAddress).toBe(host);
    }
  });

  it('that breaks off takes nothing else down', async () => {
    const door = await startDoor();
    for (const stage of ['', 'EHLO me\r\n', 'EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nhalf']) {
      const client = await door.open();
      await client.reply();
      client.write(stage);
      client.socket.resetAndDestroy();
      await door.exchange();
    }
    const client = await door.open();
    expect(await client.reply()).toMatch(/^220 /);
    client.destroy();
  });
});

describe('a door that closes', () => {
  it('tells idle clients 421, lets a message under way finish, and takes no new connection', async () => {
    let stored: (value: ReturnType<typeof reply>) => void = () => undefined;
    let asked: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const door = await startDoor(
      {},
      {
        message: () => {
          asked();
          return new Promise((resolve) => {
            stored = resolve;
          });
        },
      },
    );
    const [idle, busy] = [await door.open(), await door.open()];
    await idle.reply();
    await busy.reply();
    await busy.say('EHLO me');
    const answer = busy.deliver('a@x', ['b@x'], 'hello\r\n');
    await waiting;
    const closed = door.server.close(0).catch(() => undefined);
    expect(await idle.reply()).toMatch(/^421 4\.3\.2 Shutting down/);
    stored(replies.ok);
    expect(await answer.catch((error: Error) => error.message)).toBeDefined();
    await closed;
    await expect(door.open()).rejects.toThrow(/ECONNREFUSED/);
  });

  it('is not held up by a client that never speaks TLS', async () => {
    const { certificate } = await certificates();
    const door = await startDoor({ tls: 'implicit' }, { certificate });
    const silent = connect(door.server.port, '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    const gone = once(silent, 'close');
    await door.server.close(1_000);
    await gone;
  });
});

describe('a port that is taken', () => {
  it('is named with its door and what to do', async () => {
    const door = await startDoor();
    const again = startSmtpServer(
      {
        door: 'smtp',
        hostname: '',
        greeting: '',
        tls: 'none',
        startTls: 'off',
        auth: 'optional',
        messageBytesMax: 0,
        recipientsMax: 1,
        connectionsMax: 1,
        idleMsMax: 1,
        refusalsMax: 1,
      },
      {
        clock: fakeClock(),
        newId: () => '',
        certificate: null,
        authenticate: () => null,
        room: () => new Uint8Array(1),
        spool: () => Promise.resolve(1),
        unspool: () => undefined,
        message: () => Promise.resolve(replies.ok),
        exchangeEnded: () => undefined,
        challenge: () => '',
      },
      { hosts: ['127.0.0.1'], port: door.server.port },
    );
    await expect(again).rejects.toThrow(AppError);
    await expect(again).rejects.toThrow(`port ${door.server.port} of the door smtp is taken`);
  });
});

describe('TLS', () => {
  it('begins with STARTTLS, and our CA vouches for the server', async () => {
    const { certificate, ca } = await certificates();
    const door = await startDoor(
      { door: 'submission', tls: 'starttls', startTls: 'optional' },
      { certificate },
    );
    const client = await door.open();
    await client.reply();
    expect(await client.say('EHLO me')).toContain('STARTTLS');
    expect(await client.say('STARTTLS')).toMatch(/^220 /);
    await client.upgrade(ca);
    expect(await client.say('MAIL FROM:<a@x>')).toMatch(/^503 /);
    expect(await client.say('EHLO me')).not.toContain('STARTTLS');
    expect(await client.deliver('a@x', ['b@x'], 'secret\r\n')).toMatch(/^250 /);
    await client.quit();
    const [message] = door.received;
    expect(message?.exchange.tls).toMatchObject({ protocol: 'TLSv1.3', servername: 'localhost' });
    expect((await door.exchange()).start.tls?.cipher).toMatch(/^TLS_/);
  });

  it('drops a command that was smuggled in ahead of the handshake', async () => {
    const { certificate, ca } = await certificates();
    const door = await startDoor({ tls: 'starttls', startTls: 'optional' }, { certificate });
    const client = await door.open();
    await client.reply();
    await client.say('EHLO me');
    client.write('STARTTLS\r\nEHLO injected\r\nMAIL FROM:<evil@x>\r\n');
    expect(await client.reply()).toMatch(/^220 /);
    await client.upgrade(ca);
    expect(await client.say('RCPT TO:<b@x>'), 'nothing injected was taken as said').toMatch(/^503 /);
    client.destroy();
    expect((await door.exchange()).transcript).not.toContain('injected');
  });

  it('may be there from the first byte', async () => {
    const { certificate, ca } = await certificates();
    const door = await startDoor({ door: 'smtps', tls: 'implicit' }, { certificate });
    const client = await openSmtps(door.server.port, ca, '127.0.0.1');
    expect(await client.reply()).toMatch(/^220 /);
    expect(await client.say('EHLO me')).not.toContain('STARTTLS');
    expect(await client.deliver('a@x', ['b@x'], 'secret\r\n')).toMatch(/^250 /);
    await client.quit();
    expect((await door.exchange()).start.tls?.protocol).toBe('TLSv1.3');
  });

  it('is refused by a client that does not trust our CA', async () => {
    const { certificate } = await certificates();
    const door = await startDoor({ tls: 'implicit' }, { certificate });
    const socket = connectTls({ port: door.server.port, host: '127.0.0.1', servername: 'localhost' });
    const [error] = await once(socket, 'error');
    expect(String(error.code)).toMatch(/SELF_SIGNED|UNABLE_TO/);
  });
});

describe('the exchange', () => {
  it('of a session that handed over messages says how many', async () => {
    const door = await startDoor();
    const client = await door.open();
    await client.reply();
    await client.say('EHLO app.example');
    await client.say('AUTH PLAIN AHNob3AAczNjcmV0');
    await client.deliver('a@x', ['b@x'], 'one\r\n');
    await client.deliver('a@x', ['b@x'], 'two\r\n');
    door.clock.advance(1_500);
    await client.quit();
    const end = await door.exchange();
    expect(end).toMatchObject({ outcome: 'accepted', messages: 2, refusals: 0, reason: null });
    expect(end.start).toMatchObject({
      id: 'exchange-1',
      clientName: 'app.example',
      user: 'shop',
      kind: 'smtp',
      door: 'smtp',
    });
    expect(end.endedAtMs - end.start.startedAtMs).toBe(1_500);
    expect(end.bytesIn).toBeGreaterThan(100);
    expect(end.bytesOut).toBeGreaterThan(100);
  });

  it('is kept when everything was refused, with the reason', async () => {
    const door = await startDoor();
    const client = await door.open();
    await client.reply();
    await client.say('EHLO me');
    await client.say('MAIL FROM:<a b@x>');
    await client.quit();
    const end = await door.exchange();
    expect(end).toMatchObject({ outcome: 'refused', messages: 0, refusals: 1 });
    expect(end.reason).toBe('553 5.1.7 The sender address is malformed');
    expect(end.transcript).toContain('C 0 MAIL FROM:<a b@x>\nS 0 553 5.1.7');
  });

  it('is kept when the client goes away in the middle of a message', async () => {
    const door = await startDoor();
    const client = await door.open();
    await client.reply();
    client.write('EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nhalf of it');
    while (!(await client.reply()).startsWith('354'));
    client.destroy();
    const end = await door.exchange();
    expect(end.outcome).toBe('aborted');
    expect(end.reason).toContain('middle of a message');
    expect(end.transcript).toContain('without QUIT');
    expect(door.received).toEqual([]);
  });

  it('is kept when nothing was said at all', async () => {
    const door = await startDoor();
    const client = await door.open();
    await client.reply();
    client.destroy();
    expect((await door.exchange()).outcome).toBe('empty');
  });
});

it('answers a client that closes its side right behind its last word', async () => {
  const committed = async (): Promise<Reply> => {
    for (let turn = 0; turn < 20; turn++) await settled();
    return reply(250, '2.0.0', 'OK: stored');
  };
  const door = await startDoor({}, { message: committed });
  const socket = connect({ port: door.server.port, host: '127.0.0.1', allowHalfOpen: true });
  let said = '';
  socket.on('data', (chunk) => {
    said += String(chunk);
  });
  socket.end('EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n');
  await once(socket, 'close');
  expect(said).toContain('250 2.0.0 OK: stored');
  expect(said).toContain('221 ');
});
