/** What stands in the way of a template, and where in its editor it is mended. Pure. */
import type { UserChannel } from '../../../core/model/user.ts';
import type { Fault } from '../api/faults.ts';
import type { ApiProblem } from '../api/request.ts';
import type { TemplateCheck } from '../api/templates.ts';
import { isUserChannel } from '../users/channel-words.ts';

export const views = ['write', 'variables', 'versions', 'about'] as const;
export type View = (typeof views)[number];

export interface Place {
  readonly view: View;
  readonly channel: UserChannel | null;
  /** Null: the texts for all others; undefined: whichever is open. */
  readonly locale: string | null | undefined;
}

/** @param field `content.email.subject`, `locales.de.sms.body`, `email.subject`, `variables.total`, `name` */
export function placeOf(field: string): Place {
  const [first = '', second = '', third = ''] = field.split(/[.[]/);
  if (first === 'variables') return { view: 'variables', channel: null, locale: null };
  if (first === 'content') return { view: 'write', channel: channelNamed(second), locale: null };
  // What a preview says, it says of the language that it shows.
  if (isUserChannel(first)) return { view: 'write', channel: first, locale: undefined };
  if (first === 'locales' && second !== '')
    return { view: 'write', channel: channelNamed(third), locale: second };
  if (first === 'locales') return { view: 'write', channel: null, locale: null };
  return { view: 'about', channel: null, locale: null };
}

const channelNamed = (name: string): UserChannel | null => (isUserChannel(name) ? name : null);

/** What the check found, and why the last change was not kept; each once. */
export function faultsOf(
  errors: TemplateCheck['errors'],
  refused: Pick<ApiProblem, 'fields'> | null,
): readonly Fault[] {
  const all = [
    ...errors.map(({ field, line, detail }) => ({
      field,
      detail: line === null ? detail : `Line ${line}: ${detail}`,
    })),
    ...(refused?.fields ?? []),
  ];
  return onceEach(all);
}

export const onceEach = (all: readonly Fault[]): readonly Fault[] => [
  ...new Map(all.map((one) => [`${one.field} ${one.detail}`, one])).values(),
];
