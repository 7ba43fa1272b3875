import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openShellVault } from '../../../core/store/shell-vault.ts';
import { beside } from '../../../electron/core-host/beside.ts';
import { type AnswerVault, vaultOf } from '../../../electron/core-host/vault-port.ts';
import { keychainUsable, openKeychain, type SafeStorage } from '../../../electron/keychain.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandpost-keychain-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Seals by turning round; opens nothing that it did not seal. */
function fakeStorage(more: Partial<SafeStorage> = {}): SafeStorage {
  return {
    isEncryptionAvailable: () => true,
    encryptString: (plain) => Buffer.from(`sealed:${[...plain].reverse().join('')}`),
    decryptString: (sealed) => {
      const text = sealed.toString();
      if (!text.startsWith('sealed:')) throw new Error('not ours');
      return [...text.slice(7)].reverse().join('');
    },
    ...more,
  };
}

const neverLate = { after: () => () => undefined };

/** Both ends of the line, without a process between them. */
function joined(answer: AnswerVault) {
  let tell: (message: unknown) => void = () => undefined;
  return openShellVault(
    {
      send: (message) => {
        const said = answer(JSON.parse(JSON.stringify(message)));
        queueMicrotask(() => tell(said));
      },
      onMessage: (listener) => {
        tell = listener;
      },
    },
    neverLate,
  );
}

it('is used where the system has one, and not where Linux has but a word for a key', () => {
  expect(keychainUsable(fakeStorage({ isEncryptionAvailable: () => false }), 'darwin')).toBe(false);
  expect(keychainUsable(fakeStorage(), 'linux')).toBe(true);
  expect(keychainUsable(fakeStorage({ getSelectedStorageBackend: () => 'basic_text' }), 'linux')).toBe(false);
  expect(keychainUsable(fakeStorage({ getSelectedStorageBackend: () => 'gnome_libsecret' }), 'linux')).toBe(
    true,
  );
});

it('keeps what a core gives it, sealed and for this user alone, each data folder’s by itself', async () => {
  const file = join(folder, 'credentials.json');
  const keychain = openKeychain(fakeStorage(), file);
  const shop = joined(vaultOf(keychain, '/data/shop'));
  const other = joined(vaultOf(keychain, '/data/other'));
  expect(shop.kind).toBe('keychain');
  expect(await shop.get('main')).toBeNull();
  await shop.put('main', { password: 'open sesame' });
  expect(await shop.get('main')).toEqual({ password: 'open sesame' });
  expect(await other.get('main')).toBeNull();
  expect(readFileSync(file, 'utf8')).not.toContain('open sesame');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  // A later start reads it again.
  expect(openKeychain(fakeStorage(), file).get('/data/shop', 'main')).toEqual({ password: 'open sesame' });
  await shop.remove('main');
  expect(await shop.get('main')).toBeNull();
});

it('says what to do when the keychain does not open what was kept, or the shell is silent', async () => {
  const file = join(folder, 'credentials.json');
  writeFileSync(file, JSON.stringify({ '/data/shop': { main: Buffer.from('foreign').toString('base64') } }));
  const vault = joined(vaultOf(openKeychain(fakeStorage(), file), '/data/shop'));
  await expect(vault.get('main')).rejects.toMatchObject({
    code: 'store_failed',
    message: expect.stringContaining('does not open the credential “main”. Give it anew'),
  });
  let late: () => void = () => undefined;
  const silent = openShellVault(
    { send: () => undefined, onMessage: () => undefined },
    {
      after: (_delayMs, run) => {
        late = run;
        return () => undefined;
      },
    },
  );
  const asked = silent.get('main');
  late();
  await expect(asked).rejects.toThrow('Unlock the keychain');
});

it('answers nothing but what a core may ask', () => {
  const answer = vaultOf(openKeychain(fakeStorage(), join(folder, 'credentials.json')), '/data');
  for (const message of [
    null,
    'get',
    { ready: {} },
    { vault: { id: 1, do: 'list' } },
    { vault: { do: 'get' } },
  ]) {
    expect(answer(message)).toBeNull();
  }
});

it('is reached by a core beside over the channel between processes', async () => {
  const script = join(folder, 'core.mjs');
  const source = new URL('../../../core/', import.meta.url).href;
  writeFileSync(
    script,
    `import { openShellVault } from '${source}store/shell-vault.ts';
import { systemClock } from '${source}clock.ts';
if (process.env.SANDPOST_VAULT !== 'shell') throw new Error('no word of a vault');
const vault = openShellVault({
  send: (message) => void process.send(message),
  onMessage: (listener) => process.on('message', listener),
}, systemClock);
await vault.put('main', { password: 'from beside' });
const { password } = await vault.get('main');
process.stdin.resume().on('end', () => process.exit(0));
console.log(JSON.stringify({ ready: true, url: 'http://127.0.0.1:1/', dataDir: password }));
`,
  );
  const way = beside({
    node: process.execPath,
    script,
    serveArguments: [],
    log: () => undefined,
    vault: vaultOf(openKeychain(fakeStorage(), join(folder, 'credentials.json')), folder),
  });
  const outcome = await way.start(new AbortController().signal);
  expect(outcome).toMatchObject({ kind: 'ready', core: { dataDir: 'from beside' } });
  if (outcome.kind === 'ready') await outcome.core.stop();
});

it('keeps nothing by a name that every object has something by', () => {
  const vault = openKeychain(fakeStorage(), join(folder, 'credentials.json'));
  vault.put('/data', 'main', { password: 'p' });
  expect(vault.get('/data', 'constructor')).toBeNull();
  vault.put('/data', 'constructor', { password: 'q' });
  expect(vault.get('/data', 'constructor')).toEqual({ password: 'q' });
});
