/** Users as they become by what is said of them. Pure. */
import { AppError } from '../model/app-error.ts';
import { noPreferences, type User, type UserDevice } from '../model/user.ts';
import { attributesProblem, type Profile, type ProfileChange, preferencesSchema } from './user-schema.ts';

/** What is not said is not there. */
export function newUser(id: string, profile: Profile, nowMs: number): User {
  return {
    id,
    name: profile.name || null,
    email: profile.email ?? null,
    phone: profile.phone ?? null,
    locale: profile.locale ?? null,
    timezone: profile.timezone ?? null,
    attributes: profile.attributes ?? {},
    devices: distinct(profile.devices ?? []),
    preferences: profile.preferences ?? noPreferences,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

/** What is not said stays; attributes and preferences are merged (RFC 7396). @throws AppError `bad_request` */
export function changedUser(user: User, change: ProfileChange, nowMs: number): User {
  const { attributes, preferences, devices, name, ...rest } = change;
  const merged = attributes === undefined ? user.attributes : mergePatch(user.attributes, attributes);
  const problem = attributesProblem(merged);
  if (problem !== null) throw badField('attributes', 'custom', problem);
  return {
    ...user,
    ...definedOf(rest),
    ...(name === undefined ? {} : { name: name || null }),
    ...(devices === undefined ? {} : { devices: distinct(devices) }),
    attributes: merged,
    preferences: preferences === undefined ? user.preferences : mergedPreferences(user, preferences),
    updatedAtMs: nowMs,
  };
}

/** Attributes are added to those that are there; null takes one away (RFC 7396). */
export function mergePatch(
  target: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    const before = Object.hasOwn(merged, name) ? merged[name] : undefined;
    if (value === null) delete merged[name];
    else if (isObject(value)) merged[name] = mergePatch(isObject(before) ? before : {}, value);
    else merged[name] = value;
  }
  return merged;
}

function mergedPreferences(user: User, patch: Readonly<Record<string, unknown>>): User['preferences'] {
  const merged = preferencesSchema.safeParse(mergePatch({ ...user.preferences }, patch));
  if (merged.success) return merged.data;
  throw new AppError('bad_request', `preferences: ${merged.error.issues[0]?.message ?? 'are wrong'}`, {
    errors: merged.error.issues.map((issue) => ({
      field: ['preferences', ...issue.path].join('.'),
      code: issue.code,
      detail: issue.message,
    })),
  });
}

/** The last word about a device counts. */
function distinct(devices: readonly UserDevice[]): readonly UserDevice[] {
  return [...new Map(devices.map((one) => [`${one.provider} ${one.token}`, one])).values()];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without members that are undefined, which `exactOptionalPropertyTypes` tells from those that are not there. */
function definedOf<T extends object>(of: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

export function badField(field: string, code: string, detail: string): AppError {
  return new AppError('bad_request', `${field}: ${detail}`, { errors: [{ field, code, detail }] });
}
