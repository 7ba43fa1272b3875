/**
 * What the rules of the stage `door` do to what the send API takes. It knows no connection: what only SMTP has is not
 * asked, and each recipient can be answered for by itself.
 */
import {
  type EndOfDataPorts,
  type OrdersByRecipient,
  withWhatIsAsked,
} from '../channels/email/end-of-data.ts';
import { delayAmong, isOf } from '../channels/email/purpose.ts';
import type { Clock } from '../clock.ts';
import { domainOf } from '../delivery/plan.ts';
import { AppError, DeferredError, type FieldError } from '../model/app-error.ts';
import { headerValue } from '../model/header-block.ts';
import type { Channel } from '../model/message.ts';
import { byCause, type Decision, type DecisionOf, type Facts } from '../rules/decision.ts';
import { replyWords } from '../rules/reply-text.ts';
import type { Point } from '../rules/schema.ts';

export interface SubmissionRulesPorts extends EndOfDataPorts {
  readonly clock: Pick<Clock, 'after'>;
  readonly virtualNowMs: () => number;
  readonly hostname: string;
  readonly messageBytesMax: number;
}

export interface JudgedSubmission {
  readonly id: string;
  readonly from: string;
  readonly recipients: readonly string[];
  readonly headerBlock: string;
  readonly bytes: Uint8Array;
  readonly tags: readonly string[];
  /** Where a recipient stands in the request. */
  readonly fieldOf: (recipient: string) => string;
  /** Tells when the client went away; asked where there is something to wait for. */
  readonly gone: (() => AbortSignal) | null;
  /** Of what is no mail; what is left out is looked up, and read, as of mail. */
  readonly other?: {
    readonly channel: Channel;
    readonly providerOf: (recipient: string) => string | null;
    readonly known: Pick<Facts, 'headers' | 'content'>;
  };
}

const door = 'api';

/**
 * @returns what is wanted for each recipient once the message is taken, or null when no rule has a say
 * @throws AppError `rejected_by_rule`; DeferredError
 */
export function judgeSubmission(
  submission: JudgedSubmission,
  ports: SubmissionRulesPorts,
): Promise<OrdersByRecipient> | null {
  return asked.some((point) => ports.desk.asks('door', point)) ? judge(submission, ports) : null;
}

const asked: readonly Point[] = ['mail', 'rcpt', 'data', 'endOfData', 'accepted'];

async function judge(submission: JudgedSubmission, ports: SubmissionRulesPorts): Promise<OrdersByRecipient> {
  const { desk } = ports;
  const { from, recipients, headerBlock, other } = submission;
  const distinct = [...new Set(recipients)];
  const base: Facts = { channel: other?.channel ?? 'email', door, sender: from, tags: submission.tags };
  const about = (recipient: string, facts: Facts): Facts => ({
    ...facts,
    recipient,
    provider: other === undefined ? ports.providerOf(domainOf(recipient)) : other.providerOf(recipient),
  });

  if (desk.asks('door', 'mail'))
    await answer([['', desk.decide('door', 'mail', { ...base, tryKey: from })]], submission, ports);
  if (desk.asks('door', 'rcpt')) {
    await answer(
      distinct.map((one) => [
        one,
        desk.decide('door', 'rcpt', { ...about(one, base), tryKey: recipientTry(from, one) }),
      ]),
      submission,
      ports,
    );
  }
  // Those that end alike are one question, as they are at an SMTP door.
  const alike = firstOfEach(distinct, (one) => desk.endKey('door', about(one, base)));
  const tryKey = requestTry(submission);
  if (desk.asks('door', 'data'))
    await answer(
      alike.map((one) => [one, desk.decide('door', 'data', { ...about(one, base), tryKey })]),
      submission,
      ports,
    );
  const whole: Facts = { ...base, bytes: submission.bytes.length, tryKey };
  const facts =
    other === undefined
      ? await withWhatIsAsked(whole, headerBlock, { spooled: [], tail: submission.bytes }, ports)
      : { ...whole, ...other.known };
  if (desk.asks('door', 'endOfData'))
    await answer(
      alike.map((one) => [one, desk.decide('door', 'endOfData', about(one, facts))]),
      submission,
      ports,
    );
  const orders = new Map<string, readonly Decision[]>();
  if (!desk.asks('door', 'accepted')) return orders;
  for (const one of distinct) {
    const decisions = desk.decide('door', 'accepted', { ...about(one, facts), messageId: submission.id });
    if (decisions.length > 0) orders.set(one, decisions);
  }
  return orders;
}

/** The message was taken: the next like it is put off again. */
export function submissionTaken(
  submission: Pick<JudgedSubmission, 'from' | 'recipients' | 'headerBlock'>,
  { desk }: Pick<SubmissionRulesPorts, 'desk'>,
): void {
  const { from, recipients } = submission;
  desk.taken?.([...recipients.map((one) => recipientTry(from, one)), requestTry(submission)]);
}

function recipientTry(from: string, recipient: string): string {
  return `${from}\0${recipient}`;
}

/** A request that is made again gets another Message-ID of ours: it is the rest that is the same. */
function requestTry({
  from,
  recipients,
  headerBlock,
}: Pick<JudgedSubmission, 'from' | 'recipients' | 'headerBlock'>): string {
  return [from, ...recipients, headerValue(headerBlock, 'subject') ?? ''].join('\0');
}

type Asked = readonly (readonly [recipient: string, decisions: readonly Decision[]])[];

/** Waits as long as the longest delay wants, then refuses when any of them refuses. */
async function answer(
  decided: Asked,
  submission: JudgedSubmission,
  ports: SubmissionRulesPorts,
): Promise<void> {
  const delay = delayAmong(decided.flatMap(([, decisions]) => decisions));
  if (delay !== null) await wait(delay.lateMs, submission.gone?.() ?? null, ports.clock);
  const refusals = decided.flatMap(([recipient, decisions]) => {
    const refusal = decisions.find((one) => isOf(one, 'reject', 'defer'));
    return refusal === undefined ? [] : [{ recipient, refusal }];
  });
  if (refusals.length === 0) return;
  // What is refused for good will not be taken at the next try either.
  const final = refusals.filter(({ refusal }) => refusal.action.do === 'reject');
  const told = final.length > 0 ? final : refusals;
  const errors = told.map(({ recipient, refusal }) => fieldError(recipient, refusal, submission, ports));
  const text = errors.map((one) => one.detail).join(' ');
  if (final.length > 0) throw new AppError('rejected_by_rule', text, { errors });
  throw new DeferredError(text, retryAfterS(refusals[0]?.refusal, ports.virtualNowMs()), errors);
}

function fieldError(
  recipient: string,
  refusal: DecisionOf<'reject' | 'defer'>,
  submission: JudgedSubmission,
  { hostname, messageBytesMax }: SubmissionRulesPorts,
): FieldError {
  const { code, enhanced, lines } = replyWords(refusal.action, {
    sender: submission.from,
    ...(recipient === '' ? {} : { recipient }),
    host: hostname,
    id: submission.id,
    bytesMax: messageBytesMax,
  });
  const said = [String(code), ...(enhanced === null ? [] : [enhanced]), ...lines].join(' ');
  return {
    field: recipient === '' ? 'from' : submission.fieldOf(recipient),
    code: refusal.action.do === 'reject' ? 'rejected_by_rule' : 'deferred_by_rule',
    detail: `${said} (${byCause(refusal.cause)}; nothing was sent)`,
  };
}

/** Known where the rule itself says until when; counted in virtual time, which may run faster. */
function retryAfterS(refusal: DecisionOf<'reject' | 'defer'> | undefined, nowMs: number): number | null {
  if (refusal?.action.do !== 'defer' || refusal.action.until === undefined) return null;
  return Math.max(1, Math.ceil((Date.parse(refusal.action.until) - nowMs) / 1000));
}

/** @throws AppError when the client goes meanwhile: nothing is stored for whoever is not told */
function wait(lateMs: number, gone: AbortSignal | null, clock: Pick<Clock, 'after'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const left = (): void => {
      cancel();
      reject(new AppError('not_possible', 'The client went away while its answer was held back.'));
    };
    const cancel = clock.after(lateMs, () => {
      gone?.removeEventListener('abort', left);
      resolve();
    });
    if (gone?.aborted === true) left();
    else gone?.addEventListener('abort', left, { once: true });
  });
}

function firstOfEach(recipients: readonly string[], keyOf: (recipient: string) => string): readonly string[] {
  const firsts = new Map<string, string>();
  for (const one of recipients) {
    const key = keyOf(one);
    if (!firsts.has(key)) firsts.set(key, one);
  }
  return [...firsts.values()];
}
