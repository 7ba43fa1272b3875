/** Greylisting and rates: what a provider counts while mail arrives, in virtual time. Kept in memory only. */
import type { ProviderSettings } from './settings.ts';

const triplesMax = 100_000;
const sourcesMax = 10_000;

export class ArrivalLimits {
  readonly #firstSeen = new Map<string, number>();
  readonly #windows = new Map<string, { readonly startMs: number; readonly count: number }>();

  /**
   * RFC 6647 §2.2: a first try of an address, a sender and a recipient that are not known together has to come again.
   * @returns for how long yet, or null when it may pass
   */
  greylistedForMs(settings: ProviderSettings['greylisting'], triple: string, nowMs: number): number | null {
    if (!settings.enabled) return null;
    const first = this.#firstSeen.get(triple);
    if (first !== undefined)
      return nowMs - first >= settings.delayMs ? null : first + settings.delayMs - nowMs;
    if (this.#firstSeen.size >= triplesMax) this.#firstSeen.clear();
    this.#firstSeen.set(triple, nowMs);
    return settings.delayMs;
  }

  /** @returns how long until the source may send again, or null when it may now */
  overRateForMs(limit: ProviderSettings['rateLimit'], source: string, nowMs: number): number | null {
    if (limit === null) return null;
    const window = this.#windows.get(source);
    const within = window !== undefined && nowMs - window.startMs < limit.perMs;
    if ((within ? window.count : 0) < limit.messages) return null;
    return within ? window.startMs + limit.perMs - nowMs : limit.perMs;
  }

  count(limit: ProviderSettings['rateLimit'], source: string, nowMs: number): void {
    if (limit === null) return;
    const window = this.#windows.get(source);
    const within = window !== undefined && nowMs - window.startMs < limit.perMs;
    if (this.#windows.size >= sourcesMax) this.#windows.clear();
    this.#windows.set(source, within ? { ...window, count: window.count + 1 } : { startMs: nowMs, count: 1 });
  }
}
