/** What the disk does by itself, beside which the other figures are read. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface DiskFigures {
  readonly syncMsMedian: number;
  readonly megabytesPerSecond: number;
}

const syncs = 300;
const blockBytes = 40_000;
const sequentialBytes = 256 * 1024 * 1024;
const pieceBytes = 4 * 1024 * 1024;

export function measureDisk(folder: string): DiskFigures {
  const work = mkdtempSync(join(folder, 'disk-'));
  const file = openSync(join(work, 'file'), 'w');
  try {
    const block = Buffer.alloc(blockBytes, 1);
    const times = Array.from({ length: syncs }, () => {
      writeSync(file, block);
      const startedMs = performance.now();
      fdatasyncSync(file);
      return performance.now() - startedMs;
    });
    const piece = Buffer.alloc(pieceBytes, 1);
    const startedMs = performance.now();
    for (let written = 0; written < sequentialBytes; written += pieceBytes) writeSync(file, piece);
    fdatasyncSync(file);
    const seconds = (performance.now() - startedMs) / 1000;
    return { syncMsMedian: median(times), megabytesPerSecond: sequentialBytes / 1e6 / seconds };
  } finally {
    closeSync(file);
    rmSync(work, { recursive: true });
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
