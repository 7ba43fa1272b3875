/**
 * Keeps the young generation of every thread small. V8 lets it grow to tens of megabytes a thread, of which the core
 * has five; what it holds between two messages fits in far less, and collecting it often costs nothing measurable.
 * Called before the other modules are loaded, for a heap that has grown does not shrink.
 */
import { setFlagsFromString } from 'node:v8';

const semiSpaceMegabytesMax = 2;

export function keepHeapSmall(): void {
  setFlagsFromString(`--max-semi-space-size=${semiSpaceMegabytesMax}`);
  setFlagsFromString('--semi-space-growth-factor=1');
}
