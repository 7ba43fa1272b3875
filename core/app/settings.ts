/** The settings that can be changed while it runs, as they are kept. */
import type { Settings } from '../api/schema.ts';
import type { SettingsService } from '../api/services.ts';
import type { Config } from '../config.ts';
import type { Intake } from '../intake/intake.ts';
import type { ProjectPolicy } from '../intake/projects.ts';
import { settingsFrom } from '../settings.ts';
import type { Store } from '../store/store.ts';

export async function openSettings(
  config: Config,
  store: Pick<Store, 'settings' | 'saveSetting'>,
): Promise<SettingsService> {
  let current = settingsFrom(config, await store.settings());
  return {
    current: () => current,
    retention: () => current.retention,
    async change(next) {
      await store.saveSetting('settings', next);
      current = next;
      return next;
    },
  };
}

/** The intake hears of what it goes by. */
export function withIntake(settings: SettingsService, intake: Pick<Intake, 'setPolicy'>): SettingsService {
  return {
    ...settings,
    async change(next) {
      const changed = await settings.change(next);
      intake.setPolicy(policyOf(changed));
      return changed;
    },
  };
}

export function policyOf({ projects }: Settings): ProjectPolicy {
  return {
    rules: projects.rules,
    fromUserName: projects.fromUserName,
    header: projects.header,
    onTheFly: projects.onTheFly,
  };
}
