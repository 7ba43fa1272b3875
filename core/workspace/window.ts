/** Work that is begun in order and ends when it ends: so much of it under way at a time, and no more. */
export class Window {
  readonly #countMax: number;
  readonly #bytesMax: number;
  readonly #underWay = new Set<Promise<void>>();
  #bytes = 0;
  #failed: { readonly error: unknown } | null = null;

  constructor(countMax: number, bytesMax: number) {
    this.#countMax = countMax;
    this.#bytesMax = bytesMax;
  }

  /** Settles when it has begun. @throws what went wrong with one before */
  async add(bytes: number, begin: () => Promise<unknown>): Promise<void> {
    while (
      this.#underWay.size > 0 &&
      (this.#underWay.size >= this.#countMax || this.#bytes + bytes > this.#bytesMax)
    )
      await Promise.race(this.#underWay);
    this.#throwFailure();
    this.#bytes += bytes;
    const work: Promise<void> = begin().then(
      () => this.#over(work, bytes),
      (error: unknown) => {
        this.#failed ??= { error };
        this.#over(work, bytes);
      },
    );
    this.#underWay.add(work);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
  }

  #over(work: Promise<void>, bytes: number): void {
    this.#bytes -= bytes;
    this.#underWay.delete(work);
  }

  #throwFailure(): void {
    if (this.#failed !== null) throw this.#failed.error;
  }
}
