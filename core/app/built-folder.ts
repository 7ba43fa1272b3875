/** Where the build puts what the core serves: the screen, and the client for web apps. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function builtFolder(name: 'renderer' | 'client'): string {
  const root = import.meta.url.endsWith('.ts') ? '../../out' : '../..';
  return join(fileURLToPath(new URL('.', import.meta.url)), root, name);
}
