/** The app's own domains: what comes back to them (reports, replies) is taken as it is. */
import type { ProviderProfile } from '../profile.ts';
import { plain } from './default.ts';

export const own: ProviderProfile = {
  ...plain,
  key: 'own',
  // What stands behind it is the app's own server, which tells nobody of a success: our MTA says that it was handed on.
  extensions: plain.extensions.filter((extension) => extension !== 'DSN'),
  spamAt: 1_000,
};
