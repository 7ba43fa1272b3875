/**
 * A ledger of what clients were told: whatever rules do, however the bytes are cut, what was acknowledged is stored, byte
 * for byte and as often as it was acknowledged, and nothing else is.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { List, Message } from '../../../core/api/schema.ts';
import type { RuleInput } from '../../../core/rules/schema.ts';
import { onTheWire } from '../../smtp-client.ts';
import { openCore, type TestCore } from '../../start-core.ts';

/** Of the property: enough to meet most pairs of rules, and ended after so long on a busy machine. */
const runs = 120;
const runMsMax = 20_000;
const testMsMax = 120_000;
/** After so many connections a client leaves what is left undone. */
const connectionsMax = 6;

const domains = ['a.example', 'b.example', 'c.example'];
const recipients = domains.flatMap((domain) => [`jane@${domain}`, `joe+tempfail-451-x1@${domain}`]);
const senders = ['app@shop.example', 'news@shop.example'];

const spoken = fc.constantFrom('connect', 'ehlo', 'mail', 'rcpt', 'data', 'endOfData');

/** Codes that close the connection (RFC 5321 §3.8) are among them. */
const actions: fc.Arbitrary<RuleInput['then']> = fc.oneof(
  fc.record({
    do: fc.constant('reject' as const),
    code: fc.constantFrom(550, 552, 554),
    text: fc.constant('No {recipient}\nnot today'),
    at: fc.option(spoken, { nil: undefined }),
    close: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('defer' as const),
    code: fc.constantFrom(421, 450, 451, 452),
    text: fc.constant('Later'),
    at: fc.option(spoken, { nil: undefined }),
    times: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  }),
  fc.record({
    do: fc.constant('disconnect' as const),
    at: fc.constantFrom('connect', 'ehlo', 'mail', 'rcpt', 'data', 'endOfData'),
  }),
  fc.record({
    do: fc.constant('disconnect' as const),
    at: fc.constant('midData' as const),
    afterBytes: fc.integer({ min: 0, max: 3_000 }),
  }),
  fc.record({ do: fc.constant('refuseConnection' as const), how: fc.constantFrom('reset', 'reply') }),
  fc.record({
    do: fc.constant('delay' as const),
    ms: fc.integer({ min: 1, max: 3 }),
    at: fc.option(spoken, { nil: undefined }),
  }),
  fc.record({
    do: fc.constant('slow' as const),
    bytesPerSecond: fc.integer({ min: 1_000_000, max: 10_000_000 }),
  }),
  fc.constant({ do: 'blackHole' as const }),
  fc.constant({ do: 'hold' as const }),
  fc.record({ do: fc.constant('duplicate' as const), copies: fc.integer({ min: 2, max: 3 }) }),
  fc.constant({ do: 'corrupt' as const }),
);

/** Mostly one or two of them: with more, hardly anything is met. */
const conditions: fc.Arbitrary<NonNullable<RuleInput['when']>> = fc
  .array(
    fc.oneof(
      fc.record({ recipient: fc.constantFrom(...recipients) }),
      fc.record({ domain: fc.constantFrom(...domains) }),
      fc.record({ sender: fc.constantFrom(...senders) }),
      fc.record({ subject: fc.constantFrom('invoice', 'hello') }),
      fc.record({ nth: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ everyNth: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ probability: fc.double({ min: 0.1, max: 0.9, noNaN: true }) }),
      fc.record({ rate: fc.record({ moreThan: fc.integer({ min: 1, max: 4 }), perMs: fc.constant(20) }) }),
      fc.record({ atMost: fc.integer({ min: 1, max: 3 }) }),
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((some) => Object.assign({}, ...some));

const rule: fc.Arbitrary<RuleInput> = fc.record({
  stage: fc.constant('door' as const),
  when: conditions,
  then: actions,
});

interface Letter {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly lines: readonly string[];
}

const letter: fc.Arbitrary<Letter> = fc.record({
  from: fc.constantFrom(...senders),
  to: fc.uniqueArray(fc.constantFrom(...recipients), { minLength: 1, maxLength: 3 }),
  subject: fc.constantFrom('invoice', 'hello', 'other'),
  lines: fc.array(fc.constantFrom('', '.', '..', '.x', 'x\n.', 'text', 'y'.repeat(900)), { maxLength: 8 }),
});

interface Client {
  readonly letters: readonly Letter[];
  readonly pipelining: boolean;
  /** Sizes of the pieces that its bytes are written in, again and again. */
  readonly pieces: readonly number[];
}

const client: fc.Arbitrary<Client> = fc.record({
  letters: fc.array(letter, { minLength: 1, maxLength: 4 }),
  pipelining: fc.boolean(),
  pieces: fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 500, max: 5_000 })), {
    minLength: 1,
    maxLength: 6,
  }),
});

let core: TestCore;
let run = 0;

describe('what clients were told', () => {
  beforeAll(async () => {
    core = await openCore(await mkdtemp(join(tmpdir(), 'sandpost-ledger-')));
  });
  afterAll(async () => {
    await core.close();
    await rm(core.dataDir, { recursive: true, force: true });
  });

  it(
    'is what is stored, under any rules, pieces, pipelines and connections',
    async () => {
      let acknowledged = 0;
      let refused = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(rule, { minLength: 1, maxLength: 6 }),
          fc.array(client, { minLength: 1, maxLength: 4 }),
          fc.integer({ min: 0, max: 1_000_000 }),
          async (rules, clients, seed) => {
            await begin(rules, seed);
            const number = ++run;
            const told = (await Promise.all(clients.map((one, at) => send(one, `${number}-${at}`)))).flat();
            acknowledged += told.length;
            refused += clients.flatMap(({ letters }) => letters).length - told.length;
            expect(await listed()).toEqual(told.toSorted(byId));
          },
        ),
        { numRuns: runs, interruptAfterTimeLimit: runMsMax, markInterruptAsFailure: false, verbose: 1 },
      );
      // Rules that let everything through, or nothing, would show nothing.
      expect(acknowledged).toBeGreaterThan(0);
      expect(refused).toBeGreaterThan(0);
    },
    testMsMax,
  );
});

interface Entry {
  readonly id: string;
  readonly to: readonly string[];
  readonly content: string;
}

function byId(one: Entry, other: Entry): number {
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
}

/** A rule that asks for what is not known when it acts is refused with its field: it is left out. */
async function begin(rules: readonly RuleInput[], seed: number): Promise<void> {
  const put = (wanted: readonly RuleInput[]): Promise<Response> =>
    core.get('/v1/rules', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rules: wanted, seed }),
    });
  const first = await put(rules);
  if (first.status === 422) {
    const { errors }: { errors: readonly { readonly field: string }[] } = await first.json();
    const wrong = new Set(errors.map(({ field }) => Number(/^rules\[(\d+)\]/.exec(field)?.[1])));
    expect((await put(rules.filter((_, at) => !wrong.has(at)))).status).toBe(200);
  } else expect(first.status).toBe(200);
  await core.get('/v1/rules/start-over', { method: 'POST' });
  await core.get('/v1/messages?all=true', { method: 'DELETE' });
}

async function listed(): Promise<readonly Entry[]> {
  const { entries } = await core.json<List<Message>>('/v1/messages?limit=500');
  const all = await Promise.all(
    entries.map(async ({ id, envelope }) => ({
      id,
      to: envelope.to,
      content: (await core.raw(id)).toString('latin1'),
    })),
  );
  return all.toSorted(byId);
}

/** One client, connection after connection, until each of its letters was answered with a yes or was tried in vain. */
async function send({ letters, pipelining, pieces }: Client, name: string): Promise<readonly Entry[]> {
  const told: Entry[] = [];
  let at = 0;
  for (let connection = 0; connection < connectionsMax && at < letters.length; connection++) {
    const wire = new Wire(connect({ host: '127.0.0.1', port: core.port('smtp') }), pieces);
    try {
      if (!(await wire.reply()).startsWith('220')) continue;
      if (!(await wire.say('EHLO client.example')).startsWith('250')) continue;
      for (; at < letters.length; at++) {
        const one = letters[at];
        if (one === undefined) break;
        const content = `From: ${one.from}\r\nX-Ledger: ${name}-${at}-${connection}\r\nSubject: ${one.subject}\r\n\r\n${one.lines.map((line) => `${line}\r\n`).join('')}`;
        const entry = await transaction(wire, one, content, pipelining);
        if (entry !== null) told.push(entry);
      }
    } catch (error) {
      if (!(error instanceof Gone)) throw error;
      // Whatever it was in the middle of was not acknowledged; it goes on with the same letter.
    } finally {
      await wire.end();
    }
  }
  return told;
}

async function transaction(
  wire: Wire,
  { from, to }: Letter,
  content: string,
  pipelining: boolean,
): Promise<Entry | null> {
  const commands = [`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`)];
  const replies: string[] = [];
  let data = '';
  if (pipelining) {
    // RFC 2920 §3.1: DATA may be the last of a group.
    wire.write(Buffer.from([...commands, 'DATA', ''].join('\r\n')));
    for (const _ of commands) replies.push(await wire.reply());
    data = await wire.reply();
  } else {
    for (const command of commands) replies.push(await wire.say(command));
    if (replies[0]?.startsWith('250') !== true || !replies.slice(1).some((one) => one.startsWith('250'))) {
      await wire.say('RSET');
      return null;
    }
    data = await wire.say('DATA');
  }
  if (!data.startsWith('354')) {
    await wire.say('RSET');
    return null;
  }
  wire.write(onTheWire(Buffer.from(content, 'latin1')));
  const id = /^250 2\.0\.0 OK: stored as (\S+)$/.exec(await wire.reply())?.[1];
  const taken = to.filter((_, at) => replies[at + 1]?.startsWith('250') === true);
  return id === undefined ? null : { id, to: taken, content };
}

class Gone extends Error {}

/** Writes in pieces of given sizes, each in a turn of its own, and reads whole replies. */
class Wire {
  readonly #socket: Socket;
  readonly #pieces: readonly number[];
  #piece = 0;
  #writing: Promise<void> = Promise.resolve();
  #text = '';
  #gone = false;
  #heard: () => void = () => undefined;
  readonly #closed: Promise<void>;

  constructor(socket: Socket, pieces: readonly number[]) {
    this.#socket = socket;
    this.#pieces = pieces;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
      this.#heard();
    });
    // A reset is one of the ways in which a connection ends here.
    socket.on('error', () => undefined);
    socket.on('end', () => this.#socket.end());
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#gone = true;
        this.#heard();
        resolve();
      });
    });
  }

  write(bytes: Buffer): void {
    this.#writing = this.#writing.then(async () => {
      for (let at = 0; at < bytes.length && !this.#gone; ) {
        const size = this.#pieces[this.#piece++ % this.#pieces.length] ?? bytes.length;
        this.#socket.write(bytes.subarray(at, at + size));
        at += size;
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
  }

  say(line: string): Promise<string> {
    this.write(Buffer.from(`${line}\r\n`));
    return this.reply();
  }

  async reply(): Promise<string> {
    for (;;) {
      const whole = /^(?:\d{3}-[^\r]*\r\n)*\d{3}(?: [^\r]*)?\r\n/.exec(this.#text)?.[0];
      if (whole !== undefined) {
        this.#text = this.#text.slice(whole.length);
        return whole.trimEnd();
      }
      if (this.#gone) throw new Gone('the connection is over');
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  async end(): Promise<void> {
    await this.#writing;
    this.#socket.destroy();
    await this.#closed;
  }
}
