import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconBroadcast } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { liveChannels } from '../../../core/model/live-relay.ts';
import type { LiveSummary } from '../api/live-relay.ts';
import { formatDateTime, formatGap, formatWhenExactly, plural } from '../format.ts';
import { shortToken } from '../status/recipient-name.ts';
import { channelNames, goesInAll, goingWords, recipientsInWords } from './live-words.ts';
import classes from './summary.module.css';

interface SummaryDialogProps {
  /** Null: closed. */
  readonly summary: LiveSummary | null;
  readonly state: 'still' | 'turning';
  readonly onConfirm: (confirmation: string) => void;
  /** Asks for the summary anew. */
  readonly onAgain: () => void;
  readonly onClose: () => void;
}

/** Exactly what would go out for real; it is not on before somebody typed so. */
export function SummaryDialog({ summary, ...rest }: SummaryDialogProps) {
  return (
    <Modal opened={summary !== null} onClose={rest.onClose} title="What would be sent for real" size={680}>
      {summary !== null && <Summary key={summary.confirmation} summary={summary} {...rest} />}
    </Modal>
  );
}

export const confirmWord = 'live';

function Summary({
  summary,
  state,
  onConfirm,
  onAgain,
  onClose,
}: SummaryDialogProps & { readonly summary: LiveSummary }) {
  const [typed, setTyped] = useState('');
  const old = useIsOver(summary.expiresAt);
  const confirmed = typed.trim().toLowerCase() === confirmWord;
  const goes = goesInAll(summary);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // It stands outside the page's form, but React hands its events on to what it is written in: that asks anew.
        event.stopPropagation();
        if (confirmed && !old) onConfirm(summary.confirmation);
      }}
    >
      <Stack gap="md">
        <Text size="md">
          <strong>{goingWords(goes)}</strong> It ends by itself at {formatDateTime(summary.until)}, after{' '}
          {formatGap(summary.setup.durationMs)}.
        </Text>
        {liveChannels.map((channel) => (
          <ChannelSummary key={channel} channel={channel} summary={summary} />
        ))}
        {old ? (
          <Group justify="space-between" role="alert">
            <Text size="md" className={classes.bad ?? ''}>
              This summary is too old: it is good for two minutes.
            </Text>
            <Button variant="default" onClick={onAgain}>
              Look again
            </Button>
          </Group>
        ) : (
          <TextInput
            label={`Type ${confirmWord.toUpperCase()} to confirm`}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" data-autofocus onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            className={classes.real ?? ''}
            color="red"
            leftSection={<IconBroadcast size={14} aria-hidden />}
            disabled={!confirmed || old}
            loading={state === 'turning'}
          >
            Send for real
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function useIsOver(at: string): boolean {
  const [over, setOver] = useState(() => Date.parse(at) <= Date.now());
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), Math.max(0, Date.parse(at) - Date.now()));
    return () => clearTimeout(timer);
  }, [at]);
  return over;
}

function ChannelSummary({
  channel,
  summary,
}: {
  readonly channel: (typeof liveChannels)[number];
  readonly summary: LiveSummary;
}) {
  const found = summary.channels[channel];
  const setup = summary.setup.channels[channel];
  if (found === undefined || setup === undefined) return null;
  return (
    <section className={classes.channel} aria-label={channelNames[channel]}>
      <h3 className={classes.heading}>{channelNames[channel]}</h3>
      <dl className={classes.facts}>
        <dt>By</dt>
        <dd>
          {found.relay.name}, <code>{found.relay.address}</code>
        </dd>
        <dt>To</dt>
        <dd>{recipientsInWords(setup.recipients)}</dd>
        <dt>At most</dt>
        <dd>{setup.perHourMax} in an hour</dd>
        <dt>App’s own requests</dt>
        <dd>{setup.passThrough ? 'passed through to the real provider' : 'stay in the sandbox'}</dd>
      </dl>
      <ul className={classes.counts}>
        <li data-real={found.goes > 0}>{plural(found.goes, 'goes', 'go')} out</li>
        {found.later > 0 && <li>{plural(found.later, 'is', 'are')} due after it ends</li>}
        {found.overCap > 0 && <li>{found.overCap} over the cap: held</li>}
        {found.notAllowed > 0 && <li>{found.notAllowed} not allowed: held</li>}
      </ul>
      <Listed
        title="Allowed"
        entries={found.entries}
        all={found.goes + found.later + found.overCap}
        until={summary.until}
      />
      <Listed
        title="Not allowed, to be held"
        entries={found.notAllowedEntries}
        all={found.notAllowed}
        until={summary.until}
        held
      />
    </section>
  );
}

type Entries = NonNullable<LiveSummary['channels']['email']>['entries'];

function Listed({
  title,
  entries,
  all,
  until,
  held = false,
}: {
  readonly title: string;
  readonly entries: Entries;
  readonly all: number;
  readonly until: string;
  readonly held?: boolean;
}) {
  if (entries.length === 0) return null;
  return (
    <div className={classes.listed}>
      <table className={classes.table}>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">For</th>
            <th scope="col">{held ? 'Goes' : 'Really goes to'}</th>
            <th scope="col">Due</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.deliveryId}>
              <td>{shortToken(entry.recipient)}</td>
              <td>{held ? 'nowhere' : shortToken(entry.to)}</td>
              <td>{dueWords(entry.dueAt, until)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {all > entries.length && <p className={classes.more}>and {all - entries.length} more</p>}
    </div>
  );
}

function dueWords(dueAt: string | null, until: string): string {
  if (dueAt === null || Date.parse(dueAt) <= Date.now()) return 'now';
  const when = formatWhenExactly(dueAt, new Date());
  return Date.parse(dueAt) > Date.parse(until) ? `${when}, after it ends` : when;
}
