/**
 * What is to be kept, while it is being put together: memory has it already, and each step says how it is taken back.
 *
 * Whoever puts something together may store it later than somebody else who came after. What the other changed of it
 * finds no row then; so it is said again once both are on disk.
 */

import type { PushPlan } from '../delivery/push-far-side.ts';
import type { KeptPhone } from '../model/message.ts';
import type { NewPush, PushChange } from '../model/phone.ts';
import type { NewAct } from '../store/store.ts';

interface Unsettled {
  readonly draft: Draft;
  readonly changes: { readonly change: PushChange; readonly by: Draft }[];
}

/** Pushes whose rows are not known to be on disk, by their ids. */
export class Unstored {
  readonly #pushes = new Map<string, Unsettled>();

  has(id: string): boolean {
    return this.#pushes.has(id);
  }

  add(id: string, draft: Draft): void {
    this.#pushes.set(id, { draft, changes: [] });
  }

  get(id: string): Unsettled | null {
    return this.#pushes.get(id) ?? null;
  }

  remove(id: string): void {
    this.#pushes.delete(id);
  }
}

export class Draft implements PushPlan {
  readonly puts: NewPush[] = [];
  readonly changes: PushChange[] = [];
  readonly acts: NewAct[] = [];
  readonly phones: KeptPhone[] = [];
  readonly #unstored: Unstored;
  readonly #undos: (() => void)[] = [];
  readonly #settles: (() => void)[] = [];
  readonly #again: PushChange[] = [];
  #state: 'open' | 'settled' | 'undone' = 'open';

  constructor(unstored: Unstored) {
    this.#unstored = unstored;
  }

  get empty(): boolean {
    return this.puts.length + this.changes.length + this.acts.length + this.phones.length === 0;
  }

  put(push: NewPush): void {
    this.puts.push(push);
    this.#unstored.add(push.id, this);
  }

  change(change: PushChange): void {
    const unsettled = this.#unstored.get(change.id);
    if (unsettled?.draft === this) {
      // Not a row yet: it comes as it is now.
      const at = this.puts.findIndex((one) => one.id === change.id);
      const put = this.puts[at];
      if (put !== undefined) this.puts[at] = changed(put, change);
      return;
    }
    unsettled?.changes.push({ change, by: this });
    this.changes.push(change);
  }

  onUndo(step: () => void): void {
    this.#undos.push(step);
  }

  onSettle(step: () => void): void {
    this.#settles.push(step);
  }

  /** Those of the given ids first, in that order: what came with them follows. */
  inOrderOf(ids: readonly string[]): void {
    const place = new Map(ids.map((id, at) => [id, at]));
    const placeOf = (push: NewPush): number => place.get(push.id) ?? ids.length;
    this.puts.sort((a, b) => placeOf(a) - placeOf(b));
  }

  undo(): void {
    if (this.#state !== 'open') return;
    this.#state = 'undone';
    for (const { id } of this.puts) this.#unstored.remove(id);
    for (const step of this.#undos.reverse()) step();
  }

  /** It is on disk. @returns changes to be made again */
  settle(): readonly PushChange[] {
    if (this.#state !== 'open') return [];
    this.#state = 'settled';
    const again = this.#again;
    for (const { id } of this.puts) {
      const unsettled = this.#unstored.get(id);
      this.#unstored.remove(id);
      for (const { change, by } of unsettled?.changes ?? []) {
        if (by.#state === 'settled') again.push(change);
        else if (by.#state === 'open') by.#again.push(change);
      }
    }
    for (const step of this.#settles) step();
    return again;
  }
}

function changed(put: NewPush, { nowMs, state = put.state, shown = put.shown, reason }: PushChange): NewPush {
  return {
    ...put,
    state,
    shown,
    reason: reason === undefined ? put.reason : reason,
    deliveredAtMs: state === 'delivered' ? nowMs : null,
  };
}
