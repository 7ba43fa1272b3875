/** Google's SDKs, unmodified, each in a process of its own, led to real listeners of the fakes. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FcmSettings } from '../../../../core/channels/fcm/index.ts';
import { environmentOf } from '../../../../core/connect/environment.ts';
import { writeRedirectKit } from '../../../../core/connect/redirect-kit.ts';
import type { ExchangeEnd } from '../../../../core/model/message.ts';
import { run } from '../../../run-program.ts';
import { temporaryFolder } from '../../../start-core.ts';
import { startDoors } from '../../doors/http/doors.ts';
import { type FcmWorld, fcmWorld } from './fcm-world.ts';

export interface SdkWorld extends FcmWorld {
  readonly ports: FcmWorld['ports'];
  readonly doorPorts: Readonly<Record<string, number>>;
  /** Exchanges that no message carries: refused, or accepted without one. */
  readonly ended: readonly ExchangeEnd[];
  /** Runs a script that prints one JSON value, and reads it. */
  script(code: string, environment?: Readonly<Record<string, string>>): Promise<unknown>;
}

export async function sdkWorld(settings: Partial<FcmSettings> = {}): Promise<SdkWorld> {
  const world = fcmWorld(settings, Date.now());
  const { fcm, bare, google, metadata } = world.routes;
  const doors = await startDoors({ routes: [fcm, bare, google], ports: { metadata: [metadata] } });
  onTestFinished(() => doors.close());
  const folder = await temporaryFolder();
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, doors.ca);
  const doorPorts: Record<string, number> = { ...doors.ports };
  const facts = { host: '127.0.0.1', ports: doorPorts, url: 'http://127.0.0.1:1', caFile, current: {} };
  await writeRedirectKit(facts, {
    preloadSource: new URL('../../../../bin/sandpost-redirect.cjs', import.meta.url),
    systemRoots: () => Promise.resolve(''),
  });
  return Object.assign(world, {
    doorPorts,
    ended: doors.ended,
    async script(code: string, environment: Readonly<Record<string, string>> = {}) {
      const env = { ...environmentOf(facts, 'node'), ...environment };
      const { stdout, stderr } = await run(process.execPath, ['-e', code], { env });
      try {
        return JSON.parse(stdout) as unknown;
      } catch (error) {
        throw new Error(`the script printed no JSON: ${stdout}\n${stderr}`, { cause: error });
      }
    },
  });
}
