import { describe, expect, it } from 'vitest';
import { configHelp, configSchema, environmentOf, flagOf, loadConfig } from '../../core/config.ts';
import { AppError } from '../../core/model/app-error.ts';

const files: Readonly<Record<string, string>> = {
  'good.yaml': 'smtpPort: 3025\nhost: [0.0.0.0]\nkeepAge: 7d\nmessageBytesMax: 10M\nsmtpAuth: required\n',
  'good.json': '{"smtpPort": 3026}',
  'empty.yaml': '',
  'list.yaml': '- a',
  'broken.yaml': 'a: [',
  'typo.yaml': 'smptPort: 1',
};
const readFile = (path: string): string => {
  const content = files[path];
  if (content === undefined) throw new Error('ENOENT');
  return content;
};
const load = (args: readonly string[] = [], environment: Record<string, string> = {}) =>
  loadConfig(args, environment, readFile);

describe('a setting', () => {
  it('comes from the flag, else the environment, else the file, else the default', () => {
    expect(load().smtpPort).toBe(1025);
    expect(load(['--config', 'good.yaml']).smtpPort).toBe(3025);
    expect(load([], { SANDPOST_CONFIG: 'good.json' }).smtpPort).toBe(3026);
    const environment = { SANDPOST_SMTP_PORT: '4025', SANDPOST_CONFIG: 'good.yaml' };
    expect(load([], environment).smtpPort).toBe(4025);
    expect(load(['--smtp-port', '5025'], environment).smtpPort).toBe(5025);
  });

  it('has a flag, an environment variable and a line of help', () => {
    const help = configHelp();
    for (const [key, { description }] of Object.entries(configSchema.shape)) {
      expect(help).toContain(flagOf(key));
      expect(description, `${key} is described`).toBeTruthy();
    }
    expect([flagOf('smtpPort'), environmentOf('smtpPort')]).toEqual(['--smtp-port', 'SANDPOST_SMTP_PORT']);
  });

  it('that is a list may be given several times, or with commas in the environment', () => {
    expect(load(['--host', '127.0.0.1', '--host', '::1']).host).toEqual(['127.0.0.1', '::1']);
    expect(load([], { SANDPOST_ALLOW_HOST: 'a.example, b.example' }).allowHost).toEqual([
      'a.example',
      'b.example',
    ]);
  });

  it('that is a switch is turned on and off', () => {
    expect(load(['--json']).json).toBe(true);
    expect(load(['--no-project-from-user']).projectFromUser).toBe(false);
    expect(load([], { SANDPOST_PROJECT_ON_THE_FLY: 'false' }).projectOnTheFly).toBe(false);
  });

  it.each([
    ['500000', 500_000],
    ['10k', 10_240],
    ['50M', 52_428_800],
    ['1.5GiB', 1_610_612_736],
  ])('is a size: %s', (size, bytes) => {
    expect(load(['--message-bytes-max', size]).messageBytesMax).toBe(bytes);
  });

  it.each([
    ['500', 500],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['7d', 604_800_000],
  ])('is a duration: %s', (duration, ms) => {
    expect(load(['--idle-ms-max', duration]).idleMsMax).toBe(ms);
  });
});

describe('the ports', () => {
  it('are all free ones with --ports 0, save those that are named', () => {
    const config = load(['--ports', '0', '--smtp-port', '2525', '--smtps-port', 'off']);
    expect([config.smtpPort, config.submissionPort, config.smtpsPort, config.httpPort]).toEqual([
      2525,
      0,
      'off',
      0,
    ]);
  });
});

describe('loopback and nothing else', () => {
  it('is where it listens by default', () => {
    expect(load().host).toEqual(['127.0.0.1', '::1']);
  });
});

describe('what is wrong', () => {
  it.each([
    [['--smtp-port', 'abc'], {}, 'bad_configuration', '--smtp-port (SANDPOST_SMTP_PORT)'],
    [['--smtp-port', '70000'], {}, 'bad_configuration', '--smtp-port'],
    [['--smtp-auth', 'maybe'], {}, 'bad_configuration', '--smtp-auth'],
    [['--base-path', 'a b'], {}, 'bad_configuration', 'a path such as /mail'],
    [['--token', 'short'], {}, 'bad_configuration', '--token'],
    [['--recipients-max', '0'], {}, 'bad_configuration', '--recipients-max'],
    [[], { SANDPOST_KEEP_COUNT: 'many' }, 'bad_configuration', 'SANDPOST_KEEP_COUNT'],
    [['--nonsense'], {}, 'usage', '--nonsense'],
    [['stray'], {}, 'usage', 'serve --help'],
    [['--config', 'missing.yaml'], {}, 'bad_configuration', 'missing.yaml cannot be read'],
    [['--config', 'broken.yaml'], {}, 'bad_configuration', 'broken.yaml cannot be read'],
    [['--config', 'list.yaml'], {}, 'bad_configuration', 'must be a map'],
    [['--config', 'typo.yaml'], {}, 'bad_configuration', 'smptPort'],
  ])('is said with where it came from: %j %j', (args, environment, code, words) => {
    const run = () => load(args, environment);
    expect(run).toThrow(AppError);
    expect(run).toThrow(expect.objectContaining({ code, message: expect.stringContaining(words) }));
  });

  it('is not an empty file', () => {
    expect(load(['--config', 'empty.yaml']).smtpPort).toBe(1025);
  });
});
