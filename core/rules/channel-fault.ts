/** Which channels a rule is about, and why one is about none: an action that its channel does not have, a condition that it lacks. Pure. */
import type { Channel } from '../model/message.ts';
import { isSmsProvider } from '../model/sms.ts';
import { listOf } from './conditions.ts';
import { isPushProvider } from './push-reasons.ts';
import { type ConditionKey, channelsOf, isActionOf, lackedBy, type Rule, type Stage } from './schema.ts';

export interface ChannelFault {
  readonly field: string;
  readonly detail: string;
}

/** Whether a message of that channel may meet it at all. */
export function mayConcern({ stage, when, then }: Rule, channel: Channel): boolean {
  return (
    isActionOf(then.do, stage, channel) &&
    (when.channel === undefined || listOf<Channel>(when.channel).includes(channel)) &&
    (when.provider === undefined || listOf(when.provider).some((one) => channelOf(one) === channel)) &&
    lackedBy[channel].every((key) => when[key] === undefined)
  );
}

/** Whether it is done at the in-app door alone. */
export function isOfInAppOnly(rule: Rule): boolean {
  return (
    mayConcern(rule, 'inapp') && !(['email', 'push', 'sms'] as const).some((one) => mayConcern(rule, one))
  );
}

/** Why no message of any channel can ever meet it, or null. */
export function channelFault({ stage, when, then }: Rule): ChannelFault | null {
  const can = channelsOf[then.do][stage];
  if (can.length === 0)
    return {
      field: 'then.do',
      detail: `${then.do} is what a provider does; this is for the stage farSide.`,
    };
  const asked = when.channel === undefined ? null : listOf<Channel>(when.channel);
  const left = asked === null ? can : can.filter((channel) => asked.includes(channel));
  if (asked !== null && left.length === 0) return notThere(then.do, stage, can, asked, asked.join(' or '));
  const providers = when.provider === undefined ? null : listOf(when.provider);
  const theirs = providers === null ? null : [...new Set(providers.map(channelOf))];
  const last = theirs === null ? left : left.filter((channel) => theirs.includes(channel));
  if (theirs !== null && last.length === 0) {
    if (!can.some((channel) => theirs.includes(channel)))
      return notThere(then.do, stage, can, theirs, listOf(when.provider).join(' or '));
    return {
      field: 'when.provider',
      detail: `No provider here is one of ${left.map((channel) => wordsFor[channel]).join(' or ')}, which is what the rule is about.`,
    };
  }
  if (last.length === 0 || !last.every((channel) => lackedBy[channel].some((key) => when[key] !== undefined)))
    return null;
  for (const channel of last) {
    const key = lackedBy[channel].find((one) => when[one] !== undefined);
    const detail = key === undefined ? undefined : lacks[channel]?.[key];
    if (detail !== undefined) return { field: `when.${key}`, detail };
  }
  return null;
}

/** What a rule about that channel alone may ask for instead. */
const lacks: Readonly<Partial<Record<Channel, Readonly<Partial<Record<ConditionKey, string>>>>>> = {
  email: { moment: 'A mail has no such moments: these are of the in-app door.' },
  push: {
    moment: 'A push has no such moments: these are of the in-app door.',
    domain: 'A push has no domain: ask for its recipient (the token), its sender (the app) or its provider.',
  },
  inapp: {
    domain: 'An in-app message has no domain: ask for its recipient, which is the user’s id.',
  },
  sms: {
    moment: 'An SMS has no such moments: these are of the in-app door.',
    domain: 'An SMS has no domain: ask for its recipient (the number), its sender or its provider.',
    subject: 'An SMS has no subject: ask for its body.',
  },
};

function notThere(
  action: string,
  stage: Stage,
  can: readonly Channel[],
  asked: readonly Channel[],
  about: string,
): ChannelFault {
  const others = Object.entries(channelsOf).flatMap(([kind, of]) =>
    of[stage].some((channel) => asked.includes(channel)) ? [kind] : [],
  );
  const instead = others.length === 0 ? 'no action is for that yet' : `take ${others.join(', ')}`;
  return {
    field: 'then.do',
    detail: `${action} is done to ${can.map((channel) => wordsFor[channel]).join(' and ')} only, and the rule asks for ${about}: ${instead}.`,
  };
}

function channelOf(provider: string): Channel {
  if (isSmsProvider(provider)) return 'sms';
  return isPushProvider(provider) ? 'push' : 'email';
}

/** As it is said in “done to …”. */
export const wordsFor: Readonly<Record<Channel, string>> = {
  email: 'mail',
  push: 'pushes',
  sms: 'SMS',
  inapp: 'in-app messages',
  multi: 'sends over several channels',
};
