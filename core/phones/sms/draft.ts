/**
 * What is to be kept, while it is being put together: memory has it already, and each step says how it is taken back.
 *
 * Handsets and senders go as they are when they are handed to the disk, not as they were when this began: another one may be
 * on its way that knows more of them.
 */
import type { SmsPlan } from '../../delivery/sms-far-side.ts';
import type { NewDelivery } from '../../model/delivery.ts';
import type { KeptDocument } from '../../model/message.ts';
import type { NewSms, SmsChange } from '../../model/sms.ts';
import type { NewAct } from '../../store/store.ts';

/** A handset or a sender that is to be kept; `of` reads it, null: it is gone. */
export interface Keepsake {
  readonly kind: string;
  readonly key: string;
  readonly of: () => Readonly<Record<string, unknown>> | null;
  readonly news: Readonly<Record<string, unknown>>;
  readonly nowMs: number;
}

export class Draft implements SmsPlan {
  readonly puts: NewSms[] = [];
  readonly changes: SmsChange[] = [];
  readonly acts: NewAct[] = [];
  readonly callbacks: NewDelivery[] = [];
  /** A property of the draft's own where there are any, for what goes to another thread is copied property by property. */
  declare readonly documents?: readonly KeptDocument[];
  readonly #keepsakes: Keepsake[] = [];
  readonly #unstored: Set<string>;
  readonly #undos: (() => void)[] = [];
  readonly #settles: (() => void)[] = [];
  #state: 'open' | 'settled' | 'undone' = 'open';

  /** @param unstored ids of messages that are not known to be on disk */
  constructor(unstored: Set<string>) {
    this.#unstored = unstored;
  }

  get empty(): boolean {
    const { puts, changes, acts, callbacks } = this;
    return puts.length + changes.length + acts.length + callbacks.length + this.#keepsakes.length === 0;
  }

  put(sms: NewSms): void {
    this.puts.push(sms);
    this.#unstored.add(sms.id);
  }

  keep(keepsake: Keepsake): void {
    this.#keepsakes.push(keepsake);
    if (this.#keepsakes.length > 1) return;
    Object.defineProperty(this, 'documents', {
      enumerable: true,
      get: (): readonly KeptDocument[] => this.#keepsakes.map(({ of, ...one }) => ({ ...one, value: of() })),
    });
  }

  onUndo(step: () => void): void {
    this.#undos.push(step);
  }

  onSettle(step: () => void): void {
    this.#settles.push(step);
  }

  undo(): void {
    if (this.#state !== 'open') return;
    this.#state = 'undone';
    for (const { id } of this.puts) this.#unstored.delete(id);
    for (const step of this.#undos.reverse()) step();
  }

  /** It is on disk. */
  settle(): void {
    if (this.#state !== 'open') return;
    this.#state = 'settled';
    for (const { id } of this.puts) this.#unstored.delete(id);
    for (const step of this.#settles) step();
  }
}
