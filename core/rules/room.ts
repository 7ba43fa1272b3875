/**
 * The rules as their users see them: what is in force, what it hit, undo, holding, scenarios. A set of one's own is kept
 * on disk; a scenario holds for this run, and what was before it comes back when it is switched off.
 */
import type { Clock, VirtualClock } from '../clock.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import { numberOf } from '../model/chance.ts';
import type { RuleCounter, RuleHit, RuleHitFilter, RuleHitRow } from '../store/rules.ts';
import type { Page, PageRequest, Store } from '../store/store.ts';
import type { Counts, KeptCounts } from './counts.ts';
import { Desk, type Hit } from './desk.ts';
import { readRule, readRules, readRulesInTurns, withIndex } from './read-rules.ts';
import { isSameRule } from './rule-set.ts';
import type { Scenario } from './scenario.ts';
import { idCharsMax, type Rule, rulesMax } from './schema.ts';

export interface RulesRoom {
  readonly desk: Desk;
  /** The set in force, in its order. */
  state(): RulesState;
  /** Takes the place of the whole set, in one step. @throws AppError `invalid_rules`; then nothing is changed */
  replace(change: SetChange): Promise<void>;
  /** @param before id of the rule that it is to stand before; null: at the end @returns the rule */
  add(input: unknown, before: string | null): Promise<Rule>;
  /** @throws AppError `not_found`, `invalid_rules` */
  change(id: string, input: unknown): Promise<Rule>;
  remove(id: string): Promise<void>;
  move(id: string, before: string | null): Promise<void>;
  /** Takes the last change back. @throws AppError `not_possible` when there is none */
  undo(): Promise<void>;
  /** Counts begin anew: nth, at most, rates, deferrals, chance. */
  startOver(): Promise<void>;
  hits(filter: RuleHitFilter, page: PageRequest): Promise<Page<RuleHitRow>>;
  /** What was hit and is not on disk yet is written. */
  flush(): Promise<void>;
  holding(): Holding;
  hold(next: { readonly everything: boolean; readonly domains: readonly string[] }): Promise<Holding>;
  /** @param id by which it is known here; null for one that was given by a file */
  startScenario(scenario: Scenario, id: string | null): Promise<void>;
  stopScenario(): Promise<void>;
  /** Where Sandpost was killed while a scenario was on: the world is again as it was before. To be called once it is there. */
  putBackWorld(): Promise<void>;
  /** What is in force, as a scenario. */
  asScenario(name: string, description: string): Scenario;
  close(): Promise<void>;
}

export interface RulesState {
  readonly rules: readonly Rule[];
  readonly magicAddresses: boolean;
  readonly seed: number;
  readonly scenario: RunningScenario | null;
  /** What an undo would take back, in words. */
  readonly undo: string | null;
}

export interface RunningScenario {
  readonly id: string | null;
  readonly name: string;
  readonly startedAtMs: number;
  /** Rules were changed since it began. */
  readonly changed: boolean;
}

export interface SetChange {
  readonly rules?: unknown;
  readonly magicAddresses?: boolean | undefined;
  readonly seed?: number | undefined;
}

export interface Holding {
  readonly everything: boolean;
  readonly domains: readonly string[];
  readonly sinceMs: number | null;
}

export interface RulesPorts {
  readonly store: Pick<
    Store,
    | 'documents'
    | 'saveDocument'
    | 'deleteDocument'
    | 'keepRuleHits'
    | 'ruleHits'
    | 'ruleCounters'
    | 'forgetRules'
  >;
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly newId: () => string;
  /** Chance of the world beside the rules: the jitter of retries, the habits of recipients. */
  readonly world: {
    speed(): number;
    setSpeed(speed: number): Promise<void>;
    seed(): number;
    setSeed(seed: number): Promise<void>;
  };
  readonly onProblem: (text: string) => void;
}

interface InForce {
  readonly rules: readonly Rule[];
  readonly magic: boolean;
  readonly seed: number;
}

interface Step {
  readonly before: InForce;
  readonly words: string;
}

interface Running extends RunningScenario {
  readonly state: InForce;
  readonly history: Step[];
  readonly before: World;
  readonly aside: Aside;
}

/** What a scenario changes beside the rules. */
interface World {
  readonly speed: number;
  readonly seed: number;
}

/** What one's own rules had counted when a scenario took their place, and since when they hold. */
interface Aside {
  readonly since: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, KeptCounts>;
}

const documentKind = 'rules';
const documentKey = 'own';
const worldKey = 'world-before-scenario';
const undoMax = 50;
/** Rules that are kept for undoing alone: large sets that replace each other would fill the memory. */
const undoRulesMax = 40_000;
const flushAfterMs = 200;
const flushAt = 500;
/** Hits that wait to be written; beyond it the oldest are not kept. They still count. */
const waitingHitsMax = 20_000;
const holdEverything = 'hold-everything';
const holdDomain = 'hold-domain-';
const standardSeed = 1;

export async function openRules(ports: RulesPorts): Promise<RulesRoom> {
  const { store, clock, virtual } = ports;
  const kept = await loadKept(ports);
  let own: InForce = kept.state;
  let running: Running | null = null;
  const ownHistory: Step[] = [];
  let changes: Promise<unknown> = Promise.resolve();
  let waiting: RuleHit[] = [];
  let lost = 0;
  /** Counts that are another on disk, by what they are kept by there. */
  let changedCounts = new Map<string, Counts>();
  /** What has counts on disk. */
  const counted = new Set(kept.counts.keys());
  let cancelFlush: (() => void) | null = null;
  let flushing: Promise<void> = Promise.resolve();

  const desk = new Desk(
    {
      wallMs: () => clock.wallMs(),
      virtualMs: () => virtual.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      hit: keepHit,
      counted(ruleId) {
        keepCounts(ruleId);
        flushLater();
      },
    },
    { ...own, since: kept.since, counts: kept.counts },
  );

  /** One change after another: each is checked against what the one before left. */
  function alone<T>(change: () => Promise<T>): Promise<T> {
    const done = changes.then(change);
    changes = done.catch(() => undefined);
    return done;
  }

  function current(): InForce {
    return running?.state ?? own;
  }

  /** On disk first, then in force. */
  async function take(next: InForce, words: string | null): Promise<void> {
    const before = current();
    const since = sinceOf(next);
    if (running === null) {
      await saveOwn(next, since);
      own = next;
    } else {
      running = { ...running, state: next, changed: true };
    }
    if (words !== null) {
      const history = running?.history ?? ownHistory;
      history.push({ before, words });
      forgetOldest(history);
    }
    const standing = new Map(next.rules.map(({ id }) => [id, desk.standingOf(id)]));
    desk.replace({ ...next, since });
    // Under an id that had counts before, what counts anew counts anew on disk too.
    for (const [id, before] of standing)
      if (counted.has(keyOf(id)) && desk.standingOf(id) !== before) keepCounts(id);
    if (changedCounts.size > 0) flushLater();
  }

  async function saveOwn(state: InForce, since: ReadonlyMap<string, number>): Promise<void> {
    await store.saveDocument(documentKind, documentKey, {
      rules: state.rules,
      magic: state.magic,
      seed: state.seed,
      since: Object.fromEntries(since),
    });
  }

  function sinceOf({ rules }: InForce): Map<string, number> {
    const nowMs = virtual.nowMs();
    const known = new Map(desk.set.rules.map((rule) => [rule.id, rule]));
    return new Map(
      rules.map((rule) => {
        const before = known.get(rule.id);
        return [rule.id, isSameRule(before, rule) ? (desk.standingOf(rule.id)?.sinceMs ?? nowMs) : nowMs];
      }),
    );
  }

  function keyOf(ruleId: string): string {
    return running === null ? ruleId : `${running.name}/${ruleId}`;
  }

  function keepHit(hit: Hit): void {
    if (hit.ruleId !== null) keepCounts(hit.ruleId);
    if (waiting.length >= waitingHitsMax) {
      waiting.shift();
      lost++;
    }
    waiting.push({
      rule: hit.ruleId === null ? null : keyOf(hit.ruleId),
      label: hit.label,
      virtualAtMs: hit.virtualMs,
      atMs: hit.wallMs,
      stage: hit.stage,
      point: hit.point,
      action: hit.action,
      recipient: hit.recipient,
      sender: hit.sender,
      messageId: hit.messageId,
      deliveryId: hit.deliveryId,
      exchangeId: hit.exchangeId,
    });
    if (waiting.length === flushAt) {
      cancelFlush?.();
      cancelFlush = null;
      void flush();
    } else {
      flushLater();
    }
  }

  function keepCounts(ruleId: string): void {
    const standing = desk.standingOf(ruleId);
    if (standing !== null) changedCounts.set(keyOf(ruleId), standing.counts);
  }

  function flushLater(): void {
    cancelFlush ??= clock.after(flushAfterMs, () => {
      cancelFlush = null;
      void flush();
    });
  }

  function flush(): Promise<void> {
    flushing = flushing.then(writeHits);
    return flushing;
  }

  async function writeHits(): Promise<void> {
    if (waiting.length === 0 && changedCounts.size === 0) return;
    const hits = waiting;
    waiting = [];
    const counters = [...changedCounts].map(
      ([rule, { matches, hits, lastHitMs }]): RuleCounter => ({ rule, matches, hits, lastAtMs: lastHitMs }),
    );
    changedCounts = new Map();
    if (lost > 0) ports.onProblem(`${lost} hits of rules came too fast to be listed; they are counted`);
    lost = 0;
    try {
      await store.keepRuleHits(hits, counters);
      for (const { rule } of counters) counted.add(rule);
    } catch (error) {
      ports.onProblem(`what rules hit could not be kept: ${messageOf(error)}`);
    }
  }

  function indexOf(rules: readonly Rule[], id: string): number {
    const at = rules.findIndex((rule) => rule.id === id);
    if (at < 0) throw new AppError('not_found', `There is no rule ${id}; it may have been removed.`);
    return at;
  }

  function inserted(rules: readonly Rule[], rule: Rule, before: string | null): readonly Rule[] {
    return before === null ? [...rules, rule] : rules.toSpliced(indexOf(rules, before), 0, rule);
  }

  function holding(): Holding {
    const { rules } = current();
    const held = rules.filter(
      ({ id, enabled }) => enabled && (id === holdEverything || id.startsWith(holdDomain)),
    );
    const since = held.map(({ id }) => desk.standingOf(id)?.sinceMs ?? virtual.nowMs());
    return {
      everything: held.some(({ id }) => id === holdEverything),
      domains: held.flatMap(({ id, when }) =>
        id === holdEverything ? [] : [when.domain].flat().flatMap((one) => one ?? []),
      ),
      sinceMs: since.length === 0 ? null : Math.min(...since),
    };
  }

  return {
    desk,

    state() {
      const { rules, magic, seed } = current();
      const history = running?.history ?? ownHistory;
      return {
        rules,
        magicAddresses: magic,
        seed,
        scenario:
          running === null
            ? null
            : {
                id: running.id,
                name: running.name,
                startedAtMs: running.startedAtMs,
                changed: running.changed,
              },
        undo: history.at(-1)?.words ?? null,
      };
    },

    replace: (change) =>
      alone(async () => {
        const before = current();
        const rules =
          change.rules === undefined ? before.rules : await readRulesInTurns(change.rules, othersTurn);
        const words =
          change.rules === undefined
            ? change.magicAddresses === undefined
              ? 'the seed'
              : `magic addresses ${change.magicAddresses ? 'on' : 'off'}`
            : `the set of ${before.rules.length} rules`;
        await take(
          { rules, magic: change.magicAddresses ?? before.magic, seed: change.seed ?? before.seed },
          words,
        );
      }),

    add: (input, before) =>
      alone(async () => {
        const state = current();
        if (state.rules.length >= rulesMax)
          throw new AppError('not_possible', `There are ${rulesMax} rules; remove some first.`);
        const rule = readRule(input, freeId(state.rules, counted, ports.newId));
        if (state.rules.some(({ id }) => id === rule.id))
          throw new AppError(
            'invalid_rules',
            `id: Another rule has the id ${rule.id}. Nothing was changed.`,
            {
              errors: [{ field: 'id', code: 'taken', detail: `Another rule has the id ${rule.id}.` }],
            },
          );
        const rules = inserted(state.rules, rule, before);
        await take({ ...state, rules: withIndex(rules) }, `the new rule ${named(rule)}`);
        return rule;
      }),

    change: (id, input) =>
      alone(async () => {
        const state = current();
        const at = indexOf(state.rules, id);
        const rule = { ...readRule(input, id), id };
        await take(
          { ...state, rules: withIndex(state.rules.with(at, rule)) },
          `the change of ${named(rule)}`,
        );
        return rule;
      }),

    remove: (id) =>
      alone(async () => {
        const state = current();
        const at = indexOf(state.rules, id);
        const [gone] = state.rules.slice(at, at + 1);
        await take(
          { ...state, rules: state.rules.toSpliced(at, 1) },
          `the removal of ${gone === undefined ? id : named(gone)}`,
        );
      }),

    move: (id, before) =>
      alone(async () => {
        const state = current();
        const at = indexOf(state.rules, id);
        const rule = state.rules[at];
        if (rule === undefined || before === id) return;
        const rules = inserted(state.rules.toSpliced(at, 1), rule, before);
        await take({ ...state, rules }, `the place of ${named(rule)}`);
      }),

    undo: () =>
      alone(async () => {
        const history = running?.history ?? ownHistory;
        const last = history.at(-1);
        if (last === undefined) throw new AppError('not_possible', 'There is nothing to undo.');
        await take(last.before, null);
        history.pop();
      }),

    startOver: () =>
      alone(async () => {
        await flush();
        desk.startOver();
        if (running !== null) return;
        changedCounts = new Map();
        await store.forgetRules(own.rules.map(({ id }) => id));
        await saveOwn(own, sinceOf(own));
      }),

    async hits(filter, page) {
      await flush();
      return store.ruleHits({ ...filter, rule: filter.rule === null ? null : keyOf(filter.rule) }, page);
    },

    flush,
    holding,

    hold: (next) =>
      alone(async () => {
        const state = current();
        const others = state.rules.filter(({ id }) => id !== holdEverything && !id.startsWith(holdDomain));
        const domains = [...new Set(next.domains.map((domain) => domain.trim().toLowerCase()))];
        const held = [
          ...(next.everything ? [holdRule(holdEverything, 'Hold everything', null)] : []),
          ...domains.map((domain) => holdRule(holdIdOf(domain), `Hold all for ${domain}`, domain)),
          // As any other rule: what cannot be read again must not be kept.
        ].map((rule) => readRule(rule, rule.id));
        if (held.length + others.length > rulesMax)
          throw new AppError(
            'not_possible',
            `There would be more than ${rulesMax} rules; remove some first.`,
          );
        const words = next.everything
          ? 'holding everything'
          : held.length === 0
            ? 'the end of holding'
            : 'what is held';
        await take({ ...state, rules: withIndex([...held, ...others]) }, words);
        return holding();
      }),

    startScenario: (scenario, id) =>
      alone(async () => {
        await flush();
        const before = running?.before ?? worldNow();
        const aside = running?.aside ?? standingNow();
        // Kept first: whoever is killed from here on finds it as it was before.
        if (running === null) await store.saveDocument(documentKind, worldKey, before);
        const left = worldNow();
        try {
          await setWorld(scenario);
        } catch (error) {
          await setWorld(left);
          if (running === null) await store.deleteDocument(documentKind, worldKey);
          throw error;
        }
        // All at once: what comes from here on meets the scenario, and nothing else.
        const state = { rules: scenario.rules, magic: scenario.magicAddresses, seed: scenario.seed };
        running = {
          id,
          name: scenario.name,
          startedAtMs: virtual.nowMs(),
          changed: false,
          state,
          history: [],
          before,
          aside,
        };
        desk.replace({ ...state, anew: true });
      }),

    stopScenario: () => alone(endScenario),

    putBackWorld: () =>
      alone(async () => {
        if (running !== null || kept.world === null) return;
        await setWorld(kept.world);
        await store.deleteDocument(documentKind, worldKey);
      }),

    asScenario(name, description) {
      const { rules, magic, seed } = current();
      return { name, description, seed, speed: ports.world.speed(), magicAddresses: magic, rules };
    },

    async close() {
      cancelFlush?.();
      cancelFlush = null;
      await alone(async () => {
        await flush();
        if (running === null) return;
        try {
          await endScenario();
        } catch (error) {
          // The next start puts it back; what else is to be closed must be closed.
          ports.onProblem(`the scenario could not be ended: ${messageOf(error)}`);
        }
      });
    },
  };

  async function endScenario(): Promise<void> {
    if (running === null) throw new AppError('not_possible', 'No scenario is on.');
    await flush();
    const { before, aside } = running;
    await setWorld(before);
    running = null;
    desk.replace({ ...own, ...aside, anew: true });
    await store.deleteDocument(documentKind, worldKey);
  }

  function worldNow(): World {
    return { speed: ports.world.speed(), seed: ports.world.seed() };
  }

  async function setWorld({ seed, speed }: World): Promise<void> {
    await ports.world.setSeed(seed);
    await ports.world.setSpeed(speed);
  }

  function standingNow(): Aside {
    const standing = own.rules.flatMap(({ id }) => {
      const one = desk.standingOf(id);
      return one === null ? [] : [[id, one] as const];
    });
    return {
      since: new Map(standing.map(([id, { sinceMs }]) => [id, sinceMs])),
      counts: new Map(
        standing.map(
          ([
            id,
            {
              counts: { matches, hits, lastHitMs },
            },
          ]) => [id, { matches, hits, lastHitMs }],
        ),
      ),
    };
  }
}

/** The last change can always be taken back. */
function forgetOldest(history: Step[]): void {
  while (history.length > 1 && (history.length > undoMax || rulesOnlyIn(history) > undoRulesMax))
    history.shift();
}

/** Steps that change one rule share the others. */
function rulesOnlyIn(history: readonly Step[]): number {
  const all = history.reduce((sum, { before }) => sum + before.rules.length, 0);
  return all <= undoRulesMax ? all : new Set(history.flatMap(({ before }) => before.rules)).size;
}

interface Kept {
  readonly state: InForce;
  readonly since: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, KeptCounts>;
  /** Left by a scenario that was on when Sandpost was killed. */
  readonly world: World | null;
}

/** What was kept of it. Rules that cannot be read any more are told of, and left on disk as they are. */
async function loadKept({ store, onProblem }: RulesPorts): Promise<Kept> {
  const none: InForce = { rules: [], magic: true, seed: standardSeed };
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

/** Whatever else is due is done first. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

interface KeptDocument {
  readonly rules: unknown;
  readonly magic: boolean;
  readonly seed: number;
  readonly since: Readonly<Record<string, number>>;
}

/** Ours, written by `take`. */
function isKept(value: unknown): value is KeptDocument {
  return typeof value === 'object' && value !== null && 'rules' in value && 'since' in value;
}

function isWorld(value: unknown): value is World {
  return typeof value === 'object' && value !== null && 'speed' in value && 'seed' in value;
}

function countsOf({ matches, hits, lastAtMs }: RuleCounter): KeptCounts {
  return { matches, hits, lastHitMs: lastAtMs };
}

/** An id has only some characters and is short; what is lost of a domain by that still tells it apart. */
function holdIdOf(domain: string): string {
  const id = `${holdDomain}${domain}`;
  if (id.length <= idCharsMax && /^[a-z0-9.-]*$/.test(domain)) return id;
  const plain = domain.replace(/[^a-z0-9.-]/g, '_').slice(0, 40);
  return `${holdDomain}${plain}_${numberOf(domain).toString(16)}`;
}

function holdRule(id: string, name: string, domain: string | null): Rule {
  return {
    id,
    name,
    enabled: true,
    stage: 'farSide',
    when: domain === null ? {} : { domain },
    then: { do: 'hold', reason: name },
  };
}

/** @param counted ids under which something was counted before: that is not the new rule's doing */
function freeId(rules: readonly Rule[], counted: ReadonlySet<string>, newId: () => string): string {
  const taken = new Set(rules.map(({ id }) => id));
  for (let number = rules.length + 1; number <= rulesMax * 2; number++) {
    const id = `rule-${number}`;
    if (!taken.has(id) && !counted.has(id)) return id;
  }
  return newId();
}

function named({ name, id }: Rule): string {
  return `“${name === '' ? id : name}”`;
}
