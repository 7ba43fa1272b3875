import { expect, it } from 'vitest';
import { chooseWay } from '../../../electron/core-host/choose-way.ts';
import type { CoreEnd, RunningCore, StartOutcome, WayToCore } from '../../../electron/core-host/core.ts';
import { parseReadyLine } from '../../../electron/core-host/ready-line.ts';
import { type CoreState, createCoreHost } from '../../../electron/core-host.ts';
import { createRestartBudget } from '../../../electron/restart-budget.ts';

interface FakeCore {
  readonly outcome: StartOutcome;
  die(detail: string): void;
}

function fakeCore(): FakeCore {
  let end: (value: CoreEnd) => void = () => undefined;
  const gone = new Promise<CoreEnd>((resolve) => {
    end = resolve;
  });
  const core: RunningCore = {
    way: 'beside',
    url: 'http://127.0.0.1:1/',
    token: null,
    dataDir: null,
    gone,
    async stop() {
      end({ detail: 'asked to', log: [] });
    },
  };
  return { outcome: { kind: 'ready', core }, die: (detail) => end({ detail, log: ['last words'] }) };
}

/** A host over starts that the test hands out, and a way to wait for a state. */
function hostOver(outcomes: readonly StartOutcome[]) {
  const states: CoreState[] = [];
  let waiting: { kind: CoreState['kind']; resolve: () => void } | null = null;
  let next = 0;
  const way: WayToCore = {
    name: 'beside',
    doing: 'Starting',
    start: async () =>
      outcomes[next++] ?? { kind: 'failed', failure: { code: 'usage', detail: 'no more', log: [] } },
  };
  const host = createCoreHost({
    choose: async () => way,
    budget: createRestartBudget(3, 60_000),
    nowMs: () => 0,
    onState(state) {
      states.push(state);
      if (state.kind === waiting?.kind) waiting.resolve();
    },
  });
  const until = (kind: CoreState['kind']) =>
    new Promise<void>((resolve) => {
      waiting = { kind, resolve };
    });
  return { host, until, kinds: () => states.map((state) => state.kind), states };
}

it('starts a core that died again, and says why', async () => {
  const first = fakeCore();
  const second = fakeCore();
  const { host, until, kinds, states } = hostOver([first.outcome, second.outcome]);
  const ready = until('ready');
  await host.restart();
  await ready;
  const again = until('ready');
  first.die('The core was ended by SIGKILL.');
  await again;
  expect(kinds()).toEqual(['starting', 'ready', 'restarting', 'starting', 'ready']);
  expect(states[2]).toMatchObject({ why: 'The core was ended by SIGKILL.' });
  await host.stop();
  expect(kinds().at(-1)).toBe('stopped');
});

it('gives up after the third restart in a minute, and tries anew when asked', async () => {
  const crash: StartOutcome = {
    kind: 'failed',
    failure: { code: 'crashed', detail: 'exit code 1', log: [] },
  };
  const { host, until, kinds } = hostOver([crash, crash, crash, crash, fakeCore().outcome]);
  const failed = until('failed');
  await host.restart();
  await failed;
  expect(kinds().filter((kind) => kind === 'restarting')).toHaveLength(3);
  const ready = until('ready');
  await host.restart();
  await ready;
  await host.stop();
});

it('does not try again what only a person can mend', async () => {
  const taken: StartOutcome = {
    kind: 'failed',
    failure: { code: 'port_taken', detail: 'port 1025', log: [] },
  };
  const { host, until, kinds } = hostOver([taken]);
  const failed = until('failed');
  await host.restart();
  await failed;
  expect(kinds()).toEqual(['starting', 'failed']);
});

it('attaches before it starts one, and starts its own where the Node is new enough', () => {
  const none = { attachUrl: null, held: null, forced: null };
  const held = { url: 'http://127.0.0.1:8025/', token: null };
  expect(chooseWay({ ...none, attachUrl: 'http://core/', electronNodeVersion: '24.1.0' })).toBe('attach');
  expect(chooseWay({ ...none, held, electronNodeVersion: '24.1.0' })).toBe('attach');
  expect(chooseWay({ ...none, electronNodeVersion: '24.1.0' })).toBe('own');
  expect(chooseWay({ ...none, electronNodeVersion: '16.17.1' })).toBe('beside');
});

it('takes only the ready line for one', () => {
  const line =
    '{"ready":true,"url":"http://127.0.0.1:8025","dataDir":"/d","caFile":"/d/ca.pem","ports":{"smtp":1025}}';
  expect(parseReadyLine(line)).toEqual({ ready: true, url: 'http://127.0.0.1:8025', dataDir: '/d' });
  for (const other of [
    '',
    'listening',
    '{"ready":false}',
    '{"ready":true,"url":"file:///x","dataDir":"/d"}',
  ]) {
    expect(parseReadyLine(other)).toBeNull();
  }
});
