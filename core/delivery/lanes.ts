/** A lane for each provider: so many jobs under way there at once, the others wait their turn. */
import type { Going } from './attempt-orders.ts';

export interface LanesPorts {
  readonly attempt: (going: readonly Going[]) => Promise<void>;
  /** A place came free. */
  readonly ended: () => void;
}

export interface Lanes {
  start(going: readonly Going[]): void;
  underWay(): number;
}

const laneJobsMax = 24;

interface Lane {
  active: number;
  readonly waiting: (readonly Going[])[];
}

export function createLanes({ attempt, ended }: LanesPorts): Lanes {
  const lanes = new Map<string, Lane>();
  let jobs = 0;

  function start(going: readonly Going[]): void {
    const [first] = going;
    if (first === undefined) return;
    const { live, row } = first;
    const key =
      live === undefined ? (row.delivery.provider ?? row.delivery.domain) : `relay ${live.pass.relay.id}`;
    const lane = lanes.get(key) ?? { active: 0, waiting: [] };
    lanes.set(key, lane);
    lane.waiting.push(going);
    runLane(key, lane);
  }

  function runLane(key: string, lane: Lane): void {
    while (lane.active < laneJobsMax) {
      const going = lane.waiting.shift();
      if (going === undefined) break;
      lane.active++;
      jobs++;
      void attempt(going).finally(() => {
        lane.active--;
        jobs--;
        if (lane.active === 0 && lane.waiting.length === 0) lanes.delete(key);
        else runLane(key, lane);
        ended();
      });
    }
  }

  return { start, underWay: () => jobs };
}
