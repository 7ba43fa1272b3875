/** Failures as providers word them, ready to be added as rules. */
import type { ProviderKey } from '../../model/mail-provider.ts';
import type { Rule } from '../schema.ts';

export interface Preset {
  readonly id: string;
  readonly provider: ProviderKey | 'any';
  readonly kind: string;
  readonly title: string;
  readonly about: string;
  readonly source: string;
  readonly rule: Omit<Rule, 'id'>;
}

export const presets: readonly Preset[] = [];
