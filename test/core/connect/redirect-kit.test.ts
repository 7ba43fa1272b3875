import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { redirectTargets, writeRedirectKit } from '../../../core/connect/redirect-kit.ts';
import { rootFiles, type SystemRootsPorts, systemRoots } from '../../../core/connect/system-roots.ts';
import { providerHosts } from '../../../core/doors/tls/provider-hosts.ts';
import { temporaryFolder } from '../../start-core.ts';

const pem = (name: string): string => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
const ports = { tls: 8443, apns: 2197, apnsManage: 2195 };
const preloadSource = new URL('../../../bin/sandpost-redirect.cjs', import.meta.url);

describe('the redirect kit', () => {
  it('lies beside the CA: the preload, what goes where, and the roots with ours', async () => {
    const folder = await temporaryFolder();
    const caFile = join(folder, 'ca.pem');
    await writeFile(caFile, pem('ours'));
    const about = { caFile, host: '127.0.0.1', ports };
    const kit = { preloadSource, systemRoots: () => Promise.resolve(pem('theirs')) };
    const files = await writeRedirectKit(about, kit);

    expect(await readFile(files.preload, 'utf8')).toBe(await readFile(preloadSource, 'utf8'));
    expect(JSON.parse(await readFile(files.targets, 'utf8'))).toMatchObject({
      caFile,
      hosts: { 'api.push.apple.com': '127.0.0.1:2197', 'fcm.googleapis.com': '127.0.0.1:8443' },
    });
    expect(await readFile(files.caBundle, 'utf8')).toMatch(/theirs.*Sandpost.*ours/s);

    const before = await stat(files.caBundle);
    await writeRedirectKit({ ...about, ports: { ...ports, tls: 9443 } }, kit);
    expect((await stat(files.caBundle)).mtimeMs).toBe(before.mtimeMs);
    expect(await readFile(files.targets, 'utf8')).toContain('127.0.0.1:9443');
  });

  it('leads every host that the CA vouches for, where its door is open', () => {
    expect(Object.keys(redirectTargets('127.0.0.1', ports))).toEqual(providerHosts);
    expect(redirectTargets('127.0.0.1', {})).toEqual({});
    expect(redirectTargets('::1', { tls: 8443 })['api.push.apple.com']).toBe('[::1]:8443');
  });
});

describe('the system’s roots', () => {
  const files = (found: Readonly<Record<string, string>>, other: Partial<SystemRootsPorts> = {}) =>
    systemRoots({
      platform: 'linux',
      certFile: undefined,
      readFile: (path) =>
        found[path] === undefined
          ? Promise.reject(Object.assign(new Error('no such file'), { code: 'ENOENT' }))
          : Promise.resolve(found[path]),
      stored: () => [pem('stored')],
      bundled: () => [pem('bundled')],
      ...other,
    });

  it('are those of the distribution, wherever it has them', async () => {
    for (const path of rootFiles) expect(await files({ [path]: pem(path) })).toBe(pem(path));
  });

  it('are those that SSL_CERT_FILE names, before all others', async () => {
    const found = { '/company.pem': pem('company'), [rootFiles[0] ?? '']: pem('debian') };
    expect(await files(found, { certFile: '/company.pem' })).toBe(pem('company'));
  });

  it('are the store’s on macOS and Windows, and Node’s own where there are no others', async () => {
    expect(await files({}, { platform: 'darwin' })).toMatch(/stored.*bundled/s);
    expect(await files({})).toBe(pem('bundled'));
  });
});
