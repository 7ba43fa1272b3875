/**
 * Takes an archive in, or mail of elsewhere. It is gone through twice: once to see all that is wrong with it, and only where
 * nothing is, once more to take it. So nothing is half done because of what stands in it.
 */
import { AppError, messageOf } from '../model/app-error.ts';
import { type About, aboutSchema, entryNames, formatVersion, wholeBytesMax } from './format.ts';
import {
  type MessageOutcome,
  type MessagePorts,
  takeArchiveMessages,
  takeMbox,
  takeOneMessage,
} from './import-messages.ts';
import { withName } from './named.ts';
import type { ImportMode, PartOutcome, Section } from './section.ts';
import type { ZipArchive, ZipEntry } from './zip-reader.ts';

export interface ImportRequest {
  readonly mode: ImportMode;
  readonly dryRun: boolean;
  /** Of messages of elsewhere. */
  readonly project: string | null;
}

export interface Refusal {
  /** Of the archive, with the element or line in it. */
  readonly entry: string;
  readonly code: string;
  readonly detail: string;
}

export interface ImportReport {
  readonly dryRun: boolean;
  readonly form: 'workspace' | 'mbox' | 'message';
  /** What the archive says of itself; null of mail of elsewhere. */
  readonly about: About | null;
  readonly messages: Readonly<MessageOutcome>;
  readonly parts: readonly (PartOutcome & { readonly part: string })[];
  /** The first ones; `refusedTotal` counts all. */
  readonly refused: readonly Refusal[];
  readonly refusedTotal: number;
  /** Entries that nobody here knows: the first ones. */
  readonly passedOver: readonly string[];
}

/** What was handed in, on disk: it is read more than once. */
export type ImportSource =
  | { readonly form: 'workspace'; readonly archive: ZipArchive }
  | { readonly form: 'mbox' | 'message'; readonly read: () => AsyncIterable<Uint8Array> };

export interface ImportPorts extends MessagePorts {
  readonly sections: readonly Section[];
}

const refusalsShown = 100;
const passedOverShown = 20;

/** @throws AppError `import_refused` with what is wrong, `too_large`; then nothing was changed */
export async function importWorkspace(
  source: ImportSource,
  ports: ImportPorts,
  request: ImportRequest,
): Promise<ImportReport> {
  const seen = await goThrough(source, ports, { ...request, dryRun: true });
  if (request.dryRun) return seen;
  if (seen.refusedTotal > 0)
    throw new AppError('import_refused', `Nothing was imported: ${inWords(seen)}`, {
      errors: seen.refused.map(({ entry, code, detail }) => ({ field: entry, code, detail })),
    });
  return await goThrough(source, ports, request);
}

async function goThrough(
  source: ImportSource,
  ports: ImportPorts,
  request: ImportRequest,
): Promise<ImportReport> {
  const { dryRun, mode, project } = request;
  const messages: MessageOutcome = { added: 0, alreadyThere: 0, oldestAtMs: null };
  const parts: (PartOutcome & { readonly part: string })[] = [];
  const refused: Refusal[] = [];
  let refusedTotal = 0;
  const refuse = (entry: string, code: string, detail: string): void => {
    refusedTotal++;
    if (refused.length < refusalsShown) refused.push({ entry, code, detail });
  };
  const taking = { dryRun, project, outcome: messages, refuse };
  const report = (about: About | null, passedOver: readonly string[]): ImportReport => ({
    dryRun,
    form: source.form,
    about,
    messages,
    parts,
    refused,
    refusedTotal,
    passedOver,
  });
  async function takeSections(archive: ZipArchive, sections: readonly Section[]): Promise<void> {
    for (const section of sections) {
      const entry = archive.entries.get(section.entry);
      if (entry === undefined) continue;
      const outcome = { part: section.part, added: 0, replaced: 0, kept: 0 };
      parts.push(outcome);
      try {
        await section.take(entry.read(), {
          mode,
          dryRun,
          outcome,
          refuse: (where, code, detail) => refuse(`${section.entry} ${where}`.trimEnd(), code, detail),
        });
      } catch (error) {
        throw withName(section.entry, error);
      }
    }
  }
  try {
    if (source.form !== 'workspace') {
      const take = source.form === 'mbox' ? takeMbox : takeOneMessage;
      await take(source.read(), ports, taking);
      return report(null, []);
    }
    const { archive } = source;
    const about = await readAbout(archive);
    await takeSections(
      archive,
      ports.sections.filter((section) => section.afterMessages !== true),
    );
    await takeArchiveMessages(archive, ports, taking);
    await takeSections(
      archive,
      ports.sections.filter((section) => section.afterMessages === true),
    );
    return report(about, unknownEntries(archive, ports.sections));
  } catch (error) {
    if (dryRun || !(error instanceof AppError)) throw error;
    throw new AppError(error.code, `${error.message} ${doneByThen(messages, parts)}`, { cause: error });
  }
}

async function readAbout({ entries }: ZipArchive): Promise<About> {
  const entry = entries.get(entryNames.about);
  if (entry === undefined)
    throw new AppError(
      'import_refused',
      `The archive has no ${entryNames.about}: it is no exported workspace. Of another mail program take an mbox or .eml file.`,
    );
  const parsed = aboutSchema.safeParse(await readWhole(entry));
  if (!parsed.success)
    throw new AppError(
      'import_refused',
      `${entryNames.about}: it is not what an export writes: ${parsed.error.issues[0]?.message ?? ''}`,
    );
  if (parsed.data.formatVersion > formatVersion)
    throw new AppError(
      'import_refused',
      `${entryNames.about}: it was made by Sandpost ${parsed.data.sandpost}, which writes a newer format; update this one first.`,
    );
  return parsed.data;
}

/** @throws AppError `too_large`, `import_refused` */
export async function readWhole(entry: Pick<ZipEntry, 'name' | 'read'>): Promise<unknown> {
  const text = await readText(entry.name, entry.read());
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('import_refused', `${entry.name}: it is no JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** @throws AppError `too_large` */
export async function readText(name: string, content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > wholeBytesMax)
      throw new AppError('too_large', `${name}: it has more than ${wholeBytesMax} bytes.`);
    chunks.push(Uint8Array.from(chunk));
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}

function unknownEntries({ entries }: ZipArchive, sections: readonly Section[]): readonly string[] {
  const known = new Set<string>([...Object.values(entryNames), ...sections.map(({ entry }) => entry)]);
  return [...entries.keys()]
    .filter((name) => !known.has(name) && !name.startsWith(entryNames.messages))
    .slice(0, passedOverShown);
}

function inWords({ refused, refusedTotal }: ImportReport): string {
  const [first] = refused;
  if (first === undefined) return 'nothing is wrong.';
  const more = refusedTotal > 1 ? ` (and ${refusedTotal - 1} more)` : '';
  return `${first.entry}: ${first.detail}${more}`;
}

function doneByThen(
  { added }: MessageOutcome,
  parts: readonly (PartOutcome & { readonly part: string })[],
): string {
  const done = [
    ...parts.map((one) => [one.added + one.replaced, one.part] as const),
    [added, 'messages'] as const,
  ]
    .filter(([count]) => count > 0)
    .map(([count, part]) => `${part}: ${count}`);
  return done.length === 0
    ? 'Nothing had been imported by then.'
    : `By then these had been imported: ${done.join(', ')}. Importing it again goes on from there.`;
}
