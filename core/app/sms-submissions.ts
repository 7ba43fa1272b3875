/** Takes an SMS of the send API: its recipients become numbers, each number a delivery, all of it one message. */

import type { KeepAnswer, SubmitAbout, Submitted } from '../api/services.ts';
import { withOrders } from '../channels/email/accepted-orders.ts';
import { trackedLinks } from '../channels/sms/links.ts';
import { smsProviderHosts } from '../channels/sms/provider-hosts.ts';
import { smsRuleFacts } from '../channels/sms/rule-facts.ts';
import type { VirtualClock } from '../clock.ts';
import type { Intake } from '../intake/intake.ts';
import { AppError, type FieldError } from '../model/app-error.ts';
import type { NewDelivery } from '../model/delivery.ts';
import type { Handset } from '../model/handset.ts';
import type { MessageDetails } from '../model/message.ts';
import { noDetails } from '../model/message-details.ts';
import {
  type SmsSubmission,
  smsRecipientName,
  smsSubmissionBytes,
  usualSmsProvider,
  usualSmsSender,
} from '../model/sms-submission.ts';
import { coversStream } from '../model/suppression.ts';
import type { Question } from '../rules/questions.ts';
import type { Store } from '../store/store.ts';
import { acceptSubmission } from './accept-submission.ts';
import { judgeSubmission, type SubmissionRulesPorts, submissionTaken } from './submission-rules.ts';
import { aboutDetails } from './submit-about.ts';

/** The users' handsets, as the app's backend would know them. */
export interface SmsHandsets {
  handsetsOf(user: string): readonly Pick<Handset, 'number'>[];
}

export const noHandsets: SmsHandsets = { handsetsOf: () => [] };

export interface SmsSubmissionsPorts {
  readonly store: Pick<Store, 'counts' | 'suppressed'>;
  readonly intake: Intake;
  readonly handsets: SmsHandsets;
  readonly virtual: VirtualClock;
  readonly wallMs: () => number;
  readonly newId: () => string;
  readonly delivers: () => boolean;
  /** How long a delivery may stay queued where the message says nothing of it. */
  readonly lifetimeMs: () => number;
  readonly virtualTime: (wallMs: number | null) => number | null;
  readonly rules?: (SubmissionRulesPorts & { readonly smsQuestions?: () => readonly Question[] }) | undefined;
}

/** Numbers of one request. */
const deliveriesMax = 10_000;

interface Target {
  /** Where it stands in the request. */
  readonly at: number;
  readonly recipient: string;
  readonly user: string | null;
  /** There is nowhere to send it. */
  readonly noChannel: string | null;
}

export function smsSubmissions(
  ports: SmsSubmissionsPorts,
): (
  submission: SmsSubmission,
  keep?: KeepAnswer,
  gone?: () => AbortSignal,
  about?: SubmitAbout,
) => Promise<Submitted> {
  return async (submission, keep, gone, about = {}) => {
    const targets = targetsOf(submission, ports.handsets);
    const stream = submission.stream ?? 'transactional';
    await refuseSuppressed(targets, stream, ports);
    const id = about.id ?? ports.newId();
    const bytes = smsSubmissionBytes(submission);
    const from = submission.from ?? usualSmsSender;
    const provider = submission.providers[0] ?? usualSmsProvider;
    const recipients = targets.flatMap(({ recipient, noChannel }) => (noChannel === null ? [recipient] : []));
    const known = smsRuleFacts(submission, ports.rules?.smsQuestions?.() ?? []);
    const orders =
      ports.rules === undefined
        ? null
        : await judgeSubmission(
            {
              id,
              from,
              recipients,
              headerBlock: known.headers,
              bytes,
              tags: submission.tags,
              fieldOf: (recipient) => fieldOf(targets.find((one) => one.recipient === recipient)?.at ?? 0),
              gone: gone ?? null,
              other: { channel: 'sms', providerOf: () => provider, known },
            },
            ports.rules,
          );
    const planned = ports.delivers() ? deliveriesTo(targets, submission, about, ports) : null;
    const usual: MessageDetails = {
      ...noDetails,
      metadata: submission.metadata,
      sendAtMs: submission.sendAtMs,
      trackClicks: submission.trackLinks,
      links: submission.trackLinks ? trackedLinks(submission.body) : [],
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
        channel: 'sms',
        project: submission.project,
        envelopeFrom: from,
        envelopeTo: [
          ...new Set([
            ...submission.to.map(smsRecipientName).filter((name) => name.startsWith('user:')),
            ...targets.map(({ recipient }) => recipient),
          ]),
        ],
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
      submissionTaken({ from, recipients, headerBlock: known.headers }, ports.rules);
    return submitted;
  };
}

/** @throws AppError `invalid_submission` for too many */
function targetsOf({ to }: SmsSubmission, handsets: SmsHandsets): readonly Target[] {
  const targets = to.flatMap((one, at): readonly Target[] => {
    if ('number' in one) return [{ at, recipient: one.number, user: null, noChannel: null }];
    const theirs = handsets.handsetsOf(one.user);
    // A user without a handset is no mistake of the app's: the message is taken, and ends there.
    if (theirs.length === 0)
      return [
        {
          at,
          recipient: smsRecipientName(one),
          user: one.user,
          noChannel: 'no_channel: there is nowhere to send it, for no handset is theirs',
        },
      ];
    return theirs.map(({ number }) => ({ at, recipient: number, user: one.user, noChannel: null }));
  });
  const distinct = [...new Map(targets.map((one) => [one.recipient, one])).values()];
  if (distinct.length > deliveriesMax) {
    const detail = `These are ${distinct.length} numbers; at most ${deliveriesMax}. Send the rest by itself.`;
    throw new AppError('invalid_submission', detail, {
      errors: [{ field: 'to', code: 'too_many_recipients', detail }],
    });
  }
  return distinct;
}

/** As with mail: who is on the list is named, so that the app can leave them out. */
async function refuseSuppressed(
  targets: readonly Target[],
  stream: 'transactional' | 'marketing',
  { store, virtual }: Pick<SmsSubmissionsPorts, 'store' | 'virtual'>,
): Promise<void> {
  if (store.counts().suppressions === 0) return;
  const found = (
    await store.suppressed(
      targets.map(({ recipient }) => recipient.toLowerCase()),
      virtual.nowMs(),
    )
  ).filter((one) => coversStream(one.scope, stream));
  if (found.length === 0) return;
  const errors = found.map(
    (one): FieldError => ({
      field: fieldOf(targets.find(({ recipient }) => recipient.toLowerCase() === one.address)?.at ?? 0),
      code: 'suppressed',
      detail: `${one.address} is on the suppression list (${one.reason.replaceAll('_', ' ')}, scope ${one.scope}${one.detail === null ? '' : `: ${one.detail}`}); nothing was sent. Leave it out, or DELETE /v1/suppressions/${one.address}.`,
    }),
  );
  throw new AppError('invalid_submission', errors.map(({ detail }) => detail).join(' '), { errors });
}

function deliveriesTo(
  targets: readonly Target[],
  { stream, sendAtMs, validitySeconds, providers }: SmsSubmission,
  about: SubmitAbout,
  ports: SmsSubmissionsPorts,
): { readonly nowMs: number; readonly to: readonly NewDelivery[] } {
  const nowMs = ports.virtual.nowMs();
  const atMs = Math.max(ports.virtualTime(sendAtMs) ?? nowMs, nowMs);
  const provider = providers[0] ?? usualSmsProvider;
  const lifetimeMs = validitySeconds === null ? ports.lifetimeMs() : validitySeconds * 1000;
  const to = targets.map(
    ({ recipient, user, noChannel }): NewDelivery => ({
      id: ports.newId(),
      recipient,
      domain: noChannel === null ? smsProviderHosts[provider] : '',
      provider: noChannel === null ? provider : null,
      stream: stream ?? 'transactional',
      parameters: user === null ? null : { user },
      dueAtMs: noChannel === null ? atMs : null,
      expiresAtMs: atMs + lifetimeMs,
      status: noChannel === null ? 'queued' : 'undeliverable',
      substatus: null,
      reason: noChannel,
      class: noChannel === null ? null : 'inactive',
      retryOf: null,
      user: about.user ?? user,
    }),
  );
  return { nowMs, to };
}

function fieldOf(at: number): string {
  return `to[${at}]`;
}
