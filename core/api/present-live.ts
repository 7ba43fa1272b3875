/** Live relay as the API shows it. Pure. */
import type { RelayView } from '../delivery/relays.ts';
import {
  type AuditEntry,
  type Confirmable,
  channelsOf,
  type LiveChannel,
  type LiveStatus,
  type LiveSummary,
  liveChannels,
  type ReleaseSummary,
} from '../model/live-relay.ts';
import { iso, isoOrNull } from './iso-time.ts';
import type {
  AuditEntryShape,
  LiveStatusShape,
  LiveSummaryShape,
  RelayShape,
  ReleaseSummaryShape,
} from './live-relay-schema.ts';

export function presentLiveStatus(status: LiveStatus): LiveStatusShape {
  const { lastEnd } = status;
  return {
    live: status.live,
    channels: eachChannel(status.channels, ({ relayId, relayName, kind, recipients, ...rest }) => ({
      relay: { id: relayId, name: relayName, kind },
      recipients: writable(recipients),
      ...rest,
    })),
    since: isoOrNull(status.sinceMs),
    until: isoOrNull(status.untilMs),
    startedBy: status.startedBy,
    underWay: status.underWay,
    released: status.released,
    lastEnd: lastEnd === null ? null : { at: iso(lastEnd.atMs), why: lastEnd.why, by: lastEnd.by },
  };
}

export function presentLiveSummary(shown: Confirmable<LiveSummary>): LiveSummaryShape {
  const { setup, untilMs, channels } = shown.summary;
  const entryOf = ({ dueAtMs, ...entry }: LiveSummaryEntry) => ({ ...entry, dueAt: isoOrNull(dueAtMs) });
  return {
    setup: {
      durationMs: setup.durationMs,
      channels: eachChannel(setup.channels, (one) => ({ ...one, recipients: writable(one.recipients) })),
    },
    until: iso(untilMs),
    channels: eachChannel(channels, (one) => ({
      ...one,
      relay: { ...one.relay },
      entries: one.entries.map(entryOf),
      notAllowedEntries: one.notAllowedEntries.map(entryOf),
    })),
    confirmation: shown.confirmation,
    expiresAt: iso(shown.expiresAtMs),
  };
}

type LiveSummaryEntry = NonNullable<LiveSummary['channels']['email']>['entries'][number];

export function presentReleaseSummary(shown: Confirmable<ReleaseSummary>): ReleaseSummaryShape {
  const { relay, to, messages } = shown.summary;
  return {
    relay: { ...relay },
    to,
    messages: messages.map((one) => ({ ...one })),
    confirmation: shown.confirmation,
    expiresAt: iso(shown.expiresAtMs),
  };
}

export function presentRelay({ relay, address, credential, missing }: RelayView): RelayShape {
  const { verified, settings } = relay;
  return {
    id: relay.id,
    name: relay.name,
    settings: shownSettings(settings),
    channels: [...channelsOf(settings.kind)],
    address,
    credential: { ...credential },
    missing: [...missing],
    createdAt: iso(relay.createdAtMs),
    verified: verified === null ? null : { at: iso(verified.atMs), ok: verified.ok, text: verified.text },
  };
}

function shownSettings(settings: RelayView['relay']['settings']): RelayShape['settings'] {
  if (settings.kind === 'smtp') return { ...settings, pins: [...settings.pins] };
  if (settings.kind === 'mx') return { ...settings, dnsServers: [...settings.dnsServers] };
  return { ...settings };
}

export function presentAuditEntry({ atMs, detail, ...entry }: AuditEntry): AuditEntryShape {
  return { ...entry, at: iso(atMs), detail: { ...detail } };
}

function writable(recipients: NonNullable<LiveStatus['channels']['email']>['recipients']) {
  return recipients.kind === 'rewrite'
    ? { ...recipients }
    : { kind: recipients.kind, entries: recipients.entries.map((one) => ({ ...one })) };
}

function eachChannel<T, U>(
  channels: Readonly<Partial<Record<LiveChannel, T>>>,
  present: (one: T) => U,
): Partial<Record<LiveChannel, U>> {
  const shown: Partial<Record<LiveChannel, U>> = {};
  for (const channel of liveChannels) {
    const one = channels[channel];
    if (one !== undefined) shown[channel] = present(one);
  }
  return shown;
}
