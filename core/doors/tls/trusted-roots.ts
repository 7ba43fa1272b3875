/** What servers of the real world are checked against: the roots that Node brings, those of the system, and one of the user's. */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

/**
 * Reading hundreds of roots takes a quarter of a second: keep what this makes, and use it for every connection.
 *
 * @param own PEM of one more; null: none
 */
export function trustedRoots(own: string | null): SecureContext {
  return createSecureContext({
    ca: [
      ...new Set([
        ...getCACertificates('default'),
        ...getCACertificates('system'),
        ...(own === null ? [] : [own]),
      ]),
    ],
  });
}
