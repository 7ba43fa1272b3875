/** Nothing goes out for real that the guard did not let go. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { everyDelivery } from '../../../core/delivery/queue.ts';
import { AppError } from '../../../core/model/app-error.ts';
import { held, type LiveWorld, openLiveWorld, smarthost, startLiveWorld } from './live-world.ts';
import { deferred, refused } from './world.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const codeOf = (code: string) => expect.objectContaining({ code });

describe('live relay', () => {
  it('is off at the start: everything goes to the sandbox', async () => {
    const live = await startLiveWorld();
    await live.world.send(['a@allowed.example']);
    await live.world.engine.idle();
    expect(live.guard.status()).toMatchObject({ live: false, channels: {}, lastEnd: null });
    expect(live.handed).toEqual([]);
    expect(live.sandboxed()).toEqual(['a@allowed.example']);
  });

  it('sends to who is on the list, and holds the others with the reason', async () => {
    const live = await startLiveWorld();
    await live.on();
    const [, second = ''] = await live.world.send(['a@allowed.example', 'b@else.example']);
    await live.world.engine.idle();
    expect(live.handed).toMatchObject([{ relay: 'main', to: ['a@allowed.example'] }]);
    expect(live.sandboxed()).toEqual([]);
    expect(await live.delivery(second)).toMatchObject({
      substatus: 'held',
      heldBy: { key: 'live-not-allowed', label: 'Live relay' },
      reason: expect.stringContaining('b@else.example is not on its list'),
      live: null,
    });
    expect(live.guard.status().channels.email).toMatchObject({ sentThisHour: 1, held: 1 });
  });

  it('leaves the channels alone that it was not turned on for', async () => {
    const live = await startLiveWorld();
    const { relay } = await live.relays.create(
      'sms',
      { kind: 'webhook', url: 'https://x.example', ca: null },
      'api',
    );
    const { confirmation } = await live.guard.summarize({
      durationMs: minuteMs,
      channels: {
        sms: {
          relayId: relay.id,
          recipients: { kind: 'rewrite', to: '+441632960123' },
          perHourMax: 5,
          passThrough: false,
        },
      },
    });
    await live.guard.turnOn(confirmation, 'cli');
    await live.world.send(['a@allowed.example']);
    await live.world.engine.idle();
    expect(live.handed).toEqual([]);
    expect(live.sandboxed()).toEqual(['a@allowed.example']);
    expect(live.guard.status()).toMatchObject({ live: true, startedBy: 'cli' });
  });

  it('rewritten, goes to that one alone, each delivery in a transaction of its own, and suppresses nobody', async () => {
    const live = await startLiveWorld();
    live.answer = () => refused();
    await live.on({ recipients: { kind: 'rewrite', to: 'me@mine.example' } });
    const ids = await live.world.send(['a@one.example', 'b@one.example']);
    await live.world.engine.idle();
    expect(live.handed.map(({ to }) => to)).toEqual([['me@mine.example'], ['me@mine.example']]);
    expect(await live.delivery(ids[0] ?? '')).toMatchObject({
      recipient: 'a@one.example',
      status: 'undeliverable',
    });
    for (const address of ['a@one.example', 'me@mine.example'])
      expect(await live.world.store.suppressed([address], live.world.virtual.nowMs())).toEqual([]);
    const sends = (await live.audit()).filter(({ kind }) => kind === 'send');
    expect(sends.map(({ recipient, detail }) => [recipient, detail.rewrittenFrom])).toEqual([
      ['me@mine.example', 'a@one.example'],
      ['me@mine.example', 'b@one.example'],
    ]);
  });

  it('rewritten, tells the server of that one nothing of whom it was for', async () => {
    const live = await startLiveWorld();
    const [id = ''] = await live.world.send(['a@one.example']);
    await live.world.engine.idle();
    await live.on({ recipients: { kind: 'rewrite', to: 'me@mine.example' } });
    const delivery = await live.delivery(id);
    const decided = live.guard.decide({
      delivery,
      dueAtMs: 0,
      parameters: { NOTIFY: 'FAILURE', ORCPT: 'rfc822;a@one.example' },
      message: {
        id: await live.messageOf(id),
        seq: delivery.messageSeq,
        door: 'smtp',
        project: 'main',
        envelopeFrom: 'shop@shop.example',
        envelopeParameters: null,
        bytes: 1,
        receivedAtMs: 0,
        details: null,
        tags: [],
      },
      suppressed: null,
    });
    expect(decided).toMatchObject({ kind: 'live', row: { delivery: { recipient: 'me@mine.example' } } });
    if (decided.kind === 'live') expect(decided.row.parameters).toEqual({ NOTIFY: 'FAILURE' });
  });

  it('goes back to the sandbox when its time is over', async () => {
    const live = await startLiveWorld();
    await live.on({}, 10_000);
    live.world.clock.advance(10_000);
    expect(live.guard.status()).toMatchObject({
      live: false,
      lastEnd: { why: 'time_over', by: 'sandpost' },
    });
    await live.world.send(['a@allowed.example']);
    await live.world.engine.idle();
    expect(live.handed).toEqual([]);
    expect(live.sandboxed()).toEqual(['a@allowed.example']);
    expect((await live.audit()).map(({ kind, detail }) => [kind, detail.why])).toContainEqual([
      'turned_off',
      'time_over',
    ]);
  });

  it('ends when virtual and wall time drift apart', async () => {
    const live = await startLiveWorld();
    await live.on();
    live.world.virtual.jumpTo(live.world.virtual.nowMs() + 3_000);
    live.world.clock.advance(1_000);
    expect(live.guard.status()).toMatchObject({ live: false, lastEnd: { why: 'clock_drifted' } });
  });

  it('needs the clock at wall time, and keeps it there', async () => {
    const live = await startLiveWorld();
    await live.time.change({ kind: 'speed', speed: 60 });
    await expect(live.guard.summarize(live.setup())).rejects.toEqual(codeOf('clock_not_real'));
    await live.time.change({ kind: 'reset' });
    await live.on();
    for (const change of [
      { kind: 'advance', byMs: 1 },
      { kind: 'to_next' },
      { kind: 'speed', speed: 60 },
      { kind: 'freeze' },
      { kind: 'reset' },
    ] as const)
      expect(() => live.time.change(change)).toThrow(codeOf('live_relay_on'));
    await live.guard.turnOff('api');
    await live.time.change({ kind: 'freeze' });
  });
});

describe('the cap', () => {
  it('holds what is over it, and counts any sixty minutes', async () => {
    const live = await startLiveWorld();
    await live.on({ perHourMax: 2 }, 3 * hourMs);
    for (const name of ['a', 'b', 'c']) await live.world.send([`${name}@allowed.example`]);
    await live.world.engine.idle();
    expect(live.handed).toHaveLength(2);
    const [over] = (await held(live)).entries;
    expect(over).toMatchObject({
      heldBy: { key: 'live-cap' },
      reason: expect.stringContaining('has sent the 2'),
    });
    await live.pass(hourMs - minuteMs);
    await live.world.send(['d@allowed.example']);
    await live.world.engine.idle();
    expect(live.handed).toHaveLength(2);
    await live.pass(2 * minuteMs);
    await live.world.send(['e@allowed.example']);
    await live.world.engine.idle();
    expect(live.handed).toHaveLength(3);
  });

  it('counts from when something leaves, however long it waited for its turn', async () => {
    const live = await startLiveWorld();
    const gate = gateOf(live);
    await live.on({ perHourMax: 30 }, 3 * hourMs);
    for (let at = 0; at < 30; at++) await live.world.send([`n${at}@allowed.example`]);
    await gate.waiting(24);
    // Six wait for a place in the lane for half an hour.
    live.world.clock.advance(10 * minuteMs);
    gate.open();
    await live.world.engine.idle();
    expect(live.handed).toHaveLength(30);
    await live.pass(51 * minuteMs);
    expect(live.guard.status().channels.email?.sentThisHour).toBe(6);
  });

  it('gives back what was not handed over', async () => {
    const live = await startLiveWorld();
    const gate = gateOf(live);
    await live.on({ perHourMax: 1 });
    await live.world.send(['a@allowed.example']);
    await gate.waiting(1);
    await live.guard.turnOff('api');
    gate.open();
    await live.world.engine.idle();
    expect(live.handed).toEqual([]);
    live.before = () => Promise.resolve();
    await live.on({ perHourMax: 1 });
    await live.world.send(['b@allowed.example']);
    await live.world.engine.idle();
    expect(live.handed.map(({ to }) => to)).toEqual([['b@allowed.example']]);
  });

  it('counts over a restart, and releases by hand too', async () => {
    const folder = temporaryFolder();
    const first = await openLiveWorld({ folder });
    await first.on({ perHourMax: 3 });
    const [one = ''] = await first.world.send(['a@allowed.example']);
    await first.world.engine.idle();
    await first.release(await first.messageOf(one), 'me@mine.example');
    await first.world.engine.idle();
    expect(first.handed).toHaveLength(2);
    await first.close();
    const second = await openLiveWorld({ folder, sentBefore: 10 });
    onTestFinished(() => second.close());
    expect(second.guard.status().live).toBe(false);
    await second.on({ perHourMax: 3 });
    await second.world.send(['b@allowed.example']);
    await second.world.send(['d@allowed.example']);
    await second.world.engine.idle();
    expect(second.handed).toHaveLength(1);
  });
});

describe('a confirmation', () => {
  it('is good once, for two minutes, for what was shown alone', async () => {
    const live = await startLiveWorld();
    const shown = await live.guard.summarize(live.setup());
    await live.guard.turnOn(shown.confirmation, 'api');
    await live.guard.turnOff('api');
    await expect(live.guard.turnOn(shown.confirmation, 'api')).rejects.toEqual(
      codeOf('confirmation_unknown'),
    );
    const late = await live.guard.summarize(live.setup());
    live.world.clock.advance(120_000);
    await expect(live.guard.turnOn(late.confirmation, 'api')).rejects.toEqual(codeOf('confirmation_unknown'));
    await expect(live.guard.turnOn('guessed', 'api')).rejects.toEqual(codeOf('confirmation_unknown'));
    expect(live.guard.isLive()).toBe(false);
  });

  it('does not turn on when more would go than was shown', async () => {
    const live = await startLiveWorld();
    const { world } = live;
    const shown = await live.guard.summarize(live.setup());
    // It waits for its time, and would go then.
    world.answer = () => deferred();
    await world.send(['a@allowed.example']);
    await world.engine.idle();
    await expect(live.guard.turnOn(shown.confirmation, 'api')).rejects.toEqual(codeOf('changed_meanwhile'));
    const again = await live.guard.summarize(live.setup());
    expect(again.summary.channels.email).toMatchObject({ goes: 1, entries: [{ to: 'a@allowed.example' }] });
    await world.send(['b@else.example']);
    await world.engine.idle();
    // One more that would be held is no reason.
    await live.guard.turnOn(again.confirmation, 'api');
    expect(live.guard.isLive()).toBe(true);
  });

  it('does not turn on when a relay was changed, or got another credential', async () => {
    const live = await startLiveWorld();
    const changes = [
      () => live.relays.change(live.relayId, 'main', { ...smarthost, host: 'other.example' }, 'api'),
      () => live.relays.setCredential(live.relayId, { user: 'x', password: 'y' }, 'api'),
    ];
    for (const change of changes) {
      const { confirmation } = await live.guard.summarize(live.setup());
      await change();
      await expect(live.guard.turnOn(confirmation, 'api')).rejects.toEqual(codeOf('changed_meanwhile'));
    }
    expect(live.guard.isLive()).toBe(false);
  });

  it('of a release does not turn on, and the other way round', async () => {
    const live = await startLiveWorld();
    const [id = ''] = await live.world.send(['a@one.example']);
    await live.world.engine.idle();
    const messageIds = [await live.messageOf(id)];
    const release = await live.guard.summarizeRelease({
      messageIds,
      relayId: live.relayId,
      to: 'me@mine.example',
    });
    await expect(live.guard.turnOn(release.confirmation, 'api')).rejects.toEqual(
      codeOf('confirmation_unknown'),
    );
    const on = await live.guard.summarize(live.setup());
    const make = () => Promise.reject(new Error('nothing is to be made'));
    await expect(live.guard.release(on.confirmation, 'api', make)).rejects.toEqual(
      codeOf('confirmation_unknown'),
    );
    expect(live.guard.status()).toMatchObject({ live: false, released: 0 });
  });

  it('of two at once the second takes the place of the first', async () => {
    const live = await startLiveWorld();
    const first = await live.guard.summarize(live.setup({ perHourMax: 1 }));
    const second = await live.guard.summarize(live.setup({ perHourMax: 2 }));
    await Promise.all([
      live.guard.turnOn(first.confirmation, 'api'),
      live.guard.turnOn(second.confirmation, 'screen'),
    ]);
    expect(live.guard.status()).toMatchObject({
      startedBy: 'screen',
      channels: { email: { perHourMax: 2 } },
    });
    expect((await live.audit()).map(({ kind, by }) => [kind, by]).slice(1)).toEqual([
      ['turned_on', 'api'],
      ['turned_off', 'screen'],
      ['turned_on', 'screen'],
    ]);
  });

  it('is worth nothing after a stop, nor is what was being turned on or released meanwhile', async () => {
    const live = await startLiveWorld();
    const [id = ''] = await live.world.send(['a@one.example']);
    await live.world.engine.idle();
    const request = { messageIds: [await live.messageOf(id)], relayId: live.relayId, to: 'me@mine.example' };
    const before = await live.guard.summarize(live.setup());
    const [on, release] = [
      await live.guard.summarize(live.setup()),
      await live.guard.summarizeRelease(request),
    ];
    let made = false;
    const ended = await Promise.allSettled([
      live.guard.turnOn(on.confirmation, 'api'),
      live.guard.release(release.confirmation, 'api', async () => {
        made = true;
      }),
      live.guard.turnOff('screen'),
    ]);
    const stopped = { status: 'rejected', reason: codeOf('changed_meanwhile') };
    expect(ended).toEqual([stopped, stopped, expect.objectContaining({ status: 'fulfilled' })]);
    expect(made).toBe(false);
    expect(live.guard.status()).toMatchObject({ live: false, released: 0 });
    await expect(live.guard.turnOn(before.confirmation, 'api')).rejects.toEqual(
      codeOf('confirmation_unknown'),
    );
  });
});

describe('a relay', () => {
  it('without what opens it turns nothing on, and releases nothing', async () => {
    const live = await startLiveWorld({ environment: { SANDPOST_RELAY_MAIN_USER: 'jane' } });
    await live.relays.change(live.relayId, 'main', { ...smarthost, auth: 'plain' }, 'api');
    expect((await live.relays.view(live.relayId)).missing).toEqual(['password']);
    await expect(live.guard.summarize(live.setup())).rejects.toThrow('has no password yet');
    await live.relays.setCredential(live.relayId, { password: 'hunter2' }, 'api');
    await live.on();
  });

  it('in use cannot be changed, deleted, or get another credential', async () => {
    const live = await startLiveWorld();
    await live.on();
    await expect(live.relays.remove(live.relayId, 'api')).rejects.toEqual(codeOf('live_relay_on'));
    await expect(live.relays.setCredential(live.relayId, null, 'api')).rejects.toEqual(
      codeOf('live_relay_on'),
    );
    await expect(live.relays.change(live.relayId, 'main', smarthost, 'api')).rejects.toEqual(
      codeOf('live_relay_on'),
    );
  });

  it('has a name that variables of the environment can tell from the others', async () => {
    const live = await startLiveWorld();
    await live.relays.create('a-b', smarthost, 'api');
    for (const name of ['A-B', 'a--b', 'a_b', 'main'])
      await expect(live.relays.create(name, smarthost, 'api')).rejects.toEqual(codeOf('bad_request'));
  });
});

describe('users on the list', () => {
  it('are followed: where they are reached now counts', async () => {
    const live = await startLiveWorld();
    live.users.set('jane', [{ kind: 'address', value: 'jane@old.example' }]);
    await live.on({ recipients: { kind: 'allow', entries: [{ kind: 'user', value: 'jane' }] } });
    live.users.set('jane', [{ kind: 'address', value: 'jane@new.example' }]);
    await live.guard.usersChanged();
    await live.world.send(['jane@old.example', 'jane@new.example']);
    await live.world.engine.idle();
    expect(live.handed.map(({ to }) => to)).toEqual([['jane@new.example']]);
    live.users.delete('jane');
    await live.guard.usersChanged();
    await live.world.send(['jane@new.example']);
    await live.world.engine.idle();
    expect(live.handed).toHaveLength(1);
  });

  it('that there are none of are refused', async () => {
    const live = await startLiveWorld();
    await expect(
      live.guard.summarize(
        live.setup({ recipients: { kind: 'allow', entries: [{ kind: 'user', value: 'nobody' }] } }),
      ),
    ).rejects.toThrow('there are none of: nobody');
  });
});

describe('the kill switch', () => {
  it('lets at most what is in flight end, among a thousand that wait; the rest goes to the sandbox', async () => {
    const live = await startLiveWorld();
    const gate = gateOf(live);
    await live.on({ perHourMax: 1_000 });
    const sent: Promise<unknown>[] = [];
    for (let at = 0; at < 1_000; at++) sent.push(live.world.send([`n${at}@allowed.example`]));
    await Promise.all(sent);
    await gate.waiting(24);
    // Twelve are handed over, and as many begin in their place.
    gate.let(12);
    await gate.waiting(24);
    const before = live.handed.length;
    await live.guard.turnOff('screen');
    gate.open();
    await live.world.engine.idle();
    expect([before, live.handed.length]).toEqual([12, 12]);
    expect(live.guard.status()).toMatchObject({ live: false, underWay: 0 });
    expect(live.sandboxed()).toHaveLength(1_000 - before);
    // Nobody got it twice.
    const all = [...live.handed.flatMap(({ to }) => to), ...live.sandboxed()];
    expect(new Set(all).size).toBe(1_000);
    const sends = (await live.world.store.audit({ kind: 'send' }, { after: null, limit: 1 })).total;
    expect(sends - before).toBeLessThanOrEqual(24);
  });

  it('holds at once what had a live attempt and waits for the next', async () => {
    const live = await startLiveWorld();
    live.answer = () => deferred(30 * minuteMs);
    await live.on({}, hourMs);
    const [id = ''] = await live.world.send(['a@allowed.example']);
    await live.world.engine.idle();
    expect(await live.delivery(id)).toMatchObject({ substatus: 'deferred', live: live.relayId });
    await live.guard.turnOff('api');
    await heldNow(live, id);
    expect(await live.delivery(id)).toMatchObject({
      substatus: 'held',
      reason: expect.stringContaining('released as it is, it goes to the sandbox'),
    });
    expect(live.sandboxed()).toEqual([]);
    // Let go by hand, it goes to the sandbox and stays there.
    live.world.answer = (_, attempt) => (attempt < 3 ? deferred() : {});
    await live.world.store.order([id], {
      kind: 'release',
      nowMs: live.world.virtual.nowMs(),
      reason: 'by hand',
    });
    live.world.engine.wake();
    await live.pass(10 * minuteMs);
    expect(await live.delivery(id)).toMatchObject({ status: 'sent', live: null });
    expect(live.handed).toHaveLength(1);
  });

  it('holds what was put off by an attempt that was under way', async () => {
    const live = await startLiveWorld();
    const gate = gateOf(live, 'after');
    live.answer = () => deferred(30 * minuteMs);
    await live.on();
    const [id = ''] = await live.world.send(['a@allowed.example']);
    await gate.waiting(1);
    await live.guard.turnOff('api');
    gate.open();
    await live.world.engine.idle();
    expect(await live.delivery(id)).toMatchObject({ substatus: 'held' });
  });

  it('works when the log cannot be written', async () => {
    const full = fullDisk();
    const live = await startLiveWorld({ storeFor: full.storeFor });
    await live.on();
    full.isFull = true;
    expect(await live.guard.turnOff('api')).toMatchObject({ live: false });
    expect(live.problems.join()).toContain('no space left');
  });

  it('when time is over, what waits is held by itself', async () => {
    const live = await startLiveWorld();
    live.answer = () => deferred(30 * minuteMs);
    await live.on({}, 10_000);
    const [id = ''] = await live.world.send(['a@allowed.example']);
    await live.world.engine.idle();
    live.world.clock.advance(10_000);
    await heldNow(live, id);
    const filter = { ...everyDelivery, live: true };
    expect((await live.world.store.deliveries(filter, { after: null, limit: 5 })).entries).toMatchObject([
      { id },
    ]);
  });
});

describe('a crash', () => {
  it('while it is on leaves the sandbox on, and what was under way held: nothing goes twice', async () => {
    const folder = temporaryFolder();
    const first = await openLiveWorld({ folder });
    const gate = gateOf(first, 'after');
    await first.on({ perHourMax: 2 });
    const [under = ''] = await first.world.send(['a@allowed.example']);
    await gate.waiting(1);
    // What a process that is killed leaves on disk.
    const left = temporaryFolder();
    cpSync(folder, left, { recursive: true });
    gate.open();
    await first.close();
    const second = await openLiveWorld({ folder: left, sentBefore: 10 });
    onTestFinished(() => second.close());
    expect(second.guard.status()).toMatchObject({ live: false });
    second.world.engine.wake();
    await heldNow(second, under);
    expect(await second.delivery(under)).toMatchObject({
      status: 'queued',
      live: second.relayId,
      reason: expect.stringMatching(
        /or Sandpost was started anew.*Last time: Sandpost stopped while an attempt was under way/,
      ),
    });
    await second.world.send(['b@allowed.example']);
    await second.world.engine.idle();
    expect(second.handed).toEqual([]);
    expect(second.sandboxed()).toEqual(['b@allowed.example']);
    // It may have gone, and so it counts.
    await second.on({ perHourMax: 2 });
    expect(second.guard.status().channels.email?.sentThisHour).toBe(1);
  });

  it('makes what waited for its next try by a relay held too, long before its time', async () => {
    const folder = temporaryFolder();
    const first = await openLiveWorld({ folder });
    first.answer = () => deferred(30 * minuteMs);
    await first.on();
    const [id = ''] = await first.world.send(['a@allowed.example']);
    await first.world.engine.idle();
    const left = temporaryFolder();
    cpSync(folder, left, { recursive: true });
    await first.close();
    const second = await openLiveWorld({ folder: left });
    onTestFinished(() => second.close());
    await heldNow(second, id);
    expect(second.handed).toEqual([]);
  });
});

describe('the audit log', () => {
  it('has what, when, by whom and what was answered; nothing leaves before it is in it', async () => {
    const live = await startLiveWorld();
    live.before = async (job) => {
      const reader = new Database(live.world.databaseFile, { readonly: true });
      const rows = reader.prepare("SELECT delivery_id FROM live_audit WHERE kind = 'send'").pluck().all();
      reader.close();
      expect(rows).toEqual(job.deliveries.map(({ delivery }) => delivery.id));
    };
    const { confirmation } = await live.guard.summarize(live.setup());
    await live.guard.turnOn(confirmation, 'screen');
    const [id] = await live.world.send(['a@allowed.example']);
    await live.world.engine.idle();
    expect(live.problems).toEqual([]);
    await live.guard.turnOff('cli');
    expect((await live.audit()).slice(1)).toMatchObject([
      { kind: 'turned_on', by: 'screen', relay: 'main', detail: { setup: live.setup() } },
      { kind: 'send', by: 'screen', channel: 'email', recipient: 'a@allowed.example', deliveryId: id },
      {
        kind: 'answer',
        by: 'screen',
        deliveryId: id,
        detail: { outcome: 'sent', code: 250, text: '250 OK' },
      },
      { kind: 'turned_off', by: 'cli', detail: { why: 'stopped' } },
    ]);
  });

  it('is only ever added to', async () => {
    const live = await startLiveWorld();
    const db = new Database(live.world.databaseFile);
    onTestFinished(() => {
      db.close();
    });
    for (const sql of ["UPDATE live_audit SET actor = 'cli'", 'DELETE FROM live_audit'])
      expect(() => db.prepare(sql).run()).toThrow('only ever added to');
    expect(await live.audit()).toHaveLength(1);
  });

  it('that cannot be written lets nothing out', async () => {
    const full = fullDisk();
    const live = await startLiveWorld({ storeFor: full.storeFor });
    await live.on();
    full.isFull = true;
    const [id = ''] = await live.world.send(['a@allowed.example']);
    await live.world.engine.idle();
    expect(live.handed).toEqual([]);
    expect(live.sandboxed()).toEqual([]);
    expect(live.guard.status().channels.email?.sentThisHour).toBe(0);
    expect(await live.delivery(id)).toMatchObject({ status: 'queued', live: null });
    full.isFull = false;
    await live.pass(minuteMs);
    expect(live.handed).toHaveLength(1);
  });
});

describe('a release by hand', () => {
  it('goes to the chosen address by the relay, from any state; the sandbox stays as it is', async () => {
    const live = await startLiveWorld();
    live.world.answer = (recipient) => (recipient === 'b@one.example' ? refused() : {});
    const ids = await live.world.send(['a@one.example']);
    const failed = await live.world.send(['b@one.example']);
    await live.world.engine.idle();
    for (const id of [...ids, ...failed]) {
      const made = await live.release(await live.messageOf(id), 'me@mine.example');
      await live.world.engine.idle();
      expect(await live.delivery(made)).toMatchObject({
        status: 'sent',
        recipient: 'me@mine.example',
        live: live.relayId,
      });
    }
    expect(live.handed.map(({ to }) => to)).toEqual([['me@mine.example'], ['me@mine.example']]);
    expect(live.guard.status()).toMatchObject({ live: false, released: 0 });
    expect((await live.audit()).map(({ kind }) => kind).slice(1)).toEqual([
      'released',
      'send',
      'answer',
      'released',
      'send',
      'answer',
    ]);
  });

  it('is tried for an hour, and then held', async () => {
    const live = await startLiveWorld();
    const [id = ''] = await live.world.send(['a@one.example']);
    await live.world.engine.idle();
    live.answer = () => deferred();
    const made = await live.release(await live.messageOf(id), 'me@mine.example');
    expect(() => live.time.change({ kind: 'freeze' })).toThrow(codeOf('live_relay_on'));
    await live.pass(hourMs - 10_000);
    const tries = live.handed.length;
    expect(tries).toBeGreaterThan(1);
    expect(await live.delivery(made)).toMatchObject({ substatus: 'deferred' });
    await live.pass(minuteMs);
    await heldNow(live, made);
    expect(live.handed).toHaveLength(tries);
    expect(live.guard.status().released).toBe(0);
    await live.time.change({ kind: 'freeze' });
  });

  it('goes to nobody but whom the summary named, though its envelope is edited afterwards', async () => {
    const live = await startLiveWorld();
    const [id = ''] = await live.world.send(['a@one.example']);
    await live.world.engine.idle();
    live.answer = () => deferred();
    const made = await live.release(await live.messageOf(id), 'me@mine.example');
    await live.world.engine.idle();
    const nowMs = live.world.virtual.nowMs();
    const to = { recipient: 'stranger@else.example', domain: 'else.example', provider: 'default' };
    await live.world.store.order([made], { kind: 'hold', nowMs, reason: 'by hand' });
    await live.world.store.order([made], { kind: 'release', nowMs, reason: 'by hand', envelope: { to } });
    live.world.engine.wake();
    await heldNow(live, made);
    expect(live.handed.map((one) => one.to)).toEqual([['me@mine.example']]);
    expect(live.guard.status().released).toBe(0);
    expect(live.sandboxed()).toEqual(['a@one.example']);
  });

  it('is taken back by a stop, and by a restart', async () => {
    const folder = temporaryFolder();
    const first = await openLiveWorld({ folder });
    const [id = ''] = await first.world.send(['a@one.example']);
    await first.world.engine.idle();
    first.answer = () => deferred();
    const stopped = await first.release(await first.messageOf(id), 'me@mine.example');
    await first.world.engine.idle();
    await first.guard.turnOff('api');
    await heldNow(first, stopped);
    expect((await first.audit()).at(-1)).toMatchObject({ kind: 'turned_off', detail: { releases: 1 } });
    const kept = await first.release(await first.messageOf(id), 'you@mine.example');
    await first.world.engine.idle();
    const tries = first.handed.length;
    await first.close();
    const second = await openLiveWorld({ folder });
    onTestFinished(() => second.close());
    second.world.engine.wake();
    await heldNow(second, kept);
    expect(tries).toBe(2);
    expect(second.handed).toEqual([]);
    expect(second.sandboxed()).toEqual([]);
  });

  it('is refused to a suppressed address, to what is no address, and of what is no mail of the app', async () => {
    const live = await startLiveWorld();
    const [id = ''] = await live.world.send(['a@one.example']);
    await live.world.engine.idle();
    const messageIds = [await live.messageOf(id)];
    const relayId = live.relayId;
    await live.world.store.suppress([
      {
        address: 'gone@mine.example',
        scope: 'all',
        reason: 'hard_bounce',
        source: 'api',
        class: null,
        detail: null,
        deliveryId: null,
        createdAtMs: 0,
        expiresAtMs: null,
      },
    ]);
    const refusal = (to: string) => live.guard.summarizeRelease({ messageIds, relayId, to });
    await expect(refusal('Gone@mine.example')).rejects.toThrow('is on the suppression list (hard bounce');
    for (const to of [
      'me',
      'me@mine.example, you@mine.example',
      'me@mine.example\r\nRCPT TO:<x@y.example>',
      '@x',
    ])
      await expect(refusal(to)).rejects.toEqual(codeOf('bad_request'));
    await expect(
      live.guard.summarizeRelease({ messageIds: ['none'], relayId, to: 'me@mine.example' }),
    ).rejects.toEqual(codeOf('not_found'));
  });
});

/** Holds back what the relay is handed until it is let. */
function gateOf(live: LiveWorld, asked: 'before' | 'after' = 'before') {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  let told: () => void = () => undefined;
  live[asked] = () =>
    new Promise<void>((resolve) => {
      if (isOpen) resolve();
      else waiting.push(resolve);
      told();
    });
  return {
    async waiting(count: number): Promise<void> {
      while (waiting.length < count)
        await new Promise<void>((resolve) => {
          told = resolve;
        });
    },
    let(count: number): void {
      for (const go of waiting.splice(0, count)) go();
    },
    open(): void {
      isOpen = true;
      for (const go of waiting.splice(0)) go();
    },
  };
}

async function heldNow(live: LiveWorld, id: string): Promise<void> {
  while ((await live.delivery(id)).substatus !== 'held') await live.world.engine.idle();
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sandpost-live-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store whose log takes nothing while the disk is full. */
function fullDisk() {
  const disk = {
    isFull: false,
    storeFor: (store: LiveWorld['world']['store']): LiveWorld['world']['store'] => ({
      ...store,
      beginLive: (sends) => (disk.isFull ? refuse() : store.beginLive(sends)),
      addAudit: (entries) => (disk.isFull ? refuse() : store.addAudit(entries)),
    }),
  };
  const refuse = () => Promise.reject(new AppError('disk_full', 'no space left on the disk'));
  return disk;
}
