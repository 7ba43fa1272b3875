/** What the routes work with: handed over by `app`, so that no route opens anything itself. */

import type { Bus } from '../bus.ts';
import type { EmailSubmission } from '../channels/email/submission.ts';
import type { SmsNotice } from '../channels/sms/client.ts';
import type { NoticeVerdict } from '../channels/sms/unify.ts';
import type { Clock } from '../clock.ts';
import type { ReleasedDelivery, ReleaseRequest } from '../delivery/live.ts';
import type { Queue } from '../delivery/queue.ts';
import type { Relays } from '../delivery/relays.ts';
import type { VirtualTimeService } from '../delivery/virtual-time.ts';
import type { SendingDomains } from '../dns/sending-domains.ts';
import type { InspectThread } from '../inspect/inspect-thread.ts';
import type { Intake } from '../intake/intake.ts';
import type { MailboxProviders } from '../mailboxes/index.ts';
import type { DeliveryRow } from '../model/delivery.ts';
import type { InAppSubmission } from '../model/inapp-submission.ts';
import type {
  AuditEntry,
  Confirmable,
  LiveActor,
  LiveChannel,
  LiveSetup,
  LiveStatus,
  LiveSummary,
  ReadBackResult,
  ReleaseSummary,
} from '../model/live-relay.ts';
import type { MessageDetails, Retention } from '../model/message.ts';
import type { MultiSubmission } from '../model/multi-submission.ts';
import type { PushSubmission } from '../model/push-submission.ts';
import type {
  ReturnMailboxCheck,
  ReturnMailboxSettings,
  ReturnMailboxStatus,
  ReturnMailboxView,
} from '../model/return-mailbox.ts';
import type { SmsProvider } from '../model/sms.ts';
import type { SmsSubmission } from '../model/sms-submission.ts';
import type { WebhookService } from '../model/webhook.ts';
import type { People } from '../people/index.ts';
import type { Phones } from '../phones/index.ts';
import type { Carriers } from '../phones/sms/index.ts';
import type { DryRunFor, DryRunRequest } from '../rules/dry-run.ts';
import type { RulesRoom } from '../rules/room.ts';
import type { ScenariosRoom } from '../rules/scenarios.ts';
import type { Credential } from '../store/credential-vault.ts';
import type { AuditFilter, Page, PageRequest, Store } from '../store/store.ts';
import type { TemplatesRoom } from '../templates/room.ts';
import type { ExportRequest } from '../workspace/export.ts';
import type { ImportReport, ImportRequest } from '../workspace/import.ts';
import type { InAppDoor } from './inapp-door.ts';
import type { InAppSettingsChange, ShownInAppSettings } from './inapp-schema.ts';
import type {
  MadeApnsKey,
  NewApnsKey,
  NewServiceAccount,
  PushSettingsChange,
  ServiceAccountFile,
  ShownPushSettings,
} from './push-schema.ts';
import type { Holding, Settings, Status } from './schema.ts';
import type { SmsSecretsService } from './sms-secrets-schema.ts';

export interface Services {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly intake: Intake;
  /** Reads single messages for the screen; apart from the indexer's, which may be busy for long. */
  readonly viewer: InspectThread;
  readonly newId: () => string;
  readonly queue: Queue;
  /** Left out where nothing can go live; its routes are then not there. */
  readonly live?: LiveService;
  /** Left out where nothing can be held beforehand; its routes are then not there. */
  readonly holding?: HoldingService;
  readonly time: VirtualTimeService;
  readonly webhooks: WebhookService;
  readonly domains: SendingDomains;
  /** Left out where no far side is simulated; its routes are then not there. */
  readonly mailboxes: MailboxProviders;
  /** Left out where no phones are simulated; its routes are then not there. */
  readonly phones?: Phones;
  /** Left out where there are no users; its routes are then not there. */
  readonly people?: People;
  /** Left out where no carriers are simulated; its routes are then not there. */
  readonly handsets?: Carriers;
  /** Left out where there are no templates; its routes are then not there. */
  readonly templates?: TemplatesRoom;
  /** Left out where there are no doors of push providers; its routes are then not there. */
  readonly push?: PushSettingsService;
  /** The in-app door, to stand on the API's port as well; left out where there is none. */
  readonly inAppDoor?: InAppDoor;
  readonly submissions: SubmissionService;
  /** Left out where there are no doors of SMS providers; its routes are then not there. */
  readonly smsFeedback?: SmsFeedbackService;
  /** Left out where there is no door of in-app messages; its routes are then not there. */
  readonly inApp?: InAppSettingsService;
  /** As with SMS. */
  readonly smsSecrets?: SmsSecretsService;
  /** Left out where not all of its rooms are there; its routes are then not there. */
  readonly workspace?: WorkspaceService;
  readonly rules: RulesRoom;
  readonly scenarios: ScenariosRoom;
  dryRun(request: DryRunRequest): Promise<readonly DryRunFor[]>;
  readonly idempotency: IdempotencyService;
  status(): Status;
  settings: SettingsService;
  /** Sends a test message by SMTP to one of our own doors. */
  sendTest(door: string): Promise<void>;
  /** Fetches what a message refers to, because the user asked for it. @returns data URLs by address */
  fetchRemote(urls: readonly string[]): Promise<ReadonlyMap<string, string>>;
  readonly onProblem: (text: string) => void;
}

/** All of it as one archive, and archives taken in. */
export interface WorkspaceService {
  /** @throws AppError `too_large` where there are more messages than an archive has entries for */
  export(request: ExportRequest): Promise<AsyncGenerator<Uint8Array>>;
  /** @throws AppError `import_refused`, `too_large` (nothing was changed then), `store_busy`, `disk_full`, `store_failed` */
  import(
    body: AsyncIterable<Uint8Array>,
    request: ImportRequest,
  ): Promise<ImportReport & { readonly notes: readonly string[] }>;
}

/** Holds on purpose before anything is tried: of all deliveries, or of those to some domains. */
export interface HoldingService {
  get(): Holding;
  set(next: Pick<Holding, 'everything' | 'domains'>): Promise<Holding>;
}

/** Live relay. Whoever asks says who they are: the audit log tells. */
export interface LiveService {
  status(): LiveStatus;
  /** What went out by each channel since the start. */
  sent(): Readonly<Partial<Record<LiveChannel, number>>>;
  summarize(setup: LiveSetup): Promise<Confirmable<LiveSummary>>;
  turnOn(confirmation: string, by: LiveActor): Promise<LiveStatus>;
  turnOff(by: LiveActor): Promise<LiveStatus>;
  summarizeRelease(request: ReleaseRequest): Promise<Confirmable<ReleaseSummary>>;
  release(confirmation: string, by: LiveActor): Promise<readonly ReleasedDelivery[]>;
  /**
   * Asks the real providers what became of these deliveries.
   * @returns one for each of them, in their order
   * @throws AppError `bad_request`
   */
  readBack(deliveryIds: readonly string[], by: LiveActor): Promise<readonly ReadBackResult[]>;
  audit(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>>;
  readonly relays: Omit<Relays, 'credential' | 'find' | 'missing' | 'revision'>;
  readonly returns: ReturnService;
}

/** What comes back of what went out for real: the return mailbox, and reports that are handed in. */
export interface ReturnService {
  settings(): Promise<ReturnMailboxView>;
  /** Null takes it away; its credential stays. Of another mailbox nothing counts as read. */
  change(settings: ReturnMailboxSettings | null): Promise<ReturnMailboxView>;
  /** Replaces what is kept; null takes it away. */
  setCredential(credential: Credential | null): Promise<ReturnMailboxView>;
  /** Reads what is new, now. @throws AppError `not_possible` when there is none; what stands in the way is in the answer */
  check(): Promise<ReturnMailboxCheck>;
  /** Checks it again and again for so long; 0 ends that. @throws AppError `bad_request`, `not_possible` */
  watch(minutes: number): ReturnMailboxStatus;
  status(): ReturnMailboxStatus;
  /** A DSN or a complaint as it came, or a message that it is attached to. @returns the deliveries that it is about */
  takeReport(bytes: Uint8Array): Promise<{ readonly matched: readonly string[] }>;
}

export interface SettingsService {
  current(): Settings;
  change(next: Settings): Promise<Settings>;
  retention(): Retention;
}

/** What the doors of the push providers take, and credentials that they know. */
export interface PushSettingsService {
  settings(): Promise<ShownPushSettings>;
  /** @throws AppError `bad_request` with the fields at fault; nothing is changed then */
  changeSettings(wanted: PushSettingsChange): Promise<ShownPushSettings>;
  /** @throws AppError `not_possible` when there is one of that id */
  makeApnsKey(wanted: NewApnsKey): Promise<MadeApnsKey>;
  /** @throws AppError `not_possible` when there is one of that address, or the token endpoint is closed */
  makeServiceAccount(wanted: NewServiceAccount): Promise<ServiceAccountFile>;
}

export interface SubmissionService {
  /**
   * Takes a message that was checked: makes its bytes, and stores it with its deliveries.
   *
   * @returns once it is on disk
   * @throws AppError `invalid_submission` with the fields at fault (a suppressed recipient, say),
   * `sender_domain_unknown`, `too_large`, `disk_full`, `store_failed`, `store_busy`
   */
  submit(
    submission: EmailSubmission,
    keep?: KeepAnswer,
    gone?: () => AbortSignal,
    about?: SubmitAbout,
  ): Promise<Submitted>;
  /** The same for a push: one delivery for each device. */
  submitPush(
    submission: PushSubmission,
    keep?: KeepAnswer,
    gone?: () => AbortSignal,
    about?: SubmitAbout,
  ): Promise<Submitted>;
  /** A send over several channels: one delivery for each user. */
  submitMulti(submission: MultiSubmission, keep?: KeepAnswer): Promise<Submitted>;
  /** The same for an SMS: one delivery for each number. */
  submitSms(
    submission: SmsSubmission,
    keep?: KeepAnswer,
    gone?: () => AbortSignal,
    about?: SubmitAbout,
  ): Promise<Submitted>;
  /** The same for an in-app message: one delivery for each user, which waits for the app. */
  submitInApp(
    submission: InAppSubmission,
    keep?: KeepAnswer,
    gone?: () => AbortSignal,
    about?: SubmitAbout,
  ): Promise<Submitted>;
}

/**
 * What a message that another room sends is about: one that a send over several channels leads to names it, and what it was
 * made from. An app's own requests have none of it.
 */
export interface SubmitAbout {
  /** Of the message; made here when left out. */
  readonly id?: string;
  readonly partOf?: MessageDetails['partOf'];
  readonly template?: MessageDetails['template'];
  readonly topic?: string;
  /** Whose addresses the recipients are. */
  readonly user?: string;
}

/** What the in-app door asks of whoever comes, and its keys. */
export interface InAppSettingsService {
  settings(): ShownInAppSettings;
  changeSettings(wanted: InAppSettingsChange): Promise<ShownInAppSettings>;
  /** Both anew. */
  makeKeys(): Promise<ShownInAppSettings>;
  secretKey(): string;
  /** What requests for that user carry. */
  hashOf(user: string): string;
  /** Ends a user's message now. @returns false: it is not known, or is over already */
  expire(id: string): Promise<boolean>;
}

/** What comes back for the SMS that the core itself sent. */
export interface SmsFeedbackService {
  /** A provider's report, or the answer of a handset. */
  report(provider: SmsProvider, notice: SmsNotice): Promise<NoticeVerdict>;
  inbound(provider: SmsProvider, notice: SmsNotice): Promise<NoticeVerdict>;
  /** Where a short link leads, and whose it is; null: it was not made here, or its message is gone. */
  follow(code: string): Promise<{ readonly url: string; readonly deliveryId: string } | null>;
}

export interface Submitted {
  readonly id: string;
  readonly deliveries: readonly Pick<
    DeliveryRow,
    'id' | 'recipient' | 'status' | 'substatus' | 'class' | 'reason'
  >[];
}

/** Answers that were given, by Idempotency-Key; kept for a day at least. */
export interface IdempotencyService {
  find(key: string): Promise<{ readonly hash: string; readonly answer: unknown } | null>;
}

/** The answer to keep with the message, in the same transaction: a crash leaves both or neither. */
export interface KeepAnswer {
  readonly key: string;
  readonly hash: string;
  answer(submitted: Submitted): unknown;
}
