import { useState } from 'react';

/** A choice of this person on this machine, kept over restarts. */
export function useStored(name: string, fallback: string): readonly [string, (value: string) => void] {
  const key = `sandpost.${name}`;
  const [value, setValue] = useState(() => localStorage.getItem(key) ?? fallback);
  return [
    value,
    (next) => {
      localStorage.setItem(key, next);
      setValue(next);
    },
  ];
}
