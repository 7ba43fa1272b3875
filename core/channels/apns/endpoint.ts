/** The fake APNs as routes of the HTTP doors: pushes and broadcasts, and the management of broadcast channels. */
import type { ProviderHandler, ProviderRequest, ProviderRoute } from '../../doors/http/provider-request.ts';
import type { PushEnvironment } from '../../model/push.ts';
import { hostOf } from './accept.ts';
import { type ApnsPorts, type Asked, firstStreams } from './asked.ts';
import { broadcastRoot, handleBroadcast, handleManagement } from './broadcast.ts';
import { createCredentialsJudge } from './credentials.ts';
import { createRate, handlePush } from './device-push.ts';
import { bodyBytesMax } from './parse.ts';
import { apnsPassing } from './passing.ts';
import type { ApnsSettings } from './schema.ts';

/** The hosts of Apple's, and which environment each is. */
export const pushHosts: Readonly<Record<string, PushEnvironment>> = {
  'api.push.apple.com': 'production',
  'api.sandbox.push.apple.com': 'development',
  // The older name of the same; many clients still have it.
  'api.development.push.apple.com': 'development',
};
export const manageHosts: Readonly<Record<string, PushEnvironment>> = {
  'api-manage-broadcast.push.apple.com': 'production',
  'api-manage-broadcast.sandbox.push.apple.com': 'development',
};

export interface ApnsRoutes {
  /** Of pushes, and of sends to broadcast channels. */
  readonly push: ProviderRoute;
  /** Of channel management. */
  readonly manage: ProviderRoute;
}

export function createApnsRoutes(ports: ApnsPorts): ApnsRoutes {
  const judge = createCredentialsJudge(ports.settings);
  const rate = createRate();
  const streams: Pick<ProviderRoute, 'firstStreams'> = {
    firstStreams: (connection) => firstStreams(connection, ports.settings()),
  };
  const push: ProviderHandler = (request) => {
    const asked: Asked = {
      ports,
      judge,
      request,
      environment: environmentOf(request, pushHosts, ports.settings()),
    };
    return request.path.startsWith(broadcastRoot) ? handleBroadcast(asked) : handlePush(asked, rate);
  };
  return {
    push: {
      key: 'apns',
      prefix: '/apns',
      hosts: Object.keys(pushHosts),
      bodyBytesMax,
      handle: push,
      passing: (request) =>
        apnsPassing(request, {
          environmentOf: (host) => pushHosts[host] ?? null,
          hostOf,
          newUuid: ports.newUuid,
        }),
      ...streams,
    },
    manage: {
      key: 'apnsManage',
      prefix: '/apns-manage',
      hosts: Object.keys(manageHosts),
      bodyBytesMax,
      handle: (request) =>
        handleManagement({
          ports,
          judge,
          request,
          environment: environmentOf(request, manageHosts, ports.settings()),
        }),
      ...streams,
    },
  };
}

function environmentOf(
  { host }: ProviderRequest,
  hosts: Readonly<Record<string, PushEnvironment>>,
  { environment }: ApnsSettings,
): PushEnvironment | null {
  return hosts[host] ?? (environment === 'either' ? null : environment);
}
