/** Pages of an app that never loads anew: the history is listened to. */

import { listen } from './listen.ts';

/** @returns ends it */
export function followHistory(changed: () => void): () => void {
  let last = location.href;
  const look = (): void => {
    if (location.href === last) return;
    last = location.href;
    changed();
  };
  const undo = (['pushState', 'replaceState'] as const).map((name) => {
    const before = history[name];
    const after: History['pushState'] = (...state) => {
      before.apply(history, state);
      look();
    };
    history[name] = after;
    return () => {
      // Somebody else may have wrapped it since: then ours stays underneath, and says nothing any more.
      if (history[name] === after) history[name] = before;
    };
  });
  const unlisten = listen(window, 'popstate hashchange', look);
  return () => {
    unlisten();
    for (const one of undo) one();
    changed = () => undefined;
  };
}
