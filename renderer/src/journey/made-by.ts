import type { RuleHit } from '../../../core/api/rules-schema.ts';
import type { DeliveryDetail } from '../../../core/api/schema.ts';
import { attemptId } from './attempt-stages.ts';
import type { Stage, StageKind } from './stage.ts';

/** A rule, or with null a magic address, that made a stage what it is. */
export interface Maker {
  readonly rule: string | null;
  readonly label: string;
}

type Doing = Pick<RuleHit, 'ruleId' | 'label' | 'stage' | 'point' | 'action'> & {
  readonly atMs: number;
  /** The stage that tells of it itself. */
  readonly told: string | null;
};

/** Virtual time is told in whole milliseconds on one side and by the moment of the reply on the other. */
const slackMs = 1_000;

/** Which rules made the stages of a delivery what they are: by what was kept of hits, and of each attempt. */
export function makersOf(
  stages: readonly Stage[],
  delivery: DeliveryDetail,
  hits: readonly RuleHit[],
): ReadonlyMap<string, readonly Maker[]> {
  const makers = new Map<string, readonly Maker[]>();
  for (const doing of [...doingsOf(delivery), ...hits.filter((hit) => isOf(hit, delivery)).map(fromHit)]) {
    const id = doing.told ?? stageOf(stages, doing)?.id;
    if (id === undefined) continue;
    const known = makers.get(id) ?? [];
    if (known.some(({ rule, label }) => rule === doing.ruleId && label === doing.label)) continue;
    makers.set(id, [...known, { rule: doing.ruleId, label: doing.label }]);
  }
  return makers;
}

function doingsOf({ attemptLog, recipient }: DeliveryDetail): readonly Doing[] {
  return attemptLog.flatMap((attempt) =>
    (attempt.evidence?.rules ?? [])
      .filter((one) => one.recipient === null || sameAddress(one.recipient, recipient))
      .map(
        (one): Doing => ({
          ...one,
          stage: 'farSide',
          atMs: Date.parse(attempt.startedAt),
          told: endsSession(one) ? attemptId(attempt) : null,
        }),
      ),
  );
}

function fromHit(hit: RuleHit): Doing {
  return { ...hit, atMs: Date.parse(hit.virtualAt), told: null };
}

function isOf({ deliveryId, recipient, stage }: RuleHit, delivery: DeliveryDetail): boolean {
  if (deliveryId !== null) return deliveryId === delivery.id;
  if (stage === 'door' && recipient === null) return true;
  return recipient !== null && sameAddress(recipient, delivery.recipient);
}

/** What is said or cut in the session, and so told by the attempt. */
function endsSession({ point }: Pick<Doing, 'point'>): boolean {
  return point !== 'accepted' && point !== 'queue';
}

function stageOf(stages: readonly Stage[], doing: Doing): Stage | undefined {
  const of = (...kinds: readonly StageKind[]) => stages.filter(({ kind }) => kinds.includes(kind));
  const attempts = of('attempt').filter(({ at }) => at !== null && Date.parse(at) <= doing.atMs + slackMs);
  const attempt = attempts.at(-1) ?? of('attempt')[0];
  if (doing.stage === 'door') return of('submitted')[0];
  switch (doing.action) {
    case 'offline':
      return of('stored').at(-1) ?? attempt ?? of('submitted')[0];
    case 'blackHole':
      return of('lost').at(-1) ?? attempt ?? of('submitted')[0];
    case 'report':
      return of('ended', 'filtered', 'lost', 'delivered').at(-1) ?? of('submitted')[0];
    case 'reports':
      return of('answered').at(-1) ?? of('submitted')[0];
    case 'hold':
      return of('held').at(-1) ?? of('waiting', 'queued').at(-1);
    case 'corrupt':
      return of('authenticated').at(-1) ?? attempt;
    case 'place':
      return of('placed').at(-1) ?? attempt;
    case 'bounceLater':
    case 'complain':
    case 'autoReply': {
      const answers = of('answered').filter(({ word }) => answerWords[doing.action]?.includes(word));
      return answers.at(-1) ?? of('placed').at(-1) ?? attempt;
    }
    case 'delay':
    case 'duplicate':
      return of('placed').at(-1) ?? attempt;
    default:
      return attempt ?? of('queued')[0] ?? of('submitted')[0];
  }
}

/** By the words of the stages that tell of answers. */
const answerWords: Readonly<Record<string, readonly string[]>> = {
  bounceLater: ['Bounced'],
  complain: ['Reported as spam'],
  autoReply: ['Replied'],
};

const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
