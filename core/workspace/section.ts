/** A part of the workspace besides its messages: a file of the archive, written from what is here and taken in again. */
import type { z } from 'zod';
import { AppError, messageOf } from '../model/app-error.ts';
import { elementBytesMax } from './format.ts';
import { readJsonArray } from './json-array.ts';

export type ImportMode = 'add' | 'replace-settings';

export interface ExportWish {
  readonly privateKeys: boolean;
}

/** What became of the things of a part, or what would. */
export interface PartOutcome {
  added: number;
  replaced: number;
  /** They are here already and stay as they are. */
  kept: number;
}

export interface TakeRequest {
  readonly mode: ImportMode;
  /** Nothing is changed: only said what would be. */
  readonly dryRun: boolean;
  readonly outcome: PartOutcome;
  /** Of one thing that is not taken; the others are. */
  refuse(where: string, code: string, detail: string): void;
}

export interface Section {
  readonly entry: string;
  /** What hears of messages comes in behind them: those that came long ago are no news. */
  readonly afterMessages?: true;
  /** As reports call it. */
  readonly part: string;
  write(wish: ExportWish): AsyncGenerator<string>;
  /** @throws AppError `import_refused`, `too_large` where the entry as a whole cannot be read */
  take(content: AsyncIterable<Uint8Array>, request: TakeRequest): Promise<void>;
}

export interface ListPart<Row> extends Pick<Section, 'afterMessages'> {
  readonly entry: string;
  readonly part: string;
  readonly schema: z.ZodType<Row>;
  rows(wish: ExportWish): AsyncIterable<unknown> | Iterable<unknown>;
  /** What a refusal calls it: its id, its name. */
  nameOf(row: Row): string;
  isKnown(row: Row): boolean | Promise<boolean>;
  /** Looks whether it can be taken, where `schema` cannot tell. @throws AppError where it cannot */
  check?(row: Row): void;
  /** @throws AppError where it cannot be taken */
  put(row: Row): Promise<unknown>;
  /** Many at a time, where one by one takes long; each can be taken. */
  putAll?(rows: readonly Row[]): Promise<unknown>;
  /** What is here stays in any mode: it has no name that a second one could be told from the first by. */
  readonly neverReplaced?: true;
}

const putAtOnce = 500;

/** One JSON array, one element a line. */
export function listSection<Row>(list: ListPart<Row>): Section {
  async function takeOne(number: number, value: unknown, request: TakeRequest, step: Row[]): Promise<void> {
    const read = list.schema.safeParse(value);
    if (!read.success) {
      for (const { path, message } of read.error.issues)
        request.refuse(`element ${number}`, 'invalid', `${[...path].join('.')}: ${message}`);
      return;
    }
    const row = read.data;
    const known = await list.isKnown(row);
    if (known && (request.mode === 'add' || list.neverReplaced === true)) {
      request.outcome.kept++;
      return;
    }
    try {
      list.check?.(row);
      if (!request.dryRun) await (list.putAll === undefined ? list.put(row) : putLater(row, step));
    } catch (error) {
      if (!(error instanceof AppError) || storeFails(error)) throw error;
      request.refuse(list.nameOf(row), error.code, messageOf(error));
      return;
    }
    if (known) request.outcome.replaced++;
    else request.outcome.added++;
  }

  async function putLater(row: Row, step: Row[]): Promise<void> {
    step.push(row);
    if (step.length >= putAtOnce) await list.putAll?.(step.splice(0));
  }

  return {
    entry: list.entry,
    part: list.part,
    ...(list.afterMessages === undefined ? {} : { afterMessages: list.afterMessages }),
    async *write(wish) {
      let before = '[\n';
      for await (const row of list.rows(wish)) {
        yield `${before}${JSON.stringify(row)}`;
        before = ',\n';
      }
      yield before === '[\n' ? '[]\n' : '\n]\n';
    },
    async take(content, request) {
      const step: Row[] = [];
      for await (const { number, value } of readJsonArray(content, elementBytesMax))
        await takeOne(number, value, request, step);
      if (step.length > 0) await list.putAll?.(step);
    },
  };
}

/** It will be no better with the next one. */
export function storeFails({ code }: AppError): boolean {
  return code === 'disk_full' || code === 'store_failed' || code === 'store_busy' || code === 'store_closed';
}
