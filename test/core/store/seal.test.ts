import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openSeal } from '../../../core/store/seal.ts';

const folder = mkdtempSync(join(tmpdir(), 'sandpost-seal-'));
const file = join(folder, 'secret.key');
afterEach(() => rmSync(file, { force: true }));

describe('a seal', () => {
  it('opens again what it closed, also after a restart, and says nothing twice the same way', () => {
    const sealed = openSeal(folder).seal('a private key');
    expect(sealed).not.toContain('private');
    expect(openSeal(folder).unseal(sealed)).toBe('a private key');
    expect(openSeal(folder).seal('a private key')).not.toBe(sealed);
  });

  it('keeps its key readable by its user only', () => {
    openSeal(folder);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('says what to do when the key is another one, or what was sealed was changed', () => {
    const sealed = openSeal(folder).seal('x');
    expect(() => openSeal(folder).unseal(`${sealed.slice(0, -4)}AAAA`)).toThrow('must be the one');
    rmSync(file);
    expect(() => openSeal(folder).unseal(sealed)).toThrow('must be the one');
    writeFileSync(file, 'short');
    expect(() => openSeal(folder)).toThrow('holds no key');
  });
});
