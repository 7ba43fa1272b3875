/** What of the rules is kept on disk: one's own set, its counts, and the world as it was before a scenario. */
import { messageOf } from '../model/app-error.ts';
import type { RuleCounter } from '../store/rules.ts';
import type { Store } from '../store/store.ts';
import type { KeptCounts } from './counts.ts';
import { readRules } from './read-rules.ts';
import type { Rule } from './schema.ts';

/** A set, and what goes with it. */
export interface RulesInForce {
  readonly rules: readonly Rule[];
  readonly magic: boolean;
  readonly seed: number;
}

/** What a scenario changes beside the rules. */
export interface World {
  readonly speed: number;
  readonly seed: number;
}

export interface KeptRules {
  readonly state: RulesInForce;
  readonly since: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, KeptCounts>;
  /** Left by a scenario that was on when Sandpost was killed. */
  readonly world: World | null;
}

export type RulesStore = Pick<
  Store,
  'documents' | 'saveDocument' | 'deleteDocument' | 'ruleCounters' | 'forgetRules'
>;

const documentKind = 'rules';
const documentKey = 'own';
const worldKey = 'world-before-scenario';
const standardSeed = 1;

/** Rules that cannot be read any more are told of, and left on disk as they are. */
export async function loadKeptRules(
  store: RulesStore,
  onProblem: (text: string) => void,
): Promise<KeptRules> {
  const none: RulesInForce = { rules: [], magic: true, seed: standardSeed };
  const documents = await store.documents(documentKind);
  const document = documents.find(({ key }) => key === documentKey)?.value;
  const left = documents.find(({ key }) => key === worldKey)?.value;
  const world = isWorld(left) ? left : null;
  const counters = await store.ruleCounters();
  const counts = new Map(counters.map((one) => [one.rule, countsOf(one)]));
  if (!isKept(document)) return { state: none, since: new Map(), counts, world };
  try {
    const rules = readRules(document.rules);
    const ids = new Set(rules.map(({ id }) => id));
    const gone = counters.map(({ rule }) => rule).filter((id) => !ids.has(id));
    if (gone.length > 0) await store.forgetRules(gone);
    return {
      state: { rules, magic: document.magic, seed: document.seed },
      since: new Map(Object.entries(document.since)),
      counts,
      world,
    };
  } catch (error) {
    onProblem(`the rules that were kept cannot be read: ${messageOf(error)}`);
    return { state: none, since: new Map(), counts, world };
  }
}

export async function keepRules(
  store: RulesStore,
  { rules, magic, seed }: RulesInForce,
  since: ReadonlyMap<string, number>,
): Promise<void> {
  const document: KeptDocument = { rules, magic, seed, since: Object.fromEntries(since) };
  await store.saveDocument(documentKind, documentKey, document);
}

/** @param world null: it is as it was, and nothing has to be put back */
export async function keepWorld(store: RulesStore, world: World | null): Promise<void> {
  if (world === null) await store.deleteDocument(documentKind, worldKey);
  else await store.saveDocument(documentKind, worldKey, world);
}

interface KeptDocument {
  readonly rules: unknown;
  readonly magic: boolean;
  readonly seed: number;
  readonly since: Readonly<Record<string, number>>;
}

/** Ours, written by `keepRules`. */
function isKept(value: unknown): value is KeptDocument {
  return typeof value === 'object' && value !== null && 'rules' in value && 'since' in value;
}

function isWorld(value: unknown): value is World {
  return typeof value === 'object' && value !== null && 'speed' in value && 'seed' in value;
}

function countsOf({ matches, hits, lastAtMs }: RuleCounter): KeptCounts {
  return { matches, hits, lastHitMs: lastAtMs };
}
