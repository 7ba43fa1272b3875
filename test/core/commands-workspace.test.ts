/** `sandpost export` and `sandpost import`, as a shell would use them. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { main } from '../../core/cli.ts';
import { startCore, type TestCore, temporaryFolder } from '../start-core.ts';

interface Said {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

async function say(
  core: TestCore,
  argv: readonly string[],
  around: { readonly input?: Buffer; readonly terminal?: boolean } = {},
): Promise<Said> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const code = await main(argv, {
    stdout: Object.assign(collector(stdout), { isTTY: around.terminal === true }),
    stderr: collector(stderr),
    stdin: Readable.from([around.input ?? Buffer.alloc(0)]),
    environment: { SANDPOST_URL: core.app.url },
  });
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}

function collector(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
}

describe('sandpost export and import', () => {
  it('take a workspace from one Sandpost to another', async () => {
    const here = await startCore();
    const id = await here.send('Subject: one\r\n\r\nFrom here\r\n');
    const file = join(await temporaryFolder(), 'sandpost.zip');
    expect(await say(here, ['export', '--out', file])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/sandpost\.zip: \d+ bytes/),
    });
    expect(existsSync(`${file}.part`)).toBe(false);

    const there = await startCore();
    const dry = await say(there, ['import', file, '--dry-run']);
    expect({ code: dry.code, said: dry.stdout.toString() }).toEqual({
      code: 0,
      said: expect.stringMatching(/^It would do this:\n {2}messages {7}1 added\n/),
    });
    expect((await there.get(`/v1/messages/${id}`)).status).toBe(404);
    expect((await say(there, ['import', file])).stdout.toString()).toMatch(
      /^Done:\n {2}messages {7}1 added\n/,
    );
    expect(await there.raw(id)).toEqual(await here.raw(id));
    const again = await say(there, ['import', file, '--json']);
    expect(JSON.parse(again.stdout.toString())).toMatchObject({ messages: { added: 0, alreadyThere: 1 } });
  });

  it('work through a pipe', async () => {
    const here = await startCore();
    await here.send('Subject: one\r\n\r\nx\r\n');
    const { stdout } = await say(here, ['export', '--messages', 'eml']);
    const there = await startCore();
    expect((await say(there, ['import', '-'], { input: stdout })).code).toBe(0);
    expect(await there.json('/v1/messages')).toMatchObject({ total: 1 });
  });

  it.each([
    [['export'], 'where to? Name a file with --out'],
    [['export', '--out', 'a', '--messages', 'pst'], '--messages pst is not known; write mbox, eml, none'],
    [['export', 'a.zip'], 'name the file with --out'],
    [['import'], 'which file?'],
    [['import', '/nowhere/a.zip'], '/nowhere/a.zip cannot be read'],
    [['import', 'a', 'b'], 'import takes one file, not also "b"'],
  ])('say what to do after %j', async (argv, words) => {
    const core = await startCore();
    expect(await say(core, argv, { terminal: true })).toMatchObject({
      code: 64,
      stderr: expect.stringContaining(words),
    });
  });

  it('say what is wrong with a file', async () => {
    const core = await startCore();
    const file = join(await temporaryFolder(), 'a.zip');
    await writeFile(file, '\0\0');
    expect(await say(core, ['import', file])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('neither an exported workspace'),
    });
  });

  it('leave no half a file where one cannot be written', async () => {
    const core = await startCore();
    const folder = await temporaryFolder();
    expect(await say(core, ['export', '--out', join(folder, 'no/where.zip')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('could not be written'),
    });
    await writeFile(join(folder, 'kept.zip'), 'before');
    await core.close();
    expect((await say(core, ['export', '--out', join(folder, 'kept.zip')])).code).toBe(1);
    expect(await readFile(join(folder, 'kept.zip'), 'utf8')).toBe('before');
  });
});
