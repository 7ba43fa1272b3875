import { Button, NativeSelect, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { DryRun } from '../../../core/api/rules-schema.ts';
import { fetchMessages } from '../api/messages.ts';
import { type DryRunAbout, dryRun, type RuleBody } from '../api/rules.ts';
import { formatWhen } from '../format.ts';
import { draftFaults } from './draft.ts';
import classes from './dry-run.module.css';
import { DryRunResult } from './dry-run-result.tsx';
import { readHeaderLines } from './header-lines.ts';
import { faultsOf } from './rule-faults.ts';
import { isPushProvider, isSmsProvider, smsProviderKeys } from './rule-words.ts';

interface DryRunFormProps {
  /** A rule that is tried in place of those in force; null: those in force. */
  readonly rule: RuleBody | null;
}

const messagesShown = 20;

type Source = 'stored' | 'typed';

/** Which rule a message would meet, and why not the others: of one that is there, or one that is made up. */
export function DryRunForm({ rule }: DryRunFormProps) {
  const [source, setSource] = useState<Source>('stored');
  const [outcome, setOutcome] = useState<DryRun['recipients'] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const run = (about: DryRunAbout) => {
    const missing = rule === null ? [] : draftFaults(rule);
    if (missing.length > 0) return setProblem('The rule is not complete yet.');
    dryRun(about, rule === null ? null : [rule]).then(
      (found) => {
        setOutcome(found);
        setProblem(null);
      },
      (error: unknown) =>
        setProblem(
          faultsOf(error)
            .map(({ field, detail }) => (field === '' ? detail : `${field}: ${detail}`))
            .join(' '),
        ),
    );
  };
  return (
    <div className={classes.form}>
      <SegmentedControl
        w="fit-content"
        aria-label="Which message"
        value={source}
        data={[
          { value: 'stored', label: 'A message that is there' },
          { value: 'typed', label: 'An envelope' },
        ]}
        onChange={(next) => {
          setSource(next === 'typed' ? 'typed' : 'stored');
          setOutcome(null);
        }}
      />
      {source === 'stored' ? <StoredMessage onRun={run} /> : <TypedEnvelope onRun={run} />}
      {problem !== null && (
        <p className={classes.bad} role="alert">
          {problem}
        </p>
      )}
      {outcome !== null && (
        <DryRunResult
          recipients={outcome}
          links={rule === null ? 'links' : 'none'}
          stage={rule === null ? null : rule.stage}
        />
      )}
    </div>
  );
}

function StoredMessage({ onRun }: { readonly onRun: (about: DryRunAbout) => void }) {
  const [q, setQ] = useState('');
  const [picked, setPicked] = useState<string | null>(null);
  const { data } = useQuery({
    queryKey: ['messages-to-try', q],
    queryFn: ({ signal }) =>
      fetchMessages({ q: q.trim(), project: null }, { after: null, limit: messagesShown, signal }),
    placeholderData: keepPreviousData,
    staleTime: 2_000,
  });
  const entries = data?.entries ?? [];
  return (
    <>
      <TextInput
        aria-label="Search messages to try"
        placeholder="Search messages"
        value={q}
        onChange={(event) => setQ(event.currentTarget.value)}
      />
      {data !== undefined && entries.length === 0 ? (
        <p className={classes.dim}>
          {q.trim() === '' ? 'There is no message yet: try an envelope.' : 'No message matches.'}
        </p>
      ) : (
        <ul className={classes.found} aria-label="Messages">
          {entries.map((message) => (
            <li key={message.id}>
              <button
                type="button"
                className={classes.pick}
                aria-pressed={picked === message.id}
                onClick={() => {
                  setPicked(message.id);
                  onRun({ messageId: message.id });
                }}
              >
                <span className={classes.subject}>
                  {message.subject === '' ? 'No subject' : message.subject}
                </span>
                <span className={classes.to}>{message.envelope.to.join(', ')}</span>
                <time className={classes.dim} dateTime={message.receivedAt}>
                  {formatWhen(message.receivedAt, new Date())}
                </time>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const doors = [
  'smtp',
  'submission',
  'smtps',
  'api',
  'mx',
  'apns',
  'fcm',
  'webpush',
  ...smsProviderKeys,
  'inapp',
];

function TypedEnvelope({ onRun }: { readonly onRun: (about: DryRunAbout) => void }) {
  const [to, setTo] = useState('');
  const [from, setFrom] = useState('you@sandpost.example');
  const [subject, setSubject] = useState('');
  const [door, setDoor] = useState('smtp');
  const [headers, setHeaders] = useState('');
  const [body, setBody] = useState('');
  const [tags, setTags] = useState('');
  const recipients = split(to);
  const push = isPushProvider(door);
  const sms = isSmsProvider(door);
  const inApp = door === 'inapp';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (recipients.length === 0) return;
    onRun({
      message: {
        channel: push ? 'push' : sms ? 'sms' : inApp ? 'inapp' : 'email',
        door,
        from,
        to: recipients,
        subject: sms ? '' : subject,
        headers: readHeaderLines(headers),
        body,
        tags: split(tags),
      },
    });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <div className={classes.fields}>
        <TextInput
          label="To"
          placeholder={
            push
              ? 'a token, or unregistered-jane'
              : sms
                ? '+4915112345678, or +12025726304'
                : inApp
                  ? 'a user’s id, or anna+offline'
                  : 'jane@gmail.com, bob@yahoo.com'
          }
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <TextInput
          label="From"
          placeholder={push ? 'com.shop.app' : sms ? '+15005550006, or ShopInfo' : 'empty: the null sender'}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        {!sms && (
          <TextInput
            label={push || inApp ? 'Title' : 'Subject'}
            value={subject}
            onChange={(event) => setSubject(event.currentTarget.value)}
          />
        )}
        <NativeSelect
          label="Through"
          value={door}
          data={doors}
          onChange={(event) => setDoor(event.currentTarget.value)}
        />
        <TextInput
          label="Tags"
          placeholder="welcome"
          value={tags}
          onChange={(event) => setTags(event.currentTarget.value)}
        />
        <Textarea
          size="xs"
          className={classes.wide ?? ''}
          autosize
          minRows={1}
          maxRows={6}
          label="Other headers"
          placeholder="List-Unsubscribe: <https://…>"
          value={headers}
          onChange={(event) => setHeaders(event.currentTarget.value)}
        />
        <Textarea
          size="xs"
          className={classes.wide ?? ''}
          autosize
          minRows={1}
          maxRows={6}
          label="Body"
          value={body}
          onChange={(event) => setBody(event.currentTarget.value)}
        />
      </div>
      <div>
        <Button type="submit" variant="light" disabled={recipients.length === 0}>
          Try it
        </Button>
      </div>
    </form>
  );
}

const split = (text: string): readonly string[] => text.split(/[\s,;]+/).filter((one) => one !== '');
