/** The profile of each provider. */
import type { ProviderKey } from '../../model/mail-provider.ts';
import type { ProviderProfile } from '../profile.ts';
import { corporate } from './corporate.ts';
import { plain } from './default.ts';
import { gmail } from './gmail.ts';
import { outlook } from './outlook.ts';
import { own } from './own.ts';
import { yahoo } from './yahoo.ts';

export const profileOf: Readonly<Record<ProviderKey, ProviderProfile>> = {
  gmail,
  outlook,
  yahoo,
  corporate,
  default: plain,
  own,
};
