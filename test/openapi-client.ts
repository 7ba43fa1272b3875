/** What the tests of OpenAPI documents share: their shape, and a client that is made of one, compiled strictly. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generateApi } from 'swagger-typescript-api';
import { expect } from 'vitest';
import { z } from 'zod';
import { run } from './run-program.ts';

export const compileMsMax = 120_000;

const operationSchema = z.object({
  operationId: z.string(),
  summary: z.string().min(1),
  tags: z.array(z.string()).length(1),
  parameters: z
    .array(z.object({ name: z.string(), in: z.string(), required: z.boolean().optional() }))
    .default([]),
  responses: z.record(
    z.string(),
    z.object({ description: z.string().min(1), content: z.record(z.string(), z.unknown()).optional() }),
  ),
});
export const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
});

export type Operation = z.infer<typeof operationSchema>;

export function operationsIn({ paths }: z.infer<typeof documentSchema>): readonly {
  readonly at: string;
  readonly path: string;
  readonly operation: Operation;
}[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ at: `${method} ${path}`, path, operation })),
  );
}

/**
 * @param folder gets the client, and `use` beside it
 * @param use TypeScript that imports `./client.ts` and exports `talk(url)`
 * @returns what `talk` makes of the door
 */
export async function useClientOf(
  spec: unknown,
  folder: string,
  use: string,
): Promise<(url: string) => Promise<unknown>> {
  await generateApi({
    spec: z.custom<Parameters<typeof generateApi>[0]['spec']>().parse(spec),
    output: folder,
    fileName: 'client.ts',
    httpClientType: 'fetch',
    moduleNameFirstTag: true,
    silent: true,
  });
  await writeFile(join(folder, 'use.ts'), use);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(compilerOptions));
  const compiled = await run(process.execPath, [tsc, '-p', folder], { timeoutMs: compileMsMax });
  expect(compiled).toMatchObject({ code: 0, stdout: '' });
  const used: unknown = await import(pathToFileURL(join(folder, 'out', 'use.js')).href);
  return z.object({ talk: z.custom<(url: string) => Promise<unknown>>() }).parse(used).talk;
}

const tsc = resolve('node_modules/typescript/bin/tsc');

/** As strict as our own. */
const compilerOptions = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'dom', 'dom.iterable'],
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    outDir: 'out',
    types: [],
    rewriteRelativeImportExtensions: true,
  },
  include: ['*.ts'],
};
