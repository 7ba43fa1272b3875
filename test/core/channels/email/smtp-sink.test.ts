/** The carrier against a server of another make: smtp-sink of Postfix, which can be told to go wrong anywhere. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../../../run-program.ts';
import { temporaryFolder } from '../../../start-core.ts';
import { carry, delivery, emailCarrier, said } from './carry-mail.ts';
import { networkTo } from './client/scripted-server.ts';

const program = findProgram('smtp-sink');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function sink(...flags: readonly string[]) {
  const folder = await temporaryFolder();
  await chmod(folder, 0o777);
  const port = await freePort();
  const asRoot = process.getuid?.() === 0 ? ['-u', 'nobody', '-R', folder] : ['-R', folder];
  const child = spawn(program ?? '', [...asRoot, '-d', 'mail.', ...flags, `127.0.0.1:${port}`, '50'], {
    stdio: 'ignore',
  });
  onTestFinished(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  await expect
    .poll(
      () =>
        new Promise((resolve) => {
          const socket = connect({ host: '127.0.0.1', port });
          socket.once('connect', () => {
            socket.destroy();
            resolve(true);
          });
          socket.once('error', () => resolve(false));
        }),
      { timeout: 20_000 },
    )
    .toBe(true);
  return {
    port,
    async messages(): Promise<readonly string[]> {
      const names = (await readdir(folder)).filter((name) => name.startsWith('mail.')).sort();
      return Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
    },
  };
}

const content = Buffer.from(
  'From: shop@shop.example\r\nDate: Sat, 31 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n.one\r\n..\r\nGrüße\r\n',
);

describe.skipIf(program === null)(
  `smtp-sink${program === null ? ' (skipped: postfix is not installed)' : ''}`,
  () => {
    it.each([
      ['as it is', [], 'Gr\xc3\xbc\xc3\x9fe'],
      ['without PIPELINING', ['-p'], 'Gr\xc3\xbc\xc3\x9fe'],
      ['without 8BITMIME', ['-8'], 'Gr=C3=BC=C3=9Fe'],
      ['without EHLO', ['-e'], 'Gr=C3=BC=C3=9Fe'],
    ])('%s takes the message', async (_name, flags, text) => {
      const server = await sink(...flags);
      const carried = await carry(
        emailCarrier({ network: networkTo(server.port), content }),
        delivery('a@far.example'),
        delivery('b@far.example'),
      );
      expect(carried.results.map(({ outcome }) => outcome.kind)).toEqual(['sent', 'sent']);
      const [stored = ''] = await server.messages();
      expect(stored.replace(/\r?\n/g, '\n')).toContain(`\n\n.one\n..\n${text}\n`);
    });

    it.each([
      ['refuses RCPT for now', ['-r', 'RCPT'], 'deferred', /^450/],
      ['refuses RCPT for good', ['-f', 'RCPT'], 'failed', /^500/],
      ['refuses MAIL for good', ['-f', 'MAIL'], 'failed', /^500/],
      ['refuses DATA for now', ['-r', 'DATA'], 'deferred', /^450/],
      ['refuses at the dot', ['-f', '.'], 'failed', /^500/],
      ['refuses at the greeting', ['-r', 'CONNECT'], 'deferred', /^450|^421/],
      ['says 421 to RCPT and goes', ['-Q', 'RCPT'], 'deferred', /^421/],
      ['says 421 to the dot and goes', ['-Q', '.'], 'deferred', /^421/],
      ['goes at MAIL', ['-q', 'MAIL'], 'deferred', /closed the connection/],
      ['goes at DATA', ['-q', 'DATA'], 'deferred', /closed the connection/],
      ['goes at the dot', ['-q', '.'], 'deferred', /may have been delivered/],
    ])('%s', async (_name, flags, outcome, text) => {
      const server = await sink(...flags);
      const carried = await carry(
        emailCarrier({ network: networkTo(server.port), content }),
        delivery('a@far.example'),
      );
      expect(carried.results, said(carried).join('\n')).toMatchObject([
        { outcome: { kind: outcome }, text: expect.stringMatching(text) },
      ]);
    });

    it('takes many on the same few connections', async () => {
      const server = await sink();
      const carrier = emailCarrier({ network: networkTo(server.port), content });
      const all = await Promise.all(
        Array.from({ length: 200 }, (_, at) => carry(carrier, delivery(`a${at}@far.example`))),
      );
      expect(all.flatMap(({ results }) => results).filter(({ outcome }) => outcome.kind !== 'sent')).toEqual(
        [],
      );
      expect(
        all.filter((carried) => said(carried)[0]?.startsWith('N: connecting')).length,
      ).toBeLessThanOrEqual(10);
    });
  },
);
