/** A real Postfix for a test: a configuration and a queue of its own, started and ended by itself, never the machine's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, run } from './run-program.ts';

export interface PostfixOptions {
  /** `relayhost`: where everything goes that no transport takes elsewhere. */
  readonly smarthost: string;
  /** Between two tries of what it deferred. */
  readonly backoffSeconds?: number;
  /** Lines of main.cf. */
  readonly settings?: readonly string[];
  /** Lines of master.cf. */
  readonly services?: readonly string[];
}

export interface Mta {
  /** Hands a message to its sendmail, as a program of this machine would. */
  submit(from: string, to: readonly string[], content: Buffer): Promise<void>;
  log(): Promise<string>;
  /** What waits in its queue, as `postqueue -j` tells it. */
  queue(): Promise<readonly Queued[]>;
  /** All that waits is tried at once. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export interface Queued {
  readonly queue_name: string;
  readonly queue_id: string;
  readonly sender: string;
  readonly recipients: readonly { readonly address: string; readonly delay_reason?: string }[];
}

/** @returns why Postfix cannot be started here, or null */
export function postfixLacking(): string | null {
  if (findProgram('postfix') === null || findProgram('postconf') === null) return 'postfix is not installed';
  return process.getuid?.() === 0 ? null : 'Postfix starts as root only';
}

const usualServices = `
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
retry unix - - n - - error
error unix - - n - - error
showq unix n - n - - showq
scache unix - - n - 1 scache
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`;

/** Whoever starts it stops it. */
export async function startPostfix({
  smarthost,
  backoffSeconds = 1,
  settings = [],
  services = [],
}: PostfixOptions): Promise<Mta> {
  const folder = await mkdtemp(join(tmpdir(), 'sandpost-postfix-'));
  await chmod(folder, 0o755);
  const [config, queue, data] = ['config', 'queue', 'data'].map((name) => join(folder, name));
  if (config === undefined || queue === undefined || data === undefined) throw new Error('no folders');
  for (const path of [config, queue, data]) await mkdir(path);
  await run('chown', ['postfix', data]);
  const logFile = join(folder, 'mail.log');
  await writeFile(
    join(config, 'main.cf'),
    [
      'compatibility_level = 3.6',
      `queue_directory = ${queue}`,
      `data_directory = ${data}`,
      `maillog_file = ${logFile}`,
      `maillog_file_prefixes = ${folder}`,
      'myhostname = mta.example',
      'mydestination =',
      'inet_interfaces = loopback-only',
      'alias_maps =',
      'local_recipient_maps =',
      'smtp_host_lookup = native',
      'smtp_dns_support_level = disabled',
      'smtputf8_enable = yes',
      `relayhost = ${smarthost}`,
      `minimal_backoff_time = ${backoffSeconds}s`,
      `maximal_backoff_time = ${backoffSeconds}s`,
      ...settings,
      '',
    ].join('\n'),
  );
  await writeFile(join(config, 'master.cf'), [usualServices.trim(), ...services, ''].join('\n'));
  await makeQueue(queue);
  // The master itself, for the `postfix` command checks the whole installation first, which takes long.
  const programs = await run('postconf', ['-c', config, '-h', 'daemon_directory']);
  const master = spawn(join(programs.stdout.trim(), 'master'), ['-c', config, '-d'], {
    stdio: 'ignore',
    detached: true,
  });
  return {
    async submit(from, to, content) {
      const args = ['-C', config, '-i', '-f', from, '--', ...to];
      const ran = await run('sendmail', args, { input: content, env: { MAIL_CONFIG: config } });
      if (ran.code !== 0) throw new Error(`sendmail: ${ran.stderr}`);
    },
    log: () => readFile(logFile, 'utf8').catch(() => '(no log yet)'),
    async queue() {
      const ran = await run('postqueue', ['-c', config, '-j']);
      if (ran.code !== 0) throw new Error(`postqueue: ${ran.stderr}`);
      return ran.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line): Queued => JSON.parse(line));
    },
    async flush() {
      const ran = await run('postqueue', ['-c', config, '-f']);
      if (ran.code !== 0) throw new Error(`postqueue: ${ran.stderr}`);
    },
    async stop() {
      await stop(master);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The folders of a queue, with the owners and the modes that Postfix insists on. */
async function makeQueue(queue: string): Promise<void> {
  const own = 'incoming active deferred bounce defer corrupt flush hold trace saved private'.split(' ');
  const shared = ['public', 'maildrop'];
  for (const name of [...own, ...shared]) await mkdir(join(queue, name), { mode: 0o700 });
  await mkdir(join(queue, 'pid'));
  const paths = [...own, ...shared].map((name) => join(queue, name));
  await run('chown', ['postfix', ...paths]);
}

/** It leads a group of its own, which goes with it. */
async function stop(master: ChildProcess): Promise<void> {
  if (master.exitCode !== null || master.signalCode !== null) return;
  const gone = once(master, 'exit');
  master.kill('SIGTERM');
  await gone;
}

/** What its log says of one try for one recipient. */
export interface Tried {
  readonly queueId: string;
  readonly recipient: string;
  readonly status: 'sent' | 'deferred' | 'bounced';
  readonly text: string;
}

export function triedIn(log: string): readonly Tried[] {
  const line =
    /postfix\/[a-z-]+\[\d+\]: ([0-9A-F]+): to=<([^>]*)>,.* status=(sent|deferred|bounced) \((.*)\)$/gm;
  return [...log.matchAll(line)].map(
    ([, queueId = '', recipient = '', status, text = '']): Tried => ({
      queueId,
      recipient,
      status: status === 'sent' || status === 'bounced' ? status : 'deferred',
      text,
    }),
  );
}
