import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { HandsetView, SmsThreadView, SmsView } from '../../../core/api/sms-schema.ts';
import { smsProviderNames } from '../../../core/model/sms.ts';
import { threadQuery } from '../api/handsets.ts';
import { formatWhenExactly, plural } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { Bubble, WhyUnicode } from './bubble.tsx';
import {
  byProvider,
  callbackTone,
  callbackWords,
  standingWords,
  stateShapes,
  stateTones,
} from './handset-words.ts';
import { NowhereToReply } from './nowhere-to-reply.tsx';
import { ReplyBox } from './reply-box.tsx';
import classes from './sms-thread.module.css';

interface SmsThreadProps {
  readonly handset: HandsetView;
  readonly thread: SmsThreadView;
  readonly nowMs: number;
}

/** Nearer than this to the end is at the end: a new message moves it along. */
const nearEndPx = 80;

/** What one sender and the owner of a handset wrote to each other, the newest at the end. */
export function SmsThread({ handset, thread, nowMs }: SmsThreadProps) {
  const { number } = handset;
  const { sender } = thread;
  const { data, error, refetch } = useQuery(threadQuery(number, sender));
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const entries = data?.entries ?? [];
  const newest = entries[0]?.id;
  // By the newest: what comes while the end is seen stays seen.
  useEffect(() => {
    if (scroller.current !== null && atEnd.current)
      scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [newest]);
  const name = sender === '' ? 'a sender without a name' : sender;
  return (
    <section className={classes.thread} aria-label={`Thread with ${name}`}>
      <header className={classes.head}>
        <h2 className={classes.sender}>{name}</h2>
        <span className={classes.dim}>
          {smsProviderNames[thread.provider]} · {plural(thread.messages, 'message', 'messages')}
        </span>
        {thread.optedOut && <span className={classes.stopped}>STOP was written: the app is refused</span>}
      </header>
      <div
        ref={scroller}
        className={classes.scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        role="log"
        aria-label={`Messages with ${name}`}
        onScroll={({ currentTarget: box }) => {
          atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < nearEndPx;
        }}
      >
        {data === undefined &&
          (error === null ? (
            <LoadingState what="the messages" />
          ) : (
            <ProblemState error={error} onRetry={() => void refetch()} />
          ))}
        {data !== undefined && data.total > entries.length && (
          <p className={classes.older}>Older ones are not shown; the room Messages has what apps sent.</p>
        )}
        <ol className={classes.list}>
          {entries.toReversed().map((sms) => (
            <OneSms key={sms.id} sms={sms} nowMs={nowMs} />
          ))}
        </ol>
      </div>
      <ReplyBox key={`${number} ${sender}`} handset={handset} thread={thread} />
    </section>
  );
}

function OneSms({ sms, nowMs }: { readonly sms: SmsView; readonly nowMs: number }) {
  const own = byProvider(sms);
  const told = sms.callbacks.some(({ purpose }) => purpose === 'inbound');
  return (
    <li className={classes.item} data-direction={sms.direction}>
      {own && (
        <span className={classes.byProvider}>{smsProviderNames[sms.provider]} answers this by itself</span>
      )}
      <Bubble sms={sms} messageId={sms.messageId} />
      <WhyUnicode sms={sms} />
      <p className={classes.standing} data-tone={stateTones[sms.state]}>
        <span className={classes.shape} aria-hidden>
          {stateShapes[sms.state]}
        </span>
        <span>{standingWords(sms)}</span>
        {sms.copies > 1 && <span className={classes.dim}>shown {sms.copies} times</span>}
        <time className={classes.dim} dateTime={sms.receivedAt} title="virtual time">
          {formatWhenExactly(sms.receivedAt, new Date(nowMs))}
        </time>
        {sms.messageId !== null && (
          <Link
            to="/messages/$id"
            params={{ id: sms.messageId }}
            search={{ tab: 'journey', ...(sms.deliveryId === null ? {} : { delivery: sms.deliveryId }) }}
            className={classes.link}
            aria-label={`Show the journey of “${sms.text.slice(0, titleCharsMax)}”`}
          >
            journey
          </Link>
        )}
      </p>
      {sms.callbacks.length > 0 && (
        <ul className={classes.calls} aria-label="What the app was told">
          {sms.callbacks.map((call) => (
            <li key={call.id} data-tone={callbackTone(call)}>
              <Link to="/queue/$id" params={{ id: call.id }} className={classes.call} title={call.url}>
                {callbackWords(call)}
              </Link>
            </li>
          ))}
        </ul>
      )}
      {sms.direction === 'mo' && !told && <NowhereToReply sms={sms} />}
      {sms.faults.length > 0 && (
        <ul className={classes.faults} aria-label="Passed over in the app’s reply">
          {sms.faults.map((fault) => (
            <li key={fault}>Passed over in the app’s reply: {fault}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

const titleCharsMax = 40;
