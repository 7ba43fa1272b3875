import type { ProviderRoute } from '../../doors/http/provider-request.ts';
import { createFcmHandler, createGoogleHandler } from './endpoint.ts';
import { answerMetadata } from './metadata.ts';
import { maskTokens } from './oauth.ts';
import { fcmPassing, googlePassing } from './passing.ts';
import type { FcmPorts } from './ports.ts';
import { fcmHost } from './send.ts';

export { createAccessTokens } from './access-tokens.ts';
export { createFcmClient, type FcmClientPorts, type FcmCredentials, type FcmRequest } from './client.ts';
export type { FcmPorts } from './ports.ts';
export { defaultFcmSettings, type FcmSettings, fcmSettingsSchema, projectIdSchema } from './settings.ts';

/** A message has 4 KB at the most; its JSON, with escapes and a block for every platform, many times that. */
const sendBytesMax = 256 * 1024;
/** 1,000 tokens of a batch, at their longest. */
const accountBytesMax = 8 * 1024 * 1024;
const metadataBytesMax = 4 * 1024;

export interface FcmRoutes {
  readonly fcm: ProviderRoute;
  /**
   * The same without its prefix, on the plain door: @googleapis/fcm drops the path of the `rootUrl` that its client is made
   * with (googleapis-common 8, apirequest.ts, "Rewrite url if rootUrl is globally set").
   */
  readonly bare: ProviderRoute;
  /** OAuth and Instance ID. */
  readonly google: ProviderRoute;
  /** Of a listener of its own, at the root. */
  readonly metadata: ProviderRoute;
}

export function createFcmRoutes(ports: FcmPorts): FcmRoutes {
  const handle = createFcmHandler(ports);
  return {
    fcm: {
      key: 'fcm',
      prefix: '/fcm',
      hosts: [fcmHost],
      bodyBytesMax: sendBytesMax,
      handle: (request) => handle(request),
      passing: (request) => fcmPassing(request),
    },
    bare: {
      key: 'fcm',
      prefix: '/v1',
      hosts: [],
      bodyBytesMax: sendBytesMax,
      handle: (request) => handle(request, `/v1${request.path}`),
      passing: (request) => fcmPassing(request, '/v1'),
    },
    google: {
      key: 'google',
      prefix: '/google',
      hosts: ['oauth2.googleapis.com', 'iid.googleapis.com'],
      bodyBytesMax: accountBytesMax,
      handle: createGoogleHandler(ports),
      passing: googlePassing,
      maskBody: maskTokens,
    },
    metadata: {
      key: 'metadata',
      prefix: '/',
      hosts: ['metadata.google.internal', '169.254.169.254'],
      bodyBytesMax: metadataBytesMax,
      handle: (request) => answerMetadata(request, ports),
      maskBody: maskTokens,
      quiet: true,
    },
  };
}
