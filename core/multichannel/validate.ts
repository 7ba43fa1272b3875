/** Checks a send over several channels by itself, before anybody is asked who its users are: every fault at once. Pure. */
import { checkMetadata, checkSendAt, checkTags, Faults } from '../intake/submission-faults.ts';
import type { FieldError } from '../model/app-error.ts';
import type { Stream } from '../model/delivery.ts';
import type { MultiRecipient, MultiSubmission } from '../model/multi-submission.ts';
import type { TemplateContent } from '../model/template.ts';
import type { UserChannel } from '../model/user.ts';

/** As the API takes it: of the right shape, and nothing more known of it. */
export interface MultiInput {
  readonly to?: MultiRecipientInput | readonly MultiRecipientInput[] | undefined;
  readonly channels: readonly UserChannel[];
  readonly routing?: 'first' | 'all' | undefined;
  readonly fallback?:
    | {
        readonly afterUndeliverable?: boolean | undefined;
        readonly unreadAfterSeconds?: number | undefined;
        readonly giveUpAfterSeconds?: number | undefined;
      }
    | undefined;
  readonly template?:
    | string
    | { readonly id: string; readonly version?: number | 'draft' | undefined }
    | undefined;
  readonly content?: MultiContentInput | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  readonly topic?: string | undefined;
  readonly from?: string | undefined;
  readonly overrides?: MultiSubmission['overrides'] | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly stream?: Stream | undefined;
  readonly sendAt?: string | undefined;
  readonly project?: string | undefined;
}

export type MultiRecipientInput = string | MultiRecipient;

/** The body of a mail is said as a template says it, or by the name of what it is. */
export interface MultiContentInput extends Omit<TemplateContent, 'email'> {
  readonly email?: {
    readonly subject: string;
    readonly preheader?: string | undefined;
    readonly format?: 'mjml' | 'html' | undefined;
    readonly body?: string | undefined;
    readonly html?: string | undefined;
    readonly mjml?: string | undefined;
    readonly text?: string | undefined;
    readonly from?: string | undefined;
  };
}

export type MultiValidation =
  | { readonly ok: true; readonly submission: MultiSubmission }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Users of one send, segments and expressions unfolded. */
export const usersMax = 10_000;
const secondsMax = 30 * 24 * 3_600;

/** @param nowMs wall time, for `sendAt` */
export function validateMulti(input: MultiInput, nowMs: number): MultiValidation {
  const faults = new Faults();
  const routing = input.routing ?? 'first';
  const submission: MultiSubmission = {
    to: checkRecipients(faults, input.to),
    channels: checkChannels(faults, input.channels),
    routing,
    fallback: checkFallback(faults, input.fallback, routing),
    template: templateOf(input.template),
    content: checkContent(faults, input.content ?? {}),
    variables: input.variables ?? {},
    topic: input.topic ?? null,
    from: input.from ?? null,
    overrides: input.overrides ?? {},
    tags: checkTags(faults, input.tags ?? []),
    metadata: checkMetadata(faults, input.metadata ?? {}),
    stream: input.stream ?? null,
    sendAtMs: checkSendAt(faults, input.sendAt, nowMs),
    project: input.project ?? null,
  };
  if (submission.template === null) checkThereIsContent(faults, submission);
  return faults.errors.length === 0 ? { ok: true, submission } : { ok: false, errors: faults.errors };
}

function checkRecipients(faults: Faults, input: MultiInput['to']): readonly MultiRecipient[] {
  const list = input === undefined ? [] : isList(input) ? input : [input];
  if (list.length === 0)
    faults.add(
      'to',
      'no_recipients',
      'Say who it is for: the id of a user, {"user": …} with what is known of them, {"segment": …} or {"expression": …}.',
    );
  if (list.length > usersMax)
    faults.add('to', 'too_many_recipients', `At most ${usersMax} recipients; send the rest by itself.`);
  const to = list.slice(0, usersMax).map((one) => (typeof one === 'string' ? { user: one } : one));
  const seen = new Map<string, number>();
  to.forEach((one, at) => {
    if (!('user' in one)) return;
    const before = seen.get(one.user);
    if (before === undefined) seen.set(one.user, at);
    else
      faults.add(
        `to[${at}]`,
        'twice',
        `${one.user} is named already, as to[${before}]; name each user once.`,
      );
  });
  return to;
}

function isList(input: NonNullable<MultiInput['to']>): input is readonly MultiRecipientInput[] {
  return Array.isArray(input);
}

function checkChannels(faults: Faults, channels: readonly UserChannel[]): readonly UserChannel[] {
  if (channels.length === 0)
    faults.add('channels', 'empty', 'Name at least one channel, the preferred one first: ["push", "email"].');
  channels.forEach((channel, at) => {
    if (channels.indexOf(channel) < at)
      faults.add(`channels[${at}]`, 'twice', `${channel} is named already; each channel is tried once.`);
  });
  return channels;
}

function checkFallback(
  faults: Faults,
  { afterUndeliverable, unreadAfterSeconds, giveUpAfterSeconds }: NonNullable<MultiInput['fallback']> = {},
  routing: MultiSubmission['routing'],
): MultiSubmission['fallback'] {
  if (routing === 'all' && (unreadAfterSeconds !== undefined || giveUpAfterSeconds !== undefined))
    faults.add(
      'fallback',
      'not_with',
      'With routing “all” every channel is used at once; there is none to fall back to.',
    );
  return {
    afterUndeliverable: afterUndeliverable ?? true,
    unreadAfterSeconds: checkSeconds(faults, 'unreadAfterSeconds', unreadAfterSeconds),
    giveUpAfterSeconds: checkSeconds(faults, 'giveUpAfterSeconds', giveUpAfterSeconds),
  };
}

function checkSeconds(faults: Faults, name: string, seconds: number | undefined): number | null {
  if (seconds === undefined) return null;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > secondsMax)
    faults.add(
      `fallback.${name}`,
      'bad_number',
      `${name} is a whole number from 1 to ${secondsMax} (30 days).`,
    );
  return seconds;
}

function templateOf(input: MultiInput['template']): MultiSubmission['template'] {
  if (input === undefined) return null;
  return typeof input === 'string'
    ? { id: input, version: null }
    : { id: input.id, version: input.version ?? null };
}

function checkContent(faults: Faults, { email, ...others }: MultiContentInput): TemplateContent {
  if (email === undefined) return others;
  const { html, mjml, body, format, subject, preheader, text, from } = email;
  const bodies = [body, html, mjml].filter((one) => one !== undefined);
  if (bodies.length > 1)
    faults.add(
      'content.email',
      'not_with',
      'Give the body once: as html, as mjml, or as body with its format.',
    );
  if (bodies.length === 0 && text === undefined)
    faults.add('content.email', 'empty', 'A mail has html, mjml or text.');
  return {
    ...others,
    email: {
      subject,
      format: mjml === undefined ? (format ?? 'html') : 'mjml',
      body: bodies[0] ?? '',
      ...(preheader === undefined ? {} : { preheader }),
      ...(text === undefined ? {} : { text }),
      ...(from === undefined ? {} : { from }),
    },
  };
}

function checkThereIsContent(faults: Faults, { channels, content, from }: MultiSubmission): void {
  for (const channel of channels)
    if (content[channel] === undefined)
      faults.add(
        `content.${channel}`,
        'no_content',
        `There is nothing to send by ${channel}: give content.${channel}, or a template that has it.`,
      );
  if (
    channels.includes('email') &&
    content.email !== undefined &&
    content.email.from === undefined &&
    from === null
  )
    faults.add('from', 'no_sender', 'Say whom the mail is from: from, or content.email.from.');
}
