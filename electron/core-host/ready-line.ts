import { z } from 'zod';

/** The one line that `sandpost serve --json` prints when everything listens. */
const readyLineSchema = z.object({
  ready: z.literal(true),
  url: z.url({ protocol: /^https?$/ }),
  dataDir: z.string(),
});

export type ReadyLine = z.infer<typeof readyLineSchema>;

/** @returns null for anything that is not the ready line */
export function parseReadyLine(line: string): ReadyLine | null {
  return parseReady(parseJson(line));
}

export function parseReady(value: unknown): ReadyLine | null {
  const parsed = readyLineSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
