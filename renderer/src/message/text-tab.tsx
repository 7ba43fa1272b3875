import { Text } from '@mantine/core';
import { IconFileOff } from '@tabler/icons-react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { RoomState } from '../frame/room-states.tsx';
import { FoundPanel } from './found-panel.tsx';
import classes from './text-tab.module.css';

export function TextTab({ message }: { readonly message: MessageDetail }) {
  return (
    <div className={classes.tab}>
      <PlainText message={message} />
      <FoundPanel id={message.id} />
    </div>
  );
}

/** The text of the message, exactly as it is wrapped. */
export function PlainText({ message }: { readonly message: MessageDetail }) {
  if (message.text === null || message.text === '') {
    return (
      <RoomState icon={<IconFileOff size={28} stroke={1.5} aria-hidden />} title="No text to show">
        <Text c="dimmed" size="md">
          {message.indexed
            ? 'The message has no body that could be read as text. The source shows its bytes.'
            : 'The body is being read.'}
        </Text>
      </RoomState>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Text of the message">
      {message.textFromHtml && (
        <p className={classes.note}>The message has no text part; this was made from its HTML.</p>
      )}
      <pre className={classes.text}>{message.text}</pre>
      {message.textTruncated && (
        <p className={classes.note}>The rest is left out here; the source has it all.</p>
      )}
    </section>
  );
}
