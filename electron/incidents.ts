/** What went wrong in this run without ending it: the last few, for a report that may be asked for later. */
const notedMax = 50;
const noteCharsMax = 2_000;

export interface Incidents {
  note(text: string): void;
  readonly noted: () => readonly string[];
}

export function createIncidents(now: () => Date): Incidents {
  let noted: readonly string[] = [];
  return {
    note(text) {
      noted = [...noted, `${now().toISOString()} ${text.slice(0, noteCharsMax)}`].slice(-notedMax);
    },
    noted: () => noted,
  };
}
