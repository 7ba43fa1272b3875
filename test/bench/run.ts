/**
 * `npm run bench [-- quick|ingest|rules|push|sms|inapp|deliveries|queries|screen]`: every figure in one run on one machine, as ratios where speed is
 * compared. Needs Linux and Postfix's smtp-source and smtp-sink (Debian: postfix); POSTFIX_SBIN names their folder. Pushes
 * and SMS come from h2load (Debian: nghttp2-client).
 */
import { mkdtempSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { measureBeside, measureDeliveries } from './deliveries.ts';
import { measureDisk } from './disk.ts';
import { measureInApp } from './inapp.ts';
import { type IngestRow, measureIngest } from './ingest.ts';
import { findTool, loads, run } from './load.ts';
import { measurePush } from './push.ts';
import { catchUpRate, pause, timed, waitForIndex } from './queries.ts';
import { measureRules } from './rules.ts';
import { measureScreen } from './screen.ts';
import { measureSms } from './sms.ts';
import { removeFolder, residentMegabytes, startBare, startCore, startCoreOn, startSink } from './subjects.ts';

const parts = process.argv.slice(2);
const quick = parts.includes('quick');
const wanted = (part: string): boolean => parts.every((one) => one === 'quick') || parts.includes(part);
const rounds = quick ? 1 : 3;
const storedMessages = quick ? 20_000 : 100_000;
/** What taking and showing cost is measured alone; deliveries beside it have a figure of their own. */
const captureOnly = ['--no-deliver'];
const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const source = findTool('smtp-source');
if (source === null) {
  say(
    'bench: smtp-source was not found; install Postfix (it need not run), or name its folder with POSTFIX_SBIN',
  );
  process.exit(69);
}
const folder = mkdtempSync(join(process.cwd(), 'out', 'bench-'));
try {
  say(
    `Sandpost bench, Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`,
  );
  const disk = measureDisk(folder);
  say(
    `disk: fdatasync median ${disk.syncMsMedian.toFixed(2)} ms, sequential ${disk.megabytesPerSecond.toFixed(0)} MB/s\n`,
  );
  if (wanted('ingest')) await ingest(source);
  if (wanted('rules')) {
    await measureRules(folder, source, quick, say);
    say('');
  }
  if (wanted('push')) {
    say("push, whole requests a second by h2load; ÷ is the median of the rounds' ratios");
    for (const line of await measurePush(folder, quick)) say(line);
    say('');
  }
  if (wanted('sms')) {
    say("SMS, whole requests a second by h2load; ÷ is the median of the rounds' ratios");
    await measureSms(folder, quick, say);
    say('');
  }
  if (wanted('inapp')) {
    say("in-app messages, pulled; ÷ is the median of the rounds' ratios");
    await measureInApp(folder, quick, say);
    say('');
  }
  if (wanted('deliveries')) {
    say('whole deliveries: compose, store, sign, route, SMTP, verify, judge, place; each step real');
    for (const line of await measureDeliveries(folder, quick)) say(line);
    for (const line of await measureBeside(folder, source, quick)) say(line);
    say('');
  }
  if (wanted('queries') || wanted('screen')) await stored(source);
} finally {
  removeFolder(folder);
}

async function ingest(tool: string): Promise<void> {
  const sinkTool = findTool('smtp-sink');
  const subjects = {
    core: await startCore(folder, captureOnly),
    noSync: await startCore(folder, [...captureOnly, '--unsafe-no-sync']),
    bare: await startBare(),
    sink: sinkTool === null ? null : await startSink(sinkTool),
  };
  say(
    `ingest without delivering, messages a second, median of ${rounds} rounds in turn; ÷ is the median of the rounds' ratios`,
  );
  say(row(['load', 'Sandpost', 'no sync', 'bare', 'smtp-sink', '÷ bare', '÷ no sync', 'peak MB']));
  const rows: IngestRow[] = [];
  for (const load of loads) {
    const measured = await measureIngest(tool, load, subjects, rounds);
    rows.push(measured);
    say(ingestRow(measured));
  }
  say(
    'bare: smtp-server, discarding, greeting sent at once. no sync: Sandpost with a commit that does not wait for the disk.\n',
  );
  for (const subject of Object.values(subjects)) await subject?.stop();
}

function ingestRow(measured: IngestRow): string {
  const { load, core, noSync, bare, sink, overBare, overNoSync, peakMegabytes } = measured;
  const rate = (value: number | null): string => (value === null ? '–' : value.toFixed(value < 100 ? 1 : 0));
  return row([
    load.name,
    rate(core),
    rate(noSync),
    rate(bare),
    rate(sink),
    overBare.toFixed(2),
    overNoSync.toFixed(2),
    peakMegabytes.toFixed(0),
  ]);
}

async function stored(tool: string): Promise<void> {
  const data = mkdtempSync(join(folder, 'stored-'));
  const core = await startCoreOn(data, captureOnly);
  await pause(1_000);
  const idle = residentMegabytes(core.pid);
  const small = { name: 'fill', connections: 50, messages: 30_000, bytes: 1024, reconnect: false };
  await run(tool, small, core.smtpPort, 'ordinary words about nothing');
  const rate = await catchUpRate(core.url);
  const busy = residentMegabytes(core.pid);
  // The reading thread is let go when it had nothing to do for a while.
  await pause(12_000);
  const after = residentMegabytes(core.pid);
  say(
    `memory: idle ${idle.toFixed(0)} MB; after 30,000 small messages ${after.toFixed(0)} MB (${(after - idle).toFixed(0)} MB more; ${busy.toFixed(0)} MB while the reading thread is there)`,
  );
  say(`reading catches up at ${rate.toFixed(0)} messages a second`);
  const rest = Math.max(0, storedMessages - 30_000 - 3);
  if (rest > 0) await run(tool, { ...small, messages: rest }, core.smtpPort, 'ordinary words about nothing');
  await sendRare(core.smtpPort);
  await waitForIndex(core.url);
  if (wanted('queries')) await queries(core.url);
  if (wanted('screen')) say(await measureScreen(core.url, core.smtpPort));
  await core.stop();
  const again = await startCoreOn(data, captureOnly);
  say(`cold start to ready, everything stored: ${again.startMs.toFixed(0)} ms`);
  await again.stop();
}

async function queries(url: string): Promise<void> {
  const line = async (name: string, path: string): Promise<void> => {
    const { median, worst } = await timed(`${url}${path}`);
    say(`${name.padEnd(34)} median ${median.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`);
  };
  say(`with ${storedMessages.toLocaleString('en')} messages stored:`);
  await line('list page of 50', '/v1/messages');
  await line('search matching most rows', '/v1/messages?q=ordinary');
  await line('search matching three', '/v1/messages?q=zebrafinch');
  await line('unread', '/v1/messages?q=is:unread');
}

async function sendRare(port: number): Promise<void> {
  const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
  for (let n = 0; n < 3; n++) {
    await transport.sendMail({
      from: 'a@bench.example',
      to: 'b@bench.example',
      subject: `zebrafinch ${n}`,
      text: 'rare',
    });
  }
  transport.close();
}

function row(cells: readonly string[]): string {
  return cells.map((cell, at) => (at === 0 ? cell.padEnd(32) : cell.padStart(10))).join('');
}
