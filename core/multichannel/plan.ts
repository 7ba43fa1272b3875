/** What is to be done next for one user of a send over several channels. Pure. */
import type { DeliveryRow, OutcomeClass } from '../model/delivery.ts';
import type { MultiStep, StepWhy } from '../model/multi-steps.ts';
import type { MultiSubmission } from '../model/multi-submission.ts';
import { isEnd } from '../model/status.ts';
import type { UserChannel } from '../model/user.ts';

export type PlanStep = Pick<
  MultiStep,
  'step' | 'channel' | 'status' | 'class' | 'reason' | 'why' | 'passedOver'
>;

export interface NextStep {
  readonly step: number;
  readonly channel: UserChannel;
  readonly why: StepWhy;
}

export type Move =
  | { readonly kind: 'begin'; readonly steps: readonly NextStep[] }
  /** There is no further way. */
  | {
      readonly kind: 'end';
      readonly as: 'fail' | 'cancel';
      readonly class: OutcomeClass | null;
      readonly reason: string;
    }
  /** It waits for what becomes of its ways, for a release, or for nothing any more. */
  | { readonly kind: 'rest' };

type Send = Pick<MultiSubmission, 'channels' | 'routing' | 'fallback'>;

/** @param steps the ways that were tried, in their order */
export function nextMove(
  send: Send,
  delivery: Pick<DeliveryRow, 'status' | 'substatus'>,
  steps: readonly PlanStep[],
): Move {
  const { status, substatus } = delivery;
  if (substatus === 'held' || status === 'undeliverable' || status === 'canceled') return rest;
  return send.routing === 'all' ? nextOfAll(send, delivery, steps) : nextInOrder(send, delivery, steps);
}

const rest: Move = { kind: 'rest' };

function nextOfAll(
  { channels }: Send,
  { status }: Pick<DeliveryRow, 'status'>,
  steps: readonly PlanStep[],
): Move {
  const missing = channels.flatMap((channel, at): readonly NextStep[] =>
    steps.some(({ step }) => step === at + 1) ? [] : [{ step: at + 1, channel, why: 'all' }],
  );
  if (missing.length > 0) return { kind: 'begin', steps: missing };
  return status === 'delivered' ? rest : endOf(steps);
}

function nextInOrder(
  { channels, fallback }: Send,
  { status }: Pick<DeliveryRow, 'status'>,
  steps: readonly PlanStep[],
): Move {
  const last = steps.at(-1);
  const why = last === undefined ? 'first' : goesOn(last, status, fallback);
  const channel = channels[steps.length];
  if (why !== null && channel !== undefined)
    return { kind: 'begin', steps: [{ step: steps.length + 1, channel, why }] };
  return status === 'delivered' ? rest : endOf(steps);
}

/** @returns why the next way is tried, or null: it is not */
function goesOn(
  last: PlanStep,
  status: DeliveryRow['status'],
  { afterUndeliverable }: Send['fallback'],
): StepWhy | null {
  if (last.passedOver !== null) return last.passedOver;
  if (last.status !== 'undeliverable' || !afterUndeliverable) return null;
  // It was tried because nobody had read the one before; nobody has by now.
  return status === 'delivered' && last.why !== 'unread' ? null : 'undeliverable';
}

function endOf(steps: readonly PlanStep[]): Move {
  if (steps.length === 0 || steps.some((one) => !isEnd(one.status) || one.status === 'delivered'))
    return rest;
  const last = steps.findLast((one) => one.status === 'undeliverable');
  const ended = last ?? steps.at(-1);
  // What was given up was canceled by us; what is canceled otherwise was so by hand.
  const byHand = last === undefined && ended?.passedOver === null;
  const as = byHand ? 'cancel' : 'fail';
  return {
    kind: 'end',
    as,
    class: ended?.class ?? (byHand ? null : 'expired'),
    reason: reasonOf(steps, ended),
  };
}

/** What ended it, and each way with what became of it. */
function reasonOf(steps: readonly PlanStep[], ended: PlanStep | undefined): string {
  const of = ended?.reason ?? ended?.status ?? '';
  if (steps.length < 2) return of;
  const ways = steps.map((one) => `${one.step}. ${channelNames[one.channel]}: ${one.reason ?? one.status}`);
  return `none of ${steps.length} ways worked: ${ways.join('; ')}`;
}

export const channelNames: Readonly<Record<UserChannel, string>> = {
  email: 'mail',
  push: 'push',
  sms: 'SMS',
  inapp: 'in-app',
};
