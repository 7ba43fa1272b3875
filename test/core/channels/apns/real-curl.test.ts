/** curl with HTTP/2: over TLS at the APNs door, and plain (h2c) at the providers' door. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../../run-program.ts';
import { apnsDoors } from './apns-doors.ts';
import { app, jwt, token } from './apns-world.ts';

const payload = '{"aps":{"alert":"Hello from curl"}}';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sandpost-curl-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function curl(...options: readonly string[]): Promise<string> {
  const { stdout } = await run('curl', ['-sS', '-i', '--noproxy', '*', '-m', '10', ...options]);
  return stdout.replaceAll('\r', '');
}

describe('curl --http2', () => {
  it('pushes over TLS, and reads the id', async () => {
    const { world, doors, port } = await apnsDoors();
    const ca = join(folder(), 'ca.pem');
    writeFileSync(ca, doors.ca);
    const said = await curl(
      ...['--http2', '--cacert', ca, '-H', `apns-topic: ${app}`, '-H', 'apns-push-type: alert'],
      ...['-H', `authorization: bearer ${jwt({}, Date.now())}`, '-d', payload],
      `https://localhost:${port}/3/device/${token}`,
    );
    expect(said).toMatch(/^HTTP\/2 200 \napns-id: [0-9A-F-]{36}\napns-unique-id: [0-9A-F-]{36}\n/);
    expect(world.handovers).toHaveLength(1);
  });

  it('is refused without credentials, in the words of APNs', async () => {
    const { doors, port } = await apnsDoors();
    const ca = join(folder(), 'ca.pem');
    writeFileSync(ca, doors.ca);
    const said = await curl(
      '--http2',
      '--cacert',
      ca,
      '-d',
      payload,
      `https://localhost:${port}/3/device/${token}`,
    );
    expect(said).toMatch(/^HTTP\/2 403 \napns-id: [0-9A-F-]{36}\n/);
    expect(said).toContain('{"reason":"MissingProviderToken"}');
  });

  it('pushes in plain HTTP/2 at the door of all providers', async () => {
    const { world, plainPort } = await apnsDoors();
    const said = await curl(
      ...['--http2-prior-knowledge', '-H', `apns-topic: ${app}`],
      ...['-H', `authorization: bearer ${jwt({}, Date.now())}`, '-d', payload],
      `http://127.0.0.1:${plainPort}/apns/3/device/${token}`,
    );
    expect(said).toMatch(/^HTTP\/2 200/);
    expect(world.handovers).toHaveLength(1);
  });
});
