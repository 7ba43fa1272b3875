import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const fileOf = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** electron-builder's own, of the version that packs. */
const schema: object = JSON.parse(fileOf('node_modules/app-builder-lib/scheme.json'));
const valid = new Ajv({ strict: false, allErrors: true }).compile(schema);
const config = z
  .looseObject({
    linux: z.looseObject({ target: z.array(z.string()) }),
    mac: z.looseObject({ target: z.array(z.string()) }),
    win: z.looseObject({ target: z.array(z.string()) }),
    electronFuses: z.record(z.string(), z.boolean()),
    protocols: z.array(z.object({ name: z.string(), schemes: z.array(z.string()) })),
    fileAssociations: z.array(z.looseObject({ ext: z.string() })),
  })
  .parse(parse(fileOf('electron-builder.yml')));

it('is what electron-builder understands', () => {
  expect(valid(config)).toBe(true);
  expect(valid.errors).toBeNull();
  expect(valid({ ...config, electronFuse: {} })).toBe(false);
  expect(valid({ ...config, linux: { target: ['AppImag'], categry: 'Development' } })).toBe(false);
});

it('packs for the three systems, shut to whoever would use the app as a Node', () => {
  expect([config.linux.target, config.mac.target, config.win.target]).toEqual([
    ['AppImage', 'deb'],
    ['dmg', 'zip'],
    ['nsis'],
  ]);
  expect(config.electronFuses).toEqual({
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
  });
});

it('opens messages, mailboxes and links to messages', () => {
  expect(config.fileAssociations.map(({ ext }) => ext)).toEqual(['eml', 'mbox']);
  expect(config.protocols.flatMap(({ schemes }) => schemes)).toEqual(['sandpost']);
});
