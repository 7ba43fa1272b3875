import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import nodemailer from 'nodemailer';
import { describe, expect, it } from 'vitest';
import type { Action, Point } from '../../../../core/rules/schema.ts';
import { findProgram, run } from '../../../run-program.ts';
import type { SmtpClient } from '../../../smtp-client.ts';
import { settled } from '../../doors/smtp/wire.ts';
import { type DoorWorld, openDoorWorld, scriptedDesk, type WorldOptions } from './door-world.ts';

const from = 'app@example.com';
const to = 'jane@gmail.com';
const content = 'From: app@example.com\r\nSubject: hello\r\nMessage-ID: <1@example.com>\r\n\r\nbody\r\n';
const by = 'by the rule “test”';

const at = (point: Point, action: Action, options: WorldOptions = {}): Promise<DoorWorld> =>
  openDoorWorld(scriptedDesk({ point, action }), options);

/** What a client says to get to each point, whose answer is the one that counts. */
const saidBefore: Readonly<Record<string, readonly string[]>> = {
  connect: [],
  ehlo: [],
  mail: ['EHLO me'],
  rcpt: ['EHLO me', `MAIL FROM:<${from}>`],
  data: ['EHLO me', `MAIL FROM:<${from}>`, `RCPT TO:<${to}>`],
  endOfData: ['EHLO me', `MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA'],
};
const saidAt: Readonly<Record<string, string>> = {
  ehlo: 'EHLO me',
  mail: `MAIL FROM:<${from}>`,
  rcpt: `RCPT TO:<${to}>`,
  data: 'DATA',
  endOfData: `${content}.`,
};
const usual: Readonly<Record<string, string>> = {
  connect: '220',
  ehlo: '250',
  mail: '250',
  rcpt: '250',
  data: '354',
  endOfData: '250',
};
const replyPoints = ['connect', 'ehlo', 'mail', 'rcpt', 'data', 'endOfData'] as const;

/** Goes as far as just before the point. */
async function before(world: DoorWorld, point: string): Promise<SmtpClient> {
  const client = await world.connect();
  if (point === 'connect') return client;
  await client.reply();
  for (const line of saidBefore[point] ?? []) await client.say(line);
  return client;
}

function come(client: SmtpClient, point: string): Promise<string> {
  const line = saidAt[point];
  return line === undefined ? client.reply() : client.say(line);
}

describe.each(replyPoints)('at %s', (point) => {
  it('a rule refuses, in its words', async () => {
    const text = 'No {recipient}\nsee {host}';
    const world = await at(point, { do: 'reject', code: 550, enhanced: '5.7.1', text });
    const client = await before(world, point);
    const named = ['rcpt', 'data', 'endOfData'].includes(point) ? to : '';
    expect(await come(client, point)).toBe(`550-5.7.1 No ${named}\n550 5.7.1 see mx.test`);
    if (point === 'connect') await client.closed;
    else await client.quit();
    const exchange = await world.exchange();
    expect(exchange).toMatchObject({ outcome: 'refused', messages: 0 });
    expect(exchange.reason).toContain(by);
    expect(exchange.transcript).toContain(`that was said ${by}`);
    expect(exchange.transcript, 'the whole of it').toContain(
      '220 mx.test'.slice(0, point === 'connect' ? 0 : 11),
    );
    expect(await world.messages()).toEqual([]);
    expect(world.store.counts()).toMatchObject({ messages: 0 });
  });

  it('a rule puts off; with 421 the connection closes', async () => {
    const world = await at(point, { do: 'defer', code: 421, enhanced: '4.7.0', text: 'Not now' });
    const client = await before(world, point);
    expect(await come(client, point)).toBe('421 4.7.0 Not now');
    await client.closed;
    expect((await world.exchange()).outcome).toBe('refused');
    expect(await world.messages()).toEqual([]);
  });

  it('a rule answers late, and what is pipelined behind waits in its order', async () => {
    const world = await at(point, { do: 'delay', ms: 30_000 }, { idleMsMax: 10_000 });
    const client = await before(world, point);
    const line = saidAt[point];
    client.write(`${line === undefined ? '' : `${line}\r\n`}${point === 'data' ? '' : 'NOOP\r\n'}`);
    await heldBack(world);
    world.clock.advance(29_999);
    await settled();
    const answers: string[] = [];
    const hear = client.reply().then((one) => answers.push(one));
    await settled();
    expect(answers, 'nothing before its time, and nobody is idle').toEqual([]);
    world.clock.advance(1);
    await hear;
    expect(answers[0]?.slice(0, 3)).toBe(usual[point]);
    if (point !== 'data') expect(await client.reply()).toBe('250 2.0.0 OK');
    world.clock.advance(5_000);
    if (point === 'data') expect(await client.say(`${content}.`)).toMatch(/^250 /);
    await client.quit();
    const exchange = await world.exchange();
    expect(exchange.transcript).toContain(`the answer comes 30000 ms late, ${by}`);
    expect(world.clock.waiting, 'only the sweeps of the doors wait').toBe(3);
  });

  it('a client that leaves while its answer is held back is told nothing, and nothing is kept', async () => {
    const world = await at(point, { do: 'delay', ms: 30_000 });
    const client = await before(world, point);
    if (saidAt[point] !== undefined) client.write(`${saidAt[point]}\r\n`);
    await heldBack(world);
    client.destroy();
    const exchange = await world.exchange();
    expect(exchange).toMatchObject({ outcome: 'aborted', messages: 0 });
    expect(exchange.reason).toBe(`the client went away while its answer was held back (${by})`);
    world.clock.advance(30_000);
    await settled();
    expect(await world.messages()).toEqual([]);
    expect(world.clock.waiting).toBe(3);
  });

  it('a rule cuts the connection', async () => {
    const world = await at(point, { do: 'disconnect', at: point });
    const client = await before(world, point);
    await expect(come(client, point)).rejects.toThrow();
    await client.closed;
    const exchange = await world.exchange();
    const midway = ['rcpt', 'data', 'endOfData'].includes(point);
    expect(exchange.outcome).toBe(midway ? 'aborted' : 'refused');
    expect(exchange.reason).toBe(`the connection was cut (${by})`);
    expect(exchange.transcript).toContain(`the connection is cut without a word, ${by}`);
    expect(await world.messages()).toEqual([]);
  });
});

/** The three sweeps wait, and one answer. */
async function heldBack(world: DoorWorld): Promise<void> {
  while (world.clock.waiting < 4) await settled();
}

describe('in the middle of DATA', () => {
  it.each([0, 40, 10_000])('a rule cuts the connection after %i bytes', async (afterBytes) => {
    const world = await at('midData', { do: 'disconnect', at: 'midData', afterBytes });
    const client = await before(world, 'endOfData');
    client.write(`Subject: x\r\n\r\n${'line of text\r\n'.repeat(2_000)}`);
    await client.closed;
    const exchange = await world.exchange();
    expect(exchange).toMatchObject({ outcome: 'aborted', messages: 0 });
    expect(exchange.reason).toBe(`the connection was cut (${by})`);
    expect(await world.messages()).toEqual([]);
  });

  it('a message that is shorter than that comes through', async () => {
    const world = await at('midData', { do: 'disconnect', at: 'midData', afterBytes: 100_000 });
    const client = await world.smtp();
    expect(await client.deliver(from, [to], content)).toMatch(/^250 /);
    await client.quit();
    expect(await world.messages()).toHaveLength(1);
  });

  it('one that came to its end in the same packet is cut all the same', async () => {
    const world = await at('midData', { do: 'disconnect', at: 'midData', afterBytes: 10 });
    const client = await world.smtp();
    client.write(`MAIL FROM:<${from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n${content}.\r\nQUIT\r\n`);
    await client.closed;
    expect((await world.exchange()).outcome).toBe('aborted');
    expect(await world.messages()).toEqual([]);
  });
});

describe('a connection refused', () => {
  it.each(['smtp', 'smtps'] as const)('is reset at the door %s, before anything is said', async (door) => {
    const world = await at('connect', { do: 'refuseConnection', how: 'reset', code: 554, text: 'No' });
    const socket = connect(world.port(door), '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    const exchange = await world.exchange();
    expect(exchange).toMatchObject({ door, outcome: 'refused', reason: `the connection was reset (${by})` });
  });

  it.each([421, 554] as const)('with %i is answered in place of the greeting, and closed', async (code) => {
    const world = await at('connect', { do: 'refuseConnection', how: 'reply', code, text: 'No service' });
    const client = await world.connect();
    expect(await client.reply()).toBe(`${code} No service`);
    await client.closed;
    expect((await world.exchange()).reason).toBe(`${code} No service (${by})`);
  });

  it('with 554 is answered behind the handshake where TLS comes first', async () => {
    const world = await at('connect', {
      do: 'refuseConnection',
      how: 'reply',
      code: 554,
      text: 'No service',
    });
    const client = await world.smtps();
    expect(await client.reply()).toBe('554 No service');
    await client.closed;
  });
});

describe('TLS', () => {
  it('is not offered, and STARTTLS is not known', async () => {
    const world = await at('tls', { do: 'breakTls', how: 'notOffered' });
    const client = await world.connect('submission');
    await client.reply();
    expect(await client.say('EHLO me')).not.toContain('STARTTLS');
    expect(await client.say('STARTTLS')).toBe('502 5.5.1 STARTTLS is not offered at this door');
    await client.quit();
    const exchange = await world.exchange();
    expect(exchange.transcript).toContain(`STARTTLS is not offered, ${by}`);
    expect(exchange.reason).toContain(by);
  });

  it('is offered and refused; the session goes on', async () => {
    const world = await at('tls', { do: 'breakTls', how: 'refuse' });
    const client = await world.connect('submission');
    await client.reply();
    expect(await client.say('EHLO me')).toContain('STARTTLS');
    expect(await client.say('STARTTLS')).toBe('454 4.7.0 TLS not available due to a temporary reason');
    expect(await client.say('NOOP')).toMatch(/^250 /);
    expect(
      world.desk.asked.filter(({ point }) => point === 'tls'),
      'one occasion',
    ).toHaveLength(1);
    await client.quit();
  });

  it('is cut behind the 220', async () => {
    const world = await at('tls', { do: 'breakTls', how: 'cut' });
    const client = await world.connect('submission');
    await client.reply();
    await client.say('EHLO me');
    expect(await client.say('STARTTLS')).toMatch(/^220 /);
    await client.closed;
    expect((await world.exchange()).reason).toBe(`the connection was cut (${by})`);
  });

  it('works again as soon as the rule is gone, on the same connection', async () => {
    const world = await at('tls', { do: 'breakTls', how: 'refuse' });
    const client = await world.connect('submission');
    await client.reply();
    await client.say('EHLO me');
    world.desk.script = [];
    expect(await client.say('STARTTLS')).toMatch(/^220 /);
    await client.upgrade(world.ca);
    expect(await client.say('EHLO me')).toMatch(/^250/);
    await client.quit();
  });

  it.each(['notOffered', 'refuse', 'cut'] as const)(
    'is cut before the handshake at the door that begins with it (%s)',
    async (how) => {
      const world = await at('tls', { do: 'breakTls', how });
      const socket = connectTls({ port: world.port('smtps'), host: '127.0.0.1', ca: world.ca });
      await once(socket, 'error');
      const exchange = await world.exchange();
      expect(exchange).toMatchObject({ door: 'smtps', outcome: 'refused', tls: null });
      expect(exchange.reason).toBe(`the connection was cut (${by})`);
    },
  );
});

describe('AUTH', () => {
  const plain = `AUTH PLAIN ${Buffer.from('\0jane\0secret').toString('base64')}`;

  it('is refused, and the credentials stay masked', async () => {
    const world = await at('auth', {
      do: 'refuseAuth',
      code: 535,
      enhanced: '5.7.8',
      text: 'Wrong password',
    });
    const client = await world.smtp();
    expect(await client.say(plain)).toBe('535 5.7.8 Wrong password');
    expect(await client.say('NOOP')).toMatch(/^250 /);
    await client.quit();
    const exchange = await world.exchange();
    expect(exchange.reason).toBe(`535 5.7.8 Wrong password (${by})`);
    expect(exchange.transcript).toContain('user name: jane');
    expect(exchange.transcript).not.toContain('c2VjcmV0');
  });

  it('is refused with 421, which closes', async () => {
    const world = await at('auth', { do: 'refuseAuth', code: 421, text: 'Later' });
    const client = await world.smtp();
    expect(await client.say(plain)).toBe('421 Later');
    await client.closed;
  });
});

describe('a slow line', () => {
  it.each(['smtp', 'submission', 'smtps'] as const)(
    'lets bytes through at its pace, both ways, at the door %s',
    async (door) => {
      const world = await at('rcpt', { do: 'slow', bytesPerSecond: 1_000 }, { idleMsMax: 5_000 });
      const client = door === 'smtps' ? await world.smtps() : await world.connect(door);
      await client.reply();
      await client.say('EHLO me');
      if (door === 'submission') {
        await client.say('STARTTLS');
        await client.upgrade(world.ca);
        await client.say('EHLO me');
      }
      await client.say(`MAIL FROM:<${from}>`);
      const startMs = world.clock.monotonicMs();
      const body = `${content}${'0123456789abc\r\n'.repeat(800)}`;
      const sent = (async () => {
        await client.say(`RCPT TO:<${to}>`);
        expect(await client.say('DATA')).toMatch(/^354/);
        return client.say(`${body}.`);
      })();
      const answer = await whileTimePasses(world, sent);
      expect(answer).toMatch(/^250 /);
      const tookMs = world.clock.monotonicMs() - startMs;
      expect(tookMs).toBeGreaterThanOrEqual(body.length);
      expect((await world.messages())[0]?.bytes).toBe(body.length);
      await whileTimePasses(world, client.quit());
      const exchange = await world.exchange();
      expect(exchange.transcript).toContain(`1000 bytes a second from here on, ${by}`);
      expect(exchange.outcome).toBe('accepted');
    },
  );
});

/** Moves the clock in small steps until it is done. */
async function whileTimePasses<T>(world: DoorWorld, work: Promise<T>): Promise<T> {
  let done = false;
  const mark = (): void => {
    done = true;
  };
  work.then(mark, mark);
  while (!done) {
    world.clock.advance(50);
    await settled();
  }
  return work;
}

describe('several recipients', () => {
  it('one that ends differently behind DATA is told to come in a transaction of its own', async () => {
    const world = await openDoorWorld(
      scriptedDesk({
        point: 'endOfData',
        action: { do: 'reject', code: 554, text: 'No' },
        when: ({ recipient }) => recipient?.endsWith('@bad.example') === true,
      }),
    );
    const client = await world.smtp();
    await client.say(`MAIL FROM:<${from}>`);
    expect(await client.say('RCPT TO:<a@good.example>')).toMatch(/^250 /);
    expect(await client.say('RCPT TO:<b@bad.example>')).toMatch(/^452 4\.5\.3 .*transaction of its own$/);
    expect(await client.say('RCPT TO:<c@good.example>')).toMatch(/^250 /);
    await client.say('DATA');
    expect(await client.say(`${content}.`)).toMatch(/^250 /);
    expect(await client.deliver(from, ['b@bad.example'], content)).toBe('554 No');
    await client.quit();
    const messages = await world.messages();
    expect(messages.map((one) => one.envelopeTo)).toEqual([['a@good.example', 'c@good.example']]);
  });
});

describe('what is taken', () => {
  const taken = async (...actions: readonly Action[]) => {
    const world = await openDoorWorld(
      scriptedDesk(...actions.map((action) => ({ point: 'accepted' as const, action }))),
    );
    const client = await world.smtp();
    expect(await client.deliver(from, [to], content)).toMatch(/^250 /);
    await client.quit();
    const [message] = await world.messages();
    const { entries } = await world.store.deliveries({ ...everyDelivery }, { after: null, limit: 10 });
    return { world, message, deliveries: entries };
  };

  it('is held, is released, and goes on with its full lifetime', async () => {
    const { world, deliveries } = await taken({ do: 'hold', reason: 'wait for Monday' });
    const [held] = deliveries;
    expect(held).toMatchObject({
      status: 'queued',
      substatus: 'held',
      nextAttemptAtMs: null,
      reason: `held ${by}: wait for Monday`,
    });
    const laterMs = (held?.createdAtMs ?? 0) + 7 * 86_400_000;
    await world.store.order([held?.id ?? ''], { kind: 'release', nowMs: laterMs, reason: 'by hand' });
    const released = await world.store.delivery(held?.id ?? '');
    expect(released?.delivery).toMatchObject({ status: 'queued', substatus: null, nextAttemptAtMs: laterMs });
    expect((released?.delivery.expiresAtMs ?? 0) - laterMs).toBe(
      (held?.expiresAtMs ?? 0) - (held?.createdAtMs ?? 0),
    );
    expect(await world.store.claim({ nowMs: laterMs, limit: 10 })).toHaveLength(1);
  });

  it('is lost, and nobody is told', async () => {
    const { world, deliveries } = await taken({ do: 'blackHole' });
    expect(deliveries).toMatchObject([{ status: 'sent', substatus: 'unconfirmed', nextAttemptAtMs: null }]);
    expect(deliveries[0]?.reason).toContain(by);
    expect(await world.store.claim({ nowMs: Number.MAX_SAFE_INTEGER, limit: 10 })).toEqual([]);
  });

  it('is delivered several times', async () => {
    const { deliveries } = await taken({ do: 'duplicate', copies: 3 });
    expect(deliveries).toHaveLength(3);
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(3);
    expect(deliveries.every((one) => one.recipient === to && one.status === 'queued')).toBe(true);
  });

  it('goes with orders for the far side', async () => {
    const { message, deliveries, world } = await taken(
      { do: 'place', in: 'spam' },
      { do: 'complain', afterMs: 1_000 },
    );
    expect(deliveries).toMatchObject([{ status: 'queued', substatus: null }]);
    expect(message?.details?.ordered).toMatchObject([
      {
        recipient: to,
        decisions: [
          { action: { do: 'place', in: 'spam' }, cause: { label: 'test' } },
          { action: { do: 'complain', afterMs: 1_000 } },
        ],
      },
    ]);
    const asked = world.desk.asked.find(({ point }) => point === 'accepted');
    expect(asked?.facts).toMatchObject({ messageId: message?.id, recipient: to, provider: 'gmail' });
  });

  it('is only captured where nothing is delivered', async () => {
    const desk = scriptedDesk({ point: 'accepted', action: { do: 'hold' } });
    const world = await openDoorWorld(desk, { deliver: false });
    const client = await world.smtp();
    expect(await client.deliver(from, [to], content)).toMatch(/^250 /);
    await client.quit();
    const [message] = await world.messages();
    expect(message?.details?.ordered).toBeUndefined();
    expect(desk.asked).toHaveLength(1);
  });
});

const everyDelivery = {
  ids: null,
  carriage: null,
  recipientContains: null,
  waitsFor: null,
  tag: null,
  messageId: null,
  status: null,
  substatus: null,
  domain: null,
  provider: null,
  stream: null,
  project: null,
  recipient: null,
} as const;

describe('what the rules are told', () => {
  it('is what is known at each moment', async () => {
    const never = { do: 'delay', ms: 1 } as const;
    const points = ['connect', 'ehlo', 'mail', 'rcpt', 'data', 'midData', 'endOfData', 'accepted'] as const;
    const desk = scriptedDesk(...points.map((point) => ({ point, action: never, when: () => false })));
    const world = await openDoorWorld(desk);
    const client = await world.smtp();
    const tagged = `X-Tags: one, two ,one,\r\n${content}`;
    await client.deliver(from, [to], tagged);
    await client.quit();
    const { id } = await world.exchange();
    expect(desk.asked.map(({ point }) => point)).toEqual(points);
    const facts = new Map(desk.asked.map((one) => [one.point, one.facts]));
    const base = { channel: 'email', door: 'smtp', exchangeId: id };
    expect(facts.get('connect')).toEqual({ ...base, tryKey: '127.0.0.1' });
    expect(facts.get('mail')).toEqual({ ...base, tryKey: '127.0.0.1', sender: from });
    expect(facts.get('rcpt')).toEqual({
      ...base,
      tryKey: `${from}\0${to}`,
      sender: from,
      recipient: to,
      provider: 'gmail',
    });
    expect(facts.get('endOfData')).toMatchObject({
      tryKey: `${from}\0${to}\0<1@example.com>`,
      tags: ['one', 'two'],
      bytes: tagged.length,
      headers: tagged.slice(0, tagged.indexOf('\r\n\r\n') + 2),
    });
    const [message] = await world.messages();
    expect(message?.tags).toEqual(['one', 'two']);
    expect(facts.get('accepted')).toMatchObject({ messageId: message?.id });
  });

  it('holds the words of the body and what is attached, where a rule asks for them', async () => {
    const desk = scriptedDesk({
      point: 'endOfData',
      action: { do: 'reject', code: 554, text: 'No secrets' },
      when: (facts) => facts.content?.text.includes('secret word') === true,
    });
    desk.asksContent = true;
    const world = await openDoorWorld(desk);
    const client = await world.smtp();
    const mail = (text: string): string =>
      `Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(text).toString('base64')}\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\n${'x'.repeat(1_500_000).replace(/.{76}/g, '$&\r\n')}\r\n--b--\r\n`;
    expect(await client.deliver(from, [to], mail('the secret word'))).toBe('554 No secrets');
    expect(await client.deliver(from, [to], mail('nothing'))).toMatch(/^250 /);
    await client.quit();
    expect(desk.asked[0]?.facts.content?.attachments).toMatchObject([
      { name: 'a.pdf', type: 'application/pdf' },
    ]);
    expect(await world.messages()).toHaveLength(1);
    expect(world.problems).toEqual([]);
  });

  it('lacks a body that cannot be read in time: the message is taken, and the problem told', async () => {
    const desk = scriptedDesk({
      point: 'endOfData',
      action: { do: 'reject', code: 554, text: 'No' },
      when: (facts) => facts.content !== undefined,
    });
    desk.asksContent = true;
    const world = await openDoorWorld(desk, { contentMsMax: 0 });
    const client = await world.smtp();
    const large = `Content-Type: text/html\r\n\r\n${'<p>word</p>\r\n'.repeat(200_000)}`;
    expect(await client.deliver(from, [to], large)).toMatch(/^250 /);
    await client.quit();
    expect(world.problems[0]).toContain('could not be read for the rules');
  });

  it('a client that leaves while the body is read is told nothing, and nothing is kept', async () => {
    let readOn: () => void = () => undefined;
    let begun: () => void = () => undefined;
    const reading = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const desk = scriptedDesk({ point: 'accepted', action: { do: 'hold' } });
    desk.asksContent = true;
    const world = await openDoorWorld(desk, {
      contentOf: () =>
        new Promise((resolve) => {
          readOn = () => resolve({ text: '', attachments: [] });
          begun();
        }),
    });
    const socket = connect(world.port('smtp'), '127.0.0.1');
    socket.resume();
    socket.write(
      ['EHLO me', `MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA', `${content}.`, ''].join('\r\n'),
    );
    await reading;
    socket.resetAndDestroy();
    await world.exchange();
    readOn();
    await settled();
    expect(await world.messages()).toEqual([]);
  });

  it('is asked afresh: a set that is replaced holds for the next command', async () => {
    const world = await at('rcpt', { do: 'reject', code: 550, text: 'No' });
    const client = await world.smtp();
    await client.say(`MAIL FROM:<${from}>`);
    expect(await client.say(`RCPT TO:<${to}>`)).toBe('550 No');
    world.desk.script = [];
    expect(await client.say(`RCPT TO:<${to}>`)).toMatch(/^250 /);
    world.desk.script = [{ point: 'data', action: { do: 'reject', code: 554, text: 'Not so' } }];
    expect(await client.say('DATA')).toBe('554 Not so');
    await client.quit();
  });

  it('names a magic address by its tag', async () => {
    const world = await openDoorWorld(
      scriptedDesk({
        point: 'rcpt',
        action: { do: 'reject', code: 550, text: 'No' },
        label: '+reject',
        magic: true,
      }),
    );
    const client = await world.smtp();
    await client.say(`MAIL FROM:<${from}>`);
    await client.say('RCPT TO:<jane+reject@example.com>');
    await client.quit();
    expect((await world.exchange()).reason).toBe('550 No (by the magic address +reject)');
  });
});

describe('limits', () => {
  it('a delay is cut at a quarter of an hour', async () => {
    const world = await at('mail', { do: 'delay', ms: 86_400_000 });
    const client = await world.smtp();
    client.write(`MAIL FROM:<${from}>\r\n`);
    await heldBack(world);
    world.clock.advance(15 * 60_000);
    expect(await client.reply()).toMatch(/^250 /);
    await client.quit();
  });

  it('a door that closes does not wait for answers that are held back, and keeps nothing of them', async () => {
    const world = await at('endOfData', { do: 'delay', ms: 600_000 });
    const client = await before(world, 'endOfData');
    client.write(`${content}.\r\n`);
    await heldBack(world);
    const answer = client.reply();
    const closing = world.doors.close(5_000);
    expect(await answer).toMatch(/^421 4\.3\.2 Shutting down/);
    await closing;
    expect(await world.messages()).toEqual([]);
  });

  it('refusals on purpose are no faults of the client', async () => {
    const world = await at('rcpt', { do: 'reject', code: 550, text: 'No' });
    const client = await world.smtp();
    await client.say(`MAIL FROM:<${from}>`);
    for (let n = 0; n < 60; n++) expect(await client.say(`RCPT TO:<${to}>`)).toBe('550 No');
    await client.quit();
  });

  it('what is sent ahead of a held-back answer is read so far and no further', async () => {
    const world = await at('mail', { do: 'delay', ms: 1_000 });
    const client = await world.smtp();
    client.write(`MAIL FROM:<${from}>\r\n${'NOOP\r\n'.repeat(40_000)}`);
    await heldBack(world);
    world.clock.advance(1_000);
    for (let n = 0; n < 40_001; n++) expect(await client.reply()).toMatch(/^250 /);
    client.destroy();
  });
});

describe('nodemailer', () => {
  const sending = async (point: Point, action: Action, more: Record<string, unknown> = {}) => {
    const world = await at(point, action, { realTime: true });
    const transport = nodemailer.createTransport({ host: '127.0.0.1', port: world.port('smtp'), ...more });
    const sent = await transport
      .sendMail({ from, to, subject: 'x', text: 'text\n'.repeat(1_000) })
      .then(({ response }: { readonly response: string }) => response)
      .catch((error: Error & { readonly code?: string }) => `${error.code}: ${error.message}`);
    return { world, sent };
  };

  it.each<readonly [string, Point, Action, string, number]>([
    [
      'reject',
      'rcpt',
      { do: 'reject', code: 550, enhanced: '5.1.1', text: 'No such user' },
      'EENVELOPE: ',
      0,
    ],
    ['defer', 'endOfData', { do: 'defer', code: 451, enhanced: '4.7.1', text: 'Later' }, 'EMESSAGE: ', 0],
    ['disconnect mid-DATA', 'midData', { do: 'disconnect', at: 'midData', afterBytes: 500 }, 'E', 0],
    ['disconnect behind the dot', 'endOfData', { do: 'disconnect', at: 'endOfData' }, 'ECONN', 0],
    ['refuseConnection', 'connect', { do: 'refuseConnection', how: 'reset', code: 554, text: 'No' }, 'E', 0],
    ['delay', 'endOfData', { do: 'delay', ms: 20 }, '250 2.0.0 OK', 1],
    ['slow', 'rcpt', { do: 'slow', bytesPerSecond: 100_000 }, '250 2.0.0 OK', 1],
    ['hold', 'accepted', { do: 'hold' }, '250 2.0.0 OK', 1],
  ])('meets %s', async (_name, point, action, said, kept) => {
    const { world, sent } = await sending(point, action);
    expect(sent.startsWith(said), sent).toBe(true);
    expect(await world.messages()).toHaveLength(kept);
  });

  it('meets AUTH that is refused, and TLS that is broken', async () => {
    const refused = await sending(
      'auth',
      { do: 'refuseAuth', code: 535, text: 'Wrong' },
      { auth: { user: 'u', pass: 'p' } },
    );
    expect(refused.sent).toMatch(/^EAUTH/);
    const world = await at('tls', { do: 'breakTls', how: 'cut' }, { realTime: true });
    const transport = nodemailer.createTransport({
      host: '127.0.0.1',
      port: world.port('submission'),
      requireTLS: true,
      tls: { ca: world.ca },
    });
    await expect(transport.sendMail({ from, to, text: 'x' })).rejects.toThrow();
    expect(await world.messages()).toEqual([]);
  });
});

describe('other clients', () => {
  it.skipIf(findProgram('swaks') === null)(
    'swaks is told the words of a rule (skipped without swaks)',
    async () => {
      const world = await at('rcpt', { do: 'reject', code: 550, enhanced: '5.1.1', text: 'No\nsuch user' });
      const ran = await run('swaks', [
        ...['--server', `127.0.0.1:${world.port('smtp')}`],
        ...['--from', from, '--to', to],
      ]);
      expect(ran.stdout).toContain('550-5.1.1 No');
      expect(ran.stdout).toContain('550 5.1.1 such user');
      expect(ran.code).not.toBe(0);
    },
  );

  it.skipIf(findProgram('python3') === null)(
    'smtplib is cut off behind the dot (skipped without python3)',
    async () => {
      const world = await at('endOfData', { do: 'disconnect', at: 'endOfData' });
      const script = `
import smtplib, sys
try:
    with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as client:
        client.sendmail('${from}', ['${to}'], b'Subject: x\\r\\n\\r\\nx\\r\\n')
except smtplib.SMTPServerDisconnected as error:
    print('disconnected')
`;
      const ran = await run('python3', ['-c', script, String(world.port('smtp'))]);
      expect(ran.stdout.trim()).toBe('disconnected');
      expect(await world.messages()).toEqual([]);
    },
  );
});
