/** The rules' room on a store that is a few maps, with a world that notes what it is set to. */
import type { Desk } from '../../../core/rules/desk.ts';
import { openRules, type RulesRoom } from '../../../core/rules/room.ts';
import type { RuleCounter, RuleHit } from '../../../core/store/rules.ts';
import { type FakeClock, fakeClock } from '../../fake-clock.ts';

export interface Disk {
  readonly documents: Map<string, unknown>;
  readonly counters: Map<string, RuleCounter>;
  hits: readonly RuleHit[];
}

export interface World {
  speed: number;
  seed: number;
  /** Told once, by the next that sets the speed. */
  refusal: Error | null;
}

export interface RoomWorld {
  readonly room: RulesRoom;
  readonly desk: Desk;
  readonly clock: FakeClock;
  readonly disk: Disk;
  readonly world: World;
  readonly problems: string[];
}

export function emptyDisk(): Disk {
  return { documents: new Map(), counters: new Map(), hits: [] };
}

export async function roomWorld(
  disk: Disk = emptyDisk(),
  world: World = { speed: 1, seed: 1, refusal: null },
): Promise<RoomWorld> {
  const clock = fakeClock();
  const problems: string[] = [];
  const room = await openRules({
    store: {
      documents: async () => [...disk.documents].map(([key, value]) => ({ key, value })),
      saveDocument: async (_, key, value) => {
        disk.documents.set(key, JSON.parse(JSON.stringify(value)));
      },
      deleteDocument: async (_, key) => {
        disk.documents.delete(key);
      },
      keepRuleHits: async (hits, counters) => {
        disk.hits = [...disk.hits, ...hits];
        for (const one of counters) disk.counters.set(one.rule, one);
      },
      ruleHits: async () => ({ entries: [], next: null, total: 0 }),
      ruleCounters: async () => [...disk.counters.values()],
      forgetRules: async (ids) => {
        for (const id of ids) disk.counters.delete(id);
      },
    },
    clock,
    virtual: {
      nowMs: () => clock.wallMs(),
      at: (atMs, run) => clock.after(atMs - clock.wallMs(), run),
    },
    newId: () => 'made-up',
    world: {
      speed: () => world.speed,
      setSpeed: async (speed) => {
        const { refusal } = world;
        world.refusal = null;
        if (refusal !== null) throw refusal;
        world.speed = speed;
      },
      seed: () => world.seed,
      setSeed: async (seed) => {
        world.seed = seed;
      },
    },
    onProblem: (text) => problems.push(text),
  });
  return { room, desk: room.desk, clock, disk, world, problems };
}
