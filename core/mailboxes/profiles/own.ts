/** The app's own domains: what comes back to them (reports, replies) is taken as it is. */
import type { ProviderProfile } from '../profile.ts';
import { plain } from './default.ts';

export const own: ProviderProfile = { ...plain, key: 'own', spamAt: 1_000 };
