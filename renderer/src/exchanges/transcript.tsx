import { Link } from '@tanstack/react-router';
import { formatDuration } from '../format.ts';
import classes from './transcript.module.css';

interface Line {
  readonly atMs: number;
  readonly by: 'client' | 'server' | 'note';
  readonly text: string;
  readonly messageId?: string | null;
}

/** What was said, each line with its time; a refusal and a long silence stand out. */
export function Transcript({ lines }: { readonly lines: readonly Line[] }) {
  return (
    <ol className={classes.transcript} aria-label="Transcript">
      {lines.map((line, index) => (
        <TranscriptRow key={index} line={line} before={lines[index - 1]} />
      ))}
    </ol>
  );
}

/** A reply of SMTP, or the status line of HTTP. */
const refusal = /^(?:HTTP\/[\d.]+ )?[45]\d\d\b/;
const slowMs = 1_000;
const speakers = { client: 'Client', server: 'Server', note: 'Note' } as const;
const arrows = { client: '→', server: '←', note: '·' } as const;

function TranscriptRow({ line, before }: { readonly line: Line; readonly before: Line | undefined }) {
  const gap = line.atMs - (before?.atMs ?? 0);
  const { messageId = null } = line;
  return (
    <li
      className={classes.line}
      data-by={line.by}
      data-refusal={line.by === 'server' && refusal.test(line.text)}
    >
      <span
        className={classes.time}
        data-slow={gap >= slowMs}
        title={`${formatDuration(gap)} after the line before`}
      >
        {(line.atMs / 1_000).toFixed(3)}
      </span>
      <span className={classes.by} role="img" aria-label={speakers[line.by]}>
        {arrows[line.by]}
      </span>
      <span className={classes.text}>
        {line.text}
        {messageId !== null && (
          <>
            {' '}
            <Link to="/messages/$id" params={{ id: messageId }}>
              Show the message
            </Link>
          </>
        )}
      </span>
    </li>
  );
}
