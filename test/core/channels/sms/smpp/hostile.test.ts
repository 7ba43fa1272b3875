/** Garbage, lies about lengths, floods and silence: the SMPP door goes on. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseSubmit } from '../../../../../core/channels/sms/smpp/parse.ts';
import { commandIds, encodePdu, type Field, PduReader } from '../../../../../core/channels/sms/smpp/pdu.ts';
import { shownPdu } from '../../../../../core/channels/sms/smpp/transcript.ts';
import { smppWorld } from './smpp-world.ts';

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return socket;
}

function header(length: number, id: number, sequence: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(id, 4);
  bytes.writeUInt32BE(sequence, 12);
  return bytes;
}

const bind = encodePdu('bind_transceiver', {
  sequence: 1,
  fields: [
    { text: 'app' },
    { text: 'secret' },
    { text: '' },
    { integer: 0x34 },
    { integer: 0 },
    { integer: 0 },
    { text: '' },
  ],
});

function submit(sequence: number, text: string): Buffer {
  const address = (of: string): readonly Field[] => [{ integer: 1 }, { integer: 1 }, { text: of }];
  return encodePdu('submit_sm', {
    sequence,
    fields: [
      { text: '' },
      ...address('447700900001'),
      ...address('447700900123'),
      { integer: 0 },
      { integer: 0 },
      { integer: 0 },
      { text: '' },
      { text: '' },
      { integer: 0 },
      { integer: 0 },
      { integer: 0 },
      { integer: 0 },
      { integer: text.length },
      { octets: Buffer.from(text) },
    ],
  });
}

/** Units that came back, as `name status`. */
function listen(socket: Socket): {
  readonly heard: string[];
  readonly until: (count: number) => Promise<void>;
} {
  const reader = new PduReader(100_000);
  const heard: string[] = [];
  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    for (let unit = reader.next(); unit !== null; unit = reader.next())
      heard.push('why' in unit ? unit.why : shownPdu(unit));
  });
  return {
    heard,
    async until(count) {
      while (heard.length < count) await once(socket, 'data');
    },
  };
}

describe('a unit that lies', () => {
  it.each([
    ['4 GB', header(0xffff_ffff, commandIds.submit_sm, 7)],
    ['less than a header', header(15, commandIds.submit_sm, 7)],
    ['nothing', header(0, 0, 7)],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ])('about its length (%s) gets a generic_nack, and the connection ends', async (_what, bytes) => {
    const world = await smppWorld();
    const socket = await dial(world.door.port);
    const { heard } = listen(socket);
    socket.write(bytes);
    await once(socket, 'close');
    expect(heard).toEqual([expect.stringContaining('generic_nack')]);
    expect(heard[0]).toContain('ESME_RINVCMDLEN');
    expect(await world.exchange(0)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('command_length'),
    });
    const next = await world.bound();
    expect(await next.submit()).toMatchObject({ command_status: 0 });
  });

  it('about its fields is refused, and the session goes on', async () => {
    const world = await smppWorld();
    const socket = await dial(world.door.port);
    const { heard, until } = listen(socket);
    const whole = submit(2, 'Hello');
    const cut = Buffer.concat([whole.subarray(0, 30)]);
    cut.writeUInt32BE(cut.length, 0);
    const long = Buffer.from(whole);
    // sm_length says more than there is.
    long[long.length - 6] = 200;
    const unknown = header(16, 0x4711, 4);
    socket.write(Buffer.concat([bind, cut, long, unknown, submit(5, 'Hello')]));
    await until(5);
    expect(heard).toHaveLength(5);
    expect(heard).toEqual(
      expect.arrayContaining([
        'bind_transceiver_resp sequence=1 ESME_ROK system_id=sandpost',
        'submit_sm_resp sequence=2 ESME_RINVCMDLEN',
        'submit_sm_resp sequence=2 ESME_RINVMSGLEN',
        'generic_nack sequence=4 ESME_RINVCMDID',
        expect.stringMatching(/^submit_sm_resp sequence=5 ESME_ROK message_id=/),
      ]),
    );
    expect(world.accepted).toHaveLength(1);
  });
});

describe('a client', () => {
  it('that sends byte by byte is understood', async () => {
    const world = await smppWorld();
    const socket = await dial(world.door.port);
    socket.setNoDelay(true);
    const { heard, until } = listen(socket);
    for (const byte of Buffer.concat([bind, submit(2, 'slowly')])) socket.write(Buffer.of(byte));
    await until(2);
    expect(heard[1]).toContain('ESME_ROK');
    expect(world.rows).toMatchObject([{ text: 'slowly' }]);
  });

  it('that stops in the middle of a unit keeps nothing but its connection', async () => {
    const world = await smppWorld();
    const socket = await dial(world.door.port);
    socket.write(Buffer.concat([bind, submit(2, 'half').subarray(0, 20)]));
    await once(socket, 'data');
    socket.destroy();
    expect(await world.exchange(0)).toMatchObject({ outcome: 'empty', messages: 0 });
  });

  it('that never binds is let go', async () => {
    const world = await smppWorld();
    const socket = await dial(world.door.port);
    socket.resume();
    const closed = once(socket, 'close');
    await world.bound();
    world.clock.advance(11_000);
    await closed;
  });

  it('that does not answer enquire_link is let go', async () => {
    const world = await smppWorld();
    const socket = await dial(world.door.port);
    const { heard, until } = listen(socket);
    socket.write(bind);
    await until(1);
    world.clock.advance(61_000);
    await until(2);
    expect(heard[1]).toContain('enquire_link');
    const closed = once(socket, 'close');
    world.clock.advance(31_000);
    await closed;
  });

  it('that floods gets ESME_RTHROTTLED past its window, and its answers to the rest', async () => {
    const world = await smppWorld({ windowMax: 5 });
    const socket = await dial(world.door.port);
    const { heard, until } = listen(socket);
    socket.write(bind);
    await until(1);
    const units = Array.from({ length: 50 }, (_, at) => submit(at + 2, `number ${at}`));
    socket.write(Buffer.concat(units));
    await until(51);
    const taken = heard.filter((line) => line.includes('submit_sm_resp') && line.includes('ESME_ROK'));
    const throttled = heard.filter((line) => line.includes('ESME_RTHROTTLED'));
    expect(taken.length + throttled.length).toBe(50);
    expect(taken.length).toBeGreaterThanOrEqual(5);
    expect(throttled.length).toBeGreaterThan(0);
    expect(world.accepted).toHaveLength(taken.length);
  });

  it('is one too many past the limit of connections, and of binds', async () => {
    const world = await smppWorld({ connectionsMax: 2, bindsMax: 1 });
    await world.bound();
    const second = await world.client();
    expect(await second.ask('bind_transceiver', { system_id: 'app', password: 'x' })).toMatchObject({
      command_status: 0x0d,
    });
    const third = await dial(world.door.port);
    third.resume();
    await once(third, 'close');
    expect(await second.ask('bind_transceiver', { system_id: 'other', password: 'x' })).toMatchObject({
      command_status: 0,
    });
  });

  it('that answers what nobody asked changes nothing', async () => {
    const world = await smppWorld();
    const socket = await dial(world.door.port);
    const { heard, until } = listen(socket);
    const answer = encodePdu('deliver_sm_resp', { sequence: 99, fields: [{ text: '' }] });
    const nack = encodePdu('generic_nack', { sequence: 98, status: 3 });
    socket.write(Buffer.concat([bind, answer, nack, submit(2, 'Hello')]));
    await until(2);
    expect(heard[1]).toContain('submit_sm_resp sequence=2 ESME_ROK');
  });
});

it('never throws at what bytes say, and always says why', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...Object.values(commandIds)),
      (body, id) => {
        const bytes = Buffer.concat([header(16 + body.length, id, 1), body]);
        const pdu = { id, status: 0, sequence: 1, bytes };
        for (const command of ['submit_sm', 'submit_multi', 'data_sm'] as const) {
          const read = parseSubmit(pdu, command);
          if ('why' in read) expect(read.why).not.toBe('');
        }
        expect(shownPdu(pdu).length).toBeLessThan(500);
      },
    ),
  );
});

it('cuts any stream into the same units, however it is chunked', () => {
  const stream = Buffer.concat([bind, submit(2, 'one'), submit(3, 'two'), submit(4, 'three')]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 12 }), (cuts) => {
      const reader = new PduReader(1_000);
      const found: number[] = [];
      const at = [0, ...cuts.toSorted((one, other) => one - other), stream.length];
      for (const [index, start] of at.entries()) {
        reader.push(stream.subarray(start, at[index + 1] ?? stream.length));
        for (let unit = reader.next(); unit !== null; unit = reader.next()) found.push(unit.sequence);
      }
      expect(found).toEqual([1, 2, 3, 4]);
      expect(reader.waiting).toBe(0);
    }),
  );
});
