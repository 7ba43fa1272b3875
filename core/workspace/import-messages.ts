/** Takes the messages of an archive, or of an mbox, one after another in the order that they came in where they were. */
import type { Handover } from '../intake/intake.ts';
import type { Store } from '../store/store.ts';
import { entryNames, type MessageLine, rowBytesMax, rowSchema } from './format.ts';
import { type ContentFault, type IncomingContent, readContent } from './incoming-content.ts';
import { readJsonLines } from './json-array.ts';
import { type KnownMessages, knownMessages } from './known-messages.ts';
import { MboxCursor, type MboxMessage } from './mbox-cursor.ts';
import { readMbox } from './mbox-reader.ts';
import { named } from './named.ts';
import { Window } from './window.ts';
import type { ZipArchive } from './zip-reader.ts';

export interface MessagePorts {
  readonly store: Pick<
    Store,
    'message' | 'messagesFrom' | 'receivedTimes' | 'raw' | 'spool' | 'unspool' | 'room' | 'setRead'
  >;
  readonly accept: (handover: Handover) => Promise<string>;
  readonly messageBytesMax: number;
  readonly nowMs: () => number;
}

export interface MessageOutcome {
  added: number;
  alreadyThere: number;
  /** When the oldest of the added ones came. */
  oldestAtMs: number | null;
}

export interface TakeMessages {
  readonly dryRun: boolean;
  /** Of messages that come without a line of their own. */
  readonly project: string | null;
  readonly outcome: MessageOutcome;
  refuse(entry: string, code: string, detail: string): void;
}

const acceptsAtOnceMax = 64;
const bytesAtOnceMax = 16 * 1024 * 1024;
const readMarksAtOnce = 500;

/** @throws AppError `import_refused`, `disk_full`, `store_failed` … */
export async function takeArchiveMessages(
  archive: ZipArchive,
  ports: MessagePorts,
  request: TakeMessages,
): Promise<void> {
  const taker = await openTaker(ports, request);
  const mboxEntry = archive.entries.get(entryNames.mbox);
  const mbox = new MboxCursor(
    mboxEntry === undefined ? nothing() : named(entryNames.mbox, readMbox(mboxEntry.read())),
  );
  const lines = archive.entries.get(entryNames.rows);
  let next = 0;
  /** An entry that many lines name would be unpacked for each of them, past what the archive may unpack to. */
  const taken = new Set<string>();
  /** Of those that have no line: they went while the archive was made, or somebody put them in. */
  const strangersUpTo = async (place: number): Promise<MboxMessage | null> => {
    for (;;) {
      const message = await mbox.next();
      if (message === null) return null;
      const at = next++;
      if (at === place) return message;
      await taker.stranger(`${entryNames.mbox} message ${at}`, message);
    }
  };
  for await (const { number, value } of lines === undefined
    ? nothing()
    : named(entryNames.rows, readJsonLines(lines.read(), rowBytesMax))) {
    const read = rowSchema.safeParse(value);
    const where = `${entryNames.rows} line ${number}`;
    if (!read.success) {
      for (const { path, message } of read.error.issues)
        request.refuse(where, 'invalid', `${[...path].join('.')}: ${message}`);
      continue;
    }
    const { at } = read.data;
    if (typeof at === 'string') {
      const entry = archive.entries.get(at);
      if (entry === undefined) request.refuse(where, 'not_found', `The archive has no ${at}.`);
      else if (taken.has(at))
        request.refuse(where, 'twice', `${at} is the message of a line before already.`);
      else {
        taken.add(at);
        await taker.own(at, read.data, entry.read());
      }
      continue;
    }
    const message = at < next ? null : await strangersUpTo(at);
    if (message === null)
      request.refuse(where, 'not_found', `${entryNames.mbox} has no message ${at} behind the one before.`);
    else await taker.own(`${entryNames.mbox} message ${at}`, read.data, message.content);
  }
  await strangersUpTo(-1);
  await taker.end();
}

/** An mbox of elsewhere. */
export async function takeMbox(
  chunks: AsyncIterable<Uint8Array>,
  ports: MessagePorts,
  request: TakeMessages,
): Promise<void> {
  const taker = await openTaker(ports, request);
  const mbox = new MboxCursor(readMbox(chunks));
  let number = 0;
  for (let message = await mbox.next(); message !== null; message = await mbox.next())
    await taker.stranger(`message ${++number}`, message);
  await taker.end();
}

/** One message of elsewhere, an .eml file. */
export async function takeOneMessage(
  chunks: AsyncIterable<Uint8Array>,
  ports: MessagePorts,
  request: TakeMessages,
): Promise<void> {
  const taker = await openTaker(ports, request);
  await taker.stranger('the message', { from: { sender: '', atMs: null }, content: chunks });
  await taker.end();
}

async function openTaker(ports: MessagePorts, request: TakeMessages) {
  const { store } = ports;
  const { outcome, dryRun } = request;
  const known: KnownMessages = await knownMessages(store);
  const seen = new Set<string>();
  const window = new Window(acceptsAtOnceMax, bytesAtOnceMax);
  let toMark: string[] = [];

  async function read(entry: string, chunks: AsyncIterable<Uint8Array>, bytes: number | null) {
    const content = await readContent(
      chunks,
      { bytesMax: ports.messageBytesMax, bytes },
      dryRun ? null : store,
    );
    if (typeof content !== 'string') return content;
    request.refuse(entry, content, faultWords(content, ports.messageBytesMax));
    return null;
  }

  async function put(handover: Omit<Handover, keyof IncomingContent | 'exchange'>, content: IncomingContent) {
    const atMs = handover.receivedAtMs ?? ports.nowMs();
    if (await known.hasContent(atMs, content.bytes, async () => content.digest)) {
      outcome.alreadyThere++;
      if (!dryRun) store.unspool(content.spooled);
      return;
    }
    outcome.added++;
    outcome.oldestAtMs = Math.min(outcome.oldestAtMs ?? atMs, atMs);
    if (dryRun) return;
    const { spooled, tail, head, bytes } = content;
    await window.add(tail.length, () =>
      ports.accept({ ...handover, spooled, tail, head, bytes, exchange: null }),
    );
  }

  async function markRead(id: string | null): Promise<void> {
    if (id !== null) toMark.push(id);
    if (toMark.length === 0 || (id !== null && toMark.length < readMarksAtOnce)) return;
    await window.settled();
    await store.setRead(toMark, true);
    toMark = [];
  }

  return {
    /** One that says what it is. */
    async own(entry: string, line: MessageLine, chunks: AsyncIterable<Uint8Array>): Promise<void> {
      const content = await read(entry, chunks, line.bytes);
      if (content === null) return;
      if (seen.has(line.id)) {
        request.refuse(entry, 'twice', `Two messages have the id ${line.id}.`);
        if (!dryRun) store.unspool(content.spooled);
        return;
      }
      seen.add(line.id);
      if (await known.hasId(line.id)) {
        outcome.alreadyThere++;
        if (!dryRun) store.unspool(content.spooled);
        return;
      }
      const before = outcome.added;
      await put(
        {
          id: line.id,
          channel: line.channel,
          door: line.door,
          user: line.user,
          envelopeFrom: line.envelope.from,
          envelopeTo: line.envelope.to,
          envelopeParameters: line.envelope.parameters,
          details: line.details,
          tags: line.tags,
          project: line.project,
          receivedAtMs: Date.parse(line.receivedAt),
        },
        content,
      );
      if (line.read && !dryRun && outcome.added > before) await markRead(line.id);
    },

    /** One that says no more than its bytes do. */
    async stranger(entry: string, { from, content: chunks }: MboxMessage): Promise<void> {
      const content = await read(entry, chunks, null);
      if (content === null) return;
      await put(
        {
          channel: 'email',
          door: 'import',
          user: null,
          envelopeFrom: from.sender,
          envelopeTo: [],
          envelopeParameters: null,
          project: request.project,
          ...(from.atMs === null ? {} : { receivedAtMs: from.atMs }),
        },
        content,
      );
    },

    async end(): Promise<void> {
      await window.settled();
      await markRead(null);
    },
  };
}

function faultWords(fault: ContentFault, bytesMax: number): string {
  switch (fault) {
    case 'too_large':
      return `It has more than ${bytesMax} bytes, the limit for a message here; start Sandpost with a larger --message-bytes-max.`;
    case 'incomplete':
      return 'It has fewer bytes than its line says: the archive is not whole.';
    case 'too_long':
      return 'It has more bytes than its line says: the archive was changed.';
  }
}

async function* nothing(): AsyncGenerator<never> {
  // An archive without such an entry.
}
