/**
 * The whole workspace as one archive, made as it is read: never more of it in memory than a page of the list and a piece of
 * a message. It has the messages that are there when it begins; what goes meanwhile is left out.
 */

import { AppError } from '../model/app-error.ts';
import type { MessageRow } from '../model/message.ts';
import type { RawMessage, Store } from '../store/store.ts';
import { exportedDetails } from './details.ts';
import {
  type About,
  entryNames,
  formatVersion,
  leftOut,
  leftOutKeys,
  leftOutMessages,
  type MessageForm,
  messageFilesMax,
} from './format.ts';
import { mboxMessage } from './mbox-writer.ts';
import type { ExportWish, Section } from './section.ts';
import { type NewEntry, zipOf } from './zip-writer.ts';

export interface ExportRequest extends ExportWish {
  readonly messages: MessageForm;
}

export interface ExportPorts {
  readonly store: Pick<Store, 'counts' | 'messages' | 'messagesFrom' | 'raw'>;
  readonly sections: readonly Section[];
  readonly version: string;
  readonly nowMs: () => number;
}

const rowsAtOnce = 200;

/** @throws AppError `too_large` where there are more messages than an archive has entries for */
export async function exportWorkspace(
  ports: ExportPorts,
  request: ExportRequest,
): Promise<AsyncGenerator<Uint8Array>> {
  const { messages } = ports.store.counts();
  if (request.messages === 'eml' && messages > messageFilesMax)
    throw new AppError(
      'too_large',
      `There are ${messages} messages, and files of their own are made for ${messageFilesMax} at most; take them as an mbox.`,
    );
  const newest = await ports.store.messages({ query: [], project: null }, { after: null, limit: 1 });
  return zipOf(entriesOf(ports, request, newest.entries[0]?.seq ?? 0));
}

async function* entriesOf(
  ports: ExportPorts,
  request: ExportRequest,
  lastSeq: number,
): AsyncGenerator<NewEntry> {
  const modifiedAtMs = ports.nowMs();
  const about: About = {
    format: 'sandpost-workspace',
    formatVersion,
    sandpost: ports.version,
    madeAt: new Date(modifiedAtMs).toISOString(),
    messages: request.messages,
    privateKeys: request.privateKeys,
    leftOut: [
      ...leftOut,
      ...(request.privateKeys ? [] : [leftOutKeys]),
      ...(request.messages === 'none' ? [leftOutMessages] : []),
    ],
  };
  yield { name: entryNames.about, modifiedAtMs, content: [`${JSON.stringify(about, null, 2)}\n`] };
  for (const section of ports.sections)
    yield { name: section.entry, modifiedAtMs, content: section.write(request) };
  if (request.messages !== 'none')
    yield* messageEntries(ports.store, { form: request.messages, lastSeq, modifiedAtMs });
}

interface MessageEntries {
  readonly form: 'mbox' | 'eml';
  readonly lastSeq: number;
  readonly modifiedAtMs: number;
}

/** The lines come last: they name only what got into the archive. */
async function* messageEntries(
  store: ExportPorts['store'],
  { form, lastSeq, modifiedAtMs }: MessageEntries,
): AsyncGenerator<NewEntry> {
  /** In the order of their `seq`, as they were written. */
  const inMbox: number[] = [];
  const inFiles: number[] = [];
  if (form === 'mbox')
    yield { name: entryNames.mbox, modifiedAtMs, content: mboxOf(store, lastSeq, (seq) => inMbox.push(seq)) };
  for await (const row of rowsUpTo(store, lastSeq)) {
    if (form === 'mbox' && row.channel === 'email') continue;
    const raw = await store.raw(row.id);
    if (raw === null) continue;
    inFiles.push(row.seq);
    yield { name: fileOf(row), modifiedAtMs: row.receivedAtMs, content: raw.chunks };
  }
  yield { name: entryNames.rows, modifiedAtMs, content: linesOf(store, lastSeq, inMbox, inFiles) };
}

async function* mboxOf(
  store: ExportPorts['store'],
  lastSeq: number,
  written: (seq: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const row of rowsUpTo(store, lastSeq)) {
    if (row.channel !== 'email') continue;
    const raw = await store.raw(row.id);
    if (raw === null) continue;
    written(row.seq);
    yield* mboxMessage({ from: row.envelopeFrom, receivedAtMs: row.receivedAtMs }, whole(raw, row));
  }
}

/** One that goes while it is read would stand there in part: the export ends instead. */
async function* whole(raw: RawMessage, { id }: MessageRow): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of raw.chunks) {
    bytes += chunk.length;
    yield chunk;
  }
  if (bytes !== raw.bytes)
    throw new AppError('not_possible', `The message ${id} was deleted while it was exported; export again.`);
}

async function* linesOf(
  store: ExportPorts['store'],
  lastSeq: number,
  inMbox: readonly number[],
  inFiles: readonly number[],
): AsyncGenerator<string> {
  let mboxAt = 0;
  let filesAt = 0;
  for await (const row of rowsUpTo(store, lastSeq)) {
    // Those that went meanwhile have no row any more: their places are passed over.
    while ((inMbox[mboxAt] ?? Number.POSITIVE_INFINITY) < row.seq) mboxAt++;
    while ((inFiles[filesAt] ?? Number.POSITIVE_INFINITY) < row.seq) filesAt++;
    if (inMbox[mboxAt] === row.seq) yield lineOf(row, mboxAt);
    else if (inFiles[filesAt] === row.seq) yield lineOf(row, fileOf(row));
  }
}

function lineOf(row: MessageRow, at: number | string): string {
  const { id, bytes, channel, door, project, user, read, tags } = row;
  const details = exportedDetails(row.details);
  return `${JSON.stringify({
    id,
    at,
    bytes,
    channel,
    door,
    project,
    ...(user === null ? {} : { user }),
    envelope: { from: row.envelopeFrom, to: row.envelopeTo, parameters: row.envelopeParameters },
    receivedAt: new Date(row.receivedAtMs).toISOString(),
    ...(read ? { read } : {}),
    ...(tags.length === 0 ? {} : { tags }),
    ...(details === null ? {} : { details }),
  })}\n`;
}

function fileOf({ id, channel }: MessageRow): string {
  return `${entryNames.messages}${id}.${channel === 'email' ? 'eml' : 'json'}`;
}

/** Oldest first, so that they come in again in their order. */
async function* rowsUpTo(store: ExportPorts['store'], lastSeq: number): AsyncGenerator<MessageRow> {
  let after = 0;
  while (after < lastSeq) {
    const rows = await store.messagesFrom(after, rowsAtOnce);
    for (const row of rows) {
      if (row.seq > lastSeq) return;
      yield row;
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}
