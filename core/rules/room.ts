/**
 * The rules as their users see them: what is in force, what it hit, undo, holding, scenarios. A set of one's own is kept
 * on disk; a scenario holds for this run, and what was before it comes back when it is switched off.
 */
import type { Clock, VirtualClock } from '../clock.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import type { RuleHitFilter, RuleHitRow } from '../store/rules.ts';
import type { Page, PageRequest, Store } from '../store/store.ts';
import type { KeptCounts } from './counts.ts';
import { Desk } from './desk.ts';
import { remember, type Step } from './history.ts';
import { HitJournal } from './hit-journal.ts';
import { type Holding, holdingBy, withHolding } from './holding.ts';
import {
  keepRules,
  keepWorld,
  loadKeptRules,
  type RulesInForce,
  type RulesStore,
  type World,
} from './kept-rules.ts';
import { readRule, readRulesInTurns, withIndex } from './read-rules.ts';
import { isSameRule } from './rule-set.ts';
import type { Scenario } from './scenario.ts';
import { type Rule, rulesMax } from './schema.ts';

export interface RulesRoom {
  readonly desk: Desk;
  /** The set in force, in its order. */
  state(): RulesState;
  /** One's own set, whether a scenario is on or not. */
  own(): RulesInForce;
  /** Whether they could be a set. @throws AppError `invalid_rules` with all that is wrong */
  check(rules: unknown): Promise<void>;
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

export interface RulesPorts {
  readonly store: RulesStore & Pick<Store, 'keepRuleHits' | 'ruleHits'>;
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

interface Running extends RunningScenario {
  readonly state: RulesInForce;
  readonly history: Step[];
  readonly before: World;
  readonly aside: Aside;
}

/** What one's own rules had counted when a scenario took their place, and since when they hold. */
interface Aside {
  readonly since: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, KeptCounts>;
}

export async function openRules(ports: RulesPorts): Promise<RulesRoom> {
  const { store, clock, virtual } = ports;
  const kept = await loadKeptRules(store, ports.onProblem);
  let own: RulesInForce = kept.state;
  let running: Running | null = null;
  const ownHistory: Step[] = [];
  let changes: Promise<unknown> = Promise.resolve();
  const desk = new Desk(
    {
      wallMs: () => clock.wallMs(),
      virtualMs: () => virtual.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      hit: (hit) => journal.hit(hit),
      counted: (ruleId) => journal.countsChanged([ruleId]),
    },
    { ...own, since: kept.since, counts: kept.counts },
  );
  const journal = new HitJournal(
    {
      store,
      clock,
      keyOf,
      countsOf: (ruleId) => desk.standingOf(ruleId)?.counts ?? null,
      onProblem: ports.onProblem,
    },
    kept.counts.keys(),
  );

  /** One change after another: each is checked against what the one before left. */
  function alone<T>(change: () => Promise<T>): Promise<T> {
    const done = changes.then(change);
    changes = done.catch(() => undefined);
    return done;
  }

  function current(): RulesInForce {
    return running?.state ?? own;
  }

  /** On disk first, then in force. */
  async function take(next: RulesInForce, words: string | null): Promise<void> {
    const before = current();
    const since = sinceOf(next);
    if (running === null) {
      await keepRules(store, next, since);
      own = next;
    } else {
      running = { ...running, state: next, changed: true };
    }
    if (words !== null) {
      remember(running?.history ?? ownHistory, { before, words });
    }
    const standing = new Map(next.rules.map(({ id }) => [id, desk.standingOf(id)]));
    desk.replace({ ...next, since });
    // Under an id that had counts before, what counts anew counts anew on disk too.
    const anew = [...standing].filter(
      ([id, before]) => journal.counted.has(keyOf(id)) && desk.standingOf(id) !== before,
    );
    journal.countsChanged(anew.map(([id]) => id));
  }

  function sinceOf({ rules }: RulesInForce): Map<string, number> {
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

  function indexOf(rules: readonly Rule[], id: string): number {
    const at = rules.findIndex((rule) => rule.id === id);
    if (at < 0) throw new AppError('not_found', `There is no rule ${id}; it may have been removed.`);
    return at;
  }

  function inserted(rules: readonly Rule[], rule: Rule, before: string | null): readonly Rule[] {
    return before === null ? [...rules, rule] : rules.toSpliced(indexOf(rules, before), 0, rule);
  }

  function holding(): Holding {
    return holdingBy(current().rules, (id) => desk.standingOf(id)?.sinceMs ?? virtual.nowMs());
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

    own: () => own,

    async check(rules) {
      await readRulesInTurns(rules, othersTurn);
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
        const rule = readRule(input, freeId(state.rules, journal.counted, ports.newId));
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
        await journal.flush();
        desk.startOver();
        if (running !== null) return;
        journal.forgetCounts();
        await store.forgetRules(own.rules.map(({ id }) => id));
        await keepRules(store, own, sinceOf(own));
      }),

    async hits(filter, page) {
      await journal.flush();
      return store.ruleHits({ ...filter, rule: filter.rule === null ? null : keyOf(filter.rule) }, page);
    },

    flush: () => journal.flush(),
    holding,

    hold: (next) =>
      alone(async () => {
        const state = current();
        const { rules, words } = withHolding(state.rules, next);
        await take({ ...state, rules: withIndex(rules) }, words);
        return holding();
      }),

    startScenario: (scenario, id) =>
      alone(async () => {
        await journal.flush();
        const before = running?.before ?? worldNow();
        const aside = running?.aside ?? standingNow();
        // Kept first: whoever is killed from here on finds it as it was before.
        if (running === null) await keepWorld(store, before);
        const left = worldNow();
        try {
          await setWorld(scenario);
        } catch (error) {
          await setWorld(left);
          if (running === null) await keepWorld(store, null);
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
        await keepWorld(store, null);
      }),

    asScenario(name, description) {
      const { rules, magic, seed } = current();
      return { name, description, seed, speed: ports.world.speed(), magicAddresses: magic, rules };
    },

    async close() {
      await alone(async () => {
        await journal.flush();
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
    await journal.flush();
    const { before, aside } = running;
    await setWorld(before);
    running = null;
    desk.replace({ ...own, ...aside, anew: true });
    await keepWorld(store, null);
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

/** Whatever else is due is done first. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
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
