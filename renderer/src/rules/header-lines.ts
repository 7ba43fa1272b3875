/** `Name: value` lines, as a person types them; what has no colon is left out. */
export function readHeaderLines(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split('\n').flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(0, colon)).trim();
      return name === '' ? [] : [[name, line.slice(colon + 1).trim()]];
    }),
  );
}
