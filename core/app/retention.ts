/** Retention, a small step at a time; after a step that found something the next one comes at once. */
import type { SettingsService } from '../api/services.ts';
import { messageOf } from '../model/app-error.ts';
import type { Ground } from './ground.ts';

const pruneEveryMs = 5_000;

export function keepPruned({
  store,
  settings,
  clock,
  closing,
  onProblem,
}: Pick<Ground, 'store' | 'clock' | 'closing' | 'onProblem'> & {
  readonly settings: Pick<SettingsService, 'retention'>;
}): void {
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let cancel: () => void = () => undefined;
  const later = (): void => {
    cancel = clock.after(pruneEveryMs, () => {
      running = step();
    });
  };
  async function step(): Promise<void> {
    try {
      while (!closed && (await store.prune(settings.retention(), clock.wallMs())));
    } catch (error) {
      onProblem(`old messages could not be removed: ${messageOf(error)}`);
    }
    if (!closed) later();
  }
  later();
  closing.add(async () => {
    closed = true;
    cancel();
    await running;
  });
}
