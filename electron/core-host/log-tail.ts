const linesMax = 200;
const lineCharsMax = 2_000;

/** The last lines of a stream, for the report that the window offers when a core fails. */
export interface LogTail {
  readonly lines: () => readonly string[];
}

/** Reads the stream to its end, so that the writer never waits for a reader; passes it on to `also`. */
export function tailOf(stream: NodeJS.ReadableStream, also: (text: string) => void): LogTail {
  let lines: string[] = [];
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    also(text);
    const parts = (rest + text).split(/\r?\n/);
    rest = (parts.pop() ?? '').slice(-lineCharsMax);
    lines = [...lines, ...parts.map((line) => line.slice(0, lineCharsMax))].slice(-linesMax);
  });
  const all = () => (rest === '' ? lines : [...lines, rest]);
  return {
    lines: all,
    last: () =>
      all()
        .filter((line) => line.trim() !== '')
        .at(-1) ?? null,
  };
}
