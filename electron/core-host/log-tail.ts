import { finished } from 'node:stream';

const linesMax = 200;
const lineCharsMax = 2_000;
const endMsMax = 1_000;

/** The last lines of a stream, for the report that the window offers when a core fails. */
export interface LogTail {
  readonly lines: () => readonly string[];
  /** Settles at the end of the stream, or when a writer's own children keep it open for longer than a moment. */
  readonly ended: () => Promise<void>;
}

/** Reads the stream to its end, so that the writer never waits for a reader; passes it on to `also`. */
export function tailOf(stream: NodeJS.ReadableStream, also: (text: string) => void): LogTail {
  let lines: string[] = [];
  let rest = '';
  const collect = (text: string) => {
    also(text);
    const parts = (rest + text).split(/\r?\n/);
    rest = (parts.pop() ?? '').slice(-lineCharsMax);
    lines = [...lines, ...parts.map((line) => line.slice(0, lineCharsMax))].slice(-linesMax);
  };
  stream.setEncoding('utf8');
  stream.on('data', collect);
  return {
    lines: () => (rest === '' ? lines : [...lines, rest]),
    ended: () =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, endMsMax);
        const over = () => {
          clearTimeout(timer);
          resolve();
        };
        finished(stream, { writable: false }, over);
        // Electron takes every listener off when the process ends, with its last words still in the pipe.
        stream.removeListener('data', collect);
        stream.on('data', collect);
      }),
  };
}
