/**
 * An impression: at least half of it on screen, in a tab that is looked at, for a second without a break. Mounted is not seen.
 * Source: MRC Viewable Ad Impression Measurement Guidelines (50% of the pixels for one continuous second).
 */
import { whenLookedAt } from './listen.ts';

const seenMs = 1_000;
const seenRatio = 0.5;

/** @returns ends it */
export function whenSeen(element: Element, seen: () => void): () => void {
  let inView = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (inView && !document.hidden)
      timer = setTimeout(() => {
        end();
        seen();
      }, seenMs);
  };
  const observer = new IntersectionObserver(
    (changes) => {
      for (const change of changes) inView = change.intersectionRatio >= seenRatio;
      look();
    },
    { threshold: seenRatio },
  );
  const end = (): void => {
    clearTimeout(timer);
    observer.disconnect();
    unlisten();
  };
  observer.observe(element);
  const unlisten = whenLookedAt(look);
  return end;
}
