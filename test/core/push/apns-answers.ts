/**
 * What APNs refuses a push to a device with, as Apple lists it ("Handling notification responses from APNs"), and as the
 * sandbox's rules are to say it.
 */
import { generateKeyPairSync } from 'node:crypto';

const byStatus: Readonly<Record<number, readonly string[]>> = {
  400: [
    'BadCollapseId',
    'BadDeviceToken',
    'BadExpirationDate',
    'BadMessageId',
    'BadPriority',
    'BadTopic',
    'DeviceTokenNotForTopic',
    'DuplicateHeaders',
    'IdleTimeout',
    'InvalidPushType',
    'MissingDeviceToken',
    'MissingTopic',
    'PayloadEmpty',
    'TopicDisallowed',
  ],
  403: [
    'BadCertificate',
    'BadCertificateEnvironment',
    'ExpiredProviderToken',
    'Forbidden',
    'InvalidProviderToken',
    'MissingProviderToken',
    'UnrelatedKeyIdInToken',
    'BadEnvironmentKeyIdInToken',
  ],
  404: ['BadPath'],
  405: ['MethodNotAllowed'],
  410: ['ExpiredToken', 'Unregistered'],
  413: ['PayloadTooLarge'],
  429: ['TooManyProviderTokenUpdates', 'TooManyRequests'],
  500: ['InternalServerError'],
  503: ['ServiceUnavailable', 'Shutdown'],
};

export interface ApnsAnswer {
  readonly status: number;
  readonly reason: string;
  /** Whom the rule is for. */
  readonly token: string;
}

export const apnsAnswers: readonly ApnsAnswer[] = Object.entries(byStatus)
  .flatMap(([status, reasons]) => reasons.map((reason) => ({ status: Number(status), reason })))
  .map((answer, at) => ({ ...answer, token: deviceToken(at) }));

/** For each token the refusal that a rule is to give it. */
export const apnsRefusals = Object.fromEntries(apnsAnswers.map(({ token, reason }) => [token, { reason }]));

/** Of 32 bytes, as those of real devices. */
export function deviceToken(number: number): string {
  return `d0${number.toString(16).padStart(62, '0')}`;
}

/** As it comes from Apple's developer pages. */
export const apnsKey = {
  keyId: 'KEY1234567',
  teamId: 'TEAM123456',
  key: generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
};
