/** @param names of events, with blanks between them @returns ends it */
export function listen(target: EventTarget, names: string, hear: () => void): () => void {
  const all = names.split(' ');
  for (const name of all) target.addEventListener(name, hear);
  return () => {
    for (const name of all) target.removeEventListener(name, hear);
  };
}

export const whenLookedAt = (hear: () => void): (() => void) => listen(document, 'visibilitychange', hear);
