/** A rule that is being written: what a new one begins with, and what is missing in it yet. Pure. */
import type { RuleEntry } from '../../../core/api/rules-schema.ts';
import type { RuleBody } from '../api/rules.ts';
import {
  type Action,
  type ActionKind,
  type ConditionKey,
  type Conditions,
  isPushProvider,
  isSmsProvider,
  listOf,
  type PushProviderKey,
  pushReasons,
  type SmsProviderKey,
  type Stage,
} from './rule-words.ts';
import { smsReasons, smsReports } from './sms-words.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export interface FieldFault {
  /** As the API names it: `then.code`. */
  readonly field: string;
  readonly detail: string;
}

export const emptyDraft: RuleBody = {
  name: '',
  enabled: true,
  stage: 'farSide',
  when: { recipient: [] },
  then: {
    do: 'defer',
    code: 451,
    enhanced: '4.7.1',
    text: 'Try again later',
    times: 2,
  },
};

export function bodyOf({ name, enabled, stage, when, then }: RuleEntry): RuleBody {
  return { name, enabled, stage, when, then };
}

/** What a condition begins with when it is added. */
export function newCondition(key: ConditionKey): Conditions {
  switch (key) {
    case 'channel':
      return { channel: ['email'] };
    case 'moment':
      return { moment: ['pull'] };
    case 'provider':
      return { provider: ['gmail'] };
    case 'door':
    case 'recipient':
    case 'sender':
    case 'domain':
    case 'tag':
    case 'nth':
      return { [key]: [] };
    case 'subject':
    case 'body':
      return { [key]: [''] };
    case 'header':
      return { header: [{ name: '' }] };
    case 'attachment':
      return { attachment: 'any' };
    case 'size':
      return { size: { bytesMin: 1024 ** 2 } };
    case 'time':
      return { time: { forMs: 2 * hourMs } };
    case 'everyNth':
      return { everyNth: 3 };
    case 'rate':
      return { rate: { moreThan: 10, perMs: minuteMs } };
    case 'probability':
      return { probability: 0.1 };
    case 'atMost':
      return { atMost: 1 };
  }
}

/** Whose words an action is in: the first provider that the rule names; null: of mail, or of nobody in particular. */
export type Whose = PushProviderKey | SmsProviderKey | 'inapp' | null;

export function whoseOf({ channel, provider, moment }: Conditions): Whose {
  const [first = null] = listOf(provider).filter((one) => isPushProvider(one) || isSmsProvider(one));
  if (first !== null || provider !== undefined) return first;
  const channels = listOf(channel);
  if (moment !== undefined || (channels.length === 1 && channels[0] === 'inapp')) return 'inapp';
  return channels.length === 1 && channels[0] === 'sms' ? 'twilio' : null;
}

/** What an action begins with when it is chosen; the words of a reply stay where both have one. */
export function newAction(
  kind: ActionKind,
  stage: Stage,
  before: Action | null,
  whose: Whose = null,
): Action {
  const text =
    before !== null && 'text' in before && before.do !== 'autoReply' && before.do !== 'answer'
      ? before.text
      : null;
  switch (kind) {
    case 'reject':
      return { do: kind, code: 550, enhanced: '5.7.1', text: text ?? 'Message refused' };
    case 'defer':
      return { do: kind, code: 451, enhanced: '4.7.1', text: text ?? 'Try again later', times: 2 };
    case 'hold':
    case 'blackHole':
    case 'corrupt':
    case 'empty':
    case 'stale':
    case 'shuffle':
      return { do: kind };
    case 'expire':
      return { do: kind, afterMs: minuteMs };
    case 'delay':
      return { do: kind, ms: stage === 'door' ? 5_000 : 10 * minuteMs };
    case 'slow':
      return { do: kind, bytesPerSecond: 1_024 };
    case 'disconnect':
      return { do: kind, at: whose === 'inapp' ? 'midData' : 'data' };
    case 'refuseConnection':
      return { do: kind, how: 'reset', code: 554, text: text ?? 'No SMTP service here' };
    case 'breakTls':
      return { do: kind, how: 'cut' };
    case 'refuseAuth':
      return { do: kind, code: 535, enhanced: '5.7.8', text: 'Authentication credentials invalid' };
    case 'duplicate':
      return { do: kind, copies: 2 };
    case 'bounceLater':
      return {
        do: kind,
        afterMs: 2 * minuteMs,
        code: 550,
        enhanced: '5.1.1',
        text: text ?? 'The email account that you tried to reach does not exist',
      };
    case 'complain':
      return { do: kind, afterMs: 10 * minuteMs };
    case 'place':
      return { do: kind, in: 'spam' };
    case 'autoReply':
      return {
        do: kind,
        text: 'I am out of the office and will read your message when I am back.',
        afterMs: 30_000,
      };
    case 'answer':
      return { do: kind, reason: reasonOf(whose) };
    case 'goAway':
      return { do: kind, reason: 'Shutdown', answered: false };
    case 'offline':
      return { do: kind, forMs: whose === 'inapp' ? minuteMs : 2 * hourMs };
    case 'uninstall':
      return { do: kind };
    case 'report':
      return { do: kind, ...reportOf(isSmsProvider(whose) ? whose : 'twilio'), afterMs: 0 };
    case 'reports':
      return { do: kind, how: 'lose', times: 2, ms: minuteMs };
  }
}

function reasonOf(whose: Whose): string {
  if (whose === 'inapp') return 'unavailable';
  if (isSmsProvider(whose)) return smsReasons[whose][0]?.code ?? '';
  return isPushProvider(whose) ? (pushReasons[whose][0] ?? '') : 'Unregistered';
}

function reportOf(provider: SmsProviderKey): { readonly status: string; readonly code?: string } {
  const [first] = smsReports[provider];
  if (first === undefined) return { status: 'undelivered' };
  return { status: first.status, ...(first.code === null ? {} : { code: first.code }) };
}

/** What somebody has to fill in before it can be asked for or saved; the rest the core says. */
export function draftFaults({ when, then }: RuleBody): readonly FieldFault[] {
  return [
    ...Object.entries(when).flatMap(([key, asked]): readonly FieldFault[] => {
      if (Array.isArray(asked) && asked.length === 0)
        return [{ field: `when.${key}`, detail: 'Name at least one, or take this condition out.' }];
      return missing(asked) ? [{ field: `when.${key}`, detail: 'Fill this in, or take it out.' }] : [];
    }),
    ...Object.entries(then).flatMap(([key, value]): readonly FieldFault[] =>
      value === '' || isNoNumber(value) ? [{ field: `then.${key}`, detail: 'Fill this in.' }] : [],
    ),
  ];
}

/** Somewhere in it a number or a text was left empty. */
function missing(asked: unknown): boolean {
  if (Array.isArray(asked))
    return asked.some(
      (one: unknown) => isNoNumber(one) || (typeof one === 'object' && one !== null && missing(one)),
    );
  if (typeof asked === 'object' && asked !== null)
    return Object.entries(asked).some(([key, one]) => isNoNumber(one) || (key === 'name' && one === ''));
  return isNoNumber(asked);
}

const isNoNumber = (value: unknown): boolean => typeof value === 'number' && Number.isNaN(value);

/** The faults of a part of the rule: `then.code`, or all under `when.time`. */
export const faultAt = (faults: readonly FieldFault[], field: string): string | null =>
  faults
    .filter(
      (one) => one.field === field || one.field.startsWith(`${field}.`) || one.field.startsWith(`${field}[`),
    )
    .map(({ detail }) => detail)
    .join(' ') || null;

/** Faults that no field of the editor is for. */
export const homelessFaults = (faults: readonly FieldFault[], rule: RuleBody): readonly FieldFault[] =>
  faults.filter(
    ({ field }) =>
      field !== 'name' &&
      !Object.keys(rule.when).some((key) => belongsTo(field, `when.${key}`)) &&
      !Object.keys(rule.then).some((key) => belongsTo(field, `then.${key}`)),
  );

const belongsTo = (field: string, to: string): boolean =>
  field === to || field.startsWith(`${to}.`) || field.startsWith(`${to}[`);

export const sameRule = (a: RuleBody, b: RuleBody): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Sizes as people write them: `10 MB`, `500 kB`, `16`. In steps of 1024. @returns bytes, or null */
export function readBytes(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)?\s*$/i.exec(text);
  if (match === null) return null;
  const steps = { b: 0, kb: 1, mb: 2, gb: 3 } as const;
  const unit = match[2]?.toLowerCase() ?? 'b';
  const step = unit === 'kb' || unit === 'mb' || unit === 'gb' ? steps[unit] : 0;
  return Math.round(Number(match[1]) * 1024 ** step);
}

/** In the largest unit that divides it. */
export function writeBytes(bytes: number): string {
  for (const [unit, step] of [
    ['GB', 3],
    ['MB', 2],
    ['kB', 1],
  ] as const)
    if (bytes >= 1024 ** step && bytes % 1024 ** step === 0) return `${bytes / 1024 ** step} ${unit}`;
  return `${bytes} B`;
}
