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
  const withOwn = named.flatMap((one) => (one.variables === undefined ? [] : [one.variables]));
  const ofSend = declared.filter((one) => !isOfUser(one));
  const faults = faultsOfAll(ofSend, eachGiven());

  const ofUser = declared.filter(isOfUser);
  const isKnown = named.length === to.length && named.length <= profilesReadMax && sendAtMs === null;
  if (ofUser.length === 0 || !isKnown) return faults;
  const known = await users.byIds(named.map(({ user }) => user));
  return [...faults, ...faultsOfAll(ofUser, eachProfile())];

  /** One at a time, and of the variables only what is declared: a send may have many of both, users and variables. */
  function* eachGiven(): Generator<Given> {
    const shared = declaredOf(ofSend, variables);
    // Of users without any of their own, those of segments among them, it is the same for all.
    if (withOwn.length < to.length) yield shared;
    for (const own of withOwn) yield { ...shared, ...declaredOf(ofSend, own) };
  }

  function* eachProfile(): Generator<Given> {
    for (const one of named)
      yield variablesOf(profileOf(one.user, known.get(one.user) ?? null, one, nowMs), {}, {});
  }
}

/** What may have the declared variables in it. */
function declaredOf(declared: readonly TemplateVariable[], given: Given): Given {
  return Object.fromEntries(
    declared.flatMap(({ name }) => {
      const first = firstOf(name);
      return Object.hasOwn(given, first) ? [[first, given[first]]] : [];
    }),
  );
}

/** `user.plan`: what the profile may have. */
function isOfUser({ name }: TemplateVariable): boolean {
  return builtIn.includes(firstOf(name));
}

function firstOf(name: string): string {
  return name.split('.')[0] ?? '';
}

/** What is wrong for every one of them. */
function faultsOfAll(declared: readonly TemplateVariable[], given: Iterable<Given>): readonly FieldError[] {
  let rest = declared;
  let faults: readonly FieldError[] = [];
  if (rest.length === 0) return [];
  for (const one of given) {
    faults = variableErrors(rest, one);
    const fields = new Set(faults.map(({ field }) => field));
    rest = rest.filter(({ name }) => fields.has(`variables.${name}`));
    if (rest.length === 0) return [];
  }
  return faults;
}
