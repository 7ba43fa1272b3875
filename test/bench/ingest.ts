/** Durable ingest as a ratio, in one run on one machine: subjects take turns, round by round. */
import { median } from './disk.ts';
import { type Load, run } from './load.ts';
import { waitForIndex } from './queries.ts';
import { type Core, residentMegabytes, type Subject } from './subjects.ts';

export interface IngestRow {
  readonly load: Load;
  readonly core: number;
  readonly noSync: number;
  readonly bare: number;
  readonly sink: number | null;
  readonly overBare: number;
  readonly overNoSync: number;
  readonly peakMegabytes: number;
}

export interface IngestSubjects {
  readonly core: Core;
  readonly noSync: Core;
  readonly bare: Subject;
  readonly sink: Subject | null;
}

const sampleEveryMs = 20;

export async function measureIngest(
  tool: string,
  load: Load,
  subjects: IngestSubjects,
  rounds: number,
): Promise<IngestRow> {
  const rates = { core: [] as number[], noSync: [] as number[], bare: [] as number[], sink: [] as number[] };
  let peak = 0;
  for (let round = 0; round < rounds; round++) {
    rates.bare.push(await run(tool, load, subjects.bare.smtpPort));
    const sampler = setInterval(() => {
      peak = Math.max(peak, residentMegabytes(subjects.core.pid));
    }, sampleEveryMs);
    rates.core.push(await run(tool, load, subjects.core.smtpPort));
    clearInterval(sampler);
    // What was put off is done before the next one is measured, for it would be measured along.
    await waitForIndex(subjects.core.url);
    rates.noSync.push(await run(tool, load, subjects.noSync.smtpPort));
    await waitForIndex(subjects.noSync.url);
    if (subjects.sink !== null) rates.sink.push(await run(tool, load, subjects.sink.smtpPort));
  }
  const ratios = (over: readonly number[]): number =>
    median(rates.core.map((rate, at) => rate / (over[at] ?? Number.NaN)));
  return {
    load,
    core: median(rates.core),
    noSync: median(rates.noSync),
    bare: median(rates.bare),
    sink: subjects.sink === null ? null : median(rates.sink),
    overBare: ratios(rates.bare),
    overNoSync: ratios(rates.noSync),
    peakMegabytes: peak,
  };
}
