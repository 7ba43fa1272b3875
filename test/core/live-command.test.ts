/** `sandpost live`, as a shell or a script would use it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { RelayMakers } from '../../core/app/live-carriers.ts';
import { main } from '../../core/cli.ts';
import { startCore, type TestCore } from '../start-core.ts';

const makers: RelayMakers = () =>
  Promise.resolve({
    carrier: () => Promise.reject(new Error('nothing is to be carried')),
    verify: ({ name }) =>
      Promise.resolve({
        ok: name === 'main',
        text: name === 'main' ? 'ready' : 'refused',
        steps: ['220 hello'],
      }),
  });

const start = (): Promise<TestCore> => startCore([], { relayMakers: makers });

async function say(core: TestCore, line: string, around: { input?: string; terminal?: boolean } = {}) {
  const chunks: { out: string; err: string } = { out: '', err: '' };
  const collector = (to: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks[to] += chunk.toString();
        done();
      },
    });
  const isTTY = around.terminal === true;
  const code = await main(['live', ...line.split(' ').filter((one) => one !== '')], {
    stdout: Object.assign(collector('out'), { isTTY }),
    stderr: collector('err'),
    stdin: Object.assign(Readable.from([Buffer.from(around.input ?? '')]), { isTTY }),
    environment: { SANDPOST_URL: core.app.url, NO_COLOR: '1' },
  });
  return { code, ...chunks };
}

const on = 'on --channel email=main --allow @mine.example --allow jane@example.com --cap 5 --for 1m';

async function withRelay(): Promise<TestCore> {
  const core = await start();
  expect(
    await say(core, 'add main --kind smtp --host smtp.example.net --port 2525 --auth none'),
  ).toMatchObject({
    code: 0,
    out: 'main  smtp  smtp.example.net:2525  not verified\n',
  });
  return core;
}

describe('sandpost live', () => {
  it('shows that nothing goes out, sets up relays, verifies and deletes them', async () => {
    const core = await withRelay();
    expect((await say(core, '')).out).toContain('sandbox: nothing goes out for real');
    expect(await say(core, 'verify main')).toEqual({ code: 0, out: '  220 hello\n✓ ready\n', err: '' });
    await say(core, 'add other --kind webhook --relay-url https://hook.example/x');
    expect(await say(core, 'verify other')).toMatchObject({ code: 1, out: '  220 hello\n✕ refused\n' });
    expect((await say(core, 'relays')).out).toBe(
      'main  smtp  smtp.example.net:2525  verified\nother  webhook  https://hook.example/x  refused\n',
    );
    expect((await say(core, 'remove other')).code).toBe(0);
    expect(JSON.parse((await say(core, 'relays --json')).out)).toMatchObject({ entries: [{ name: 'main' }] });
    const { entries } = await core.json<{ entries: { by: string }[] }>('/v1/live-relay/audit');
    expect(new Set(entries.map(({ by }) => by))).toEqual(new Set(['cli']));
  });

  it('takes a secret from a file or from standard input, and never as an argument', async () => {
    const core = await start();
    const file = join(core.dataDir, 'given.json');
    await writeFile(file, '{"user": "jane", "password": "hunter2hunter2"}');
    const add = 'add main --kind smtp --host smtp.example.net';
    expect(await say(core, `${add} --credential password=hunter2hunter2`)).toMatchObject({
      code: 64,
      err: expect.stringContaining('a secret is no argument'),
    });
    expect((await say(core, `${add} --credential-file ${file}`)).out).toContain('not verified');
    expect((await say(core, 'credential main --forget')).out).toContain('needs user, password');
    expect(
      (await say(core, 'credential main --credential password=-', { input: 'hunter2hunter2\n' })).out,
    ).toContain('needs user');
    const kept = await core.json<{ entries: { credential: unknown }[] }>('/v1/live-relay/relays');
    expect(kept.entries[0]?.credential).toEqual({ password: 'file' });
    await writeFile(file, '{"password": hunter2hunter2}');
    const bad = await say(core, `credential main --credential-file ${file}`);
    expect(bad).toMatchObject({ code: 64, err: expect.stringContaining('is no JSON') });
    expect(bad.err).not.toContain('hunter2');
  });

  it('turns on in two calls, of which the first shows what would go', async () => {
    const core = await withRelay();
    const shown = await say(core, on);
    expect(shown).toMatchObject({
      code: 0,
      out: expect.stringContaining('email by main (smtp, smtp.example.net:2525)'),
    });
    expect(shown.out).toContain('Nothing goes yet.');
    expect((await core.json<{ live: boolean }>('/v1/live-relay')).live).toBe(false);
    const token = /--confirm (\S+)/.exec(shown.out)?.[1] ?? '';
    const turned = await say(core, `on --confirm ${token}`);
    expect(turned).toMatchObject({ code: 0, out: expect.stringContaining('LIVE until') });
    expect(turned.out).toContain(
      'email by main to domain mine.example, address jane@example.com; 0 of 5 sent',
    );
    expect(await say(core, `on --confirm ${token}`)).toMatchObject({ code: 1 });
    expect(JSON.parse((await say(core, '--json')).out)).toMatchObject({ live: true, startedBy: 'cli' });
    expect((await say(core, 'off')).out).toContain('sandbox: nothing goes out for real');
    expect((await say(core, 'audit --limit 1')).out).toMatch(/turned off by cli/);
  });

  it('on a terminal asks for the word, and takes no other', async () => {
    const core = await withRelay();
    expect(await say(core, on, { terminal: true, input: 'y\n' })).toMatchObject({ code: 1 });
    expect((await core.json<{ live: boolean }>('/v1/live-relay')).live).toBe(false);
    expect(await say(core, on, { terminal: true, input: 'live\n' })).toMatchObject({ code: 0 });
    expect((await core.json<{ live: boolean }>('/v1/live-relay')).live).toBe(true);
  });

  it('releases by hand in two calls', async () => {
    const core = await withRelay();
    const id = await core.send('Subject: Your order\r\n\r\nx\r\n');
    await core.app.caughtUp();
    const shown = await say(core, `release ${id} --relay main --to me@mine.example`);
    expect(shown.out).toContain('These would go to me@mine.example by main');
    expect(shown.out).toContain('Your order');
    const token = /--confirm (\S+)/.exec(shown.out)?.[1] ?? '';
    expect((await say(core, `release --confirm ${token}`)).out).toContain(`${id} goes as delivery`);
    expect((await say(core, 'off')).code).toBe(0);
  });

  it('says what is wrong with what was asked', async () => {
    const core = await withRelay();
    for (const [line, why] of [
      ['on --allow @mine.example', 'by which relay?'],
      ['on --channel email=main', 'to whom?'],
      ['on --channel email=main --allow @x.example --rewrite-to me@x.example', 'to whom?'],
      ['on --channel fax=main --allow @x.example', 'the channels are email'],
      ['on --channel email=none --allow @x.example', 'there is no relay none; there are main'],
      ['on --channel email=main --allow mine', 'write jane@example.com'],
      ['release x --relay main', 'to whom?'],
      ['add x', 'Give --kind'],
      ['nonsense', 'live does not know "nonsense"'],
    ] as const)
      expect(await say(core, line), line).toMatchObject({ code: 64, err: expect.stringContaining(why) });
    expect(await say(core, 'on --channel email=main --allow @com')).toMatchObject({
      code: 1,
      err: expect.stringContaining('whole top-level domain'),
    });
  });
});
