import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parseStartArguments } from '../../../electron/start-arguments.ts';

it('reads flags in both forms and leaves those of Chromium alone', () => {
  const argv = [
    '--no-sandbox',
    '.',
    '--attach',
    'localhost:8025',
    '--data=/tmp/data',
    '--remote-debugging-port=0',
  ];
  expect(parseStartArguments(argv, '/')).toEqual({
    attachUrl: 'http://localhost:8025/',
    dataDir: resolve('/tmp/data'),
    workspace: null,
    inTray: false,
    coreWay: null,
    coreEntry: null,
    portArguments: [],
    openings: [],
  });
});

it('attaches to nothing that is not http or https', () => {
  for (const address of ['file:///etc/passwd', 'javascript:alert(1)', 'http://']) {
    expect(parseStartArguments([`--attach=${address}`], '/').attachUrl).toBeNull();
  }
});

it('takes messages to show and files to import, relative to where it was started', () => {
  expect(
    parseStartArguments(['sandpost://message/ab', 'mail/hello.EML', 'notes.txt'], '/home/jane').openings,
  ).toEqual([
    { kind: 'path', path: '/messages/ab' },
    { kind: 'file', file: resolve('/home/jane', 'mail/hello.EML') },
  ]);
  expect(parseStartArguments(['old.mbox'], '/home/jane').openings).toEqual([
    { kind: 'file', file: resolve('/home/jane', 'old.mbox') },
  ]);
});

it('takes the name of a workspace, and whether to stay in the tray', () => {
  expect(parseStartArguments(['--workspace=Shop', '--in-tray'], '/')).toMatchObject({
    workspace: 'Shop',
    inTray: true,
  });
  expect(parseStartArguments(['--workspace', ' '], '/').workspace).toBeNull();
});
