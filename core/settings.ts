/** Settings that can be changed while it runs: what the start was given, over what was kept, over the defaults. Pure. */
import type { ProjectRule, Settings } from './api/schema.ts';
import { settingsSchema } from './api/settings-schema.ts';
import type { Config } from './config.ts';
import { AppError } from './model/app-error.ts';

export function settingsFrom(config: Config, kept: Readonly<Record<string, unknown>>): Settings {
  const start: Settings = {
    retention: { countMax: config.keepCount, ageMaxMs: config.keepAge ?? null, bytesMax: config.keepBytes },
    projects: {
      fromUserName: config.projectFromUser,
      header: config.projectHeader === '' ? null : config.projectHeader,
      rules: config.projectRule.map(parseRule),
      onTheFly: config.projectOnTheFly,
    },
  };
  const parsed = settingsSchema.safeParse(kept.settings);
  if (!parsed.success) return start;
  const { retention, projects } = parsed.data;
  const given = (key: keyof Config): boolean => config.given.includes(key);
  return {
    retention: {
      countMax: given('keepCount') ? start.retention.countMax : retention.countMax,
      ageMaxMs: given('keepAge') ? start.retention.ageMaxMs : retention.ageMaxMs,
      bytesMax: given('keepBytes') ? start.retention.bytesMax : retention.bytesMax,
    },
    projects: {
      fromUserName: given('projectFromUser') ? start.projects.fromUserName : projects.fromUserName,
      header: given('projectHeader') ? start.projects.header : projects.header,
      rules: given('projectRule') ? start.projects.rules : projects.rules,
      onTheFly: given('projectOnTheFly') ? start.projects.onTheFly : projects.onTheFly,
    },
  };
}

/** `user=shop*:shop`, `recipient=*@orders.example:orders`, `door=smtps:secure`, `header:X-App=web:web` */
function parseRule(text: string): ProjectRule {
  const match = /^(user|recipient|door|header)(?::([A-Za-z0-9-]+))?=(.+):([^:]+)$/.exec(text);
  const [, by, header, pattern, project] = match ?? [];
  if (
    (by !== 'user' && by !== 'recipient' && by !== 'door' && by !== 'header') ||
    pattern === undefined ||
    project === undefined
  ) {
    throw new AppError(
      'bad_configuration',
      `--project-rule ${text} is not understood; write user=PATTERN:PROJECT, recipient=…, door=… or header:NAME=…`,
    );
  }
  if (by === 'header' && header === undefined)
    throw new AppError(
      'bad_configuration',
      `--project-rule ${text} names no header; write header:NAME=PATTERN:PROJECT`,
    );
  return { by, ...(header === undefined ? {} : { header }), match: pattern, project };
}
