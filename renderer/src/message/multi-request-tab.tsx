import { useQuery } from '@tanstack/react-query';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { rawQuery } from '../api/messages.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { Copy } from './found-panel.tsx';
import classes from './log-tab.module.css';

/** What the send asked for, as it is kept. */
export function MultiRequestTab({ message }: { readonly message: MessageDetail }) {
  const { data: bytes, error } = useQuery(rawQuery(message.id));
  if (error !== null) return <ProblemState error={error} />;
  if (bytes === undefined) return <LoadingState what="the request" />;
  const text = laidOut(new TextDecoder().decode(bytes));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Request">
      <div className={classes.verbatim}>
        <pre>{text}</pre>
        <Copy value={text} label="Copy the request" />
      </div>
    </section>
  );
}

function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Shown as it is.
    return text;
  }
}
