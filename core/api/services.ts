/** What the routes work with: handed over by `app`, so that no route opens anything itself. */
import type { Bus } from '../bus.ts';
import type { Clock } from '../clock.ts';
import type { Queue } from '../delivery/queue.ts';
import type { VirtualTimeService } from '../delivery/virtual-time.ts';
import type { SendingDomains } from '../dns/sending-domains.ts';
import type { InspectThread } from '../inspect/inspect-thread.ts';
import type { Intake } from '../intake/intake.ts';
import type { Retention } from '../model/message.ts';
import type { WebhookService } from '../model/webhook.ts';
import type { Store } from '../store/store.ts';
import type { Settings, Status } from './schema.ts';

export interface Services {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly intake: Intake;
  /** Reads single messages for the screen; apart from the indexer's, which may be busy for long. */
  readonly viewer: InspectThread;
  readonly newId: () => string;
  readonly queue: Queue;
  readonly time: VirtualTimeService;
  readonly webhooks: WebhookService;
  readonly domains: SendingDomains;
  status(): Status;
  settings: SettingsService;
  /** Sends a test message by SMTP to one of our own doors. */
  sendTest(door: string): Promise<void>;
  /** Fetches what a message refers to, because the user asked for it. @returns data URLs by address */
  fetchRemote(urls: readonly string[]): Promise<ReadonlyMap<string, string>>;
  readonly onProblem: (text: string) => void;
}

export interface SettingsService {
  current(): Settings;
  change(next: Settings): Promise<Settings>;
  retention(): Retention;
}
