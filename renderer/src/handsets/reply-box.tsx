import { Button, Textarea } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useState } from 'react';
import type {
  HandsetView,
  RepliedView,
  SmsPreviewView,
  SmsThreadView,
} from '../../../core/api/sms-schema.ts';
import { previewQuery, replyFrom } from '../api/handsets.ts';
import { plural } from '../format.ts';
import { sentence } from '../phones/phone-words.ts';
import { encodingWords } from './handset-words.ts';
import classes from './sms-thread.module.css';
import { useHandsetAction } from './use-handset-action.ts';

interface ReplyBoxProps {
  readonly handset: Pick<HandsetView, 'number' | 'name'>;
  readonly thread: SmsThreadView;
}

const countPauseMs = 120;
const textCharsMax = 10_000;
const words = ['STOP', 'HELP', 'START'] as const;

/** Writes as the owner of the handset does. */
export function ReplyBox({ handset, thread }: ReplyBoxProps) {
  const { number } = handset;
  const { sender, provider } = thread;
  const [text, setText] = useState('');
  const [counted, setCounted] = useState('');
  const [sent, setSent] = useState<RepliedView | null>(null);
  const [state, setState] = useState<'ready' | 'sending'>('ready');
  const act = useHandsetAction();
  useEffect(() => {
    const timer = setTimeout(() => setCounted(text), countPauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  const preview = useQuery({
    ...previewQuery(counted, provider, number),
    enabled: counted !== '',
    placeholderData: keepPreviousData,
  }).data;

  if (!thread.canReply)
    return (
      <p className={`${classes.reply} ${classes.outcome}`}>
        Nobody can answer a name like {sender === '' ? 'this' : sender}: only a number or a short code takes
        answers.
      </p>
    );
  const send = async (written: string) => {
    if (written.trim() === '' || state === 'sending') return;
    setState('sending');
    const replied = await act(replyFrom(number, { to: sender, text: written, provider }));
    setState('ready');
    if (replied === null) return;
    setSent(replied);
    if (written === text) setText('');
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send(text);
  };
  return (
    <div className={classes.reply}>
      <div className={classes.row}>
        <Textarea
          className={classes.field ?? ''}
          aria-label={`Write to ${sender} as ${handset.name}`}
          placeholder={`Write as ${handset.name}`}
          autosize
          minRows={1}
          maxRows={6}
          maxLength={textCharsMax}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={press}
        />
        <Button
          leftSection={<IconSend size={14} aria-hidden />}
          disabled={text.trim() === ''}
          loading={state === 'sending'}
          onClick={() => void send(text)}
        >
          Send
        </Button>
      </div>
      <div className={classes.below}>
        {words.map((word) => (
          <Button
            key={word}
            variant="default"
            size="compact-xs"
            aria-label={`Write ${word} to ${sender}`}
            onClick={() => void send(word)}
          >
            {word}
          </Button>
        ))}
        <span className={classes.count} role="status">
          {text === '' || preview === undefined
            ? 'Enter sends, Shift Enter breaks the line'
            : countWords(preview)}
        </span>
      </div>
      {sent !== null && (
        <p className={classes.outcome} role="status" data-tone={sent.outcome === 'nobody' ? 'warn' : 'quiet'}>
          {sentence(sent.detail)}
        </p>
      )}
    </div>
  );
}

function countWords({ encoding, parts, unitsLeft, unicode }: SmsPreviewView): string {
  const odd = unicode[0];
  const because = odd === undefined ? '' : ` because of ${odd.character} at ${odd.at + 1}`;
  return `${encodingWords[encoding]}${because} · ${plural(parts, 'part', 'parts')} · ${unitsLeft} left`;
}
