/**
 * The only wiring: opens the parts of `app/`, hands each what it needs, and closes them in order. A part is a function from
 * what it needs to what it offers; what it opened it adds to `closing` itself, so that a start that fails midway closes it.
 */
import { randomBytes, randomFillSync } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { openHttpDoor } from './api/http-door.ts';
import type { Status } from './api/schema.ts';
import { builtFolder } from './app/built-folder.ts';
import { doorGraceMs, openChannels } from './app/channels.ts';
import { createClosing } from './app/closing.ts';
import { openDelivering } from './app/delivering.ts';
import type { DeliveryCore } from './app/delivery.ts';
import { type AppPorts, type Log, openGround } from './app/ground.ts';
import { late } from './app/late.ts';
import { type Live, openLive } from './app/live.ts';
import { withLocalNames } from './app/local-names.ts';
import { createOwnAddress, isLoopback } from './app/own-address.ts';
import { openReading } from './app/reading.ts';
import { relayMakers } from './app/relay-makers.ts';
import { keepPruned } from './app/retention.ts';
import { openRooms } from './app/rooms.ts';
import { openRuleRoom } from './app/rules.ts';
import { openSending } from './app/sending.ts';
import { servicesOf } from './app/services.ts';
import { openSubmissionDoors } from './app/submission-doors.ts';
import type { Submissions } from './app/submissions.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { loadQueueState } from './delivery/queue.ts';
import type { RealDns } from './dns/real-records.ts';
import { idMaker } from './model/new-id.ts';
import type { People } from './people/index.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { version } from './version.ts';

export type { AppPorts, Log } from './app/ground.ts';

export interface App {
  readonly url: string;
  readonly dataDir: string;
  readonly caFile: string;
  readonly token: string | null;
  readonly ports: Readonly<Record<string, number>>;
  /** Everything stored so far is indexed; for tests and the benchmark. */
  caughtUp(): Promise<void>;
  /** What POST /v1/messages does with a message that was checked. */
  readonly submissions: Submissions;
  /** Users, and links that unsubscribe them. */
  readonly people: People;
  /** Deliveries that wait for their turn or for a retry. */
  waiting(): number;
  /** Nothing is under way and nothing is due; for tests and the benchmark. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Deliveries under way from which on reading what is stored takes a small share only. */
const deliveriesBusy = 8;
/** After the start: the screen and the doors come first. */
const warmAfterMs = 1_500;

export const systemPorts = (log: Log, onFatal: (text: string) => void = log.warn): AppPorts => ({
  onFatal,
  clock: systemClock,
  newId: idMaker((block) => randomFillSync(block)),
  fetch,
  realDns: systemDns(),
  log,
  openStore: openSqliteStore,
  environment: process.env,
});

const realDnsMsMax = 3_000;
const realDnsTries = 2;

function systemDns(): RealDns {
  return new Resolver({ timeout: realDnsMsMax, tries: realDnsTries });
}

/** @throws AppError saying what stood in the way; whatever was opened by then is closed again */
export async function createApp(config: Config, ports: AppPorts): Promise<App> {
  const closing = createClosing();
  try {
    const ground = await openGround(config, ports, closing);
    const { store, clock, folder } = ground;
    const address = createOwnAddress(config.host, config.basePath);
    // Mail is delivered by the core, and what comes back of it goes to mail: each needs the other.
    const delivery = late<DeliveryCore>('the delivery core');
    const reading = openReading({
      ...ground,
      othersBusy: () => (delivery.ifOpen()?.engine.underWay() ?? 0) >= deliveriesBusy,
    });
    keepPruned(ground);
    const { settings: kept } = await loadQueueState(store);
    const rooms = await openRooms(ground, address, kept);
    const ruleRoom = await openRuleRoom(ground, reading, rooms, delivery, kept.seed);
    const callbackFetch = withLocalNames(ports.fetch);
    const parts = { ground, reading, rooms, ruleRoom, address, callbackFetch };
    const live = late<Live>('live relay');
    const channels = await openChannels({ ...parts, delivery, live });
    const opened = await openLive({
      ground,
      rooms,
      makers: ports.relayMakers ?? relayMakers({ ...parts, channels }),
      wake: () => delivery.ifOpen()?.engine.wake(),
      lifetimeMs: () => delivery.get().queue.settings().lifetimeMs,
      providerOf: ruleRoom.providerOf,
      feedback: () => delivery.get().feedback,
      sms: channels.sms,
    });
    live.opened(opened);
    const sending = openSending({ ...parts, channels, delivery });
    const core = await openDelivering({ ...parts, channels, multi: sending.multi, live: opened });
    delivery.opened(core);
    closing.add(() => core.close());
    // Before the delivery core closes, so that nothing more begins.
    closing.add(() => opened.guard.close());
    await ruleRoom.rules.putBackWorld();
    // What was due when Sandpost last stopped, or came due since.
    core.engine.wake();
    // Nobody waits for it: what it cannot do it says.
    void channels.sms.begin();
    if (config.deliver) closing.add(clock.after(warmAfterMs, channels.warm));
    // Its end puts back what it changed of the delivery core.
    closing.add(() => ruleRoom.rules.close());
    if (config.scenario !== undefined) await ruleRoom.startScenarioFile(config.scenario);
    const doors = await openSubmissionDoors({
      ...ground,
      certificate: rooms.ca.server,
      mail: channels.mail,
      rules: ruleRoom.doors,
    });
    closing.add(() => doors.close(doorGraceMs));
    address.doorsOpened({ ...doors.ports, ...rooms.names.ports, ...channels.ports });

    const token =
      config.token ?? (config.host.every(isLoopback) ? null : randomBytes(18).toString('base64url'));
    const standing: Omit<Status, 'url' | 'ports' | 'mode'> = {
      version,
      dataDir: folder.path,
      caFile: rooms.ca.caFile,
      startedAt: new Date(clock.wallMs()).toISOString(),
      node: process.versions.node,
      sqlite: store.sqliteVersion,
      platform: `${process.platform} ${process.arch}`,
      host: address.host,
      limits: { messageBytesMax: config.messageBytesMax, recipientsMax: config.recipientsMax },
    };
    const services = servicesOf({
      ...parts,
      channels,
      sending,
      delivery: core,
      live: opened,
      status: () => ({
        ...standing,
        mode: opened.guard.isLive() ? 'live' : 'sandbox',
        url: address.url(),
        ports: { ...address.ports() },
      }),
    });
    if (config.httpPort !== 'off') {
      const http = await openHttpDoor(
        {
          hosts: config.host,
          port: config.httpPort,
          allowHosts: config.allowHost,
          allowOrigins: config.allowOrigin,
          token,
          basePath: config.basePath,
          version,
          screenFolder: builtFolder('renderer'),
          inAppPages: channels.inAppPages,
        },
        services,
      );
      closing.add(() => http.close());
      address.apiOpened(http.port);
    }
    sending.multi.begin();
    // Clients are told before their connections close.
    closing.add(() => channels.inAppLive.close());
    const reached = { url: address.url(), token, ports: address.ports() };
    folder.announce({ ...reached, pid: process.pid, version, ports: { ...reached.ports } });
    return {
      ...reached,
      dataDir: folder.path,
      caFile: rooms.ca.caFile,
      caughtUp: () => reading.indexer.caughtUp(),
      submissions: services.submissions,
      people: rooms.people,
      waiting: () => store.counts().queued + store.counts().deferred,
      settled: () => core.settle(),
      close: () => closing.all(),
    };
  } catch (error) {
    await closing.all();
    throw error;
  }
}
