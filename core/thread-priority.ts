/**
 * Lets a thread that works in the background give way to those that answer: a door's client waits for the main thread
 * and the writer, and for nobody else. On Linux a priority is a thread's own; elsewhere it would be the whole process's,
 * and is left alone.
 */
import { setPriority } from 'node:os';

/** About a third of the share of a thread that answers: on a busy machine mail still moves. */
const niceness = 5;

export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    // 0 is the thread that asks (setpriority(2), "C library/kernel differences").
    setPriority(0, niceness);
  } catch {
    // A sandbox that forbids it: then all threads are equal.
  }
}
