import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCrashFile } from '../../../electron/crash-file.ts';
import { createIncidents } from '../../../electron/incidents.ts';
import { maskSecrets } from '../../../electron/mask-secrets.ts';
import { writeReport } from '../../../electron/report.ts';

const mask = (text: string) => maskSecrets(text, { homeDir: '/home/jane', secrets: ['the-token-of-a-core'] });

it('masks the home folder and every kind of secret', () => {
  for (const [text, masked] of [
    ['at /home/jane/app/x.ts', 'at ~/app/x.ts'],
    ['at file:///home/jane/app', 'at file://~/app'],
    ['asked with the-token-of-a-core', 'asked with [masked]'],
    ['http://core:8025/?token=abc123&x=1', 'http://core:8025/?token=[masked]&x=1'],
    ['authorization: Bearer abc.def-ghi', 'authorization: Bearer [masked]'],
    ['AUTH XOAUTH2 dXNlcj1qYW5l', 'AUTH XOAUTH2 [masked]'],
    ['{"password":"pa ss","user":"jane"}', '{"password":[masked],"user":"jane"}'],
    ['SANDPOST_RELAY_MAIN_PASSWORD=hunter2', 'SANDPOST_RELAY_MAIN_PASSWORD=[masked]'],
    ['apiKey: 12345', 'apiKey: [masked]'],
    ['eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJhIn0.c2ln', '[masked]'],
    ['smtp://user:pass@mail.example/', 'smtp://[masked]@mail.example/'],
    ['-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----\nrest', '[masked]\nrest'],
  ] as const) {
    expect(mask(text)).toBe(masked);
  }
  const plain = 'sandpost: port 1025 (smtp) is taken by another program.';
  expect(mask(plain)).toBe(plain);
});

it('masks a home folder of Windows as it stands in JSON and in addresses', () => {
  const homeDir = 'C:\\Users\\Jane';
  const text = 'C:\\Users\\Jane\\x "C:\\\\Users\\\\Jane\\\\x" file:///C:/Users/Jane/x';
  expect(maskSecrets(text, { homeDir, secrets: [] })).toBe('~\\x "~\\\\x" file:///~/x');
});

it('says what failed, on what, and what went wrong before', () => {
  const incidents = createIncidents(() => new Date(0));
  incidents.note('The process GPU is gone: crashed, exit code 5.');
  const report = writeReport(
    { code: 'screen_crashed', detail: 'gone', log: ['last words'] },
    {
      version: '0.1.0',
      platform: 'linux x64',
      versions: { electron: '45', chrome: '150', node: '24' },
      homeDir: '',
      secrets: [],
      noted: incidents.noted(),
    },
  );
  expect(report).toBe(`Sandpost 0.1.0 on linux x64
Electron 45, Chromium 150, Node 24
screen_crashed: gone

last words

Before that:
1970-01-01T00:00:00.000Z The process GPU is gone: crashed, exit code 5.
`);
});

it('notes the last few only', () => {
  const incidents = createIncidents(() => new Date(0));
  for (let index = 0; index < 60; index += 1) incidents.note(`number ${index}`);
  expect(incidents.noted()).toHaveLength(50);
  expect(incidents.noted()[0]).toContain('number 10');
});

it('offers the report of the last run once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandpost-crash-'));
  try {
    const file = openCrashFile(join(folder, 'profile'));
    expect(file.take()).toBeNull();
    file.write('what happened');
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(file.take()).toBe('what happened');
    expect(file.take()).toBeNull();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
