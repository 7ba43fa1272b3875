import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { buildClient } from './built-client.ts';

const gzippedBytesMax = 6_000;
const source = resolve(import.meta.dirname, '../../client/inapp');

describe('the client for web apps', () => {
  const built = buildClient();
  afterAll(built.remove);

  it.each(['client.js', 'client.mjs'])('%s is under 6 kB gzipped, whole', (name) => {
    expect(gzipSync(built.file(name), { level: 9 }).length).toBeLessThan(gzippedBytesMax);
  });

  it('depends on nothing: the module imports nothing, and the script makes one global', () => {
    expect(built.file('client.mjs').toString()).not.toMatch(/\bimport\b|\brequire\(/);
    expect(built.file('client.js').toString()).toMatch(/^var SandpostInApp=/);
  });

  it('never makes markup of text', () => {
    for (const name of ['client.js', 'client.mjs', 'demo.js'])
      expect(built.file(name).toString()).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/,
      );
  });

  it('takes nothing but types from the core', () => {
    for (const name of readdirSync(source).filter((file) => file.endsWith('.ts'))) {
      const imports =
        readFileSync(resolve(source, name), 'utf8').match(/^(?:import|export) .*?from '.*?';/gms) ?? [];
      for (const one of imports.filter((line) => line.includes('/core/')))
        expect(one).toMatch(/^(?:import|export) type .*core\/channels\/inapp\/wire\.ts'/s);
    }
  });
});
