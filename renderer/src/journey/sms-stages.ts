/** What happens to an SMS, told in stages: aggregator, carrier, handset, and each report to the app with its answer. Pure. */
import type { Attempt, Event } from '../../../core/api/schema.ts';
import type { SmsCallbackView, SmsView } from '../../../core/api/sms-schema.ts';
import { isSmsProvider, smsProviderNames } from '../../../core/model/sms.ts';
import { formatDateTime } from '../format.ts';
import {
  callbackTone,
  callbackWords,
  causeWords,
  sizeWords,
  standingWords,
} from '../handsets/handset-words.ts';
import { attemptId } from './attempt-stages.ts';
import { textOf } from './plain-values.ts';
import type { JourneyFacts, Stage } from './stage.ts';

/** The app was itself the provider's client: nothing was queued here. */
export const smsToProvider = ({ message, delivery }: JourneyFacts): boolean =>
  delivery.carriage === 'sms' && message !== null && message.door !== 'api';

/** The request as its provider took it, and how it was counted. */
export function smsAcceptedStages(facts: JourneyFacts): readonly Stage[] {
  const { message, exchange, delivery } = facts;
  if (message === null) return [];
  const details = message.sms ?? null;
  const [row] = rowsOf(facts);
  const client = exchange?.clientName ?? exchange?.remoteAddress ?? null;
  const counted = row ?? (details === null ? null : { ...details, price: null });
  const parts = [
    `by ${nameOf(delivery.provider)}`,
    ...(details?.answers == null ? [] : ['as the answer of a webhook']),
    ...(client === null ? [] : [`from ${client}`]),
    ...(exchange?.tls == null ? [] : [exchange.tls.protocol]),
    ...(counted === null ? [] : [sizeWords(counted)]),
  ];
  return [
    {
      id: 'submitted',
      kind: 'submitted',
      word: 'Accepted',
      line: parts.join(', '),
      tone: 'good',
      at: delivery.createdAt,
      wallAt: message.receivedAt,
      evidence: { kind: 'smsRequest', exchange, door: message.door, details, row: row ?? null },
    },
  ];
}

/** @param usual what an event tells of any delivery */
export function smsStages(facts: JourneyFacts, usual: (event: Event) => readonly Stage[]): readonly Stage[] {
  const rows = rowsOf(facts);
  return smsToProvider(facts) && rows.length > 0
    ? straightStages(facts, rows, usual)
    : ownStages(facts, rows, usual);
}

/** Told by what its provider and its carrier noted: their steps are more than the delivery's own. */
function straightStages(
  facts: JourneyFacts,
  rows: readonly SmsView[],
  usual: (event: Event) => readonly Stage[],
): readonly Stage[] {
  const ended = new Set(['undeliverable', 'canceled']);
  const atEnd = rows.every(({ state }) => !(state in goesOn));
  const told = rows.flatMap((row) => [
    ...row.steps.flatMap((step, index) => stepStages(row, step, index, facts)),
    ...row.callbacks.map(callbackStage),
  ]);
  const rest = facts.events.flatMap((event) =>
    byItsRow.has(event.type) || (ended.has(event.type) && atEnd) ? [] : usual(event),
  );
  return inTime([...told, ...rest]);
}

const goesOn: Readonly<Partial<Record<SmsView['state'], true>>> = {
  scheduled: true,
  accepted: true,
  sent: true,
  held: true,
};

const byItsRow: ReadonlySet<string> = new Set([
  'queued',
  'sent',
  'held',
  'deferred',
  'released',
  'delivered',
  'expired',
  'reported',
]);

/** One of our own: attempts at one provider or the next, and then what their reports say. */
function ownStages(
  facts: JourneyFacts,
  rows: readonly SmsView[],
  usual: (event: Event) => readonly Stage[],
): readonly Stage[] {
  const told = facts.events.flatMap((event): readonly Stage[] => {
    switch (event.type) {
      case 'reported':
        return [reportedStage(event)];
      case 'delivered':
        return [
          {
            ...whenOf(event),
            kind: 'delivered',
            word: 'Delivered',
            line: toHandset(facts),
            tone: 'good',
            evidence: null,
          },
        ];
      default:
        return usual(event);
    }
  });
  const held = rows.flatMap((row) =>
    row.steps.flatMap((step, index) => (step.state === 'held' ? stepStages(row, step, index, facts) : [])),
  );
  return held.length === 0 ? told : inTime([...told, ...held]);
}

/** The provider asked first did not take it, and the next was asked in the same attempt. */
export function failOverStages(attempt: Attempt): readonly Stage[] {
  const notes = attempt.evidence?.transcript.filter(
    ({ by, text }) => by === 'note' && text.startsWith('failed over'),
  );
  return (notes ?? []).map(({ text }, index) => ({
    id: `${attemptId(attempt)}-over-${index}`,
    kind: 'routed' as const,
    word: 'Failed over',
    line: text.replace(/^failed over /, ''),
    tone: 'warn' as const,
    at: attempt.startedAt,
    wallAt: attempt.startedAtWall,
    evidence: null,
  }));
}

function reportedStage(event: Event): Stage {
  const { data } = event;
  const code = textOf(data.code);
  const said = textOf(data.providerStatus) ?? 'something';
  const reason = textOf(data.reason);
  return {
    ...whenOf(event),
    kind: 'answered',
    word: 'Reported',
    line: `${nameOf(textOf(data.provider))} says ${said}${code === null ? '' : ` ${code}`}${reason === null ? '' : `: ${reason}`}`,
    tone: 'quiet',
    evidence: {
      kind: 'facts',
      facts: Object.entries(data).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
      ),
    },
  };
}

type Step = SmsView['steps'][number];

function stepStages(row: SmsView, step: Step, index: number, facts: JourneyFacts): readonly Stage[] {
  const base = {
    id: `sms-${row.id}-${index}`,
    at: step.at,
    wallAt: null,
    evidence: stepEvidence(row, step),
  } as const;
  const why = step.reason ?? causeWords(step.cause);
  const said = { ...row, state: step.state, steps: [step] };
  switch (step.state) {
    case 'accepted':
    case 'received':
      // Told by the request itself.
      return index === 0
        ? []
        : [{ ...base, kind: 'released', word: 'Let go', line: why ?? '', tone: 'quiet' }];
    case 'scheduled':
      return [
        {
          ...base,
          kind: 'queued',
          word: 'Scheduled',
          line: why ?? 'until the time that it names',
          tone: 'quiet',
        },
      ];
    case 'sent':
      return [
        {
          ...base,
          kind: 'routed',
          word: 'Carrier',
          line: `${carrierOf(facts)} has it at its SMSC`,
          tone: 'quiet',
        },
      ];
    case 'held':
      return step.cause === null
        ? [{ ...base, kind: 'stored', word: 'Held', line: standingWords(said), tone: 'warn' }]
        : [{ ...base, kind: 'held', word: 'Held', line: standingWords(said), tone: 'warn' }];
    case 'delivered':
      return [{ ...base, kind: 'delivered', word: 'Delivered', line: toHandset(facts), tone: 'good' }];
    case 'unknown':
      return [
        { ...base, kind: 'lost', word: 'Unknown', line: why ?? 'nothing more will be heard', tone: 'warn' },
      ];
    case 'canceled':
      return [{ ...base, kind: 'ended', word: 'Canceled', line: why ?? '', tone: 'quiet' }];
    case 'undelivered':
    case 'failed':
    case 'rejected':
    case 'expired':
      return [
        {
          ...base,
          kind: step.cause === 'filtered' ? 'filtered' : 'ended',
          word: endWords[step.state],
          line: [step.code, why].filter((one) => one !== null).join(': '),
          tone: 'bad',
        },
      ];
  }
}

const endWords = {
  undelivered: 'Undelivered',
  failed: 'Failed',
  rejected: 'Rejected',
  expired: 'Expired',
} as const;

function stepEvidence(row: SmsView, { status, code, cause }: Step): Stage['evidence'] {
  return {
    kind: 'facts',
    facts: [
      [`${smsProviderNames[row.provider]} says`, status === '' ? 'nothing of it' : status],
      ...(code === null ? [] : ([['Code', code]] as const)),
      ...(cause === null ? [] : ([['Cause', causeWords(cause) ?? cause]] as const)),
      ['Its id there', row.providerId],
      ['Kept until', formatDateTime(row.expiresAt)],
    ],
  };
}

function callbackStage(call: SmsCallbackView): Stage {
  return {
    id: `call-${call.id}`,
    kind: 'answered',
    word: call.purpose === 'report' ? 'Report' : 'Call',
    line: callbackWords(call).replace(/^Report /, ''),
    tone: callbackTone(call),
    at: call.answer?.at ?? null,
    wallAt: null,
    evidence: { kind: 'callback', call },
  };
}

/** In their order where the time is the same; what has none yet comes last. */
function inTime(stages: readonly Stage[]): readonly Stage[] {
  const at = (stage: Stage) => (stage.at === null ? Number.POSITIVE_INFINITY : Date.parse(stage.at));
  return stages
    .map((stage, index) => ({ stage, index, ms: at(stage) }))
    .sort((a, b) => (a.ms === b.ms ? a.index - b.index : a.ms - b.ms))
    .map(({ stage }) => stage);
}

const whenOf = (event: Event): Pick<Stage, 'id' | 'at' | 'wallAt'> => ({
  id: `event-${event.seq}`,
  at: event.virtualAt,
  wallAt: event.at,
});

const rowsOf = ({ sms, delivery }: JourneyFacts): readonly SmsView[] =>
  (sms ?? []).filter(({ deliveryId }) => deliveryId === delivery.id);

const carrierOf = ({ handset }: JourneyFacts): string => handset?.carrier.name ?? 'The carrier';

const toHandset = ({ handset, delivery }: JourneyFacts): string =>
  `to the handset${handset == null || handset.name === delivery.recipient ? '' : ` “${handset.name}”`}`;

const nameOf = (provider: string | null): string =>
  isSmsProvider(provider) ? smsProviderNames[provider] : (provider ?? 'the provider');
