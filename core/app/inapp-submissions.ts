/** Takes an in-app message: each user a delivery that waits for the app, all of it one message. */
import type { SubmitAbout } from '../api/services.ts';
import { withOrders } from '../channels/email/accepted-orders.ts';
import { expireAct, type InAppAct, wakeAct } from '../channels/inapp/acts.ts';
import {
  type AskAbout,
  type InAppAsker,
  type InAppSendTrouble,
  type InAppTrouble,
  noTrouble,
} from '../channels/inapp/ask.ts';
import type { InAppBackstage } from '../channels/inapp/in-app-room.ts';
import { inAppRuleFacts } from '../channels/inapp/rule-facts.ts';
import {
  InAppTroubleError,
  type KeepInAppAnswer,
  type PreparedInApp,
  type TakenInApp,
} from '../channels/inapp/taking.ts';
import type { VirtualClock } from '../clock.ts';
import type { Intake } from '../intake/intake.ts';
import type { NewDelivery } from '../model/delivery.ts';
import type { InAppState, NewInApp } from '../model/inapp.ts';
import { type InAppSubmission, inAppSubmissionBytes } from '../model/inapp-submission.ts';
import type { ExchangePart, MessageDetails } from '../model/message.ts';
import { noDetails } from '../model/message-details.ts';
import { causeKey } from '../rules/decision.ts';
import type { Question } from '../rules/questions.ts';
import { judgeSubmission, type SubmissionRulesPorts, submissionTaken } from './submission-rules.ts';

export interface InAppSubmissionsPorts {
  readonly intake: Intake;
  readonly room: Pick<InAppBackstage, 'expect'>;
  readonly virtual: VirtualClock;
  readonly wallMs: () => number;
  readonly newId: () => string;
  /** What rules of in-app messages and magic users want; without it nothing. */
  readonly ask?: Pick<InAppAsker, 'send'>;
  readonly delivers: () => boolean;
  readonly virtualTime: (wallMs: number | null) => number | null;
  readonly rules?:
    | (SubmissionRulesPorts & { readonly inAppQuestions?: () => readonly Question[] })
    | undefined;
}

/** @throws AppError `rejected_by_rule`; DeferredError */
export type PrepareInApp = (
  submission: InAppSubmission,
  how: {
    readonly keep?: KeepInAppAnswer | undefined;
    readonly gone?: (() => AbortSignal) | undefined;
    readonly request?: AskAbout | undefined;
    /** What is stored, where it came as bytes; else it is made. */
    readonly raw?: Uint8Array | undefined;
    readonly about?: SubmitAbout | undefined;
    /** Key of the door that it came by. */
    readonly door: 'api' | 'inapp';
  },
) => Promise<PreparedInApp>;

const noRequest: AskAbout = { key: '', fields: [] };

/** Deliveries need an end; a message that has none stays until its user comes. */
const openEndedMs = 100 * 365 * 24 * 3_600_000;

export function inAppSubmissions(ports: InAppSubmissionsPorts): PrepareInApp {
  return async (submission, { keep, gone, about = {}, door, request = noRequest, raw }) => {
    const id = about.id ?? ports.newId();
    const bytes = raw === undefined ? inAppSubmissionBytes(submission) : new Uint8Array(raw);
    const known = inAppRuleFacts(submission, ports.rules?.inAppQuestions?.() ?? []);
    const recipients = submission.to;
    const orders =
      ports.rules === undefined
        ? null
        : await judgeSubmission(
            {
              id,
              from: '',
              recipients,
              headerBlock: known.headers,
              bytes,
              tags: submission.tags,
              fieldOf: (recipient) => `to[${Math.max(0, recipients.indexOf(recipient))}]`,
              gone: gone ?? null,
              other: { channel: 'inapp', providerOf: () => null, known },
            },
            ports.rules,
          );
    const nowMs = ports.virtual.nowMs();
    const availableAtMs = Math.max(ports.virtualTime(submission.sendAtMs) ?? nowMs, nowMs);
    const expiresAtMs =
      submission.ttlSeconds === null
        ? ports.virtualTime(submission.expiresAtMs)
        : availableAtMs + submission.ttlSeconds * 1000;
    const planned = ports.delivers()
      ? { nowMs, to: recipients.map((user) => deliveryTo(user, submission, expiresAtMs, nowMs, ports)) }
      : null;
    const usual: MessageDetails = {
      ...noDetails,
      metadata: submission.metadata,
      sendAtMs: submission.sendAtMs,
      stream: submission.stream ?? 'transactional',
      ...(about.partOf === undefined ? {} : { partOf: about.partOf }),
      ...(about.template === undefined ? {} : { template: about.template }),
      ...(about.topic === undefined ? {} : { topic: about.topic }),
    };
    const { delivery, details } =
      orders === null
        ? { delivery: planned, details: usual }
        : withOrders({ delivery: planned, details: usual }, orders, ports.newId);
    const words = { content: submission.content, tags: submission.tags };
    let trouble: InAppTrouble = noTrouble;
    const wanted = (delivery?.to ?? []).map((one) => {
      const asked = ports.ask?.send(
        one.recipient,
        { ...request, door, bytes: bytes.length, messageId: id, deliveryId: one.id },
        words,
      );
      if (asked === undefined || asked.why.length === 0) return { delivery: one, availableAtMs, expiresAtMs };
      if (!asked.isDone) throw new InAppTroubleError(asked);
      if (trouble.why.length === 0) trouble = asked;
      return ruled(one, asked, { nowMs, availableAtMs, expiresAtMs });
    });
    const to = wanted.map((one) => one.delivery);
    const rows = wanted.map(
      ({ delivery: one, ...times }): NewInApp => ({
        id: ports.newId(),
        user: one.recipient,
        messageId: id,
        deliveryId: one.id,
        project: submission.project ?? '',
        content: submission.content,
        display: submission.display,
        tags: submission.tags,
        priority: submission.priority,
        saveToInbox: submission.saveToInbox,
        createdAtMs: nowMs,
        ...times,
        state: stateOf(one),
      }),
    );
    const submitted: TakenInApp = {
      id,
      deliveries: to,
      rows: rows.map(({ id: row, user }) => ({ id: row, user })),
    };
    return { submitted, store, trouble };

    async function store(exchange: ExchangePart | null): Promise<void> {
      // Where deliveries are switched off there are none, and nothing would ever tell that they came.
      const expectation = rows.length === 0 ? null : ports.room.expect(id, rows);
      try {
        await ports.intake.accept({
          id,
          channel: 'inapp',
          door,
          project: submission.project,
          user: null,
          envelopeFrom: '',
          envelopeTo: recipients,
          envelopeParameters: null,
          spooled: [],
          tail: bytes,
          head: bytes,
          bytes: bytes.length,
          exchange,
          delivery: delivery === null ? null : { ...delivery, to },
          tags: submission.tags,
          answer:
            keep === undefined
              ? null
              : { key: keep.key, hash: keep.hash, answer: keep.answer(submitted), nowMs: ports.wallMs() },
          details,
          inapp: rows.length === 0 ? null : { puts: rows, changes: [], acts: actsOf(id, nowMs, rows) },
        });
      } catch (error) {
        expectation?.forget();
        throw error;
      }
      if (ports.rules !== undefined)
        submissionTaken({ from: '', recipients, headerBlock: known.headers }, ports.rules);
    }
  };
}

/** The queue has no turn for it: the app comes for it by itself. */
function deliveryTo(
  user: string,
  { stream }: InAppSubmission,
  expiresAtMs: number | null,
  nowMs: number,
  { newId }: Pick<InAppSubmissionsPorts, 'newId'>,
): NewDelivery {
  return {
    id: newId(),
    recipient: user,
    domain: '',
    provider: null,
    stream: stream ?? 'transactional',
    parameters: null,
    dueAtMs: null,
    expiresAtMs: expiresAtMs ?? nowMs + openEndedMs,
    status: 'queued',
    substatus: null,
    reason: null,
    class: null,
    retryOf: null,
    user,
  };
}

function stateOf({ status, substatus }: NewDelivery): InAppState {
  if (substatus === 'held') return 'held';
  // Lost on purpose: it was taken, and the user never gets it.
  return status === 'queued' ? 'waiting' : 'canceled';
}

/** Of each time one; rules can give users times of their own. */
function actsOf(messageId: string, nowMs: number, rows: readonly NewInApp[]): readonly InAppAct[] {
  const woken = new Map<number, string[]>();
  for (const { user, availableAtMs } of rows)
    if (availableAtMs > nowMs) {
      const others = woken.get(availableAtMs);
      if (others === undefined) woken.set(availableAtMs, [user]);
      else others.push(user);
    }
  const ends = new Set(rows.flatMap((row) => (row.expiresAtMs === null ? [] : [row.expiresAtMs])));
  return [
    ...[...woken].map(([atMs, users]) =>
      wakeAct({ messageId, users: users.length === rows.length ? null : users }, atMs),
    ),
    ...[...ends].map((atMs) => expireAct({ messageId }, atMs)),
  ];
}

interface RowTimes {
  readonly availableAtMs: number;
  readonly expiresAtMs: number | null;
}

/** What a rule, or the user's own name, wants of one user's message. */
function ruled(
  one: NewDelivery,
  { hold, isLost, availableAfterMs, expiresAfterMs, why }: InAppSendTrouble,
  { nowMs, availableAtMs, expiresAtMs }: RowTimes & { readonly nowMs: number },
): RowTimes & { readonly delivery: NewDelivery } {
  const endsAtMs = expiresAfterMs === null ? expiresAtMs : nowMs + expiresAfterMs;
  const times = {
    availableAtMs: Math.max(availableAtMs, nowMs + availableAfterMs),
    expiresAtMs: endsAtMs,
  };
  const delivery = endsAtMs === null ? one : { ...one, expiresAtMs: endsAtMs };
  if (one.status !== 'queued') return { ...times, delivery };
  if (hold !== null)
    return {
      ...times,
      delivery: {
        ...delivery,
        substatus: 'held',
        reason: why.join('; '),
        heldBy: { key: causeKey(hold.cause), label: hold.cause.label },
      },
    };
  if (!isLost) return { ...times, delivery };
  return {
    ...times,
    delivery: {
      ...delivery,
      status: 'sent',
      substatus: 'unconfirmed',
      reason: `accepted and lost: ${why.join('; ')}; the user never gets it`,
    },
  };
}
