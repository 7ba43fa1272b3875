/** Rows of the store as the API shows them. Pure. */

import { readAddressing } from '../inspect/headers.ts';
import { summarizeInApp } from '../inspect/read-inapp.ts';
import type { Detail } from '../inspect/read-message.ts';
import { summarizePush } from '../inspect/read-push.ts';
import { summarizeSms } from '../inspect/read-sms.ts';
import { emptySummary } from '../model/empty-summary.ts';
import { headerBlock } from '../model/header-block.ts';
import type { ExchangeRow, MessageRow, MessageSummary, ProjectRow, StoredEvent } from '../model/message.ts';
import type { ExchangeWithTranscript } from '../store/store.ts';
import { iso, isoOrNull } from './iso-time.ts';
import { presentDelivery } from './present-delivery.ts';
import type {
  Event,
  Exchange,
  ExchangeDetail,
  Message,
  MessageDetail,
  Project,
  TranscriptLine,
} from './schema.ts';

export function presentMessage(row: MessageRow): Message {
  const summary = row.summary ?? (row.head === null ? emptySummary : unreadSummary(row, row.head));
  return {
    id: row.id,
    seq: row.seq,
    project: row.project,
    channel: row.channel,
    door: row.door,
    subject: summary.subject,
    from: summary.from,
    to: [...summary.to],
    cc: [...summary.cc],
    bcc: [...summary.bcc],
    replyTo: [...summary.replyTo],
    messageId: summary.messageId,
    date: summary.dateMs === null ? null : iso(summary.dateMs),
    envelope: { from: row.envelopeFrom, to: [...row.envelopeTo] },
    user: row.user ?? onlyUser(row),
    partOf: row.details?.partOf === undefined ? null : { ...row.details.partOf },
    template: row.details?.template === undefined ? null : { ...row.details.template },
    topic: row.details?.topic ?? null,
    receivedAt: iso(row.receivedAtMs),
    bytes: row.bytes,
    snippet: summary.snippet,
    attachments: summary.attachments.map((attachment) => ({ ...attachment })),
    stream: row.details?.stream ?? row.deliveries[0]?.stream ?? null,
    tags: [...row.tags],
    read: row.read,
    indexed: row.summary !== null,
    problems: summary.problems.map((one) => ({ ...one })),
    exchangeId: row.exchangeId,
    deliveries: row.deliveries.map(presentDelivery),
  };
}

/** The one user that all of it is for. */
function onlyUser({ deliveries }: MessageRow): string | null {
  const [first, ...others] = deliveries;
  const user = first?.user ?? null;
  return others.every((one) => one.user === user) ? user : null;
}

/** Not read yet: of mail the header block says enough for a list; a push or an SMS is read in no time. */
function unreadSummary(row: MessageRow, head: Uint8Array): Omit<MessageSummary, 'body'> {
  switch (row.channel) {
    case 'email':
      return { ...emptySummary, ...readAddressing(headerBlock(head)) };
    case 'sms':
      return summarizeSms(row, head);
    case 'inapp':
      return summarizeInApp(row, head);
    default:
      return summarizePush(row, head);
  }
}

export function presentDetail(
  row: MessageRow,
  detail: Detail,
  other: Partial<Pick<MessageDetail, 'push' | 'sms' | 'inapp' | 'multi'>> = {},
): MessageDetail {
  const { links: _links, codes: _codes, ...shown } = detail;
  return {
    ...presentMessage(row),
    ...shown,
    headers: detail.headers.map((one) => ({ ...one })),
    parts: detail.parts.map((one) => ({ ...one })),
    calendar: detail.calendar.map((one) => ({ ...one })),
    remoteContent: detail.remoteContent.map((one) => ({ ...one })),
    envelopeParameters: { ...row.envelopeParameters },
    push: other.push ?? null,
    sms: other.sms ?? null,
    multi: other.multi ?? null,
    inapp: other.inapp ?? null,
  };
}

/** A message that could not be read is shown by what is known without reading it. */
export function presentUnread(row: MessageRow, why: string): MessageDetail {
  const message = presentMessage(row);
  return {
    ...message,
    problems: message.problems.some((one) => one.code === 'unreadable')
      ? message.problems
      : [...message.problems, { code: 'unreadable', detail: why }],
    text: null,
    textFromHtml: false,
    textTruncated: false,
    hasHtml: false,
    headers: [],
    parts: [],
    calendar: [],
    remoteContent: [],
    envelopeParameters: { ...row.envelopeParameters },
    push: null,
    sms: null,
    multi: null,
    inapp: null,
  };
}

export function presentEvent(event: StoredEvent): Event {
  return {
    seq: event.seq,
    at: iso(event.atMs),
    virtualAt: isoOrNull(event.virtualAtMs),
    type: event.type,
    messageId: event.messageId,
    deliveryId: event.deliveryId,
    exchangeId: event.exchangeId,
    project: event.project,
    data: { ...event.data },
  };
}

export function presentProject(row: ProjectRow): Project {
  return {
    name: row.name,
    fixed: row.fixed,
    messages: row.messages,
    unread: row.unread,
    bytes: row.bytes,
    lastMessageAt: row.lastMessageAtMs === null ? null : iso(row.lastMessageAtMs),
    retention: { ...row.retention },
  };
}

export function presentExchange(row: ExchangeRow): Exchange {
  return {
    id: row.id,
    seq: row.seq,
    door: row.door,
    kind: row.kind,
    startedAt: iso(row.startedAtMs),
    endedAt: row.endedAtMs === null ? null : iso(row.endedAtMs),
    outcome: row.outcome,
    reason: row.reason,
    remoteAddress: row.remoteAddress,
    remotePort: row.remotePort,
    clientName: row.clientName,
    user: row.user,
    tls: row.tls === null ? null : { ...row.tls },
    messages: row.messages,
    refusals: row.refusals,
    bytesIn: row.bytesIn,
    bytesOut: row.bytesOut,
  };
}

export function presentExchangeDetail({ row, segments, truncated }: ExchangeWithTranscript): ExchangeDetail {
  return {
    ...presentExchange(row),
    transcript: segments.flatMap(({ messageId, text }) => transcriptLines(text, messageId)),
    transcriptTruncated: truncated,
    messageIds: segments.flatMap(({ messageId }) => (messageId === null ? [] : [messageId])),
  };
}

const speakers = { C: 'client', S: 'server', N: 'note' } as const;

function transcriptLines(text: string, messageId: string | null): TranscriptLine[] {
  return text.split('\n').flatMap((line): TranscriptLine[] => {
    const match = /^([CSN]) (\d+(?:\.\d+)?) (.*)$/s.exec(line);
    if (match === null) return [];
    const by = match[1] === 'C' || match[1] === 'S' ? speakers[match[1]] : speakers.N;
    const said = match[3] ?? '';
    const standsForData = by === 'note' && said.startsWith('message of ');
    return [{ atMs: Number(match[2]), by, text: said, messageId: standsForData ? messageId : null }];
  });
}
