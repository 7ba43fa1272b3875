import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replies, reply } from '../../../../core/doors/smtp/reply.ts';
import type { Gate } from '../../../../core/doors/smtp/session-ports.ts';
import { parseXclient } from '../../../../core/doors/smtp/xclient.ts';
import { openWire } from './wire.ts';

describe('XCLIENT', () => {
  it.each<[string, ReturnType<typeof parseXclient>]>([
    ['ADDR=192.0.2.1 NAME=mail.example.com', { address: '192.0.2.1', name: 'mail.example.com' }],
    ['addr=IPV6:2001:DB8::1 port=25', { address: '2001:db8::1', port: 25 }],
    ['NAME=[UNAVAILABLE] ADDR=[TEMPUNAVAIL]', { name: null }],
    ['HELO=a+2Db.example PROTO=ESMTP', { helo: 'a-b.example' }],
    ['', null],
    ['ADDR', null],
    ['ADDR=mail.example.com', null],
    ['PORT=70000', null],
    ['PROTO=LMTP', null],
    ['LOGIN=me', null],
    ['HELO=a+0Ab', null],
    ['HELO=a+zz', null],
  ])('%s', (argument, said) => {
    expect(parseXclient(argument)).toEqual(said);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseXclient(text)));
  });

  it('is refused where it is not offered, and within a transaction', async () => {
    const plain = openWire();
    await plain.play(`
      S: 220 …
      C: XCLIENT ADDR=192.0.2.1
      S: 550 5.7.0 XCLIENT is not for this client`);
    const offered = openWire({ xclient: true, extensions: ['8BITMIME'] });
    await offered.play(`
      S: 220 …
      C: EHLO me
      S: 250-mx.test greets me
      S: 250-8BITMIME
      S: 250 XCLIENT NAME ADDR PORT PROTO HELO
      C: MAIL FROM:<a@x> SIZE=9
      S: 555 5.5.4 Parameter not recognised: SIZE
      C: MAIL FROM:<a@x>
      S: 250 2.1.0 OK
      C: XCLIENT ADDR=192.0.2.1
      S: 503 5.5.1 XCLIENT is not allowed during a transaction
      C: RSET
      S: 250 2.0.0 Flushed
      C: XCLIENT ADDR=192.0.2.1 NAME=a.example
      S: 220 mx.test ESMTP Test
      C: MAIL FROM:<a@x>
      S: 503 5.5.1 Send EHLO or HELO first`);
    expect(offered.session.peer).toMatchObject({ address: '192.0.2.1', name: 'a.example', by: 'xclient' });
  });
});

describe('a gate', () => {
  const open: Gate = {
    connect: () => reply(220, null, 'gate ready'),
    hello: () => 'gate says hello',
    mail: () => null,
    recipient: () => null,
    data: () => null,
  };

  it('speaks for the door at every step, and what it refuses leaves no trace', async () => {
    const wire = openWire(
      { auth: 'none', extensions: ['PIPELINING'] },
      {
        gate: {
          ...open,
          mail: (_, from) => (from === 'bad@x' ? reply(550, '5.7.1', 'Not you') : null),
          recipient: (_, to) =>
            to === 'full@x' ? reply(452, '4.2.2', 'Full') : reply(250, '2.1.5', 'Known'),
        },
      },
    );
    await wire.play(`
      S: 220 gate ready
      C: EHLO me
      S: 250-gate says hello
      S: 250 PIPELINING
      C: AUTH PLAIN AGEAYg==
      S: 503 5.5.1 AUTH is not offered at this door
      C: MAIL FROM:<bad@x>
      S: 550 5.7.1 Not you
      C: RCPT TO:<a@x>
      S: 503 5.5.1 Send MAIL first
      C: MAIL FROM:<good@x>
      S: 250 2.1.0 OK
      C: RCPT TO:<full@x>
      S: 452 4.2.2 Full
      C: RCPT TO:<a@x>
      S: 250 2.1.5 Known
      C: DATA
      S: 354 …
      C: .
      S: 250 …`);
    expect(wire.stored[0]?.envelope.to).toEqual(['a@x']);
  });

  it.each(['connect', 'hello', 'mail', 'recipient', 'data'] as const)(
    'hangs up at %s without a word',
    async (step) => {
      const wire = openWire({}, { gate: { ...open, [step]: () => replies.hangUp } });
      const said = await wire.send('EHLO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n');
      expect(wire.ended).toBe(true);
      expect(said).not.toMatch(/^421|^354/m);
    },
  );

  it('hangs up at STARTTLS when that is broken', async () => {
    const wire = openWire({ startTls: 'broken' });
    expect(await wire.send('EHLO me\r\n')).toContain('STARTTLS');
    expect(await wire.send('STARTTLS\r\n')).toMatch(/^220 /);
    expect([wire.ended, wire.tlsStarted]).toEqual([true, false]);
  });
});
