/** The threads that read what is stored: for the index, for the screen, and for rules that ask of bodies. */
import { type Indexer, startIndexer } from '../inspect/indexer.ts';
import { InspectThread } from '../inspect/inspect-thread.ts';
import type { Ground } from './ground.ts';

export interface Reading {
  readonly indexer: Indexer;
  /** Reads single messages for the screen; apart from the indexer's, which may be busy for long. */
  readonly viewer: InspectThread;
  /** What rules ask of bodies; one that keeps it busy must not keep the screen waiting. */
  readonly ruleReader: InspectThread;
}

const indexInspectMsMax = 30_000;
const quickInspectMsMax = 20_000;
/** A client waits for it. */
const ruleInspectMsMax = 10_000;
const inspectIdleMsMax = 10_000;

export function openReading({
  folder,
  bus,
  store,
  clock,
  closing,
  onProblem,
  othersBusy,
}: Pick<Ground, 'folder' | 'bus' | 'store' | 'clock' | 'closing' | 'onProblem'> & {
  /** Then reading takes a small share of the machine only. */
  readonly othersBusy: () => boolean;
}): Reading {
  const threadFor = (silenceMsMax: number): InspectThread =>
    new InspectThread(folder.databaseFile, clock, { silenceMsMax, idleMsMax: inspectIdleMsMax });
  const viewer = threadFor(quickInspectMsMax);
  const ruleReader = threadFor(ruleInspectMsMax);
  const indexer = startIndexer({
    store,
    thread: threadFor(indexInspectMsMax),
    clock,
    othersBusy,
    onProblem,
  });
  closing.add(() => ruleReader.close());
  closing.add(() => viewer.close());
  closing.add(() => indexer.close());
  bus.subscribe((events) => {
    if (events.some((event) => event.type === 'accepted')) indexer.stored();
  });
  if (store.counts().waitingForIndex > 0) indexer.stored();
  return { indexer, viewer, ruleReader };
}
