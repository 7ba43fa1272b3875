import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Handover } from '../../../core/intake/intake.ts';
import type { MessageRow } from '../../../core/model/message.ts';
import { exportWorkspace } from '../../../core/workspace/export.ts';
import { takeMbox } from '../../../core/workspace/import-messages.ts';

const messageCount = 20_000;
const messageBytes = 2_048;

describe('20,000 messages', () => {
  it('are read no faster than the archive is taken, a page of rows at a time', async () => {
    let read = 0;
    const pages: number[] = [];
    const chunks = await exportWorkspace(
      {
        store: {
          counts: () => ({ ...noCounts, messages: messageCount }),
          messages: async () => ({ entries: [row(messageCount)], next: null, total: messageCount }),
          messagesFrom: async (after, limit) => {
            pages.push(limit);
            return Array.from({ length: Math.min(limit, messageCount - after) }, (_, at) =>
              row(after + at + 1),
            );
          },
          raw: async (id) => {
            read++;
            return { bytes: messageBytes, chunks: once(contents[Number(id) % contents.length] ?? noise(0)) };
          },
        },
        sections: [],
        version: '0',
        nowMs: () => 0,
      },
      { messages: 'mbox', privateKeys: false },
    );
    let bytes = 0;
    let largest = 0;
    let aheadMax = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      largest = Math.max(largest, chunk.length);
      // Whatever goes on by itself is given the time to.
      if (bytes < 2_000_000) for (let turns = 0; turns < 20; turns++) await turn();
      aheadMax = Math.max(aheadMax, read - bytes / messageBytes);
    }
    expect(read).toBe(messageCount);
    expect(bytes).toBeGreaterThan(messageCount * messageBytes);
    expect(Math.max(...pages)).toBeLessThanOrEqual(200);
    expect(largest).toBeLessThanOrEqual(64 * 1024);
    expect(aheadMax).toBeLessThan(300);
  });

  it('come in with a few of them under way at a time, each in its turn', async () => {
    let begun = 0;
    let underWay = 0;
    let most = 0;
    const order: number[] = [];
    const accept = async ({ tail }: Handover): Promise<string> => {
      begun++;
      underWay++;
      most = Math.max(most, underWay);
      order.push(Number(/Subject: (\d+)/.exec(Buffer.from(tail).toString('latin1'))?.[1]));
      await turn();
      underWay--;
      return '';
    };
    let made = 0;
    let aheadMax = 0;
    async function* mbox(): AsyncGenerator<Uint8Array> {
      for (; made < messageCount; made++) {
        aheadMax = Math.max(aheadMax, made - begun);
        yield Buffer.from(`From a@b.c Mon Nov 23 04:00:00 2020\nSubject: ${made}\n\nx\n\n`);
      }
    }
    const outcome = { added: 0, alreadyThere: 0, oldestAtMs: null };
    await takeMbox(
      mbox(),
      {
        store: {
          message: async () => null,
          messagesFrom: async () => [],
          receivedTimes: async () => [],
          raw: async () => null,
          room: () => new Uint8Array(1),
          spool: async () => 0,
          unspool: () => undefined,
          setRead: async () => [],
        },
        accept,
        messageBytesMax: 0,
        nowMs: () => 0,
      },
      { dryRun: false, project: null, outcome, refuse: (...what) => expect(what).toEqual([]) },
    );
    expect(outcome.added).toBe(messageCount);
    expect(order).toEqual(Array.from({ length: messageCount }, (_, at) => at));
    expect(most).toBeLessThanOrEqual(64);
    expect(aheadMax).toBeLessThan(10);
  });
});

const noCounts = {
  messages: 0,
  unread: 0,
  bytes: 0,
  waitingForIndex: 0,
  exchanges: 0,
  queued: 0,
  deferred: 0,
  held: 0,
  suppressions: 0,
};

function row(seq: number): MessageRow {
  return {
    seq,
    id: String(seq),
    project: 'main',
    channel: 'email',
    door: 'smtp',
    user: null,
    envelopeFrom: 'a@b.example',
    envelopeTo: ['c@d.example'],
    envelopeParameters: null,
    receivedAtMs: seq,
    bytes: messageBytes,
    read: false,
    tags: [],
    exchangeId: null,
    summary: null,
    head: null,
    details: null,
    deliveries: [],
  };
}

/** What no archive makes any smaller, the same in each run. */
function noise(seed: number): Uint8Array {
  let state = seed + 1;
  return Uint8Array.from({ length: messageBytes }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

/** More of them than Deflate looks back. */
const contents = Array.from({ length: 64 }, (_, at) => noise(at));

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
