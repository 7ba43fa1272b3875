/**
 * Which variables of a template nobody gives, for any user of a send: known when the send is asked for, and refused then.
 * Where some of its users have them and others have not, those others end by themselves, when their turn comes.
 */
import type { FieldError } from '../model/app-error.ts';
import type { MultiSubmission } from '../model/multi-submission.ts';
import type { TemplateVariable } from '../model/template.ts';
import type { UserBook } from '../model/user.ts';
import { profileOf, variablesOf } from '../multichannel/profile.ts';
import { builtIn, variableErrors } from '../templates/variables.ts';

type Given = Readonly<Record<string, unknown>>;

/** Users whose profiles are read before a send is taken; with more of them, profiles are left to the time of sending. */
export const profilesReadMax = 1_000;

export interface SendVariablesPorts {
  readonly users: Pick<UserBook, 'byIds'>;
  readonly nowMs: number;
}

export async function sendVariableFaults(
  { to, variables, sendAtMs }: Pick<MultiSubmission, 'to' | 'variables' | 'sendAtMs'>,
  declared: readonly TemplateVariable[],
  { users, nowMs }: SendVariablesPorts,
): Promise<readonly FieldError[]> {
  const named = to.flatMap((one) => ('user' in one ? [one] : []));
  const own = named.flatMap((one) =>
    one.variables === undefined ? [] : [{ ...variables, ...one.variables }],
  );
  // Of users without any of their own, those of segments among them, it is the same for all.
  const given: readonly Given[] = own.length < to.length ? [variables, ...own] : own;
  const faults = faultsOfAll(
    declared.filter((one) => !isOfUser(one)),
    given,
  );

  const ofUser = declared.filter(isOfUser);
  const isKnown = named.length === to.length && named.length <= profilesReadMax && sendAtMs === null;
  if (ofUser.length === 0 || !isKnown) return faults;
  const known = await users.byIds(named.map(({ user }) => user));
  const profiles = named.map((one) =>
    variablesOf(profileOf(one.user, known.get(one.user) ?? null, one, nowMs), variables, one.variables ?? {}),
  );
  return [...faults, ...faultsOfAll(ofUser, profiles)];
}

/** `user.plan`: what the profile may have. */
function isOfUser({ name }: TemplateVariable): boolean {
  return builtIn.includes(name.split('.')[0] ?? '');
}

/** What is wrong for every one of them. */
function faultsOfAll(declared: readonly TemplateVariable[], given: readonly Given[]): readonly FieldError[] {
  let rest = declared;
  let faults: readonly FieldError[] = [];
  for (const one of given) {
    faults = variableErrors(rest, one);
    const fields = new Set(faults.map(({ field }) => field));
    rest = rest.filter(({ name }) => fields.has(`variables.${name}`));
    if (rest.length === 0) return [];
  }
  return faults;
}
