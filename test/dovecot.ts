/** A real Dovecot for a test: a configuration and a mailbox of its own, started and ended by itself, never the machine's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { findProgram, run } from './run-program.ts';

export interface Imap {
  readonly port: number;
  /** Puts a message into the inbox, as a mail host would that took it. */
  arrive(content: string | Uint8Array): Promise<void>;
  /** Names of the files in the inbox: what is seen has an S behind `:2,`. */
  flags(): Promise<readonly string[]>;
  /** All mail is gone, and its numbers are given anew. */
  startAnew(): Promise<void>;
  log(): Promise<string>;
  stop(): Promise<void>;
}

export const imapUser = 'returns@shop.example';
export const imapPassword = 'open-sesame';

/** @returns why Dovecot cannot be started here, or null */
export async function dovecotLacking(): Promise<string | null> {
  if (findProgram('dovecot') === null) return 'dovecot is not installed; Debian has it in dovecot-imapd';
  const { stdout } = await run('dovecot', ['--version']);
  // Its configuration is written in another way since 2.4.
  if (!stdout.startsWith('2.3.')) return `Dovecot 2.3 is needed, and here is ${stdout.trim()}`;
  return process.getuid?.() === 0 ? null : 'Dovecot starts as root only';
}

/** Whoever starts it stops it. @param certificate with it, IMAP is spoken over TLS from the first byte on */
export async function startDovecot(certificate?: { readonly key: string; readonly cert: string }): Promise<Imap> {
  const folder = await mkdtemp(join(tmpdir(), 'sandpost-dovecot-'));
  await chmod(folder, 0o755);
  const mail = join(folder, 'mail');
  for (const path of [mail, join(folder, 'run'), join(folder, 'state')]) await mkdir(path);
  await run('chown', ['nobody', mail]);
  const port = await freePort();
  const logFile = join(folder, 'dovecot.log');
  if (certificate !== undefined) {
    await writeFile(join(folder, 'key.pem'), certificate.key);
    await writeFile(join(folder, 'cert.pem'), certificate.cert);
  }
  const listener = certificate === undefined ? ['imap', 'imaps'] : ['imaps', 'imap'];
  await writeFile(
    join(folder, 'dovecot.conf'),
    `
base_dir = ${join(folder, 'run')}
state_dir = ${join(folder, 'state')}
log_path = ${logFile}
protocols = imap
listen = 127.0.0.1
ssl = ${certificate === undefined ? 'no' : 'yes'}
${certificate === undefined ? '' : `ssl_key = <${join(folder, 'key.pem')}\nssl_cert = <${join(folder, 'cert.pem')}`}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:${mail}
first_valid_uid = 1
passdb {
  driver = static
  args = user=${imapUser} password=${imapPassword}
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${mail}
}
service imap-login {
  inet_listener ${listener[0]} {
    port = ${port}
  }
  inet_listener ${listener[1]} {
    port = 0
  }
}
`,
  );
  const child = spawn(findProgram('dovecot') ?? 'dovecot', ['-F', '-c', join(folder, 'dovecot.conf')], {
    stdio: 'ignore',
  });
  const gone = once(child, 'exit');
  await listening(port);
  let arrived = 0;
  const inbox = async (): Promise<readonly string[]> => {
    const names = await Promise.all(['new', 'cur'].map((name) => readdir(join(mail, name)).catch(() => [])));
    return names.flat();
  };
  return {
    port,
    async arrive(content) {
      for (const name of ['new', 'cur', 'tmp']) await mkdir(join(mail, name), { recursive: true });
      const name = `${Date.now()}.${++arrived}.test`;
      await writeFile(join(mail, 'new', name), content);
      await run('chown', ['-R', 'nobody', mail]);
    },
    flags: inbox,
    async startAnew() {
      for (const name of await readdir(mail)) await rm(join(mail, name), { recursive: true, force: true });
    },
    log: () => readFile(logFile, 'utf8').catch(() => '(no log yet)'),
    async stop() {
      child.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const startMsMax = 30_000;

async function listening(port: number): Promise<void> {
  await vi.waitFor(
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = createConnection({ host: '127.0.0.1', port });
        socket.once('connect', () => {
          socket.destroy();
          resolve();
        });
        socket.once('error', reject);
      }),
    { timeout: startMsMax },
  );
}
