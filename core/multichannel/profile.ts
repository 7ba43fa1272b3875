/** A user as one send sees them: what the Users room knows, and what the request says of them. Pure. */
import type { MultiRecipient } from '../model/multi-submission.ts';
import { noPreferences, type User } from '../model/user.ts';
import { userVariables } from '../model/user-variables.ts';

export type SaidOfUser = Extract<MultiRecipient, { readonly user: string }>;

/** What the request says counts, member by member. */
export function profileOf(id: string, known: User | null, said: SaidOfUser | null, nowMs: number): User {
  const base = known ?? unknownUser(id, nowMs);
  if (said === null) return base;
  return {
    ...base,
    name: said.name ?? base.name,
    email: said.email ?? base.email,
    phone: said.phone ?? base.phone,
    locale: said.locale ?? base.locale,
    attributes: { ...base.attributes, ...said.attributes },
    devices: said.devices ?? base.devices,
    preferences: {
      ...base.preferences,
      channels: { ...base.preferences.channels, ...said.preferences },
    },
  };
}

/** Whom nobody has told of: the app may have sent their addresses along. */
function unknownUser(id: string, nowMs: number): User {
  return {
    id,
    name: null,
    email: null,
    phone: null,
    locale: null,
    timezone: null,
    attributes: {},
    devices: [],
    preferences: noPreferences,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

/** What texts may name: the variables of the send, those of the recipient, and `user`. */
export function variablesOf(
  user: User,
  ofSend: Readonly<Record<string, unknown>>,
  ofRecipient: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return { ...ofSend, ...ofRecipient, user: userVariables(user) };
}
