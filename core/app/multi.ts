/** Wires sends over several channels: taking them, the conductor, and the requests that it makes of the others' rooms. */

import {
  emailRequestSchema,
  inAppRequestSchema,
  pushRequestSchema,
  smsRequestSchema,
} from '../api/send-schema.ts';
import type { KeepAnswer, SubmissionService, Submitted } from '../api/services.ts';
import type { Bus } from '../bus.ts';
import { validateSubmission } from '../channels/email/validate-submission.ts';
import { validateInApp } from '../channels/inapp/validate-submission.ts';
import { validatePush } from '../channels/push/validate-submission.ts';
import { validateSms } from '../channels/sms/validate-submission.ts';
import type { VirtualClock } from '../clock.ts';
import type { Intake } from '../intake/intake.ts';
import { AppError, type FieldError } from '../model/app-error.ts';
import type { Act, NewDelivery } from '../model/delivery.ts';
import type { MessageDetails } from '../model/message.ts';
import { noDetails } from '../model/message-details.ts';
import {
  type MultiRecipient,
  type MultiSubmission,
  multiRecipientName,
  multiSubmissionBytes,
} from '../model/multi-submission.ts';
import { phoneNumber } from '../model/phone-number.ts';
import type { TemplateBook, TemplateVersion } from '../model/template.ts';
import type { UserBook, UserChannel } from '../model/user.ts';
import { createConductor } from '../multichannel/conductor.ts';
import type { ChildAbout, Reach } from '../multichannel/ports.ts';
import { usersMax } from '../multichannel/validate.ts';
import type { Phones } from '../phones/index.ts';
import type { Store } from '../store/store.ts';
import { acceptSubmission } from './accept-submission.ts';
import { sendVariableFaults } from './send-variables.ts';

export interface MultiPorts {
  readonly store: Store;
  readonly intake: Intake;
  readonly virtual: VirtualClock;
  readonly wallMs: () => number;
  readonly newId: () => string;
  readonly users: UserBook;
  readonly templates: TemplateBook;
  readonly bus: Bus;
  readonly phones: Pick<Phones, 'phonesOf'>;
  readonly handsets: { of(user: string): readonly unknown[] };
  /** One click takes the user off the topic. */
  readonly unsubscribeUrl: (user: string, topic: string) => string;
  readonly submissions: Omit<SubmissionService, 'submitMulti'>;
  readonly limits: { readonly messageBytesMax: number; readonly recipientsMax: number };
  readonly delivers: () => boolean;
  readonly lifetimeMs: () => number;
  /** There may be something to do for the conductor. */
  readonly wake: () => void;
  readonly onProblem: (text: string) => void;
}

export interface Multi {
  performs(kind: string): boolean;
  /** Waits until everything is open that it may need. */
  perform(act: Act): Promise<void>;
  /** Everything is open. */
  begin(): void;
  close(): void;
  /** @throws AppError `invalid_submission` with the fields at fault, `disk_full`, `store_failed`, `store_busy` */
  submit(submission: MultiSubmission, keep?: KeepAnswer): Promise<Submitted>;
}

/** Phone numbers that are read without a pause, and faults that are told. */
const numbersAtOnce = 100;
const errorsMax = 100;

export function openMulti(ports: MultiPorts): Multi {
  const conductor = createConductor({
    store: ports.store,
    virtual: ports.virtual,
    users: ports.users,
    templates: ports.templates,
    reach: reachOf(ports),
    submit: (channel, request, about) => submitOne(channel, request, about, ports),
    pause,
    onProblem: ports.onProblem,
  });
  const open = Promise.withResolvers<boolean>();
  // What the writer decided is an act; the engine looks for those when it is woken.
  const unsubscribe = ports.bus.subscribe((events) => {
    if (events.some(({ type, data }) => type === 'deleted' || (isOfStep(type) && data.step !== undefined)))
      ports.wake();
  });
  return {
    performs: (kind) => conductor.performs(kind),
    async perform(act) {
      if (!(await open.promise))
        throw new AppError('store_busy', 'Sandpost stops; it goes on at the next start.');
      await conductor.perform(act);
    },
    begin: () => open.resolve(true),
    close() {
      open.resolve(false);
      unsubscribe();
    },
    submit: (submission, keep) => take(submission, keep, ports),
  };
}

function isOfStep(type: string): boolean {
  return type === 'attempted' || type === 'reported';
}

function reachOf({ phones, handsets, unsubscribeUrl, users }: MultiPorts): Reach {
  return {
    devicesOf: (user) =>
      phones
        .phonesOf(user)
        .flatMap(({ apps }) => apps.filter(({ token, dropped }) => token !== '' && dropped == null)).length,
    handsetsOf: (user) => handsets.of(user).length,
    // Every provider is simulated; what stands in its way (a closed door, a fault) its own answer tells.
    noProvider: () => null,
    unsubscribeUrl: (user, topic) =>
      users.topic(topic)?.required === false ? unsubscribeUrl(user, topic) : null,
  };
}

/** Gives the event loop to others. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function take(
  asked: MultiSubmission,
  keep: KeepAnswer | undefined,
  ports: MultiPorts,
): Promise<Submitted> {
  const errors: FieldError[] = [...overrideFaults(asked, ports), ...templateFaults(asked, ports)];
  const declared = usedVersion(asked, ports)?.variables ?? [];
  errors.push(
    ...(await sendVariableFaults(asked, declared, { users: ports.users, nowMs: ports.virtual.nowMs() })),
  );
  const template = asked.template === null ? null : ports.templates.get(asked.template.id);
  // What a template is about its sends are about, unless they say otherwise.
  const topic = asked.topic ?? (template?.topic || null);
  const submission = { ...asked, topic, to: await withNumbers(asked.to, errors) };
  if (submission.topic !== null && ports.users.topic(submission.topic) === null)
    errors.push({
      field: 'topic',
      code: 'unknown_topic',
      detail: `There is no topic ${submission.topic}${asked.topic === null ? ', which its template names' : ''}; GET /v1/topics lists them, PUT /v1/topics/${submission.topic} makes it.`,
    });
  const users = await usersOf(submission.to, errors, ports);
  if (users.length > usersMax)
    errors.push({
      field: 'to',
      code: 'too_many_recipients',
      detail: `These are more than ${usersMax} users; send the rest by itself.`,
    });
  if (errors.length > 0)
    throw new AppError(
      'invalid_submission',
      errors.map(({ field, detail }) => `${field}: ${detail}`).join(' '),
      {
        errors,
      },
    );

  const id = ports.newId();
  const bytes = multiSubmissionBytes(submission);
  const version = submission.template?.version ?? template?.published ?? null;
  const details: MessageDetails = {
    ...noDetails,
    metadata: submission.metadata,
    sendAtMs: submission.sendAtMs,
    stream: submission.stream ?? 'transactional',
    ...(submission.template === null
      ? {}
      : { template: { id: submission.template.id, version: typeof version === 'number' ? version : 0 } }),
    ...(submission.topic === null ? {} : { topic: submission.topic }),
  };
  const delivery = ports.delivers() ? deliveriesTo(users, submission, ports) : null;
  const submitted: Submitted = { id, deliveries: delivery?.to ?? [] };
  await acceptSubmission(
    {
      channel: 'multi',
      project: submission.project,
      envelopeFrom: submission.from ?? '',
      envelopeTo: submission.to.map(multiRecipientName),
      delivery,
      tags: submission.tags,
      details,
      bytes,
      submitted,
      keep,
    },
    ports,
  );
  return submitted;
}

/** Numbers in their form (E.164): reading one takes a while, and there may be thousands. */
async function withNumbers(
  to: readonly MultiRecipient[],
  errors: FieldError[],
): Promise<readonly MultiRecipient[]> {
  const read: MultiRecipient[] = [];
  for (const [at, one] of to.entries()) {
    if (at % numbersAtOnce === numbersAtOnce - 1) await pause();
    if (!('user' in one) || one.phone === undefined) {
      read.push(one);
      continue;
    }
    const number = phoneNumber(one.phone);
    if (number?.possible === true) read.push({ ...one, phone: number.e164 });
    else if (errors.length < errorsMax)
      errors.push({
        field: `to[${at}].phone`,
        code: 'bad_number',
        detail: `“${one.phone}” is no phone number; write it with its country, as +14155550123.`,
      });
  }
  return read;
}

/** Ids, each once, in the order of the request; a segment is who is in it now. */
async function usersOf(
  to: readonly MultiRecipient[],
  errors: FieldError[],
  { users: book }: MultiPorts,
): Promise<readonly string[]> {
  const users = new Set<string>();
  for (const [at, one] of to.entries()) {
    if ('user' in one) {
      users.add(one.user);
      continue;
    }
    const segment = 'segment' in one ? book.segment(one.segment) : null;
    if ('segment' in one && segment === null) {
      const detail = `There is no segment ${one.segment}; GET /v1/segments lists them.`;
      errors.push({ field: `to[${at}].segment`, code: 'unknown_segment', detail });
      continue;
    }
    const expression = segment?.expression ?? ('expression' in one ? one.expression : '');
    try {
      for (const user of await book.matching(expression, usersMax + 1)) users.add(user);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'bad_request') throw error;
      const field = `to[${at}].${'segment' in one ? 'segment' : 'expression'}`;
      errors.push({ field, code: 'bad_expression', detail: error.message });
    }
  }
  return [...users];
}

/** @returns null where there is no template, no such version, or none that is published */
function usedVersion(
  { template }: Pick<MultiSubmission, 'template'>,
  { templates }: Pick<MultiPorts, 'templates'>,
): TemplateVersion | null {
  const found = template === null ? null : templates.get(template.id);
  if (template === null || found === null) return null;
  const wanted = template.version ?? found.published;
  return wanted === 'draft' ? found.draft : (found.versions.find((one) => one.version === wanted) ?? null);
}

/** One that is not published is taken, and ends so: its deliveries tell. */
function templateFaults(
  { template, channels, content }: MultiSubmission,
  { templates }: MultiPorts,
): FieldError[] {
  if (template === null) return [];
  const found = templates.get(template.id);
  if (found === null)
    return [
      {
        field: 'template',
        code: 'unknown_template',
        detail: `There is no template ${template.id}; GET /v1/templates lists them.`,
      },
    ];
  const { version } = template;
  const used = usedVersion({ template }, { templates });
  if (version !== null && used === null)
    return [
      {
        field: 'template.version',
        code: 'unknown_version',
        detail: `The template ${template.id} has no ${version === 'draft' ? 'draft' : `version ${version}`}; GET /v1/templates/${template.id}/versions lists them.`,
      },
    ];
  if (used === null) return [];
  return channels.flatMap((channel) =>
    used.content[channel] === undefined && content[channel] === undefined
      ? [
          {
            field: `content.${channel}`,
            code: 'no_content',
            detail: `The template ${template.id} says nothing for ${channel}: give content.${channel}, or leave the channel out.`,
          },
        ]
      : [],
  );
}

/** What goes along with each channel's request is checked as that would be, before anybody is written to. */
function overrideFaults(submission: MultiSubmission, ports: MultiPorts): FieldError[] {
  return submission.channels.flatMap((channel) => {
    const override = submission.overrides[channel];
    const from = channel === 'email' && submission.from !== null;
    if (override === undefined && !from) return [];
    const request = { ...samples[channel], ...(from ? { from: submission.from } : {}), ...override };
    return faultsOf(channel, request, ports).flatMap((one) => {
      const [name = ''] = one.field.split(/[.[]/);
      if (override !== undefined && Object.hasOwn(override, name))
        return [{ ...one, field: `overrides.${channel}.${one.field}` }];
      return from && name === 'from' ? [one] : [];
    });
  });
}

const samples: Readonly<Record<UserChannel, Readonly<Record<string, unknown>>>> = {
  email: { channel: 'email', from: 'a@example.com', to: 'b@example.com', subject: 'a', text: 'a' },
  push: { channel: 'push', to: { user: 'a' }, title: 'a' },
  sms: { channel: 'sms', to: { user: 'a' }, body: 'a' },
  inapp: { channel: 'inapp', to: 'a', body: 'a' },
};

function faultsOf(
  channel: UserChannel,
  request: Readonly<Record<string, unknown>>,
  { limits, wallMs }: MultiPorts,
): readonly FieldError[] {
  const nowMs = wallMs();
  switch (channel) {
    case 'email': {
      const read = validateSubmission(emailRequestSchema.parse(request), { ...limits, nowMs });
      return read.ok ? [] : read.errors;
    }
    case 'push': {
      const read = validatePush(pushRequestSchema.parse(request), nowMs);
      return read.ok ? [] : read.errors;
    }
    case 'sms': {
      const read = validateSms(smsRequestSchema.parse(request), nowMs);
      return read.ok ? [] : read.errors;
    }
    case 'inapp': {
      const read = validateInApp(inAppRequestSchema.parse(request), nowMs);
      return read.ok ? [] : read.errors;
    }
    default:
      return channel satisfies never;
  }
}

function deliveriesTo(
  users: readonly string[],
  { stream, sendAtMs }: MultiSubmission,
  { virtual, wallMs, newId, lifetimeMs }: MultiPorts,
): { readonly nowMs: number; readonly to: readonly NewDelivery[] } {
  const nowMs = virtual.nowMs();
  // What the app's clock says, on the clock that due times run on.
  const atMs = sendAtMs === null ? nowMs : Math.max(sendAtMs + (nowMs - wallMs()), nowMs);
  const lifeMs = lifetimeMs();
  const to = users.map(
    (user): NewDelivery => ({
      id: newId(),
      recipient: user,
      domain: '',
      provider: null,
      stream: stream ?? 'transactional',
      parameters: null,
      dueAtMs: null,
      scheduledAtMs: atMs,
      expiresAtMs: atMs + lifeMs,
      status: 'queued',
      substatus: null,
      reason: null,
      class: null,
      retryOf: null,
      user,
    }),
  );
  return { nowMs, to };
}

/** As if the app had asked for it by itself. @throws AppError */
async function submitOne(
  channel: UserChannel,
  request: Readonly<Record<string, unknown>>,
  about: ChildAbout,
  { submissions: service, limits, wallMs }: MultiPorts,
): Promise<Submitted> {
  const nowMs = wallMs();
  switch (channel) {
    case 'email': {
      const read = validateSubmission(emailRequestSchema.parse(request), { ...limits, nowMs });
      if (!read.ok) throw invalid(read.errors);
      return service.submit(read.submission, undefined, undefined, about);
    }
    case 'push': {
      const read = validatePush(pushRequestSchema.parse(request), nowMs);
      if (!read.ok) throw invalid(read.errors);
      return service.submitPush(read.submission, undefined, undefined, about);
    }
    case 'sms': {
      const read = validateSms(smsRequestSchema.parse(request), nowMs);
      if (!read.ok) throw invalid(read.errors);
      return service.submitSms(read.submission, undefined, undefined, about);
    }
    case 'inapp': {
      const read = validateInApp(inAppRequestSchema.parse(request), nowMs);
      if (!read.ok) throw invalid(read.errors);
      return service.submitInApp(read.submission, undefined, undefined, about);
    }
    default:
      return channel satisfies never;
  }
}

function invalid(errors: readonly FieldError[]): AppError {
  const text = errors.map(({ field, detail }) => `${field}: ${detail}`).join(' ');
  return new AppError('invalid_submission', text, { errors });
}
