/** Takes a push of the send API: its recipients become devices, each device a delivery, all of it one message. */

import type { KeepAnswer, SubmitAbout, Submitted } from '../api/services.ts';
import { withOrders } from '../channels/email/accepted-orders.ts';
import { providerHosts } from '../channels/push/provider-limits.ts';
import { ruleFacts } from '../channels/push/rule-facts.ts';
import type { VirtualClock } from '../clock.ts';
import type { Intake } from '../intake/intake.ts';
import { AppError, type FieldError } from '../model/app-error.ts';
import type { NewDelivery } from '../model/delivery.ts';
import type { MessageDetails } from '../model/message.ts';
import { noDetails } from '../model/message-details.ts';
import type { Phone, PhoneApp } from '../model/phone.ts';
import type { PushProvider } from '../model/push.ts';
import {
  type PushRecipient,
  type PushSubmission,
  recipientName,
  submissionBytes,
  topicRecipient,
} from '../model/push-submission.ts';
import type { Question } from '../rules/questions.ts';
import { acceptSubmission } from './accept-submission.ts';
import { judgeSubmission, type SubmissionRulesPorts, submissionTaken } from './submission-rules.ts';
import { aboutDetails } from './submit-about.ts';

/** The users' devices as the app's backend knows them: with the tokens that no provider has called dead yet. */
export interface PushDevices {
  phone(id: string): Phone | null;
  phonesOf(user: string): readonly Phone[];
  /** Id of a subscription that the sandbox gave out itself; null: it is of another push service. */
  ownSubscription?(endpoint: string): string | null;
}

export const noDevices: PushDevices = { phone: () => null, phonesOf: () => [] };

export interface PushSubmissionsPorts {
  readonly intake: Intake;
  readonly devices: PushDevices;
  readonly virtual: VirtualClock;
  readonly wallMs: () => number;
  readonly newId: () => string;
  readonly delivers: () => boolean;
  /** How long a delivery may stay queued where the push says nothing of it. */
  readonly lifetimeMs: () => number;
  readonly virtualTime: (wallMs: number | null) => number | null;
  readonly rules?: (SubmissionRulesPorts & { readonly questions?: () => readonly Question[] }) | undefined;
}

/** Devices of one request. */
const deliveriesMax = 10_000;
/** What is tried once and never stored may wait so long for its try. */
const oneTryMs = 60_000;

/** One device, topic, or somebody without any. */
interface Target {
  /** Where it stands in the request. */
  readonly at: number;
  readonly recipient: string;
  readonly domain: string;
  readonly provider: PushProvider | null;
  readonly app: string | null;
  readonly parameters: Readonly<Record<string, string>>;
  /** Whose device it is. */
  readonly user: string | null;
  /** There is nowhere to send it. */
  readonly noChannel: string | null;
}

export function pushSubmissions(
  ports: PushSubmissionsPorts,
): (
  submission: PushSubmission,
  keep?: KeepAnswer,
  gone?: () => AbortSignal,
  about?: SubmitAbout,
) => Promise<Submitted> {
  return async (submission, keep, gone, about = {}) => {
    const targets = targetsOf(submission.to, ports.devices);
    const id = about.id ?? ports.newId();
    const bytes = submissionBytes(submission);
    const app = appOf(targets);
    const recipients = targets.flatMap(({ recipient, noChannel }) => (noChannel === null ? [recipient] : []));
    const known = ruleFacts(submission, ports.rules?.questions?.() ?? []);
    const providers = new Map(targets.map(({ recipient, provider }) => [recipient, provider]));
    const orders =
      ports.rules === undefined
        ? null
        : await judgeSubmission(
            {
              id,
              from: app,
              recipients,
              headerBlock: known.headers,
              bytes,
              tags: submission.tags,
              fieldOf: (recipient) => fieldOf(targets.find((one) => one.recipient === recipient)?.at ?? 0),
              gone: gone ?? null,
              other: { channel: 'push', providerOf: (recipient) => providers.get(recipient) ?? null, known },
            },
            ports.rules,
          );
    const stream = submission.stream ?? 'transactional';
    const planned = ports.delivers() ? deliveriesTo(targets, submission, about, ports) : null;
    const usual: MessageDetails = {
      ...noDetails,
      metadata: submission.metadata,
      sendAtMs: submission.sendAtMs,
      stream,
      ...aboutDetails(about),
    };
    const { delivery, details } =
      orders === null
        ? { delivery: planned, details: usual }
        : withOrders({ delivery: planned, details: usual }, orders, ports.newId);
    const submitted: Submitted = { id, deliveries: delivery?.to ?? [] };
    await acceptSubmission(
      {
        channel: 'push',
        project: submission.project,
        envelopeFrom: app,
        envelopeTo: [...new Set(submission.to.map(recipientName))],
        delivery,
        tags: submission.tags,
        details,
        bytes,
        submitted,
        keep,
      },
      ports,
    );
    if (ports.rules !== undefined)
      submissionTaken({ from: app, recipients, headerBlock: known.headers }, ports.rules);
    return submitted;
  };
}

/** @throws AppError `invalid_submission` for a device that does not exist, and for too many */
function targetsOf(to: readonly PushRecipient[], devices: PushDevices): readonly Target[] {
  const errors: FieldError[] = [];
  const targets = to.flatMap((one, at): readonly Target[] => {
    if ('topic' in one) return [topicTarget(one.topic, at)];
    if ('token' in one) return [tokenTarget(one, at)];
    if ('subscription' in one) return [subscriptionTarget(one, at, devices)];
    const phones = 'user' in one ? devices.phonesOf(one.user) : phoneOf(one.phone, devices);
    if (phones === null) {
      const detail = `There is no device ${recipientName(one)}; GET /v1/phones lists them, POST /v1/phones makes one.`;
      errors.push({ field: `${fieldOf(at)}.phone`, code: 'unknown_phone', detail });
      return [];
    }
    const found = phones.flatMap((phone) =>
      appsOf(phone, one.app).map((app) => deviceTarget(phone, app, at)),
    );
    return found.length === 0 ? [nowhere(one, at, phones.length)] : found;
  });
  const distinct = [...new Map(targets.map((one) => [`${one.provider} ${one.recipient}`, one])).values()];
  if (distinct.length > deliveriesMax)
    errors.push({
      field: 'to',
      code: 'too_many_recipients',
      detail: `These are ${distinct.length} devices; at most ${deliveriesMax}. Send the rest by itself.`,
    });
  if (errors.length > 0)
    throw new AppError('invalid_submission', errors.map(({ detail }) => detail).join(' '), { errors });
  return distinct;
}

function phoneOf(id: string, devices: PushDevices): readonly Phone[] | null {
  const phone = devices.phone(id);
  return phone === null ? null : [phone];
}

/** What is uninstalled is not known to be: that is what the provider's answer tells. */
function appsOf(phone: Phone, app: string | undefined): readonly PhoneApp[] {
  return phone.apps.filter(
    (one) => one.token !== '' && one.dropped == null && (app === undefined || one.app === app),
  );
}

function deviceTarget(phone: Phone, app: PhoneApp, at: number): Target {
  return {
    at,
    recipient: app.token,
    domain: hostOf(app.provider, app.environment),
    provider: app.provider,
    app: app.app,
    parameters: {
      app: app.app,
      phone: phone.id,
      platform: phone.platform,
      ...(phone.user === null ? {} : { user: phone.user }),
      ...(app.environment === null ? {} : { environment: app.environment }),
    },
    user: phone.user,
    noChannel: null,
  };
}

function tokenTarget(one: Extract<PushRecipient, { readonly token: string }>, at: number): Target {
  const { token, provider, app, environment } = one;
  return {
    at,
    // Apple's own examples have either case; it is the same token.
    recipient: provider === 'apns' ? token.toLowerCase() : token,
    domain: hostOf(provider, environment ?? null),
    provider,
    app: app ?? null,
    parameters: {
      ...(app === undefined ? {} : { app }),
      ...(environment === undefined ? {} : { environment }),
    },
    user: null,
    noChannel: null,
  };
}

function subscriptionTarget(
  { subscription: { endpoint, keys }, app }: Extract<PushRecipient, { readonly subscription: unknown }>,
  at: number,
  devices: PushDevices,
): Target {
  const own = devices.ownSubscription?.(endpoint) ?? null;
  // Of its own the sandbox has the keys.
  if (own !== null)
    return tokenTarget({ token: own, provider: 'webpush', ...(app === undefined ? {} : { app }) }, at);
  const target = tokenTarget(
    { token: endpoint, provider: 'webpush', ...(app === undefined ? {} : { app }) },
    at,
  );
  return { ...target, parameters: { ...target.parameters, ...keys } };
}

function topicTarget(topic: string, at: number): Target {
  return {
    at,
    recipient: topicRecipient(topic),
    domain: providerHosts.fcm,
    provider: 'fcm',
    app: null,
    parameters: { topic },
    user: null,
    noChannel: null,
  };
}

/** A user without a device is no mistake of the app's: the message is taken, and ends there. */
function nowhere(one: Extract<PushRecipient, { app?: string }>, at: number, phones: number): Target {
  const of = one.app === undefined ? '' : ` of the app ${one.app}`;
  const why =
    phones === 0 ? 'no device is theirs' : `no app with a token${of} is on their ${phones} device(s)`;
  return {
    at,
    recipient: recipientName(one),
    domain: '',
    provider: null,
    app: null,
    parameters: {},
    user: 'user' in one ? one.user : null,
    noChannel: `no_channel: there is nowhere to send it, for ${why}`,
  };
}

function hostOf(provider: PushProvider, environment: 'production' | 'development' | null): string {
  return provider === 'apns' ? providerHosts[environment ?? 'production'] : providerHosts[provider];
}

function deliveriesTo(
  targets: readonly Target[],
  { stream, sendAtMs, ttlSeconds }: PushSubmission,
  about: SubmitAbout,
  ports: PushSubmissionsPorts,
): { readonly nowMs: number; readonly to: readonly NewDelivery[] } {
  const nowMs = ports.virtual.nowMs();
  const atMs = Math.max(ports.virtualTime(sendAtMs) ?? nowMs, nowMs);
  const lifetimeMs =
    ttlSeconds === null ? ports.lifetimeMs() : ttlSeconds === 0 ? oneTryMs : ttlSeconds * 1000;
  const to = targets.map((one): NewDelivery => {
    const { recipient, domain, provider, parameters, noChannel, user } = one;
    return {
      id: ports.newId(),
      recipient,
      domain,
      provider,
      stream: stream ?? 'transactional',
      parameters,
      dueAtMs: noChannel === null ? atMs : null,
      expiresAtMs: atMs + lifetimeMs,
      status: noChannel === null ? 'queued' : 'undeliverable',
      substatus: null,
      reason: noChannel,
      class: noChannel === null ? null : 'inactive',
      retryOf: null,
      user: about.user ?? user,
    };
  });
  return { nowMs, to };
}

/** Whom it is from: the app, where it is for one alone. */
function appOf(targets: readonly Target[]): string {
  const apps = new Set(targets.flatMap(({ app }) => (app === null ? [] : [app])));
  const [only] = apps;
  return apps.size === 1 && only !== undefined ? only : '';
}

function fieldOf(at: number): string {
  return `to[${at}]`;
}
