/** Brings what a file holds into the core, as `POST /v1/messages/import` does: a message, or a mailbox of them. */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { CoreAddress } from './core-host/core.ts';
import { requestCore } from './core-request.ts';
import { splitMbox } from './mbox.ts';

const fileBytesMax = 64 * 1024 * 1024;
const importMsMax = 30_000;

export type ImportOutcome =
  | { readonly kind: 'imported'; readonly id: string }
  | { readonly kind: 'refused'; readonly detail: string };

const importedSchema = z.object({ id: z.string() });
const problemSchema = z.object({ title: z.string().optional(), detail: z.string().optional() });

export async function importFile(core: CoreAddress, path: string): Promise<ImportOutcome> {
  const { size } = await stat(path);
  if (size > fileBytesMax) {
    return refused(`The file is larger than ${fileBytesMax / 1024 / 1024} MB. Import a smaller one.`);
  }
  const bytes = await readFile(path);
  return /\.mbox$/i.test(path) ? await importMailbox(core, bytes) : await importMessage(core, bytes);
}

/** @returns the first message that was refused, else the last that was taken */
async function importMailbox(core: CoreAddress, bytes: Buffer): Promise<ImportOutcome> {
  let last: ImportOutcome = refused('It is no mailbox file: it does not begin with a “From ” line.');
  for (const message of splitMbox(bytes)) {
    last = await importMessage(core, message);
    if (last.kind === 'refused') return last;
  }
  return last;
}

async function importMessage(core: CoreAddress, raw: Uint8Array): Promise<ImportOutcome> {
  const reply = await requestCore(core, {
    method: 'POST',
    path: 'v1/messages/import',
    contentType: 'message/rfc822',
    body: raw,
    timeoutMs: importMsMax,
  });
  const text = reply.body.toString('utf8');
  const imported = reply.status === 201 ? importedSchema.safeParse(JSON.parse(text)) : null;
  if (imported?.success) return { kind: 'imported', id: imported.data.id };
  return refused(problemOf(text) ?? `The core answered ${reply.status}.`);
}

function problemOf(text: string): string | null {
  try {
    const parsed = problemSchema.safeParse(JSON.parse(text));
    return parsed.success ? (parsed.data.detail ?? parsed.data.title ?? null) : null;
  } catch {
    // Not a problem document; the status says what there is to say.
    return null;
  }
}

function refused(detail: string): ImportOutcome {
  return { kind: 'refused', detail };
}
