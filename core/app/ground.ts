/** What everything else stands on: the data folder, the store, the settings, and the intake that every door ends in. */
import type { SettingsService } from '../api/services.ts';
import { type Bus, createBus } from '../bus.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { UpstreamPorts } from '../delivery/upstream.ts';
import type { RealDns } from '../dns/real-records.ts';
import { createIntake, type Intake } from '../intake/intake.ts';
import { createLoadMeter, type LoadMeter } from '../intake/load.ts';
import { projectName } from '../intake/projects.ts';
import { messageOf } from '../model/app-error.ts';
import {
  type Credentials,
  type CredentialVault,
  openCredentials,
  openFileVault,
} from '../store/credential-vault.ts';
import { type DataFolder, holdDataFolder } from '../store/data-folder.ts';
import { openSeal, type Seal } from '../store/seal.ts';
import type { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { Closing } from './closing.ts';
import type { RelayMakers } from './live-carriers.ts';
import { openSettings, policyOf } from './settings.ts';

export interface AppPorts {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly fetch: typeof fetch;
  /** The real DNS. It is asked for what a user asks to look up there, and for nothing else. */
  readonly realDns: RealDns;
  readonly log: Log;
  /** Where messages are kept; the benchmark measures a door by a store that keeps none. */
  readonly openStore: typeof openSqliteStore;
  /** Where credentials of relays are kept, in the keychain say; left out: in a file of the data folder. */
  readonly openVault?: () => CredentialVault;
  /** How relays are spoken to; left out: as each provider is. */
  readonly relayMakers?: RelayMakers;
  /** Of this process; left out: none. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Where hosts of real providers are reached; left out: there. */
  readonly reach?: UpstreamPorts['reach'];
  /** Something without which nothing works is gone; whoever runs the app ends it, to be started anew. */
  readonly onFatal: (text: string) => void;
}

export interface Log {
  info(text: string): void;
  warn(text: string): void;
}

export interface Ground extends Pick<AppPorts, 'clock' | 'newId' | 'fetch' | 'realDns' | 'reach'> {
  readonly config: Config;
  readonly closing: Closing;
  readonly folder: DataFolder;
  readonly bus: Bus;
  readonly store: Store;
  readonly seal: Seal;
  readonly credentials: Credentials;
  readonly load: LoadMeter;
  readonly settings: SettingsService;
  readonly intake: Intake;
  readonly onInfo: (text: string) => void;
  readonly onProblem: (text: string) => void;
}

/** @throws AppError when the data folder or the database cannot be used */
export async function openGround(config: Config, ports: AppPorts, closing: Closing): Promise<Ground> {
  const { clock, newId, fetch, realDns, log } = ports;
  const onProblem = (text: string): void => log.warn(text);
  const folder = holdDataFolder(config.data);
  closing.add(() => folder.release());
  const bus = createBus((error) => onProblem(`a listener failed: ${messageOf(error)}`));
  const store = await ports.openStore({
    file: folder.databaseFile,
    durability: config.unsafeNoSync ? 'off' : 'full',
    bus,
    clock,
    onNotice: onProblem,
    onFatal: ports.onFatal,
  });
  closing.add(() => store.close());
  const seal = openSeal(folder.path);
  const credentials = openCredentials(
    ports.openVault?.() ?? openFileVault(folder.path),
    ports.environment ?? {},
  );
  const load = createLoadMeter(clock);
  const settings = await openSettings(config, store);
  const intake = createIntake(
    {
      store,
      clock,
      newId,
      onProblem,
      onAccepted: (door) => {
        if (door !== 'api') load.accepted();
      },
    },
    (await store.projects()).map((project) => project.name),
    policyOf(settings.current()),
  );
  bus.subscribe((events) => {
    for (const { type, project, data } of events) {
      if (type !== 'project' || project === null) continue;
      if (data.deleted === true) intake.projectDeleted(project);
      else intake.projectMade(project);
    }
  });
  for (const project of config.project) {
    const name = projectName(project);
    if (name !== null) await store.saveProject(name, { fixed: true });
  }
  return {
    config,
    closing,
    clock,
    newId,
    fetch,
    realDns,
    ...(ports.reach === undefined ? {} : { reach: ports.reach }),
    folder,
    bus,
    store,
    seal,
    credentials,
    load,
    settings,
    intake,
    onInfo: (text) => log.info(text),
    onProblem,
  };
}
