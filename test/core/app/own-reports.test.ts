import { describe, expect, it, onTestFinished } from 'vitest';
import { type OwnReports, type OwnReportsPorts, ownReports } from '../../../core/app/own-reports.ts';
import { deliverySettingsSchema } from '../../../core/delivery/settings.ts';
import type { Handover } from '../../../core/intake/intake.ts';
import { AppError } from '../../../core/model/app-error.ts';
import { parseDsn } from '../../../core/reports/dsn.ts';
import { submission } from '../../contract/store.ts';
import { deferred, openWorld, refused, startMs, type World } from '../delivery/world.ts';

/** Our own notices on a real store; what they hand over is kept, or refused as the disk says. */
async function open(disk: { full: boolean }, onProblem: (text: string) => void = () => undefined) {
  const handed: Handover[] = [];
  let lastId = 0;
  const settings = deliverySettingsSchema.parse({});
  let made: OwnReports | null = null;
  const reports = (): OwnReports => {
    made ??= ownReports(ports(world));
    return made;
  };
  const ports = (world: World): OwnReportsPorts => ({
    store: world.store,
    intake: {
      async accept(handover) {
        if (disk.full) throw new AppError('disk_full', 'no room');
        handed.push(handover);
        await world.store.accept(submission({ id: handover.id ?? '', envelopeFrom: '' }));
        return handover.id ?? '';
      },
      policy: () => ({ rules: [], fromUserName: false, header: null, onTheFly: false }),
      setPolicy: () => undefined,
      projectMade: () => undefined,
      projectDeleted: () => undefined,
    },
    settings: () => settings,
    providerOf: () => 'default',
    heloOf: async (domain) => `mta-7.${domain}`,
    newId: () => `notice-${++lastId}`,
    nowMs: () => world.virtual.nowMs(),
    wallMs: () => startMs,
  });
  const world = await openWorld({
    ports: {
      owed: (ended) => reports().owed(ended),
      perform: (act) => reports().perform(act),
      onProblem,
    },
  });
  onTestFinished(() => world.close());
  return { world, reports: reports(), handed };
}

describe('a notice of our own', () => {
  it('is owed until there is room on the disk, and then made', async () => {
    const disk = { full: true };
    const told = Promise.withResolvers<string>();
    const { world, handed } = await open(disk, (text) => told.resolve(text));
    world.answer = () => refused();
    await world.send(['nobody@example.com']);
    world.engine.wake();
    expect(await told.promise).toContain('no room');
    expect(handed).toEqual([]);
    expect(await world.store.nextDue()).toBe(startMs);
    disk.full = false;
    const idle = world.engine.idle();
    world.clock.advance(60_000);
    await idle;
    expect(handed.map(({ envelopeTo }) => envelopeTo)).toEqual([['from@example.com']]);
    expect(await world.store.nextDue()).toBeNull();
  });

  it('is made once, though its act is done twice', async () => {
    const { world, reports, handed } = await open({ full: false });
    world.answer = () => refused();
    const [id = ''] = await world.send(['nobody@example.com']);
    await world.engine.idle();
    const messageId = (await world.store.delivery(id))?.delivery.messageId ?? '';
    const data = { about: 'failure', messageId, deliveries: [{ id }] };
    await reports.perform({ seq: 1, dueAtMs: startMs, kind: 'own_dsn', data });
    expect(handed).toHaveLength(1);
    expect(handed[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseDsn(handed[0]?.tail ?? new Uint8Array())?.recipients).toMatchObject([
      { finalRecipient: 'nobody@example.com', diagnostic: '550 5.1.1 No such user' },
    ]);
  });

  it('costs a plain success nothing', async () => {
    const { world, handed } = await open({ full: false });
    await world.send(['a@example.com']);
    await world.engine.idle();
    expect(handed).toEqual([]);
    expect(await world.store.nextDue()).toBeNull();
  });

  it('says the reply that a delivery was bounced with', async () => {
    const { world, handed } = await open({ full: false });
    world.answer = () => deferred();
    const [id = ''] = await world.send(['jane@example.com']);
    await world.engine.idle();
    await world.store.order([id], {
      kind: 'bounce',
      nowMs: startMs,
      reason: 'on purpose',
      class: 'bad_address',
      reply: { code: 550, enhanced: '5.1.1', text: '550 5.1.1 No such user here' },
    });
    await world.engine.idle();
    expect(handed).toHaveLength(1);
    expect(parseDsn(handed[0]?.tail ?? new Uint8Array())?.recipients).toMatchObject([
      {
        finalRecipient: 'jane@example.com',
        action: 'failed',
        status: '5.1.1',
        diagnostic: '550 5.1.1 No such user here',
      },
    ]);
  });

  it('goes to MAIL FROM of a delivery whose envelope was edited, and to that of the others apart', async () => {
    const { world, handed } = await open({ full: false });
    world.answer = () => deferred();
    const ids = await world.send(['jane@example.com', 'joe@example.com']);
    await world.engine.idle();
    const [first = ''] = ids;
    await world.store.order([first], { kind: 'hold', nowMs: startMs, reason: '' });
    const envelope = {
      from: 'other@shop.example',
      to: { recipient: 'jim@example.com', domain: 'example.com', provider: 'default' },
    };
    await world.store.order([first], { kind: 'release', nowMs: startMs, reason: '', envelope });
    world.answer = () => refused();
    await world.store.order(ids, { kind: 'retry_now', nowMs: startMs });
    await world.engine.idle();
    expect(
      handed.map(({ envelopeTo, tail }) => [
        envelopeTo[0],
        parseDsn(tail)?.recipients.map(({ finalRecipient }) => finalRecipient),
      ]),
    ).toEqual([
      ['other@shop.example', ['jim@example.com']],
      ['from@example.com', ['joe@example.com']],
    ]);
  });
});
