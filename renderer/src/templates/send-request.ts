/** How an app sends by a template: a request to copy, with the samples in it. Pure. */

import { userChannels } from '../../../core/model/user.ts';
import type { TemplateDraft } from '../api/templates.ts';

type Variables = TemplateDraft['variables'];

/** @param url of the API's messages */
export function sendCommand(
  id: string,
  draft: Pick<TemplateDraft, 'content' | 'variables'>,
  url: string,
): string {
  const { content, variables } = draft;
  const { email } = content;
  const request = {
    channels: userChannels.filter((channel) => content[channel] !== undefined),
    to: ['jane'],
    template: id,
    ...(email !== undefined && (email.from ?? '') === '' ? { from: 'shop@example.com' } : {}),
    ...(variables.length === 0 ? {} : { variables: samplesOf(variables) }),
  };
  const members = Object.entries(request).map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`);
  const json = `{\n${members.join(',\n')}\n}`.replaceAll("'", "'\\''");
  return `curl ${url} -H 'content-type: application/json' -d '${json}'`;
}

type Members = Readonly<Record<string, unknown>>;

/** A name with dots is a member of a member; what is in another's sample already stays as it is there. */
const samplesOf = (variables: Variables): Members =>
  variables
    .toSorted((a, b) => a.name.length - b.name.length)
    .reduce<Members>((all, { name, sample }) => withSample(all, name.split('.'), sample), {});

function withSample(members: Members, [first = '', ...rest]: readonly string[], sample: unknown): Members {
  const there = Object.hasOwn(members, first) ? members[first] : undefined;
  if (rest.length === 0) return there === undefined ? { ...members, [first]: sample } : members;
  if (there !== undefined && !isObject(there)) return members;
  return { ...members, [first]: withSample(there ?? {}, rest, sample) };
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
