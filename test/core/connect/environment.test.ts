import { describe, expect, it } from 'vitest';
import { environmentOf } from '../../../core/connect/environment.ts';
import { assignments, evaluated, shellOf } from '../../../core/connect/shells.ts';
import { findProgram, run } from '../../run-program.ts';

const facts = {
  host: '127.0.0.1',
  ports: {
    smtp: 1025,
    providers: 8026,
    tls: 8443,
    proxy: 8027,
    apns: 2197,
    apnsManage: 2195,
    metadata: 8028,
    smpp: 2775,
  },
  url: 'http://127.0.0.1:8025',
  caFile: '/data/ca.pem',
};
const awkward = { PLAIN: 'one', AWKWARD: 'it\'s $HOME `x` "quoted" 100% \\ back' };

describe('environment variables', () => {
  it('name every address', () => {
    expect(environmentOf(facts, 'address')).toMatchObject({
      SANDPOST_PROVIDERS_URL: 'http://127.0.0.1:8026',
      SANDPOST_INAPP_URL: 'http://127.0.0.1:8026/inapp/v1',
      SANDPOST_APNS: '127.0.0.1:2197',
      SANDPOST_SMPP: '127.0.0.1:2775',
      SMTP_PORT: '1025',
      SANDPOST_CA_BUNDLE: '/data/ca-bundle.pem',
    });
  });

  it('give the languages that replace their roots the bundle, and those that add to them ours alone', () => {
    expect(environmentOf(facts, 'ca')).toMatchObject({
      NODE_EXTRA_CA_CERTS: '/data/ca.pem',
      SSL_CERT_FILE: '/data/ca-bundle.pem',
      REQUESTS_CA_BUNDLE: '/data/ca-bundle.pem',
      CURL_CA_BUNDLE: '/data/ca-bundle.pem',
    });
  });

  it('keep the options that Node has already, and have the preload once', () => {
    const first = environmentOf({ ...facts, current: { NODE_OPTIONS: '--max-old-space-size=512' } }, 'node');
    expect(first.NODE_OPTIONS).toBe('--require /data/sandpost-redirect.cjs --max-old-space-size=512');
    expect(environmentOf({ ...facts, current: first }, 'node')).toEqual(first);
  });

  it('quote a path as Node wants it', () => {
    const { NODE_OPTIONS } = environmentOf({ ...facts, caFile: '/my data/ca.pem' }, 'node');
    expect(NODE_OPTIONS).toBe('--require "/my data/sandpost-redirect.cjs"');
  });

  it('have no proxy where its door is closed', () => {
    expect(environmentOf({ ...facts, ports: { smtp: 1025 } }, 'proxy')).toEqual({});
  });
});

describe('shells', () => {
  it.each([
    [{ SHELL: '/bin/bash' }, 'linux', 'bash'],
    [{ SHELL: '/usr/bin/zsh' }, 'darwin', 'zsh'],
    [{ SHELL: '/usr/bin/fish' }, 'linux', 'fish'],
    [{ SHELL: '/bin/bash', PSModulePath: '/opt/x' }, 'linux', 'powershell'],
    [{ SHELL: '/bin/dash' }, 'linux', 'bash'],
    [{}, 'linux', 'bash'],
    [{ PSModulePath: 'C:\\x' }, 'win32', 'powershell'],
    [{ PSModulePath: 'C:\\x', PROMPT: '$P$G' }, 'win32', 'cmd'],
    [{ PSModulePath: 'C:\\x', SHELL: '/usr/bin/bash.exe' }, 'win32', 'bash'],
  ] as const)('are told by what they leave behind: %j on %s is %s', (environment, platform, shell) => {
    expect(shellOf(environment, platform)).toBe(shell);
  });

  it.each([
    ['bash', "export AWKWARD='it'\\''s $HOME `x` \"quoted\" 100% \\ back'"],
    ['fish', "set -gx AWKWARD 'it\\'s $HOME `x` \"quoted\" 100% \\\\ back'"],
    ['powershell', "$env:AWKWARD = 'it''s $HOME `x` \"quoted\" 100% \\ back'"],
    ['cmd', 'set "AWKWARD=it\'s $HOME `x` "quoted" 100% \\ back"'],
  ] as const)('get their own syntax: %s', (shell, line) => {
    expect(assignments(awkward, shell)).toContain(`${line}\n`);
  });

  it.skipIf(findProgram('bash') === null)('take over exactly what was meant', async () => {
    const script = `${assignments(awkward, 'bash')}printf %s "$AWKWARD"`;
    expect((await run('bash', ['-c', script])).stdout).toBe(awkward.AWKWARD);
    const { stdout } = await run('bash', ['-c', `${evaluated('echo export A=1', 'bash')}; printf %s "$A"`]);
    expect(stdout).toBe('1');
  });
});
