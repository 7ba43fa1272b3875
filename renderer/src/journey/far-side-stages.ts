import type { Event, Receipt, Suppression } from '../../../core/api/schema.ts';
import { formatDateTime } from '../format.ts';
import { sentence } from '../phones/phone-words.ts';
import { wordsOfClass } from '../status/class-words.ts';
import { isPlain, points, textOf, wordsOf } from './plain-values.ts';
import type { JourneyFacts, Stage } from './stage.ts';

export function endStage(event: Event, { delivery }: JourneyFacts): Stage {
  const words = delivery.class === null ? null : wordsOfClass(delivery.class, delivery.carriage);
  const advice = words?.advice ?? '';
  const reason = textOf(event.data.reason) ?? textOf(event.data.providerStatus) ?? '';
  // The reply stands at the attempt right above already.
  const byReply = delivery.attemptLog.some(
    (one) => one.number === event.data.attempt && one.outcome === 'failed',
  );
  const line = byReply && advice !== '' ? [advice] : [words?.fault ?? '', sentence(reason)];
  return {
    id: `event-${event.seq}`,
    kind: 'ended',
    word: 'Undeliverable',
    line: line.filter((part) => part !== '').join(' '),
    tone: 'bad',
    at: event.virtualAt,
    wallAt: event.at,
    evidence: {
      kind: 'facts',
      facts: [
        ...(delivery.class === null ? [] : ([['Class', delivery.class.replaceAll('_', ' ')]] as const)),
        ...(event.data.byHand === true && textOf(event.data.providerStatus) !== null
          ? ([
              ['Reply', textOf(event.data.providerStatus) ?? ''],
              ['Reason', reason],
            ] as const)
          : ([['Reason', textOf(event.data.providerStatus) ?? reason]] as const)),
        ...(advice === '' ? [] : ([['What to do', advice]] as const)),
        ...(event.data.byHand === true ? ([['By', 'hand']] as const) : []),
      ],
    },
  };
}

/** Who the receiver found the sender to be; also of a message that it refused. */
export function authenticatedStage(
  id: string,
  authentication: Receipt['authentication'],
  when: Pick<Stage, 'at' | 'wallAt'>,
): Stage {
  const dkim = authentication.dkim.some((one) => one.result === 'pass')
    ? 'pass'
    : (authentication.dkim[0]?.result ?? 'none');
  const { result } = authentication.dmarc;
  return {
    ...when,
    id,
    kind: 'authenticated',
    word: 'Authenticated',
    line: `SPF ${authentication.spf.result} · DKIM ${dkim} · DMARC ${result}`,
    tone: result === 'pass' ? 'good' : result === 'fail' ? 'bad' : 'warn',
    evidence: { kind: 'authentication', authentication },
  };
}

/** What the receiver made of it, in the order it went about it. */
export function receiptStages(receipt: Receipt, event: Event): readonly Stage[] {
  const { authentication, filter } = receipt;
  const base = { at: receipt.receivedAt, wallAt: event.at };
  const spam = receipt.placement === 'spam';
  const score = `${points(filter.score)} of ${points(filter.spamAt)} points`;
  return [
    authenticatedStage('authenticated', authentication, base),
    {
      ...base,
      id: 'filtered',
      kind: 'filtered',
      word: 'Filtered',
      line: filter.score >= filter.spamAt ? `${score}: taken for spam` : `${score} for spam`,
      tone: filter.score >= filter.spamAt ? 'bad' : 'good',
      evidence: { kind: 'filter', receipt },
    },
    {
      at: event.virtualAt,
      wallAt: event.at,
      id: 'placed',
      kind: 'placed',
      word: 'Placed',
      line: `in ${receipt.placement} of ${receipt.mailbox}, at ${receipt.provider}`,
      tone: spam ? 'bad' : 'good',
      evidence: null,
    },
  ];
}

const answerWords: Readonly<Record<string, string>> = {
  complained: 'Reported as spam',
  bounced: 'Bounced',
  deferred: 'Reported as delayed',
  unsubscribed: 'Unsubscribed',
  opened: 'Opened',
  clicked: 'Clicked',
  replied: 'Replied',
  starred: 'Starred',
  moved: 'Moved',
};

const reportWords: Readonly<Record<string, string>> = {
  delivered: 'Reported as delivered',
  relayed: 'Reported as handed on',
  expanded: 'Reported as sent on to a list',
};

const reportWord = (event: Event): string => reportWords[textOf(event.data.action) ?? ''] ?? 'Reported';

export function answer(event: Event): Pick<Stage, 'kind' | 'word' | 'line' | 'evidence'> {
  const plain = Object.entries(event.data).flatMap(([name, value]): [string, string][] =>
    name === 'recipient' || name === 'provider' || !isPlain(value) ? [] : [[wordsOf(name), String(value)]],
  );
  const prefetched = event.data.prefetch === true || event.data.prefetched === true;
  return {
    kind: 'answered',
    word: event.type === 'reported' ? reportWord(event) : (answerWords[event.type] ?? event.type),
    line:
      textOf(event.data.url) ??
      textOf(event.data.detail) ??
      textOf(event.data.reason) ??
      (prefetched ? 'by a program, not by the person' : ''),
    evidence: plain.length === 0 ? null : { kind: 'facts', facts: plain },
  };
}

export function suppressedStage(one: Suppression): Stage {
  return {
    id: `suppressed-${one.seq}`,
    kind: 'suppressed',
    word: 'Suppressed',
    line: `${one.address} is not sent to any more (${one.scope === 'all' ? 'all streams' : one.scope})${
      one.expiresAt === null ? '' : ` until ${formatDateTime(one.expiresAt)}`
    }`,
    tone: 'warn',
    at: one.createdAt,
    wallAt: null,
    evidence: {
      kind: 'facts',
      facts: [
        ['Reason', one.reason.replaceAll('_', ' ')],
        ['Because of', one.source],
        ...(one.detail === null ? [] : ([['Detail', one.detail]] as const)),
      ],
    },
  };
}
