/** Every command of `sandpost`, as a shell or a program would use it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../core/api/schema.ts';
import { main } from '../../core/cli.ts';
import { bin, startProcess } from '../core-process.ts';
import { run } from '../run-program.ts';
import { startCore, type TestCore, temporaryFolder } from '../start-core.ts';

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Buffer;
}

interface Around {
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  readonly terminal?: boolean;
}

async function say(argv: readonly string[], around: Around = {}): Promise<Said> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const code = await main(argv, {
    stdout: Object.assign(collector(stdout), { isTTY: around.terminal === true }),
    stderr: collector(stderr),
    stdin: Readable.from([Buffer.from(around.input ?? '')]),
    environment: around.environment ?? {},
  });
  const bytes = Buffer.concat(stdout);
  return { code, stdout: bytes.toString(), stderr: Buffer.concat(stderr).toString(), bytes };
}

function collector(chunks: Buffer[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
}

/** What a shell would have exported to find this core. */
const toward = (core: TestCore): Readonly<Record<string, string>> => ({
  SANDPOST_URL: core.app.url,
  SANDPOST_SMTP: `127.0.0.1:${core.port('smtp')}`,
});

async function raw(core: TestCore, id: string): Promise<string> {
  return (await core.raw(id)).toString();
}

interface Listed {
  readonly entries: readonly { readonly id: string; readonly envelope: { from: string; to: string[] } }[];
  readonly total: number;
}
const listed = (core: TestCore): Promise<Listed> => core.json<Listed>('/v1/messages');

describe('sandpost', () => {
  it('explains itself: help, help of every command, version', async () => {
    for (const argv of [[], ['help'], ['--help'], ['-h']]) {
      const { code, stdout } = await say(argv);
      expect(code).toBe(0);
      expect(stdout).toContain('Usage: sandpost COMMAND');
    }
    const { stdout } = await say(['help']);
    for (const command of [
      'serve',
      'send',
      'sendmail',
      'wait',
      'list',
      'show',
      'clear',
      'clock',
      'live',
      'env',
      'doctor',
    ]) {
      expect(stdout).toContain(`  ${command} `);
      expect((await say(['help', command])).stdout).toContain(`sandpost ${command}`);
      expect((await say([command, '--help'])).stdout).toContain(`sandpost ${command}`);
    }
    for (const argv of [['version'], ['--version'], ['-v']])
      expect(await say(argv)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/),
      });
  });

  it('refuses what it does not know with 64, naming it', async () => {
    expect(await say(['fly'])).toMatchObject({ code: 64, stderr: expect.stringContaining('"fly"') });
    for (const command of ['serve', 'send', 'wait', 'list', 'show', 'clear', 'clock', 'env', 'doctor']) {
      const said = await say([command, '--no-such-flag']);
      expect(said).toMatchObject({ code: 64, stderr: expect.stringContaining('--no-such-flag') });
    }
    expect(await say(['serve', '--smtp-port', 'many'])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--smtp-port'),
    });
  });

  it('says where it looked when no core answers', async () => {
    const port = await freePort();
    for (const argv of [['list'], ['show', 'latest'], ['wait'], ['clear', '--all'], ['clock'], ['env']]) {
      const said = await say([...argv, '--url', `http://127.0.0.1:${port}`]);
      expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining(`http://127.0.0.1:${port}`) });
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('sandpost serve', () => {
  it('--json prints exactly one line, and SIGTERM ends it with 0', async () => {
    const data = join(await temporaryFolder(), 'data');
    const child = serve(['--data', data, '--ports', '0', '--json']);
    const first = await firstLine(child);
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    for (const file of ['ca-bundle.pem', 'sandpost-redirect.cjs', 'sandpost-redirect.json'])
      expect(existsSync(join(data, file)), file).toBe(true);
    const text = first.all();
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(text)).toMatchObject({
      ready: true,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      dataDir: data,
      caFile: join(data, 'ca.pem'),
      ports: { smtp: expect.any(Number), submission: expect.any(Number), smtps: expect.any(Number) },
    });
  });

  it('without --json greets in words, without colours when it is no terminal', async () => {
    const data = join(await temporaryFolder(), 'data');
    const child = serve(['--data', data, '--ports', '0']);
    const first = await firstLine(child);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
    expect(first.all()).toMatch(/^Sandpost \d/);
    expect(first.all()).toContain('http://127.0.0.1:');
    expect(first.all()).not.toContain('\x1b');
  });

  it('--exit-with-stdin ends it with 0 when standard input ends', async () => {
    const data = join(await temporaryFolder(), 'data');
    const child = serve(['--data', data, '--ports', '0', '--json', '--exit-with-stdin']);
    await firstLine(child);
    child.stdin.end();
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
  });

  it('a port taken ends it with 75, naming the door, the port and who holds it', async () => {
    const holder = createServer();
    await once(holder.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void holder.close());
    const address = holder.address();
    const port = String(typeof address === 'object' && address !== null ? address.port : 0);
    const data = join(await temporaryFolder(), 'data');
    const ran = await run(process.execPath, [
      bin,
      'serve',
      '--data',
      data,
      '--ports',
      '0',
      '--smtp-port',
      port,
    ]);
    expect(ran.code).toBe(75);
    expect(ran.stderr).toContain(port);
    expect(ran.stderr).toMatch(/smtp/);
    // Only Linux says who holds a port without a program of its own.
    if (process.platform === 'linux') expect(ran.stderr).toContain(String(process.pid));
  });

  it('a data folder that is held ends it with 73, naming the folder', async () => {
    const core = await startCore();
    const ran = await run(process.execPath, [bin, 'serve', '--data', core.dataDir, '--ports', '0']);
    expect(ran).toMatchObject({ code: 73, stderr: expect.stringContaining(core.dataDir) });
  });

  it('starts again on the same folder with what it had', async () => {
    const data = join(await temporaryFolder(), 'data');
    const first = await startProcess(data);
    const environment = { SANDPOST_SMTP: `127.0.0.1:${first.port('smtp')}` };
    const sent = await say(['send', '--to', 'a@example.com', '--subject', 'kept'], { environment });
    expect(await first.end('SIGTERM')).toBe(0);
    await startProcess(data);
    const { code, stdout } = await say(['list', '--data', data]);
    expect(code).toBe(0);
    expect(stdout).toContain(sent.stdout.trim());
  });
});

type ServeChild = ChildProcessByStdio<Writable, Readable, Readable>;

function serve(flags: readonly string[]): ServeChild {
  const child = spawn(process.execPath, [bin, 'serve', ...flags], { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stderr.resume();
  return child;
}

async function firstLine(child: ServeChild): Promise<{ all: () => string }> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes('\n')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
  return { all: () => text };
}

describe('sandpost send', () => {
  it('builds a message from flags and prints its id', async () => {
    const core = await startCore();
    const file = join(await temporaryFolder(), 'note.txt');
    await writeFile(file, 'attached');
    const flags = [
      '--from',
      'me@example.com',
      '--to',
      'a@example.com',
      '--cc',
      'c@example.com',
      '--bcc',
      'b@example.com',
    ];
    const content = ['--subject', 'Grüße', '--text', 'Hallo', '--html', '<b>Hallo</b>', '--attach', file];
    const said = await say(['send', ...flags, ...content, '--header', 'X-Test: yes'], {
      environment: toward(core),
    });
    expect(said).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
    const id = said.stdout.trim();
    await core.app.caughtUp();
    expect(await core.json(`/v1/messages/${id}`)).toMatchObject({
      subject: 'Grüße',
      hasHtml: true,
      envelope: { from: 'me@example.com', to: ['a@example.com', 'c@example.com', 'b@example.com'] },
      attachments: [{ filename: 'note.txt', bytes: 8 }],
    });
    expect(await raw(core, id)).toMatch(/^X-Test: yes\r$/m);
  });

  it('sends an .eml as it is, from a file or from standard input', async () => {
    const core = await startCore();
    const content = 'From: me@example.com\r\nTo: a@example.com\r\nSubject: As it is\r\n\r\n.dot\r\nend\r\n';
    const file = join(await temporaryFolder(), 'message.eml');
    await writeFile(file, content);
    const environment = toward(core);
    const sent = [
      await say(['send', file, '--json'], { environment }),
      await say(['send', '-', '--json', '--to', 'other@example.com'], { environment, input: content }),
    ];
    for (const { code, stdout } of sent) {
      expect(code).toBe(0);
      expect(await raw(core, JSON.parse(stdout).id)).toBe(content);
    }
    const { entries } = await listed(core);
    expect(entries.map((one) => one.envelope.to)).toEqual([['other@example.com'], ['a@example.com']]);
  });

  it('names the address when no door answers, and the reply when one refuses', async () => {
    const port = await freePort();
    const lost = await say([
      'send',
      '--smtp',
      `127.0.0.1:${port}`,
      '--to',
      'a@example.com',
      '--subject',
      'x',
    ]);
    expect(lost).toMatchObject({ code: 1, stderr: expect.stringContaining(`127.0.0.1:${port}`) });
    const core = await startCore(['--smtp-auth', 'required', '--smtp-credentials', 'u:p']);
    const flags = ['--to', 'a@example.com', '--subject', 'x'];
    const environment = toward(core);
    const refused = await say(['send', ...flags], { environment });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('530 5.7.0') });
    expect(await say(['send', ...flags, '--user', 'u:p'], { environment })).toMatchObject({ code: 0 });
    expect(await say(['send', '--subject', 'to nobody'], { environment })).toMatchObject({ code: 64 });
  });
});

describe('sandpost send --channel push', () => {
  it('sends to a user, and the other commands show what it was', async () => {
    const core = await startCore(['--deliver']);
    const environment = toward(core);
    const call = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      const answer: { id: string } = await (
        await core.get(path, { method: 'POST', headers, body: JSON.stringify(body) })
      ).json();
      return answer.id;
    };
    const phone = await call('/v1/phones', { platform: 'android', user: 'jane' });
    await call(`/v1/phones/${phone}/register`, { app: 'com.example.shop' });
    const push = ['send', '--channel', 'push', '--to', 'user:jane'];
    const sent = await say([...push, '--title', 'Hello', '--body', 'News', '--value', 'a=b', '--ttl', '1h'], {
      environment,
    });
    expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining('queued') });
    await core.app.settled();
    await core.app.caughtUp();
    const id = sent.stdout.trim();
    expect((await say(['wait', 'channel:push'], { environment })).stdout).toContain(id);
    const shown = (await say(['show', id], { environment })).stdout;
    expect(shown).toMatch(/Title +Hello\nApp +com\.example\.shop\nTo +user:jane\n/);
    expect(shown).toMatch(/Delivery +fcm \S+: delivered\n\nHello\nNews\na: b\n$/);
    expect((await say(['show', id, '--raw'], { environment })).stdout).toBe(
      '{"channel":"push","to":[{"user":"jane"}],"title":"Hello","body":"News","data":{"a":"b"},"ttlSeconds":3600}',
    );
    for (const wrong of [['--to', 'jane'], ['--badge', 'many'], ['--value', 'x'], ['--html', 'x'], ['stray']])
      expect((await say([...push, ...wrong], { environment })).code).toBe(64);
    expect(await say(['send', '--channel', 'sms'], { environment })).toMatchObject({ code: 64 });
    expect((await say([...push, '--link', 'nowhere'], { environment })).stderr).toContain(
      'link: A deep link',
    );
  });
});

describe('sandpost send --sms', () => {
  it('sends to a number by the providers named, and the other commands show what it was', async () => {
    const core = await startCore(['--deliver']);
    const environment = toward(core);
    const sms = ['send', '--sms', '--to', '+14155550123'];
    const sent = await say([...sms, '--body', 'Your code is 482913', '--provider', 'vonage,twilio'], {
      environment,
    });
    expect(sent).toMatchObject({ code: 0, stderr: expect.stringContaining('+14155550123') });
    await core.app.settled();
    await core.app.caughtUp();
    const id = sent.stdout.trim();
    expect((await say(['wait', 'channel:sms'], { environment })).stdout).toContain(id);
    expect((await say(['show', id], { environment })).stdout).toContain('Your code is 482913');
    expect((await say(['show', id, '--raw'], { environment })).stdout).toBe(
      '{"channel":"sms","to":[{"number":"+14155550123"}],"body":"Your code is 482913","providers":["vonage","twilio"]}',
    );
    for (const wrong of [['--provider', 'pigeon'], ['--validity', 'long'], ['--subject', 'x'], ['stray']])
      expect((await say([...sms, ...wrong], { environment })).code).toBe(64);
    expect((await say(['send', '--sms', '--to', '0123', '--body', 'x'], { environment })).stderr).toContain(
      'no phone number',
    );
  });
});

describe('sandpost send --channel inapp', () => {
  it('leaves a message for users, and list --user finds it', async () => {
    const core = await startCore(['--deliver']);
    const environment = toward(core);
    const inapp = ['send', '--channel', 'inapp', '--to', 'anna', '--to', 'user:otto'];
    const sent = await say(
      [...inapp, '--title', 'Sale', '--body', '20 % off', '--kind', 'banner', '--page', '/cart/**'],
      { environment },
    );
    expect(sent.code, sent.stderr).toBe(0);
    const id = sent.stdout.trim();
    const { entries } = await core.json<{ entries: { content: object; display: object; user: string }[] }>(
      `/v1/inapp/messages?messageId=${id}`,
    );
    expect(new Set(entries.map(({ user }) => user))).toEqual(new Set(['anna', 'otto']));
    const shown = await say(['list', '--user', 'otto'], { environment });
    expect(shown.stdout).toContain(id);
    expect((await say(['list', '--user', 'berta'], { environment })).stdout).toBe('');
    expect(await say([...inapp.slice(0, 3), '--body', 'x'], { environment })).toMatchObject({ code: 64 });
    expect(await say([...inapp, '--body', 'x', '--kind', 'poster'], { environment })).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('modal'),
    });
  });
});

describe('sandpost send --channels', () => {
  it('sends to a user by the first channel that works', async () => {
    const core = await startCore(['--deliver']);
    const environment = toward(core);
    const send = ['send', '--channels', 'push,sms,email,inapp', '--to', 'anna'];
    const sent = await say([...send, '--title', 'Sale', '--body', '20 % off'], { environment });
    expect(sent.code, sent.stderr).toBe(0);
    await core.app.settled();
    const { channel } = await core.json<{ channel: string }>(`/v1/messages/${sent.stdout.trim()}`);
    expect(channel).toBe('multi');
    // She has no device, no number and no mailbox.
    const parts = `/v1/messages/${sent.stdout.trim()}/parts`;
    await expect
      .poll(async () => {
        const { entries } = await core.json<{ entries: { channel: string }[] }>(parts);
        return new Set(entries.map(({ channel: one }) => one));
      })
      .toEqual(new Set(['push', 'sms', 'email', 'inapp']));
    expect(await say(send, { environment })).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--template'),
    });
    expect(
      await say(['send', '--channels', 'fax', '--to', 'anna', '--body', 'x'], { environment }),
    ).toMatchObject({ code: 64, stderr: expect.stringContaining('fax') });
  });

  it('sends a starter that was published, its variables as members, by mail too', async () => {
    const core = await startCore(['--deliver']);
    const environment = toward(core);
    const post = (path: string, body: unknown) =>
      core.get(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post('/v1/users', { id: 'anna', email: 'anna@gmail.com' })).status).toBe(201);
    expect((await post('/v1/templates', { id: 'parcel', starter: 'shipped' })).status).toBe(201);
    expect((await core.get('/v1/templates/parcel/publish', { method: 'POST' })).status).toBe(200);
    const send = ['send', '--channels', 'email', '--to', 'anna', '--template', 'parcel'];
    const parcel = ['--var', 'parcel.carrier=Post', '--var', 'parcel.url=https://post.example/t/42'];
    const variables = ['--var', 'app.name=Shop', '--var', 'order.id="1042"', ...parcel];
    const sent = await say([...send, ...variables], { environment });
    expect(sent.code, sent.stderr).toBe(0);
    await core.app.settled();
    const { deliveries } = await core.json<{ deliveries: readonly { status: string }[] }>(
      `/v1/messages/${sent.stdout.trim()}`,
    );
    expect(deliveries).toMatchObject([{ status: 'delivered', reason: null }]);
    const { stdout } = await say(['list', 'channel:email'], { environment });
    expect(stdout).toContain('Order 1042 is on its way');
    const twice = ['--var', 'order=1', '--var', 'order.id=2'];
    expect(await say([...send, ...twice], { environment })).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('order.id'),
    });
  });
});

describe('sandpost sendmail', () => {
  const input =
    'From: me@example.com\nTo: a@example.com\nBcc: hidden@example.com,\n other@example.com\nSubject: x\n\nbody\n.\nafter\n';

  it('-t takes the recipients from the headers and Bcc out of them; -f names the sender', async () => {
    const core = await startCore();
    const said = await say(['sendmail', '-t', '-i', '-f', 'bounce@example.com'], {
      environment: toward(core),
      input,
    });
    expect(said).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const [message] = (await listed(core)).entries;
    expect(message?.envelope).toEqual({
      from: 'bounce@example.com',
      to: ['a@example.com', 'hidden@example.com', 'other@example.com'],
    });
    const kept = await raw(core, message?.id ?? '');
    expect(kept).not.toMatch(/bcc|hidden|other@/i);
    expect(kept.replaceAll('\r\n', '\n')).toContain('Subject: x\n\nbody\n.\nafter\n');
  });

  it('without -i a line with a single dot ends the input; with -i it does not', async () => {
    const core = await startCore();
    const environment = toward(core);
    expect(await say(['sendmail', 'a@example.com'], { environment, input })).toMatchObject({ code: 0 });
    expect(
      await say(['sendmail', '-oi', '-fme@example.com', 'a@example.com'], { environment, input }),
    ).toMatchObject({
      code: 0,
    });
    const { entries } = await listed(core);
    const [whole, ended] = await Promise.all(entries.map(({ id }) => raw(core, id)));
    expect(ended).toMatch(/body\r?\n$/);
    expect(whole).toMatch(/body\r?\n\.\r?\nafter\r?\n$/);
  });

  it('tells failures for now (75) from those for good (69), and wrong usage (64)', async () => {
    const environment = { SANDPOST_SMTP: `127.0.0.1:${await freePort()}` };
    const lost = await say(['sendmail', '-t'], { environment, input });
    expect(lost).toMatchObject({ code: 75, stderr: expect.stringMatching(/^sendmail: /) });
    const core = await startCore(['--smtp-auth', 'required']);
    expect(await say(['sendmail', '-t'], { environment: toward(core), input })).toMatchObject({ code: 69 });
    expect(await say(['sendmail'], { environment: toward(core), input })).toMatchObject({ code: 64 });
    expect(await say(['sendmail', '-bs'], { environment: toward(core), input })).toMatchObject({ code: 64 });
  });
});

describe('what reads and clears', () => {
  const content = 'From: me@example.com\r\nTo: a@example.com\r\nSubject: Your code\r\n\r\nIt is 123456.\r\n';

  it('wait finds what is there or comes, and ends with 2 when nothing does', async () => {
    const core = await startCore();
    const environment = toward(core);
    const waiting = say(['wait', 'subject:Your code', '--timeout', '20s', '--json'], { environment });
    const id = await core.send(content);
    const found = await waiting;
    expect(found.code).toBe(0);
    expect(JSON.parse(found.stdout)).toMatchObject({ id, subject: 'Your code' });
    const none = await say(['wait', 'subject:never', '--timeout', '20ms'], { environment });
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(await say(['wait', '--timeout', 'soon'], { environment })).toMatchObject({ code: 64 });
  });

  it('list prints a line a message, or JSON, and says when nothing matches', async () => {
    const core = await startCore();
    const environment = toward(core);
    expect(await say(['list'], { environment })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'no message matches\n',
    });
    const ids = [await core.send(content), await core.send(content)];
    await core.app.caughtUp();
    const { stdout } = await say(['list'], { environment });
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(0, 36)),
    ).toEqual([...ids].reverse());
    expect(stdout).toContain('me@example.com → to@example.com  Your code');
    const json = JSON.parse((await say(['list', '--json', '--limit', '1'], { environment })).stdout);
    expect(json).toMatchObject({ total: 2, entries: [{ id: ids[1] }] });
    expect((await say(['list', 'subject:nothing'], { environment })).stdout).toBe('');
    expect(await say(['list', 'is:nonsense'], { environment })).toMatchObject({ code: 1 });
  });

  it('show prints the message, its text, headers or exact bytes', async () => {
    const core = await startCore();
    const environment = toward(core);
    const bytes = Buffer.concat([Buffer.from(content), Buffer.from([0x80, 0xff, 0x0a, 0x0d, 0x0a])]);
    const id = await core.send(bytes);
    expect((await say(['show', id, '--raw'], { environment })).bytes.equals(bytes)).toBe(true);
    expect((await say(['show', 'latest'], { environment })).stdout).toMatch(/Subject +Your code/);
    expect((await say(['show', id, '--text'], { environment })).stdout).toContain('It is 123456.');
    expect((await say(['show', id, '--headers'], { environment })).stdout).toContain('Subject: Your code');
    expect(JSON.parse((await say(['show', id, '--json'], { environment })).stdout)).toMatchObject({ id });
    expect(await say(['show'], { environment })).toMatchObject({ code: 64 });
    expect(await say(['show', '01a200f2-2cb1-72ee-8021-e89f43664f93'], { environment })).toMatchObject({
      code: 1,
    });
  });

  it('clear wants to be told what: a search, a project or all', async () => {
    const core = await startCore();
    const environment = toward(core);
    for (const subject of ['one', 'two', 'three']) await core.send(content.replace('Your code', subject));
    await core.app.caughtUp();
    expect(await say(['clear'], { environment })).toMatchObject({ code: 64 });
    expect((await listed(core)).total).toBe(3);
    expect(await say(['clear', 'subject:two'], { environment })).toMatchObject({
      code: 0,
      stdout: '1 deleted\n',
    });
    expect((await say(['clear', '--all', '--exchanges', '--json'], { environment })).stdout).toBe(
      '{"deleted":2}\n',
    );
    expect((await listed(core)).total).toBe(0);
  });

  it('colours only a terminal, and not where NO_COLOR is set', async () => {
    const core = await startCore();
    const environment = toward(core);
    await core.send(content);
    expect((await say(['list'], { environment })).stdout).not.toContain('\x1b');
    expect((await say(['list'], { environment, terminal: true })).stdout).toContain('\x1b[1m');
    const plain = { environment: { ...environment, NO_COLOR: '1' }, terminal: true };
    expect((await say(['list'], plain)).stdout).not.toContain('\x1b');
  });

  it('control characters of a message never reach the terminal', async () => {
    const core = await startCore();
    await core.send(
      'Subject: red \x1b[31m alarm\x07\r\nContent-Type: text/plain\r\n\r\n\x1b]0;title\x07text\r\n',
    );
    const environment = { ...toward(core), NO_COLOR: '1' };
    for (const argv of [[], ['--text'], ['--headers']].map((more) => ['show', 'latest', ...more])) {
      const { stdout } = await say(argv, { environment, terminal: true });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      expect(stdout, argv.join(' ')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f]/);
    }
    expect((await say(['list'], { environment, terminal: true })).stdout).not.toContain('\x1b');
    expect((await say(['show', 'latest', '--text'], { environment })).stdout).toContain('\x1b]0;title');
  });
});

describe('sandpost clock', () => {
  const shown = async (core: TestCore, ...words: readonly string[]): Promise<Clock> => {
    const said = await say(['clock', ...words, '--json'], { environment: toward(core) });
    expect(said).toMatchObject({ code: 0, stderr: '' });
    return JSON.parse(said.stdout);
  };

  it('shows the virtual clock and moves it', async () => {
    const core = await startCore();
    expect(await shown(core)).toMatchObject({ speed: 1, real: true, nextDueAt: null });
    const frozen = await shown(core, 'freeze');
    expect(frozen).toMatchObject({ speed: 0, frozen: true });
    const later = await shown(core, 'advance', '2d');
    expect(Date.parse(later.virtualAt) - Date.parse(frozen.virtualAt)).toBe(2 * 86_400_000);
    expect(await shown(core, 'show')).toMatchObject({ virtualAt: later.virtualAt, real: false });
    expect(await shown(core, 'speed', '60')).toMatchObject({ speed: 60, frozen: false });
    expect(await shown(core, 'unfreeze')).toMatchObject({ speed: 1, real: false });
    const { stdout } = await say(['clock'], { environment: toward(core) });
    expect(stdout).toMatch(/^Virtual {2}20\d\d-.*\nWall .*\nSpeed {4}×1\nNext {5}nothing is due\n$/);
  });

  it('says what cannot be done', async () => {
    const core = await startCore();
    expect(await say(['clock', 'next'], { environment: toward(core) })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing is due'),
    });
    for (const words of [['advance'], ['advance', 'soon'], ['speed', 'fast'], ['rewind'], ['next', '4h']])
      expect(await say(['clock', ...words])).toMatchObject({ code: 64 });
  });
});

describe('sandpost env and doctor', () => {
  it('env prints what a shell can take, one recipe, or everything as JSON', async () => {
    const core = await startCore();
    const environment = toward(core);
    const { stdout } = await say(['env'], { environment });
    expect(stdout).toContain(`export SMTP_PORT='${core.port('smtp')}'\n`);
    for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^export [A-Z_]+='[^']*'$/);
    expect((await say(['env', 'nodemailer'], { environment })).stdout).toContain(String(core.port('smtp')));
    const json = JSON.parse((await say(['env', '--json'], { environment })).stdout);
    expect(json).toMatchObject({ environment: { SANDPOST_URL: core.app.url }, recipes: expect.any(Array) });
    expect(await say(['env', 'no-such-recipe'], { environment })).toMatchObject({ code: 64 });
  });

  it('env speaks the shell’s syntax, and names the ways that lead an app here', async () => {
    const core = await startCore();
    const environment = { ...toward(core), SHELL: '/usr/bin/fish' };
    const preload = join(core.dataDir, 'sandpost-redirect.cjs');
    expect((await say(['env', '--way', 'node'], { environment })).stdout).toContain(
      `set -gx NODE_OPTIONS '--require ${preload}'\n`,
    );
    expect((await say(['env', '--way', 'ca', '--shell', 'pwsh'], { environment })).stdout).toContain(
      `$env:SSL_CERT_FILE = '${join(core.dataDir, 'ca-bundle.pem')}'\n`,
    );
    const json = JSON.parse((await say(['env', '--json'], { environment })).stdout);
    expect(Object.keys(json.ways)).toEqual(['address', 'ca', 'node', 'proxy']);
    for (const [flag, value] of [
      ['--way', 'magic'],
      ['--shell', 'tcsh'],
    ] as const)
      expect(await say(['env', flag, value], { environment })).toMatchObject({
        code: 64,
        stderr: expect.stringContaining(`${flag} ${value}: there are`),
      });
  });

  it('doctor finds a port that is taken, and says who holds it', async () => {
    const data = join(await temporaryFolder(), 'data');
    const holder = createServer();
    await once(holder.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void holder.close());
    const address = holder.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const free = { SANDPOST_PORTS: '0', SANDPOST_DATA: data };
    const well = await say(['doctor', '--json'], { environment: free });
    expect(well.code).toBe(0);
    expect(JSON.parse(well.stdout).findings).toContainEqual({
      what: 'data folder',
      state: 'ok',
      detail: data,
    });
    const ill = await say(['doctor'], { environment: { ...free, SANDPOST_SMTP_PORT: String(port) } });
    expect(ill.code).toBe(1);
    expect(ill.stdout).toContain(`✕ port ${port}`);
    expect(ill.stdout).not.toContain('\x1b');
  });

  it('doctor looks at every door', async () => {
    const core = await startCore();
    const data = join(await temporaryFolder(), 'data');
    const environment = { SANDPOST_PORTS: '0', SANDPOST_DATA: data };
    const { stdout } = await say(['doctor'], { environment });
    for (const door of Object.keys(core.app.ports)) expect(stdout).toContain(`free for the door ${door}`);
  });
});

it.skipIf(process.platform === 'win32')('says nothing to a reader who has read enough', async () => {
  const { stderr } = await run('sh', ['-c', `'${process.execPath}' '${bin}' help | true`]);
  expect(stderr).toBe('');
});
