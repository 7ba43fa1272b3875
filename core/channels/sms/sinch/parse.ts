/** From the bytes of a request to what it says, or to Sinch's refusal. Pure. */
import type { z } from 'zod';
import type { ProviderRequest } from '../../../doors/http/provider-request.ts';
import { type PhoneNumber, phoneNumber } from '../../../model/phone-number.ts';
import type { Refusal } from './reply.ts';
import { type BatchRequest, batchSchema, filledCharactersMax, instantMs } from './schema.ts';

export type Parsed<T> = { readonly value: T } | { readonly refusal: Refusal };

/** "Default and max is 3 days after `send_at`." */
export const lifetimeMsMax = 3 * 24 * 60 * 60 * 1_000;
const faultsShownMax = 5;

export function jsonOf(request: ProviderRequest): Parsed<Readonly<Record<string, unknown>>> {
  if (request.bodyTooLarge)
    return {
      refusal: {
        error: 'syntax_constraint_violation',
        text: 'The request body is too large.',
        why: 'the body is longer than a batch of 1,000 recipients can be',
      },
    };
  try {
    const read: unknown = JSON.parse(Buffer.from(request.body).toString('utf8'));
    if (isObject(read)) return { value: read };
    return noJson('the body is not a JSON object');
  } catch (error) {
    if (error instanceof SyntaxError) return noJson(`the body is no JSON: ${error.message}`);
    throw error;
  }
}

function noJson(why: string): { readonly refusal: Refusal } {
  return { refusal: { error: 'syntax_invalid_json', why } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A batch as it is to be sent. Its type may be left out of a text. */
export function parseBatch(json: Readonly<Record<string, unknown>>, nowWallMs: number): Parsed<BatchRequest> {
  const read = batchSchema.safeParse('type' in json ? json : { ...json, type: 'mt_text' });
  if (!read.success) return { refusal: faultsOf(read.error.issues) };
  const timing = timingFault(read.data, nowWallMs);
  return timing === null ? { value: read.data } : { refusal: timing };
}

/** What a zod schema makes of other requests. */
export function parseWith<T>(schema: z.ZodType<T>, json: unknown): Parsed<T> {
  const read = schema.safeParse(json);
  return read.success ? { value: read.data } : { refusal: faultsOf(read.error.issues) };
}

/** Which code: a missing field or a wrong size breaks a constraint, a wrong shape a format, a wrong JSON type the JSON. */
function faultsOf(issues: readonly z.core.$ZodIssue[]): Refusal {
  const faults = issues.map((issue) => ({
    error: errorOf(issue),
    text: `[${issue.path.join('.')}] ${issue.message}`,
  }));
  const error = faults[0]?.error ?? 'syntax_invalid_json';
  const text = faults
    .filter((fault) => fault.error === error)
    .slice(0, faultsShownMax)
    .map((fault) => fault.text)
    .join('; ');
  return { error, text, why: text };
}

function errorOf(issue: z.core.$ZodIssue): Refusal['error'] {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && issue.message.includes('undefined')
        ? 'syntax_constraint_violation'
        : 'syntax_invalid_json';
    case 'too_small':
    case 'too_big':
      return 'syntax_constraint_violation';
    case 'custom':
      return issue.params?.constraint === true
        ? 'syntax_constraint_violation'
        : 'syntax_invalid_parameter_format';
    default:
      return 'syntax_invalid_parameter_format';
  }
}

function timingFault({ send_at, expire_at }: BatchRequest, nowWallMs: number): Refusal | null {
  if (expire_at === undefined) return null;
  const fromMs = Math.max(nowWallMs, send_at === undefined ? 0 : instantMs(send_at));
  const expireMs = instantMs(expire_at);
  if (send_at !== undefined && expireMs <= instantMs(send_at))
    return constraint('[expire_at] must be after send_at');
  if (expireMs <= nowWallMs) return constraint('[expire_at] must be in the future');
  if (expireMs > fromMs + lifetimeMsMax)
    return constraint('[expire_at] must be at most 3 days after send_at');
  return null;
}

function constraint(text: string): Refusal {
  return { error: 'syntax_constraint_violation', text, why: text };
}

export interface Destination {
  /** Digits, as the API writes numbers. */
  readonly to: string;
  readonly number: PhoneNumber;
}

/** Each number once, in the order given. */
export function destinationsOf(
  given: readonly string[],
  strictNumbers: boolean,
): Parsed<readonly Destination[]> {
  const found = new Map<string, Destination>();
  for (const [at, text] of given.entries()) {
    if (isGroupId(text))
      return {
        refusal: {
          error: 'unknown_group',
          why: `to[${at}] is the id of a group: the sandbox keeps no groups, send to the numbers themselves`,
        },
      };
    const number = phoneNumber(text);
    if (
      !/^\+?[\d\s().-]+$/.test(text) ||
      number === null ||
      !(strictNumbers ? number.valid : number.possible)
    )
      return {
        refusal: {
          error: 'syntax_invalid_parameter_format',
          text: `[to.${at}] "${text}" is not a valid phone number`,
          why: `to[${at}] is “${text}”: a number is written in international form, as 12025550123`,
        },
      };
    const to = number.e164.slice(1);
    if (!found.has(to)) found.set(to, { to, number });
  }
  return { value: [...found.values()] };
}

/** ULIDs: letters among the digits tell them from numbers. */
function isGroupId(text: string): boolean {
  return /^[0-9A-Z]{26}$/i.test(text) && /[A-Z]/i.test(text);
}

/**
 * A sender as it is known by: a long number in E.164, a short code or a name as it is written.
 * "Must be valid phone number, short code or alphanumeric."
 */
export function originatorOf(text: string): Parsed<string> {
  const trimmed = text.trim();
  if (/^\+?\d+$/.test(trimmed)) {
    const digits = trimmed.replace('+', '');
    if (digits.length <= shortCodeDigitsMax && !trimmed.startsWith('+')) return { value: digits };
    const number = phoneNumber(trimmed);
    if (number !== null && digits.length <= msisdnDigitsMax) return { value: number.e164 };
  } else if (
    trimmed.length <= nameCharactersMax &&
    /^[\x20-\x7e]+$/.test(trimmed) &&
    /[A-Za-z]/.test(trimmed)
  )
    return { value: trimmed };
  return {
    refusal: {
      error: 'syntax_invalid_parameter_format',
      text: `[from] "${text}" is not a valid phone number, short code or alphanumeric originator`,
      why: `from is “${text}”: a number, a short code of up to ${shortCodeDigitsMax} digits, or up to ${nameCharactersMax} letters and digits`,
    },
  };
}

const shortCodeDigitsMax = 8;
const msisdnDigitsMax = 15;
const nameCharactersMax = 11;

const placeholder = /\$\{([a-zA-Z0-9._-]+)\}/g;

/**
 * The text with its parameters filled in for one number.
 * @returns null where one has no value for it, and no default (code 405), or where it becomes far longer than any message
 * Source: https://developers.sinch.com/docs/sms/resources/message-info/message-parameterization
 */
export function filledIn(
  text: string,
  parameters: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined,
  to: string,
): string | null {
  if (parameters === undefined || !text.includes('${')) return text;
  let matched = true;
  let characters = text.length;
  const filled = text.replace(placeholder, (whole, name: string) => {
    const values = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (values === undefined) {
      matched = false;
      return whole;
    }
    const value = values[to] ?? values[`+${to}`] ?? values.default;
    if (value === undefined) matched = false;
    characters += value?.length ?? 0;
    if (characters > filledCharactersMax) matched = false;
    return matched ? (value ?? whole) : whole;
  });
  return matched ? filled : null;
}
