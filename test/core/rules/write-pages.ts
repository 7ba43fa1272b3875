/** `node test/core/rules/write-pages.ts` writes the pages of docs/ that come from the code. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pages } from './pages.ts';

const project = resolve(import.meta.dirname, '../../..');
for (const [path, text] of pages()) {
  const file = join(project, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
