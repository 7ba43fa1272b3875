/** Every channel's doors under the one contract, and every channel's room with the files that rooms have. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../core/model/app-error.ts';
import { openSqliteStore } from '../../../core/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../core/store/store.ts';
import { type ChannelDoor, channelDoorContract, keptOf, type Sent } from '../../contract/channel-door.ts';
import type { Reached } from '../../contract/reached.ts';
import { findProgram, run } from '../../run-program.ts';
import { type SpawnedCore, spawnCore } from '../../spawn-core.ts';
import { openCore, type TestCore, temporaryFolder } from '../../start-core.ts';
import { apnsDoors } from './door-clients/apns.ts';
import { httpDoors } from './door-clients/http.ts';
import { smppDoor } from './door-clients/smpp.ts';
import { smtpDoors } from './door-clients/smtp.ts';
import { webPushDoor } from './door-clients/web-push.ts';

const startMsMax = 60_000;

const doors: readonly ChannelDoor[] = [...smtpDoors, ...httpDoors, ...apnsDoors, webPushDoor, smppDoor];

/** Ways into the core by which no message comes that another way does not bring, and why. */
const takeNothing: Readonly<Record<string, string>> = {
  dns: 'answers questions',
  providers: 'its paths are ways of their own',
  tls: 'the same paths, in TLS: some of the clients come by it',
  proxy: 'leads to the same routes by their hosts',
  apnsManage: 'makes and deletes broadcast channels',
  '/apns-manage': 'the same by path',
  metadata: 'says who the machine is',
  '/google': 'signs in, and asks after tokens',
};

describe('every door', () => {
  let folder: string;
  let core: TestCore;
  let full: TestCore;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sandpost-doors-'));
    core = await openCore(join(folder, 'data'));
    const disk = { isFull: false };
    full = await openCore(join(folder, 'full'), [], {
      openStore: async (options) => storeOn(disk, await openSqliteStore(options)),
    });
    for (const one of doors) await one.ready?.(reached(full));
    disk.isFull = true;
  }, startMsMax);
  afterAll(async () => {
    await core.close();
    await full.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const reached = (one: TestCore): Reached => ({ url: one.app.url, port: (door) => one.port(door) });

  describe.each(doors.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    channelDoorContract(one, { core: () => reached(core), full: () => reached(full) });
  });

  it('is under the contract: all that a core opens is known here', async () => {
    const nowhere = await fetch(`http://127.0.0.1:${core.port('providers')}/nowhere`);
    const { prefixes }: { readonly prefixes: readonly string[] } = await nowhere.json();
    const ways = [...Object.keys(core.app.ports), ...prefixes].toSorted();
    const known = [...new Set(doors.map(({ way }) => way)), ...Object.keys(takeNothing)].toSorted();
    expect(ways).toEqual(known);
  });
});

/** What a door needs of the store fails, as it does where SQLite finds no room. */
function storeOn(disk: { readonly isFull: boolean }, store: Store): Store {
  const unlessFull =
    <Args extends readonly unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> =>
      disk.isFull ? Promise.reject(new AppError('disk_full', 'the disk is full')) : write(...args);
  return {
    ...store,
    accept: unlessFull(store.accept),
    spool: unlessFull(store.spool),
    endExchange: unlessFull(store.endExchange),
    saveDocument: unlessFull(store.saveDocument),
    keepPushes: unlessFull(store.keepPushes),
    keepSms: unlessFull(store.keepSms),
    keepInApps: unlessFull(store.keepInApps),
  };
}

interface Handed {
  readonly one: ChannelDoor;
  readonly text: string;
  readonly sent: Sent;
}

async function sendByAll(core: Reached, word: string): Promise<readonly Handed[]> {
  const handed: Handed[] = [];
  for (const [at, one] of doors.entries()) {
    const text = `${word}-${at}`;
    await one.ready?.(core);
    handed.push({ one, text, sent: await one.send(core, text) });
  }
  return handed;
}

/** @returns names of those whose message is not there, or is there more than once */
async function notOnceIn(core: Reached, handed: readonly Handed[]): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { one, text, sent } of handed)
    if ((await keptOf(core, one, text, sent)).length !== 1) names.push(one.name);
  return names;
}

const refusedBy = (handed: readonly Handed[]): readonly string[] =>
  handed.filter(({ sent }) => !sent.yes).map(({ one, sent }) => `${one.name}: ${sent.words}`);

it(
  'loses nothing that a door said yes to when the process is killed',
  async () => {
    const flags = ['--data', await temporaryFolder(), '--ports', '0', '--no-deliver'];
    const killed = await spawnCore(flags);
    const handed = await sendByAll(killed, 'kept');
    killed.kill();
    await killed.gone;
    expect(refusedBy(handed)).toEqual([]);
    const next = await spawnCore(flags);
    expect(await notOnceIn(next, handed)).toEqual([]);
    await next.stop();
  },
  2 * startMsMax,
);

describe.skipIf(process.platform !== 'linux' || findProgram('prlimit') === null)(
  'a disk that takes nothing any more (needs prlimit)',
  () => {
    it(
      'is a “not now” at every door, and a yes when there is room again',
      async () => {
        const core = await spawnCore(['--data', await temporaryFolder(), '--ports', '0', '--no-deliver']);
        for (const one of doors) await one.ready?.(core);
        await fileBytesMax(core, '0');
        const refused = await sendByAll(core, 'too much');
        expect(refused.filter(({ sent }) => sent.yes).map(({ one }) => one.name)).toEqual([]);
        for (const { one, sent } of refused) expect(sent.words, one.name).toMatch(one.notNow);
        await fileBytesMax(core, 'unlimited');
        const taken = await sendByAll(core, 'enough');
        expect(refusedBy(taken)).toEqual([]);
        expect(await notOnceIn(core, taken)).toEqual([]);
        await core.stop();
      },
      2 * startMsMax,
    );
  },
);

/** The system itself refuses what would be written beyond that in any file of the process (RLIMIT_FSIZE). */
async function fileBytesMax({ pid }: SpawnedCore, bytes: string): Promise<void> {
  const { code, stderr } = await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
  expect([code, stderr]).toEqual([0, '']);
}

describe('the room of each channel', () => {
  const rooms = resolve('core/channels');
  const names = [
    ...readdirSync(rooms).filter((name) => name !== 'sms'),
    ...readdirSync(join(rooms, 'sms'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `sms/${name}`),
  ];

  it.each(names)('%s says what it is, has one way in, and is tested', (name) => {
    expect(existsSync(join(rooms, name, 'README.md'))).toBe(true);
    // `push` holds what its providers share, and is no door.
    if (name !== 'push') expect(existsSync(join(rooms, name, 'index.ts'))).toBe(true);
    if (name !== 'push') expect(existsSync(join(rooms, name, 'endpoint.ts'))).toBe(true);
    expect(existsSync(resolve('test/core/channels', name))).toBe(true);
  });
});
