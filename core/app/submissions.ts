/** Takes what the send API was handed: suppressed recipients refused, bytes made, stored with its deliveries. */

import { randomBytes } from 'node:crypto';
import type { SubmissionService, Submitted } from '../api/services.ts';
import { withOrders } from '../channels/email/accepted-orders.ts';
import type { EmailSubmission } from '../channels/email/submission.ts';
import { trackHtml, trackingToken } from '../channels/email/tracking.ts';
import type { VirtualClock } from '../clock.ts';
import { domainOf, streamOf } from '../delivery/plan.ts';
import type { SendingDomains } from '../dns/sending-domains.ts';
import type { Intake } from '../intake/intake.ts';
import { AppError, type FieldError, messageOf } from '../model/app-error.ts';
import { atFirstUse } from '../model/at-first-use.ts';
import type { NewDelivery, Stream } from '../model/delivery.ts';
import { fromDomain } from '../model/from-domain.ts';
import { headerBlock } from '../model/header-block.ts';
import type { MessageDetails } from '../model/message.ts';
import { noDetails } from '../model/message-details.ts';
import { streamUnder } from '../model/sending-domain.ts';
import { coversStream } from '../model/suppression.ts';
import type { Store } from '../store/store.ts';
import { acceptSubmission } from './accept-submission.ts';
import type { PrepareInApp } from './inapp-submissions.ts';
import type { Mail } from './mail.ts';
import {
  noDevices,
  type PushDevices,
  type PushSubmissionsPorts,
  pushSubmissions,
} from './push-submissions.ts';
import { noHandsets, type SmsHandsets, type SmsSubmissionsPorts, smsSubmissions } from './sms-submissions.ts';
import { judgeSubmission, submissionTaken } from './submission-rules.ts';
import { aboutDetails } from './submit-about.ts';

/** For one channel each; sends over several channels are made of these. */
export type Submissions = Omit<SubmissionService, 'submitMulti'>;

export interface SubmissionsPorts {
  readonly store: Store;
  readonly intake: Intake;
  readonly domains: SendingDomains;
  readonly mail: Pick<Mail, 'deliveriesTo'>;
  readonly virtual: VirtualClock;
  readonly wallMs: () => number;
  readonly newId: () => string;
  /** Where this core is reached, for links and pictures that lead back to it. */
  readonly baseUrl: () => string;
  readonly messageBytesMax: number;
  /** Deliveries are made, not only kept. */
  readonly delivers: () => boolean;
  /** How long a push may stay queued that says nothing of it. */
  readonly lifetimeMs: () => number;
  /** What this door does wrong on purpose; nothing when left out. */
  readonly rules?:
    | (NonNullable<PushSubmissionsPorts['rules']> & NonNullable<SmsSubmissionsPorts['rules']>)
    | undefined;
  /** Devices that a push is for; without it the sandbox has none. */
  readonly devices?: PushDevices;
  /** Handsets of users; without it nobody has one. */
  readonly handsets?: SmsHandsets;
  /** In-app messages; without it there are none. */
  readonly prepareInApp?: PrepareInApp;
  readonly onProblem: (text: string) => void;
}

/** Deliveries waiting from which on no more are taken: whoever sends is told to come back. */
const queuedMax = 2_000_000;
const boundaryBytes = 12;

const composer = atFirstUse(() => import('../channels/email/compose.ts'));

export function createSubmissions(ports: SubmissionsPorts): Submissions {
  const { store, domains } = ports;
  const takePush = pushSubmissions({ ...ports, devices: ports.devices ?? noDevices, virtualTime });
  const takeSms = smsSubmissions({ ...ports, handsets: ports.handsets ?? noHandsets, virtualTime });
  return {
    async submitSms(submission, keep, gone, about) {
      refuseOverflow();
      return await takeSms(submission, keep, gone, about);
    },

    async submitInApp(submission, keep, gone, about) {
      refuseOverflow();
      if (ports.prepareInApp === undefined)
        throw new AppError('not_possible', 'There are no in-app messages here.');
      const { submitted, store: stored } = await ports.prepareInApp(submission, {
        keep,
        gone,
        about,
        door: 'api',
      });
      await stored(null);
      return submitted;
    },

    async submitPush(submission, keep, gone, about) {
      refuseOverflow();
      return await takePush(submission, keep, gone, about);
    },

    async submit(submission, keep, gone, about = {}) {
      refuseOverflow();
      const { suppressions } = store.counts();
      const from = fromDomain(`From: <${submission.from.address}>`) ?? domainOf(submission.from.address);
      if (domains.strict() && domains.owner(from) === null) await refuseSender(from);
      const id = about.id ?? ports.newId();
      const { tracked, links } = withTracking(submission, id, ports.baseUrl());
      const { compose } = await composer();
      const bytes = compose(tracked, {
        messageId: `<${id}@${from}>`,
        dateMs: ports.wallMs(),
        boundary: randomBytes(boundaryBytes).toString('hex'),
      });
      if (ports.messageBytesMax > 0 && bytes.length > ports.messageBytesMax)
        throw tooLarge(submission, bytes.length, ports.messageBytesMax);
      const block = headerBlock(bytes);
      const owner = domains.owner(from);
      const stream =
        submission.stream ??
        streamOf(block, owner === null ? null : (streamUnder(owner, from)?.stream ?? null));
      if (suppressions > 0) await refuseSuppressed(submission, stream);
      const judging =
        ports.rules === undefined
          ? null
          : judgeSubmission(
              {
                id,
                from: submission.from.address,
                recipients: submission.envelopeTo,
                headerBlock: block,
                bytes,
                tags: submission.tags,
                fieldOf: (recipient) => fieldOf(submission, recipient.toLowerCase()),
                gone: gone ?? null,
              },
              ports.rules,
            );
      const orders = judging === null ? null : await judging;
      setUpSender(from);
      const planned = ports.delivers()
        ? ofUser(
            ports.mail.deliveriesTo({
              recipients: submission.envelopeTo,
              from,
              stream,
              sendAtMs: virtualTime(submission.sendAtMs),
            }),
            about.user,
          )
        : null;
      const usual: MessageDetails = {
        ...noDetails,
        fromDomain: from,
        metadata: submission.metadata,
        sendAtMs: submission.sendAtMs,
        trackOpens: submission.trackOpens,
        trackClicks: submission.trackClicks,
        stream,
        links,
        ...aboutDetails(about),
      };
      const { delivery, details } =
        orders === null
          ? { delivery: planned, details: usual }
          : withOrders({ delivery: planned, details: usual }, orders, ports.newId);
      const submitted: Submitted = { id, deliveries: delivery?.to ?? [] };
      await acceptSubmission(
        {
          channel: 'email',
          project: submission.project,
          envelopeFrom: submission.from.address,
          envelopeTo: submission.envelopeTo,
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
        submissionTaken(
          { from: submission.from.address, recipients: submission.envelopeTo, headerBlock: block },
          ports.rules,
        );
      return submitted;
    },
  };

  function refuseOverflow(): void {
    const { queued, deferred, held } = store.counts();
    if (queued + deferred + held >= queuedMax)
      throw new AppError(
        'store_busy',
        `${queuedMax} deliveries wait already; try again when some have gone.`,
      );
  }

  async function refuseSender(domain: string): Promise<void> {
    try {
      await domains.onTheFly(domain);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'sender_domain_unknown') throw error;
      const errors = [{ field: 'from', code: error.code, detail: error.message }];
      throw new AppError(error.code, error.message, { cause: error, errors });
    }
  }

  /** Making a domain takes a moment that nobody has to wait for. */
  function setUpSender(domain: string): void {
    if (domains.owner(domain) !== null) return;
    domains
      .onTheFly(domain)
      .catch((error: unknown) => ports.onProblem(`a domain could not be set up: ${messageOf(error)}`));
  }

  /** What the app's clock says, on the clock that due times run on. */
  function virtualTime(wallMs: number | null): number | null {
    return wallMs === null ? null : wallMs + (ports.virtual.nowMs() - ports.wallMs());
  }

  async function refuseSuppressed(submission: EmailSubmission, stream: Stream): Promise<void> {
    const found = (await store.suppressed(submission.envelopeTo, ports.virtual.nowMs())).filter((one) =>
      coversStream(one.scope, stream),
    );
    if (found.length === 0) return;
    const errors = found.map(
      (one): FieldError => ({
        field: fieldOf(submission, one.address),
        code: 'suppressed',
        detail: `${one.address} is on the suppression list (${one.reason.replaceAll('_', ' ')}, scope ${one.scope}${one.detail === null ? '' : `: ${one.detail}`}); nothing was sent. Leave it out, or DELETE /v1/suppressions/${one.address}.`,
      }),
    );
    throw new AppError('invalid_submission', errors.map((one) => one.detail).join(' '), { errors });
  }
}

/** What is largest is named: validation has looked at each part, and their sum with the encoding is too much. */
function tooLarge(submission: EmailSubmission, bytes: number, bytesMax: number): AppError {
  const files = submission.attachments.reduce((sum, { content }) => sum + content.length, 0);
  const sizes: readonly (readonly [string, number])[] = [
    ['attachments', files],
    ['html', submission.html?.length ?? 0],
    ['text', submission.text?.length ?? 0],
  ];
  const [[field] = ['text']] = sizes.toSorted(([, a], [, b]) => b - a);
  const detail = `The message is ${bytes} bytes with its encoding; at most ${bytesMax} are taken.`;
  return new AppError('too_large', detail, { errors: [{ field, code: 'too_large', detail }] });
}

function fieldOf(submission: EmailSubmission, address: string): string {
  for (const field of ['to', 'cc', 'bcc'] as const) {
    const at = submission[field].findIndex((one) => one.address.toLowerCase() === address);
    if (at >= 0) return `${field}[${at}]`;
  }
  return 'to';
}

function withTracking(
  submission: EmailSubmission,
  id: string,
  baseUrl: string,
): { readonly tracked: EmailSubmission; readonly links: readonly string[] } {
  const { html, trackOpens: opens, trackClicks: clicks } = submission;
  if (html === null || !(opens || clicks)) return { tracked: submission, links: [] };
  const tracked = trackHtml(html, { baseUrl, token: trackingToken(id), opens, clicks });
  return { tracked: { ...submission, html: tracked.html }, links: tracked.links };
}

/** Its recipients are addresses of that user. */
function ofUser<T extends { readonly to: readonly NewDelivery[] }>(planned: T, user: string | undefined): T {
  return user === undefined ? planned : { ...planned, to: planned.to.map((one) => ({ ...one, user })) };
}
