/** `sandpost export` and `sandpost import`: the workspace as a file, and a file into the workspace. */
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ImportReport } from '../api/workspace-schema.ts';
import { importReportSchema } from '../api/workspace-schema.ts';
import { AppError, codeOf, messageOf } from '../model/app-error.ts';
import { type MessageForm, messageForms } from '../workspace/format.ts';
import { coreOptions, on, readFlags, text } from './arguments.ts';
import { findCore } from './core-client.ts';
import { exitCodes, type Output, painter } from './output.ts';

export const exportHelp = `sandpost export [--out FILE] [--messages mbox|eml|none] [--private-keys]: the whole workspace as a .zip: messages,
rules, scenarios, domains, templates, users, phones and settings. Never in it: credentials, secrets, tokens.

  --out FILE        where to; without it to standard output, when that is no terminal
  --messages FORM   mbox: mail in one file that mail programs open (usual); eml: each in a file of its own; none
  --private-keys    the private DKIM keys of the sending domains too: whoever has the file can sign as them
`;

export const importHelp = `sandpost import FILE [--dry-run] [--replace-settings] [--project NAME] [--json]: takes in an exported workspace,
an mbox, or a message (.eml). Where something in it is wrong, nothing is changed. FILE may be - for standard input.

  --dry-run            only says what would be done
  --replace-settings   settings, and what has the same name or id, become what the archive says; without it what is
                       here stays as it is. Messages are only ever added
  --project NAME       of messages of an mbox or .eml
`;

const refusalsPrinted = 20;

export async function exportCommand(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('export', args, {
    ...coreOptions,
    out: { type: 'string' },
    messages: { type: 'string' },
    'private-keys': { type: 'boolean' },
  });
  const [extra] = flags.rest;
  if (extra !== undefined)
    throw new AppError('usage', `export takes nothing like "${extra}"; name the file with --out`);
  const out = text(flags, 'out');
  if (out === undefined && output.stdout.isTTY === true)
    throw new AppError('usage', 'where to? Name a file with --out sandpost.zip');
  const query = new URLSearchParams({
    messages: formOf(text(flags, 'messages') ?? 'mbox'),
    privateKeys: String(on(flags, 'private-keys')),
  });
  const core = findCore({ url: text(flags, 'url'), data: text(flags, 'data') }, output);
  const chunks = await core.stream(`/v1/workspace/export?${query}`);
  if (out === undefined) {
    for await (const chunk of chunks) await written(output.stdout, chunk);
    return exitCodes.ok;
  }
  const bytes = await writeFile(out, chunks);
  output.stderr.write(`${out}: ${bytes} bytes\n`);
  return exitCodes.ok;
}

function formOf(word: string): MessageForm {
  const form = messageForms.find((one) => one === word);
  if (form === undefined)
    throw new AppError('usage', `--messages ${word} is not known; write ${messageForms.join(', ')}`);
  return form;
}

/** Under its name only when it is whole. */
async function writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const beside = `${path}.part`;
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  try {
    await pipeline(counted(), createWriteStream(beside, { mode: 0o600 }));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw new AppError(
      codeOf(error) === 'ENOSPC' ? 'disk_full' : 'bad_request',
      `${path} could not be written: ${messageOf(error)}; nothing was left there`,
      { cause: error },
    );
  }
  return bytes;
}

function written(stream: NodeJS.WritableStream, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => (error == null ? resolve() : reject(error)));
  });
}

export async function importCommand(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('import', args, {
    ...coreOptions,
    'dry-run': { type: 'boolean' },
    'replace-settings': { type: 'boolean' },
    project: { type: 'string' },
  });
  const [path, extra] = flags.rest;
  if (path === undefined) throw new AppError('usage', 'which file? Write sandpost import sandpost.zip');
  if (extra !== undefined) throw new AppError('usage', `import takes one file, not also "${extra}"`);
  const project = text(flags, 'project');
  const query = new URLSearchParams({
    mode: on(flags, 'replace-settings') ? 'replace-settings' : 'add',
    dryRun: String(on(flags, 'dry-run')),
    ...(project === undefined ? {} : { project }),
  });
  const core = findCore({ url: text(flags, 'url'), data: text(flags, 'data') }, output);
  const answer = await core.upload(`/v1/workspace/import?${query}`, await contentOf(path, output));
  const report = importReportSchema.parse(answer);
  if (on(flags, 'json')) output.stdout.write(`${JSON.stringify(report)}\n`);
  else print(report, output);
  return report.refusedTotal === 0 ? exitCodes.ok : exitCodes.failed;
}

async function contentOf(path: string, output: Output): Promise<AsyncIterable<Uint8Array>> {
  if (path === '-') return bytesOf(output.stdin);
  try {
    const file = await open(path, 'r');
    return file.createReadStream();
  } catch (error) {
    throw new AppError('usage', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function* bytesOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

function print(report: ImportReport, output: Output): void {
  const paint = painter(output);
  const { dryRun, messages, parts, refused, refusedTotal, notes } = report;
  const rows = [
    { part: 'messages', added: messages.added, replaced: 0, kept: messages.alreadyThere },
    ...parts,
  ].filter(({ added, replaced, kept }) => added + replaced + kept > 0);
  output.stdout.write(`${paint('bold', dryRun ? 'It would do this:' : 'Done:')}\n`);
  if (rows.length === 0) output.stdout.write('  nothing\n');
  for (const { part, added, replaced, kept } of rows) {
    const counts = [
      ...(added > 0 ? [`${added} added`] : []),
      ...(replaced > 0 ? [`${replaced} replaced`] : []),
      ...(kept > 0 ? [`${kept} here already`] : []),
    ];
    output.stdout.write(`  ${part.padEnd(14)} ${counts.join(', ')}\n`);
  }
  for (const note of notes) output.stdout.write(`${paint('yellow', note)}\n`);
  for (const { entry, detail } of refused.slice(0, refusalsPrinted))
    output.stderr.write(`${paint('red', entry)}: ${detail}\n`);
  if (refusedTotal > refusalsPrinted)
    output.stderr.write(`and ${refusedTotal - Math.min(refusalsPrinted, refused.length)} more\n`);
}
