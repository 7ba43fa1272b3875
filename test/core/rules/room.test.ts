import { describe, expect, it } from 'vitest';
import { readScenario } from '../../../core/rules/scenario.ts';
import { base } from './cases.ts';
import { emptyDisk, type RoomWorld, roomWorld } from './room-world.ts';

const reject = { do: 'reject', code: 550, text: 'No', at: 'rcpt' } as const;

function scenario(rules: readonly unknown[] = []) {
  return readScenario(
    JSON.stringify({ sandpost: 1, name: 'Bad day', seed: 42, clock: { speed: 60 }, rules }),
  );
}

function ask({ desk }: RoomWorld): boolean {
  return desk.decide('door', 'rcpt', base).length > 0;
}

describe('what rules counted', () => {
  it('goes on over a restart, also what did nothing yet', async () => {
    const first = await roomWorld();
    await first.room.replace({ rules: [{ id: 'third', stage: 'door', when: { nth: 3 }, then: reject }] });
    expect([ask(first), ask(first)]).toEqual([false, false]);
    await first.room.close();
    const second = await roomWorld(first.disk);
    expect([ask(second), ask(second)]).toEqual([true, false]);
  });

  it('is not that of another rule that had the id before, after a restart either', async () => {
    const disk = emptyDisk();
    const first = await roomWorld(disk);
    await first.room.replace({ rules: [{ id: 'a', stage: 'door', then: reject }] });
    expect([ask(first), ask(first)]).toEqual([true, true]);
    await first.room.flush();
    await first.room.replace({ rules: [] });
    await first.room.replace({ rules: [{ id: 'a', stage: 'door', when: { nth: 1 }, then: reject }] });
    await first.room.close();
    const second = await roomWorld(disk);
    expect([ask(second), ask(second)]).toEqual([true, false]);
  });

  it('gives a new rule no id under which another counted', async () => {
    const world = await roomWorld();
    const added = await world.room.add({ stage: 'door', then: reject }, null);
    ask(world);
    await world.room.flush();
    await world.room.remove(added.id);
    expect((await world.room.add({ stage: 'door', then: reject }, null)).id).not.toBe(added.id);
  });

  it('starts over for good: since when a rule holds is kept too', async () => {
    const world = await roomWorld();
    await world.room.replace({
      rules: [{ id: 'hour', stage: 'door', when: { time: { forMs: 3_600_000 } }, then: reject }],
    });
    world.clock.advance(7_200_000);
    expect(ask(world)).toBe(false);
    await world.room.startOver();
    expect(ask(world)).toBe(true);
    expect(world.disk.documents.get('own')).toMatchObject({ since: { hour: world.clock.wallMs() } });
  });
});

describe('a scenario', () => {
  it('leaves one’s own rules as they were: what they counted, and since when they hold', async () => {
    const world = await roomWorld();
    await world.room.replace({
      rules: [
        {
          id: 'hour',
          stage: 'door',
          when: { nth: 3, time: { forMs: 3_600_000 } },
          then: reject,
        },
      ],
    });
    const sinceMs = world.desk.standingOf('hour')?.sinceMs;
    ask(world);
    ask(world);
    world.clock.advance(60_000);
    // The same rule stands in the scenario: what is counted there is counted there.
    await world.room.startScenario(scenario([...world.room.state().rules]), null);
    expect(world.desk.standingOf('hour')?.counts.matches).toBe(0);
    ask(world);
    await world.room.stopScenario();
    expect(world.desk.standingOf('hour')).toMatchObject({ sinceMs, counts: { matches: 2 } });
    expect(ask(world)).toBe(true);
  });

  it('is not begun by half when the clock cannot be set', async () => {
    const world = await roomWorld();
    await world.room.replace({ rules: [{ id: 'mine', stage: 'door', then: reject }] });
    world.world.refusal = new Error('not while live');
    await expect(world.room.startScenario(scenario(), null)).rejects.toThrow('not while live');
    expect(world.room.state()).toMatchObject({ scenario: null, rules: [{ id: 'mine' }] });
    expect(world.world).toMatchObject({ speed: 1, seed: 1 });
    expect([...world.disk.documents.keys()]).toEqual(['own']);
  });

  it('that was on when Sandpost was killed leaves the speed and the seed as they were before', async () => {
    const first = await roomWorld();
    first.world.seed = 7;
    await first.room.startScenario(scenario(), null);
    expect(first.world).toMatchObject({ speed: 60, seed: 42 });
    // No close: the next one finds the world as the scenario left it.
    const second = await roomWorld(first.disk, first.world);
    await second.room.putBackWorld();
    expect(second.world).toMatchObject({ speed: 1, seed: 7 });
    await second.room.startScenario(scenario(), null);
    await second.room.close();
    expect(second.world).toMatchObject({ speed: 1, seed: 7 });
    expect([...second.disk.documents.keys()]).toEqual([]);
  });

  it('ends at the close, which goes on when that fails', async () => {
    const world = await roomWorld();
    await world.room.startScenario(scenario(), null);
    world.world.refusal = new Error('the disk is gone');
    await world.room.close();
    expect(world.problems).toEqual([expect.stringContaining('the disk is gone')]);
  });
});

describe('holding', () => {
  it('keeps rules that can be read again, whatever the domains are called', async () => {
    const world = await roomWorld();
    await world.room.replace({ rules: [{ id: 'mine', stage: 'door', then: reject }] });
    const domains = ['bücher.example', 'bäcker.example', 'böcher.example', `${'a'.repeat(60)}.example`];
    await world.room.hold({ everything: false, domains });
    const again = await roomWorld(world.disk);
    expect(again.problems).toEqual([]);
    expect(again.room.holding().domains).toEqual(domains);
    expect(again.room.state().rules.map(({ id }) => id)).toContain('mine');
  });

  it('refuses a domain that is none, and changes nothing', async () => {
    const world = await roomWorld();
    await expect(world.room.hold({ everything: false, domains: [' '] })).rejects.toMatchObject({
      code: 'invalid_rules',
    });
    expect(world.room.state().rules).toEqual([]);
  });
});

describe('undoing', () => {
  it('takes one change back after the other, to the set that was there first', async () => {
    const { room } = await roomWorld();
    const rule = (id: string) => ({ id, stage: 'door', then: reject });
    const ids = () => room.state().rules.map(({ id }) => id);
    await room.replace({ rules: [rule('a'), rule('b')] });
    await room.remove('a');
    await room.replace({ rules: [rule('c')] });
    await room.undo();
    expect(ids()).toEqual(['b']);
    await room.undo();
    expect(ids()).toEqual(['a', 'b']);
    await room.undo();
    expect([ids(), room.state().undo]).toEqual([[], null]);
    await expect(room.undo()).rejects.toMatchObject({ code: 'not_possible' });
  });
});
