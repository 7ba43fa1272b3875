import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { openLocalCa } from '../../../../core/doors/tls/local-ca.ts';
import { makeCa, makeServer } from '../../../../core/doors/tls/make-certificates.ts';
import { providerHosts } from '../../../../core/doors/tls/provider-hosts.ts';
import { findProgram, run } from '../../../run-program.ts';
import { temporaryFolder } from '../../../start-core.ts';

describe('the local CA', () => {
  it('vouches for every provider’s host', async () => {
    const ca = await openLocalCa(await temporaryFolder(), ['sandpost.test', '10.1.2.3'], Date.now());
    const certificate = new X509Certificate(ca.server.cert);
    for (const host of providerHosts) expect(certificate.checkHost(host.replace('*.', 'any.'))).toBeTruthy();
    expect(certificate.checkHost('sandpost.test')).toBeTruthy();
    expect(certificate.checkIP('10.1.2.3')).toBeTruthy();
    expect(ca).toMatchObject({ made: true, madeAnewFor: null });
  });

  it('is kept as it is from start to start', async () => {
    const folder = await temporaryFolder();
    const first = await openLocalCa(folder, [], Date.now());
    const second = await openLocalCa(folder, [], Date.now());
    expect(second).toEqual({ ...first, made: false });
  });

  it('makes a new server certificate when the old one lacks a host, and stays itself', async () => {
    const folder = await temporaryFolder();
    const first = await openLocalCa(folder, [], Date.now());
    const caPem = readFileSync(first.caFile, 'utf8');
    // As it was before the provider's hosts stood in it: a certificate without any.
    const older = await selfSigned();
    writeFileSync(join(folder, 'tls', 'server.pem'), older);
    const second = await openLocalCa(folder, [], Date.now());
    expect(second.made).toBe(false);
    expect(readFileSync(second.caFile, 'utf8')).toBe(caPem);
    expect(new X509Certificate(second.server.cert).checkIssued(new X509Certificate(caPem))).toBe(true);
  });

  it('is made anew, and says why, when its constraints lack a host', async () => {
    const folder = await temporaryFolder();
    await openLocalCa(folder, [], Date.now());
    writeFileSync(join(folder, 'tls', 'names.json'), '[]');
    const again = await openLocalCa(folder, [], Date.now());
    expect(again.made).toBe(true);
    expect(again.madeAnewFor).toContain('web.push.apple.com');
  });
});

describe('the chain', () => {
  it('is verified by Node for a provider’s host, and refused for any other', async () => {
    const ca = await openLocalCa(await temporaryFolder(), [], Date.now());
    await withServer(ca.server, async (port) => {
      const caPem = readFileSync(ca.caFile, 'utf8');
      for (const servername of ['api.push.apple.com', 'wns2-db3p.notify.windows.com', 'fcm.googleapis.com'])
        expect(await handshake(port, servername, caPem)).toBe('authorized');
      expect(await handshake(port, 'bank.example', caPem)).toMatch(/altnames/);
    });
  });

  it.each(['bank.example', 'www.googleapis.com', 'evil-fcm.googleapis.com', 'apple.com', '192.0.2.7'])(
    'is of no use to whoever steals its key, to speak for %s',
    async (name) => {
      const ca = await makeCa([], Date.now());
      await withServer(await makeServer(ca, [name], Date.now()), async (port) => {
        // A certificate with one name too many is refused as a whole, for the others too.
        for (const servername of [isIP(name) === 0 ? name : 'localhost', 'fcm.googleapis.com'])
          expect(await handshake(port, servername, ca.certificate.toString('pem'))).toMatch(
            /permitted subtree violation/,
          );
      });
    },
  );

  it.skipIf(findProgram('curl') === null)('is verified by curl', async () => {
    const ca = await openLocalCa(await temporaryFolder(), [], Date.now());
    await withServer(ca.server, async (port) => {
      const { stdout } = await run('curl', [
        '-sS',
        '--max-time',
        '10',
        '--noproxy',
        '*',
        '--cacert',
        ca.caFile,
        '--resolve',
        `fcm.googleapis.com:${port}:127.0.0.1`,
        `https://fcm.googleapis.com:${port}/`,
      ]);
      expect(stdout).toBe('hello');
    });
  });

  it.skipIf(findProgram('python3') === null)('is verified by Python', async () => {
    const ca = await openLocalCa(await temporaryFolder(), [], Date.now());
    await withServer(ca.server, async (port) => {
      const { stdout } = await run('python3', ['-c', python, String(port), ca.caFile]);
      expect(stdout.trim()).toBe('api.push.apple.com wns.notify.windows.com');
    });
  });
});

const python = `
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
done = []
for host in ('api.push.apple.com', 'wns.notify.windows.com'):
    with socket.create_connection(('127.0.0.1', int(sys.argv[1])), 10) as plain:
        with context.wrap_socket(plain, server_hostname=host):
            done.append(host)
print(' '.join(done))
`;

async function selfSigned(): Promise<string> {
  return (await makeCa([], Date.now())).certificate.toString('pem');
}

async function withServer(
  certificate: { readonly key: string; readonly cert: string },
  use: (port: number) => Promise<void>,
): Promise<void> {
  const server = createServer({ ...certificate }, (_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(portOf(server.address()));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

function handshake(port: number, servername: string, ca: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ca }, () => {
      resolve('authorized');
      socket.destroy();
    });
    socket.once('error', (error) => resolve(error.message));
  });
}
