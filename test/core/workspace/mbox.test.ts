import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FromLine, parseFromLine, readMbox } from '../../../core/workspace/mbox-reader.ts';
import { mboxMessage } from '../../../core/workspace/mbox-writer.ts';

const envelope = { from: 'app@shop.example', receivedAtMs: Date.UTC(2026, 10, 3, 4, 5, 6, 789) };

/** What makes quoting hard, over and over. */
const hardText = fc
  .array(
    fc.constantFrom(
      'From ',
      '>',
      '>>',
      'From',
      'F',
      '\n',
      '\r\n',
      '\r',
      '\n\n',
      'x',
      'From a@b.c ',
      '\0',
      'é',
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));
const content = fc.oneof(
  hardText,
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

describe('an mbox that was written here', () => {
  it('gives every message back byte for byte, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 17 }),
        fc.integer({ min: 1, max: 17 }),
        async (messages, writeCut, readCut) => {
          const file = await written(messages, writeCut);
          const read = await readAll(file, readCut);
          // Of a message without an end of its last line one is added: its length tells, which stands beside the mbox.
          expect(
            read.map(({ bytes }, at) => bytes.subarray(0, messages[at]?.length).toString('latin1')),
          ).toEqual(messages.map((bytes) => bytes.toString('latin1')));
          read.forEach(({ bytes }, at) => {
            const wanted = messages[at] ?? Buffer.alloc(0);
            const ends = wanted.length === 0 || wanted.at(-1) === 0x0a;
            expect(bytes.length - wanted.length).toBe(ends ? 0 : 1);
          });
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('tells the sender and the second of each message', async () => {
    const file = await written([Buffer.from('a\n')], 5);
    expect(file.toString()).toBe('From app@shop.example Tue Nov  3 04:05:06 2026\na\n\n');
    expect((await readAll(file, 3))[0]?.from).toEqual({
      sender: 'app@shop.example',
      atMs: Date.UTC(2026, 10, 3, 4, 5, 6),
    });
  });

  it('opens in Python’s mailbox module, with the same bytes', async () => {
    const messages = [
      'Subject: one\r\nTo: a@b.example\r\n\r\nHello\r\nFrom here on\r\n>From there\r\n\r\n',
      'Subject: two\n\nno end of line',
      'Subject: three\n\n\n\nFrom \n',
    ].map((text) => Buffer.from(text));
    const folder = mkdtempSync(join(tmpdir(), 'sandpost-mbox-'));
    try {
      writeFileSync(join(folder, 'a.mbox'), await written(messages, 1_000));
      const program = `
import mailbox, re, sys, base64
for message in mailbox.mbox(sys.argv[1], create=False):
    pass
box = mailbox.mbox(sys.argv[1], create=False)
for key in box.keys():
    raw = re.sub(rb'(?m)^>(>*From )', rb'\\1', box.get_bytes(key))
    print(box[key]['Subject'], base64.b64encode(raw).decode())
`;
      const { stdout, stderr, status } = spawnSync('python3', ['-c', program, join(folder, 'a.mbox')], {
        encoding: 'utf8',
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const lines = stdout.trim().split('\n');
      expect(lines.map((line) => line.split(' ')[0])).toEqual(['one', 'two', 'three']);
      expect(lines.map((line) => Buffer.from(line.split(' ')[1] ?? '', 'base64').toString())).toEqual(
        messages.map((bytes) => (bytes.at(-1) === 0x0a ? String(bytes) : `${bytes}\n`)),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('an mbox of elsewhere', () => {
  it('may end its lines with CRLF', async () => {
    const file = Buffer.from(
      'From - Mon Nov 23 04:00:00 2026\r\nA: 1\r\n\r\nx\r\n\r\nFrom a@b.c Mon Nov 23 04:00:01 2026\r\nB: 2\r\n',
    );
    expect((await readAll(file, 4)).map(({ bytes }) => bytes.toString())).toEqual([
      'A: 1\r\n\r\nx\r\n',
      'B: 2\r\n',
    ]);
  });

  it('may have lines that begin with From and are no end of a message', async () => {
    const file = Buffer.from('From a@b.c Mon Nov 23 04:00:00 2026\nA: 1\n\nx\nFrom here\n\n');
    expect((await readAll(file, 1)).map(({ bytes }) => bytes.toString())).toEqual(['A: 1\n\nx\nFrom here\n']);
  });

  it('is refused when it is none', async () => {
    await expect(readAll(Buffer.from('Subject: a\n\nx'), 3)).rejects.toThrow('It is no mbox');
    await expect(readAll(Buffer.from('Fro'), 3)).rejects.toThrow('It is no mbox');
  });

  it('may name a zone, or no date', () => {
    expect(parseFromLine('From a@b.c Mon Nov 23 04:00:00 +0100 2026').atMs).toBe(Date.UTC(2026, 10, 23, 3));
    expect(parseFromLine('From a@b.c Mon Nov 23 04:00:00 2026 -0130').atMs).toBe(
      Date.UTC(2026, 10, 23, 5, 30),
    );
    expect(parseFromLine('From MAILER-DAEMON')).toEqual({ sender: '', atMs: null });
  });
});

async function written(messages: readonly Buffer[], cut: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (const message of messages)
    for await (const part of mboxMessage(envelope, slices(message, cut))) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
}

async function readAll(file: Buffer, cut: number) {
  const messages: { readonly from: FromLine; bytes: Buffer }[] = [];
  for await (const part of readMbox(slicesLater(file, cut))) {
    const last = messages.at(-1);
    if (part.kind === 'begin') messages.push({ from: part.from, bytes: Buffer.alloc(0) });
    else if (part.kind === 'bytes' && last !== undefined)
      last.bytes = Buffer.concat([last.bytes, part.bytes]);
  }
  return messages;
}

function* slices(bytes: Buffer, cut: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += cut) yield bytes.subarray(at, at + cut);
}

async function* slicesLater(bytes: Buffer, cut: number): AsyncGenerator<Uint8Array> {
  yield* slices(bytes, cut);
}
