/** Wires in-app messages: the room with the users' queues, the door before it, and how messages come into it. */
import type { Bus } from '../bus.ts';
import { type InAppAsker, inAppAsker } from '../channels/inapp/ask.ts';
import { createInAppRoom, type InAppBackstage, inAppRoute } from '../channels/inapp/index.ts';
import type { Clock, VirtualClock } from '../clock.ts';
import type { ProviderRoute } from '../doors/http/provider-request.ts';
import type { Intake } from '../intake/intake.ts';
import type { Seal } from '../store/seal.ts';
import type { Store } from '../store/store.ts';
import { version } from '../version.ts';
import { type InAppSettingsRoom, openInAppSettings } from './inapp-settings.ts';
import { type InAppSubmissionsPorts, inAppSubmissions, type PrepareInApp } from './inapp-submissions.ts';

export interface InApp {
  readonly room: InAppBackstage;
  readonly settings: InAppSettingsRoom;
  readonly ask: InAppAsker;
  readonly prepare: PrepareInApp;
  /** The door as it is, without what is in real time. */
  readonly route: ProviderRoute;
  close(): void;
}

export interface InAppPorts {
  readonly store: Store;
  readonly bus: Bus;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly virtual: VirtualClock;
  readonly seal: Seal;
  readonly newId: () => string;
  readonly random: (count: number) => Uint8Array;
  /** Of the API's door. */
  readonly basePath: string;
  /** Deliveries are made, not only kept. */
  readonly delivers: () => boolean;
  readonly rules: NonNullable<InAppSubmissionsPorts['rules']>;
  readonly onProblem: (text: string) => void;
}

export async function openInApp(ports: InAppPorts): Promise<InApp> {
  const { store, bus, intake, clock, virtual, newId, onProblem } = ports;
  const wallMs = (): number => clock.wallMs();
  const settings = await openInAppSettings(ports);
  const room = createInAppRoom({ store, bus, virtual, wallMs, onProblem });
  const ask = inAppAsker({ desk: ports.rules.desk, virtualNowMs: () => virtual.nowMs() });
  const prepare = inAppSubmissions({
    intake,
    room,
    virtual,
    wallMs,
    newId,
    ask,
    delivers: ports.delivers,
    virtualTime: (atMs) => (atMs === null ? null : atMs + (virtual.nowMs() - wallMs())),
    rules: ports.rules,
  });
  const route = inAppRoute({
    room,
    settings: () => settings.door(),
    prepare: (submission, how) => prepare(submission, { ...how, door: 'inapp' }),
    ask,
    store,
    wallMs,
    virtualNowMs: () => virtual.nowMs(),
    basePath: ports.basePath,
    version,
    onProblem,
  });
  return { room, settings, ask, prepare, route, close: () => room.close() };
}
