import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCredentials, openFileVault } from '../../../core/store/credential-vault.ts';

const modeOf = (file: string): number => statSync(file).mode & 0o777;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sandpost-vault-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe('the file of credentials', () => {
  it('is this user’s alone, also where it, or what a stop left beside it, had another mode', async () => {
    const path = folder();
    const file = join(path, 'credentials.json');
    writeFileSync(`${file}.new`, 'left behind', { mode: 0o644 });
    await openFileVault(path).put('main', { password: 'hunter2' });
    expect(modeOf(file)).toBe(0o600);
    chmodSync(file, 0o644);
    expect(await openFileVault(path).get('main')).toEqual({ password: 'hunter2' });
    expect(modeOf(file)).toBe(0o600);
    expect(readdirSync(path)).toEqual(['credentials.json']);
  });

  it('keeps what it is told, and forgets it', async () => {
    const path = folder();
    const vault = openFileVault(path);
    await vault.put('main', { password: 'a' });
    await vault.put('other', { secret: 'b' });
    await vault.put('main', { accessToken: 'c' });
    await vault.remove('other');
    expect(JSON.parse(readFileSync(join(path, 'credentials.json'), 'utf8'))).toEqual({
      main: { accessToken: 'c' },
    });
    expect(await openFileVault(path).get('other')).toBeNull();
  });

  it('that cannot be read is told of, without what stands in it', () => {
    for (const [text, why] of [
      ['{"main": {"password": hunter2}}', 'it is no JSON'],
      ['{"main": {"password": 7}}', 'main.password is not as it has to be'],
      ['{"main": "hunter2"}', 'main is not as it has to be'],
      ['["hunter2"]', 'it is not as it has to be'],
    ] as const) {
      const path = folder();
      writeFileSync(join(path, 'credentials.json'), text);
      const open = () => openFileVault(path);
      expect(open).toThrow(expect.objectContaining({ code: 'data_folder_unusable' }));
      expect(open).toThrow(why);
      expect(open).not.toThrow('hunter2');
    }
  });
});

describe('credentials', () => {
  const kept = { kind: 'file' as const, put: () => Promise.resolve(), remove: () => Promise.resolve() };

  it('are those of the environment first, field by field', async () => {
    const credentials = openCredentials(
      { ...kept, get: () => Promise.resolve({ user: 'kept', password: 'kept' }) },
      {
        SANDPOST_RELAY_MY_RELAY_PASSWORD: 'given',
        SANDPOST_RELAY_OTHER_USER: 'x',
        SANDPOST_RELAY_MY_RELAY_SECRET: '',
      },
    );
    expect(await credentials.get('my-relay')).toEqual({ user: 'kept', password: 'given' });
    expect(await credentials.known('my-relay')).toEqual({ user: 'file', password: 'environment' });
    expect(await credentials.kept('my-relay')).toEqual({ user: 'kept', password: 'kept' });
  });

  it('have the line breaks of a key that a variable cannot have', async () => {
    const credentials = openCredentials(
      { ...kept, get: () => Promise.resolve(null) },
      {
        SANDPOST_RELAY_MAIN_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----\\n',
        SANDPOST_RELAY_MAIN_PASSWORD: 'back\\nslash',
      },
    );
    expect(await credentials.get('main')).toEqual({
      privateKey: '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n',
      password: 'back\\nslash',
    });
  });
});
