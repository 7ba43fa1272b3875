/**
 * What comes back of what went out for real: DSNs and complaints, found in the return mailbox or handed in. The mailbox is asked
 * when somebody asks, and watched while live relay is on; after a start it is not, until then.
 */
import type { SecureContext } from 'node:tls';
import type { ReturnService } from '../api/services.ts';
import type { Feedback } from '../delivery/feedback.ts';
import type { LiveGuard } from '../delivery/live.ts';
import { trustedRoots } from '../doors/tls/trusted-roots.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import {
  type ReturnMailboxCheck,
  type ReturnMailboxSettings,
  type ReturnMailboxStatus,
  type ReturnMailboxView,
  returnMailboxLimits,
  returnMailboxName,
} from '../model/return-mailbox.ts';
import type { Credentials } from '../store/credential-vault.ts';
import type { Store } from '../store/store.ts';
import type { Ground } from './ground.ts';
import type { MailboxCursor, readReturnMailbox } from './return-reader.ts';

export interface Returns {
  readonly service: ReturnService;
  /** Settles when nothing of it is under way any more. */
  close(): Promise<void>;
}

export interface ReturnPorts {
  readonly ground: Pick<Ground, 'clock' | 'bus' | 'onProblem'> & {
    readonly store: Pick<Store, 'documents' | 'saveDocument' | 'deleteDocument'>;
    readonly credentials: Pick<Credentials, 'get' | 'known' | 'put' | 'remove'>;
  };
  readonly guard: Pick<LiveGuard, 'isLive' | 'audit'>;
  readonly feedback: () => Feedback;
  /** Loaded at first use: most have no such mailbox. */
  readonly reader?: () => Promise<typeof readReturnMailbox>;
}

const keys = { settings: 'settings', cursor: 'cursor' } as const;
const everyMs = 30_000;
/** After a fault, doubled each time up to this. */
const everyMsMax = 15 * 60_000;
/** What is refused comes back within minutes, mostly. */
const afterLiveMs = 15 * 60_000;

export async function openReturns(ports: ReturnPorts): Promise<Returns> {
  const { store, clock, bus, credentials, onProblem } = ports.ground;
  const documents = new Map((await store.documents(returnMailboxName)).map(({ key, value }) => [key, value]));
  let settings = (documents.get(keys.settings) ?? null) as ReturnMailboxSettings | null;
  let cursor = (documents.get(keys.cursor) ?? null) as MailboxCursor | null;
  let lastCheck: ReturnMailboxCheck | null = null;
  let watching: ReturnMailboxStatus['watching'] = null;
  /** On the monotonic clock; null: as long as live relay is on. */
  let watchEndMs: number | null = null;
  let faults = 0;
  /** Until what it is opened with is changed, or somebody asks for it, it is not tried again. */
  let login: 'untried' | 'refused' = 'untried';
  let nextCheckMs: number | null = null;
  let cancelNext: () => void = () => undefined;
  let underWay: Promise<ReturnMailboxCheck> | null = null;
  let roots: { readonly ca: string | null; readonly context: SecureContext } | null = null;
  const closed = new AbortController();

  function rootsFor(ca: string | null): SecureContext {
    if (roots === null || roots.ca !== ca) roots = { ca, context: trustedRoots(ca) };
    return roots.context;
  }

  async function takeReport(bytes: Uint8Array): Promise<readonly string[] | null> {
    const tied = await ports.feedback().take({ bytes, envelopeTo: [], keep: { wallMs: clock.wallMs() } });
    return tied === null ? null : tied.deliveryIds;
  }

  async function readNow(own: ReturnMailboxSettings): Promise<ReturnMailboxCheck> {
    const found = { atMs: clock.wallMs(), messages: 0, reports: 0, matched: [], more: false };
    try {
      const load = ports.reader ?? (async () => (await import('./return-reader.ts')).readReturnMailbox);
      const read = await (await load())({
        settings: own,
        credential: await credentials.get(returnMailboxName),
        roots: rootsFor,
        cursor,
        take: takeReport,
        async reached(next) {
          // Changed meanwhile: that was another mailbox.
          if (settings !== own) return;
          if (next.uidValidity === cursor?.uidValidity && next.lastUid === cursor.lastUid) return;
          cursor = next;
          await store.saveDocument(returnMailboxName, keys.cursor, next);
        },
        signal: closed.signal,
      });
      faults = 0;
      return { ...found, ...read, ok: true, text: wordsOf(read) };
    } catch (error) {
      faults++;
      // Asked again with the same, a server may lock the account.
      if (isRefusedLogin(error)) {
        login = 'refused';
        stopWatching();
      }
      return { ...found, ok: false, text: faultOf(error, own) };
    }
  }

  function check(): Promise<ReturnMailboxCheck> {
    if (closed.signal.aborted) throw new AppError('store_closed', 'Sandpost is stopping');
    if (settings === null)
      throw new AppError(
        'not_possible',
        'There is no return mailbox yet; set it up first (PUT /v1/live-relay/return-mailbox).',
      );
    underWay ??= checkNow(settings).finally(() => {
      underWay = null;
    });
    return underWay;
  }

  async function checkNow(own: ReturnMailboxSettings): Promise<ReturnMailboxCheck> {
    const done = await readNow(own);
    lastCheck = done;
    if (done.reports > 0)
      await ports.guard.audit([
        {
          kind: 'mailbox_read',
          by: 'sandpost',
          channel: 'email',
          relay: null,
          recipient: null,
          messageId: null,
          deliveryId: null,
          detail: { messages: done.messages, reports: done.reports, matched: done.matched },
        },
      ]);
    return done;
  }

  function stopWatching(): void {
    watching = null;
    watchEndMs = null;
    nextCheckMs = null;
    cancelNext();
    cancelNext = () => undefined;
  }

  function isOver(): boolean {
    return watching === null || (watchEndMs !== null && clock.monotonicMs() >= watchEndMs);
  }

  function checkIn(delayMs: number): void {
    cancelNext();
    nextCheckMs = clock.wallMs() + delayMs;
    cancelNext = clock.after(delayMs, () => {
      if (isOver()) return stopWatching();
      // What it found, or what stood in its way, is in the status.
      check()
        .then(({ more, ok }) => {
          if (isOver()) stopWatching();
          else checkIn(ok ? (more ? 0 : everyMs) : Math.min(everyMs * 2 ** Math.min(faults, 10), everyMsMax));
        })
        .catch((error: unknown) => {
          stopWatching();
          if (!closed.signal.aborted)
            onProblem(`the return mailbox is not watched any more: ${messageOf(error)}`);
        });
    });
  }

  function watch(why: 'asked' | 'live', forMs: number | null): void {
    const begun = watching === null;
    watchEndMs = forMs === null ? null : clock.monotonicMs() + forMs;
    watching = { why, untilMs: forMs === null ? null : clock.wallMs() + forMs };
    if (begun) checkIn(0);
  }

  /** While live relay is on it is watched by itself; what somebody asked for ends no sooner for that. */
  function liveChanged(): void {
    if (settings === null || login === 'refused' || closed.signal.aborted) return;
    if (ports.guard.isLive()) {
      if (watching?.why !== 'asked' || (watchEndMs ?? 0) < clock.monotonicMs() + afterLiveMs)
        watch('live', null);
    } else if (watching?.why === 'live' && watchEndMs === null) watch('live', afterLiveMs);
  }

  const unsubscribe = bus.subscribe((events) => {
    if (events.some(({ type }) => type === 'live_relay')) liveChanged();
  });

  async function view(): Promise<ReturnMailboxView> {
    return { settings, credential: await credentials.known(returnMailboxName) };
  }

  return {
    service: {
      settings: view,

      async change(next) {
        const other =
          next === null ||
          settings === null ||
          [next.host, next.port, next.user, next.folder].join(' ') !==
            [settings.host, settings.port, settings.user, settings.folder].join(' ');
        if (next === null) await store.deleteDocument(returnMailboxName, keys.settings);
        else await store.saveDocument(returnMailboxName, keys.settings, next);
        if (other) await store.deleteDocument(returnMailboxName, keys.cursor);
        settings = next;
        faults = 0;
        login = 'untried';
        if (other) {
          cursor = null;
          lastCheck = null;
        }
        if (next === null) stopWatching();
        else liveChanged();
        return view();
      },

      async setCredential(credential) {
        if (credential === null) await credentials.remove(returnMailboxName);
        else await credentials.put(returnMailboxName, credential);
        faults = 0;
        login = 'untried';
        liveChanged();
        return view();
      },

      async check() {
        return check();
      },

      watch(minutes) {
        const { watchMinutesMax } = returnMailboxLimits;
        if (!(minutes >= 0 && minutes <= watchMinutesMax))
          throw new AppError('bad_request', `Watch for 0 (not any more) to ${watchMinutesMax} minutes.`);
        if (minutes === 0) stopWatching();
        else if (settings === null)
          throw new AppError(
            'not_possible',
            'There is no return mailbox yet; set it up first (PUT /v1/live-relay/return-mailbox).',
          );
        else watch('asked', minutes * 60_000);
        return status();
      },

      status,

      async takeReport(bytes) {
        return { matched: (await takeReport(bytes)) ?? [] };
      },
    },

    async close() {
      unsubscribe();
      closed.abort();
      stopWatching();
      // Broken off, it says so in its answer.
      await Promise.allSettled([underWay]);
    },
  };

  function status(): ReturnMailboxStatus {
    return { watching: isOver() ? null : watching, nextCheckMs, lastCheck };
  }
}

function wordsOf(read: {
  readonly messages: number;
  readonly reports: number;
  readonly matched: readonly string[];
}): string {
  if (read.messages === 0) return 'Nothing new.';
  const { length } = read.matched;
  return `${read.messages} new, ${read.reports} of them reports, about ${length} ${length === 1 ? 'delivery' : 'deliveries'}.`;
}

/** As imapflow marks it. */
function isRefusedLogin(error: unknown): boolean {
  return error instanceof Error && 'authenticationFailed' in error && error.authenticationFailed === true;
}

function faultOf(error: unknown, { host, port, user }: ReturnMailboxSettings): string {
  if (error instanceof AppError) return error.message;
  if (isRefusedLogin(error))
    return `${host}:${port} refused the login of ${user}: give the right credential. It is not watched any more.`;
  const said = error instanceof Error && 'responseText' in error ? ` (${String(error.responseText)})` : '';
  return `${host}:${port} could not be read: ${messageOf(error)}${said}`;
}
