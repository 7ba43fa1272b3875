/** The fake APNs at real doors on free ports, with the world of the other tests behind it, on the wall's clock. */
import { onTestFinished } from 'vitest';
import type { ApnsSettings } from '../../../../core/channels/apns/schema.ts';
import type { OwnSends } from '../../../../core/delivery/own-sends.ts';
import type { ProviderDoorLimits } from '../../../../core/doors/http/limits.ts';
import type { RuleDesk } from '../../../../core/rules/decision.ts';
import { startDoors, type TestDoors } from '../../doors/http/doors.ts';
import { type ApnsWorld, apnsWorld } from './apns-world.ts';

export interface ApnsDoors {
  readonly world: ApnsWorld;
  readonly doors: TestDoors;
  readonly port: number;
  readonly managePort: number;
  readonly plainPort: number;
}

export async function apnsDoors(
  options: {
    readonly settings?: Partial<ApnsSettings>;
    readonly ownSends?: OwnSends;
    readonly desk?: RuleDesk;
    readonly limits?: Partial<ProviderDoorLimits>;
  } = {},
): Promise<ApnsDoors> {
  const world = await apnsWorld(options.settings, options.desk);
  world.nowMs = Date.now();
  const { push, manage } = world.routes;
  const doors = await startDoors({
    routes: [push, manage],
    apns: [push],
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ports: {
      apnsManage: [manage],
      findOwn: (value, address) => options.ownSends?.find(value, address) ?? null,
    },
  });
  onTestFinished(() => doors.close());
  const { apns = 0, apnsManage = 0, providers = 0 } = doors.ports;
  return { world, doors, port: apns, managePort: apnsManage, plainPort: providers };
}
