/** Checks an SMS before it is accepted: every fault at once, each naming its field. Pure. */
import { checkMetadata, checkSendAt, checkTags, Faults } from '../../intake/submission-faults.ts';
import type { FieldError } from '../../model/app-error.ts';
import { phoneNumber } from '../../model/phone-number.ts';
import { type SmsProvider, smsProviderNames } from '../../model/sms.ts';
import { type SmsSubmission, type SmsTo, usualSmsProvider } from '../../model/sms-submission.ts';

/** As the API takes it: of the right shape, and nothing more known of it. */
export interface SmsSubmissionInput {
  readonly to?: SmsToInput | readonly SmsToInput[] | undefined;
  readonly from?: string | undefined;
  readonly body?: string | undefined;
  readonly media?: string | readonly string[] | undefined;
  readonly provider?: SmsProvider | undefined;
  readonly providers?: readonly SmsProvider[] | undefined;
  readonly trackLinks?: boolean | undefined;
  readonly validitySeconds?: number | undefined;
  readonly reference?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly stream?: 'transactional' | 'marketing' | undefined;
  readonly sendAt?: string | undefined;
  readonly project?: string | undefined;
}

export type SmsToInput =
  | string
  | { readonly number?: string | undefined; readonly user?: string | undefined };

export type SmsValidation =
  | { readonly ok: true; readonly submission: SmsSubmission }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Recipients of one request; a user may have several handsets. */
const recipientsMax = 1_000;
const nameCharsMax = 256;
/** What the strictest of the providers takes: Twilio, error 21617. */
const bodyCharsMax = 1_600;
/** Twilio takes so many, and others no more. */
const mediaMax = 10;
const urlCharsMax = 2_000;
/** An SMSC keeps a message for three days at the most. */
const validitySecondsMax = 72 * 3_600;
/** Vonage's client-ref, the shortest of them. */
const referenceCharsMax = 100;
/** Those that take pictures by the interface that the core speaks to. */
const withMedia: ReadonlySet<SmsProvider> = new Set<SmsProvider>(['twilio', 'telnyx']);

export function validateSms(input: SmsSubmissionInput, nowMs: number): SmsValidation {
  const faults = new Faults();
  const submission: SmsSubmission = {
    to: checkRecipients(faults, input.to),
    from: checkSender(faults, input.from),
    body: checkBody(faults, input.body),
    media: checkMedia(faults, input.media),
    providers: checkProviders(faults, input),
    trackLinks: input.trackLinks ?? false,
    validitySeconds: checkValidity(faults, input.validitySeconds),
    reference: checkReference(faults, input.reference),
    tags: checkTags(faults, input.tags ?? []),
    metadata: checkMetadata(faults, input.metadata ?? {}),
    stream: input.stream ?? null,
    sendAtMs: checkSendAt(faults, input.sendAt, nowMs),
    project: input.project ?? null,
  };
  checkWhole(faults, submission);
  return faults.errors.length === 0 ? { ok: true, submission } : { ok: false, errors: faults.errors };
}

function checkRecipients(faults: Faults, input: SmsSubmissionInput['to']): readonly SmsTo[] {
  const list = input === undefined ? [] : isList(input) ? input : [input];
  if (list.length === 0)
    faults.add('to', 'no_recipients', 'Say who it is for: "+14155550123", {"number": …} or {"user": …}.');
  if (list.length > recipientsMax)
    faults.add('to', 'too_many_recipients', `At most ${recipientsMax} recipients; send the rest by itself.`);
  return list
    .slice(0, recipientsMax)
    .flatMap((one, at) => checkRecipient(faults, isList(input) ? `to[${at}]` : 'to', one) ?? []);
}

function isList(input: SmsSubmissionInput['to']): input is readonly SmsToInput[] {
  return Array.isArray(input);
}

function checkRecipient(faults: Faults, field: string, one: SmsToInput): SmsTo | null {
  if (typeof one === 'string') return checkNumber(faults, field, one);
  const { number, user } = one;
  if ((number === undefined) === (user === undefined)) {
    faults.add(field, 'bad_recipient', 'A recipient has either a number or a user.');
    return null;
  }
  if (number !== undefined) return checkNumber(faults, `${field}.number`, number);
  if (user === undefined || user === '' || user.length > nameCharsMax) {
    faults.add(`${field}.user`, 'bad_recipient', `A user's name has 1 to ${nameCharsMax} characters.`);
    return null;
  }
  return { user };
}

/** ITU-T E.164: a plus sign, the country's code, at most 15 digits. */
function checkNumber(faults: Faults, field: string, written: string): SmsTo | null {
  const number = written.trim().startsWith('+') ? phoneNumber(written) : null;
  if (number === null || !number.possible) {
    faults.add(
      field,
      'bad_number',
      `“${written.slice(0, 40)}” is no phone number as E.164 has it; write it with the plus sign and the country's code, as +14155550123.`,
    );
    return null;
  }
  return { number: number.e164 };
}

/** A number, a short code, or up to eleven letters and digits (3GPP TS 23.040 §9.1.2.5). */
function checkSender(faults: Faults, written: string | undefined): string | null {
  if (written === undefined) return null;
  const sender = written.trim();
  if (sender.startsWith('+')) {
    const number = phoneNumber(sender);
    if (number?.possible === true) return number.e164;
  } else if (
    /^\d{3,15}$/.test(sender) ||
    (/^[A-Za-z0-9 ._&-]{1,11}$/.test(sender) && /[A-Za-z]/.test(sender))
  )
    return sender;
  faults.add(
    'from',
    'bad_sender',
    'A sender is a number (+15005550006), a short code, or up to 11 letters and digits with a letter among them.',
  );
  return null;
}

function checkBody(faults: Faults, body: string | undefined): string {
  if (body === undefined) return '';
  if (body.length > bodyCharsMax)
    faults.add('body', 'too_long', `At most ${bodyCharsMax} characters; these are ${body.length}.`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]/.test(body))
    faults.add('body', 'control_character', 'There is a control character in it.');
  return body;
}

function checkMedia(faults: Faults, input: SmsSubmissionInput['media']): readonly string[] {
  const list = input === undefined ? [] : typeof input === 'string' ? [input] : input;
  if (list.length > mediaMax) faults.add('media', 'too_many', `At most ${mediaMax} media.`);
  list.slice(0, mediaMax).forEach((one, at) => {
    const url = URL.canParse(one) ? new URL(one) : null;
    if (url === null || !/^https?:$/.test(url.protocol) || one.length > urlCharsMax)
      faults.add(
        `media[${at}]`,
        'bad_url',
        `An absolute http or https address of at most ${urlCharsMax} characters is expected.`,
      );
  });
  return list.slice(0, mediaMax);
}

function checkProviders(faults: Faults, input: SmsSubmissionInput): readonly SmsProvider[] {
  const { provider, providers } = input;
  if (provider !== undefined && providers !== undefined)
    faults.add('providers', 'not_with', 'Give provider, or providers in the order in which they are asked.');
  if (providers?.length === 0)
    faults.add('providers', 'empty', 'Name at least one provider, or leave it out.');
  const named = [...new Set(providers ?? [provider ?? usualSmsProvider])];
  return named.length === 0 ? [usualSmsProvider] : named;
}

function checkValidity(faults: Faults, seconds: number | undefined): number | null {
  if (seconds === undefined) return null;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > validitySecondsMax)
    faults.add(
      'validitySeconds',
      'bad_number',
      `validitySeconds is a whole number from 1 to ${validitySecondsMax} (72 hours, which is as long as a carrier keeps a message).`,
    );
  return seconds;
}

function checkReference(faults: Faults, reference: string | undefined): string | null {
  if (reference === undefined || reference === '') return null;
  if (reference.length > referenceCharsMax)
    faults.add('reference', 'too_long', `At most ${referenceCharsMax} characters.`);
  return reference;
}

function checkWhole(faults: Faults, { body, media, providers }: SmsSubmission): void {
  if (body === '' && media.length === 0)
    faults.add('body', 'empty', 'There is nothing in it: give a body, or media.');
  const without = media.length === 0 ? [] : providers.filter((one) => !withMedia.has(one));
  if (without.length > 0)
    faults.add(
      'media',
      'not_with',
      `${without.map((one) => smsProviderNames[one]).join(', ')} takes no media here; send them by ${[...withMedia].map((one) => smsProviderNames[one]).join(' or ')}.`,
    );
}
