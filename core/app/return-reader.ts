/** Reads what is new in a mailbox over IMAP (RFC 9051): of each message its structure, and all of it only where that is a report's. */
import type { SecureContext } from 'node:tls';
import type { ImapFlow, MessageStructureObject } from 'imapflow';
import { AppError } from '../model/app-error.ts';
import { type ReturnMailboxSettings, returnMailboxLimits } from '../model/return-mailbox.ts';
import type { Credential } from '../store/credential-vault.ts';

/** How far a mailbox was read. Another validity means that its numbers were given anew (RFC 9051 §2.3.1.1). */
export interface MailboxCursor {
  readonly uidValidity: string;
  readonly lastUid: number;
}

export interface MailboxReading {
  readonly settings: ReturnMailboxSettings;
  readonly credential: Credential;
  readonly roots: (ca: ReturnMailboxSettings['ca']) => SecureContext;
  /** Null: it was never read; then what nobody has seen yet is looked at. */
  readonly cursor: MailboxCursor | null;
  /** Understands one message. Rejects when it cannot be kept: it is then looked at again the next time. */
  readonly take: (bytes: Uint8Array) => Promise<readonly string[] | null>;
  /** So far it was read, each time that something was understood. */
  readonly reached: (cursor: MailboxCursor) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface MailboxRead {
  readonly messages: number;
  readonly reports: number;
  readonly matched: readonly string[];
  readonly more: boolean;
}

const connectMsMax = 20_000;
const silenceMsMax = 30_000;
const lineBytesMax = 4 * 1024 * 1024;
const { messagesMax, reportBytesMax } = returnMailboxLimits;

/** @throws AppError `not_possible` for what the settings lack; and what the server or the network says */
export async function readReturnMailbox(reading: MailboxReading): Promise<MailboxRead> {
  const client = await clientOf(reading);
  const close = (): void => client.close();
  // Told by its promises already; without a listener it would end the process.
  client.on('error', () => undefined);
  reading.signal.addEventListener('abort', close, { once: true });
  try {
    await client.connect();
    const read = await readFolder(client, reading);
    await client.logout();
    return read;
  } finally {
    reading.signal.removeEventListener('abort', close);
    client.close();
  }
}

async function clientOf({ settings, credential, roots }: MailboxReading): Promise<ImapFlow> {
  const { host, port, tls, user, ca } = settings;
  const { password, accessToken } = credential;
  if (password === undefined && accessToken === undefined)
    throw new AppError(
      'not_possible',
      'The return mailbox has no credential: give it a `password`, or an `accessToken` for XOAUTH2.',
    );
  if (tls === 'off' && !/^(?:localhost|127\.[\d.]+|::1)$/i.test(host))
    throw new AppError(
      'not_possible',
      `Credentials are not said to ${host} in the clear: set TLS of the return mailbox to implicit or starttls.`,
    );
  const { ImapFlow } = await import('imapflow');
  return new ImapFlow({
    host,
    port,
    secure: tls === 'implicit',
    doSTARTTLS: tls === 'starttls',
    ...(tls === 'off' ? {} : { tls: { secureContext: roots(ca), rejectUnauthorized: true } }),
    auth: accessToken === undefined ? { user, pass: password } : { user, accessToken },
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    connectionTimeout: connectMsMax,
    greetingTimeout: connectMsMax,
    socketTimeout: silenceMsMax,
    maxLineLength: lineBytesMax,
    maxLiteralSize: reportBytesMax,
    maxResponseSize: reportBytesMax + lineBytesMax,
  });
}

async function readFolder(client: ImapFlow, reading: MailboxReading): Promise<MailboxRead> {
  const { settings, cursor } = reading;
  const lock = await client.getMailboxLock(settings.folder, { readOnly: !settings.markSeen });
  try {
    const { mailbox } = client;
    if (mailbox === false) throw new AppError('not_possible', `There is no folder ${settings.folder}.`);
    const uidValidity = String(mailbox.uidValidity);
    const known = cursor?.uidValidity === uidValidity ? cursor.lastUid : null;
    const found = await uidsAfter(client, known);
    // Of a mailbox that was never read the newest; else the oldest, and the rest the next time.
    const uids = known === null ? found.slice(-messagesMax) : found.slice(0, messagesMax);
    const reached = (lastUid: number): Promise<void> => reading.reached({ uidValidity, lastUid });
    let reports = 0;
    const matched: string[] = [];
    for (const uid of await likelyReports(client, uids)) {
      const message = await client.fetchOne(String(uid), { source: true }, { uid: true });
      const source = message === false ? undefined : message.source;
      const tied = source === undefined ? null : await reading.take(source);
      if (tied !== null) reports++;
      if (tied !== null && tied.length > 0) {
        matched.push(...tied);
        if (settings.markSeen) await client.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true });
      }
      // What is told twice counts once; but what was read need not be read again after a crash.
      if (known !== null) await reached(uid);
    }
    const last = known === null ? mailbox.uidNext - 1 : (uids.at(-1) ?? known);
    await reached(last);
    return {
      messages: uids.length,
      reports,
      matched: [...new Set(matched)],
      more: known !== null && uids.length < found.length,
    };
  } finally {
    lock.release();
  }
}

/** In their order. `*` is the last one there is, also where that is not new. */
async function uidsAfter(client: ImapFlow, known: number | null): Promise<readonly number[]> {
  const found = await client.search(known === null ? { seen: false } : { uid: `${known + 1}:*` }, {
    uid: true,
  });
  return (Array.isArray(found) ? found : [])
    .filter((uid) => known === null || uid > known)
    .sort((a, b) => a - b);
}

/** By their structure alone: nobody's letters are read for it. */
async function likelyReports(client: ImapFlow, uids: readonly number[]): Promise<readonly number[]> {
  if (uids.length === 0) return [];
  const likely: number[] = [];
  const query = { uid: true, size: true, bodyStructure: true } as const;
  for await (const { uid, size, bodyStructure } of client.fetch([...uids], query, { uid: true }))
    if ((size ?? 0) <= reportBytesMax && bodyStructure !== undefined && isLikely(bodyStructure, depthMax))
      likely.push(uid);
  return likely.sort((a, b) => a - b);
}

const depthMax = 10;
const reportTypes = new Set([
  'multipart/report',
  'message/delivery-status',
  'message/global-delivery-status',
  'message/feedback-report',
  // It was forwarded as an attachment.
  'message/rfc822',
  'message/global',
]);

function isLikely({ type, childNodes }: MessageStructureObject, depth: number): boolean {
  if (reportTypes.has((type ?? '').toLowerCase())) return true;
  return depth > 0 && (childNodes ?? []).some((node) => isLikely(node, depth - 1));
}
