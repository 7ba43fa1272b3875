/** What stands in the form of going live, and what the API is asked for with it. Pure. */
import {
  type AllowEntry,
  allowKinds,
  type LiveChannel,
  liveChannels,
  liveLimits,
} from '../../../core/model/live-relay.ts';
import type { LiveSetup, LiveStatus, Relay } from '../api/live-relay.ts';
import { readDuration, writeDuration } from '../duration-text.ts';
import { recipientWords } from './live-words.ts';

export interface ChannelForm {
  readonly on: boolean;
  /** Empty: the only one there is, or none. */
  readonly relayId: string;
  readonly recipients: 'allow' | 'rewrite';
  readonly entries: readonly AllowEntry[];
  readonly to: string;
  readonly perHourMax: string;
  readonly passThrough: boolean;
}

export interface SetupForm {
  readonly channels: Readonly<Record<LiveChannel, ChannelForm>>;
  /** `15m` */
  readonly duration: string;
}

const emptyChannel: ChannelForm = {
  on: false,
  relayId: '',
  recipients: 'allow',
  entries: [],
  to: '',
  perHourMax: String(liveLimits.perHourMaxUsual),
  passThrough: false,
};

export const emptySetup: SetupForm = {
  channels: {
    email: emptyChannel,
    apns: emptyChannel,
    fcm: emptyChannel,
    webpush: emptyChannel,
    sms: emptyChannel,
  },
  duration: writeDuration(liveLimits.durationMsUsual),
};

/** Mail has no door of a provider. */
export const canPassThrough = (channel: LiveChannel): boolean => channel !== 'email';

export const relaysOf = (relays: readonly Relay[], channel: LiveChannel): readonly Relay[] =>
  relays.filter(({ channels }) => channels.includes(channel));

/** The one that is chosen, where it is still there; else the only one. */
export function relayOf(
  { relayId }: Pick<ChannelForm, 'relayId'>,
  relays: readonly Relay[],
  channel: LiveChannel,
): Relay | null {
  const fitting = relaysOf(relays, channel);
  return fitting.find(({ id }) => id === relayId) ?? (fitting.length === 1 ? (fitting[0] ?? null) : null);
}

export interface ChannelFaults {
  readonly relay?: string;
  readonly recipients?: string;
  readonly perHourMax?: string;
}

export interface SetupFaults {
  readonly channels: Readonly<Partial<Record<LiveChannel, ChannelFaults>>>;
  readonly duration?: string;
  /** Of the whole of it. */
  readonly whole?: string;
}

/** @returns what is to be asked for, or what is missing, told at the field */
export function readSetup(
  form: SetupForm,
  relays: readonly Relay[],
): { readonly setup: LiveSetup } | { readonly faults: SetupFaults } {
  const channels: LiveSetup['channels'] = {};
  const faults: Partial<Record<LiveChannel, ChannelFaults>> = {};
  for (const channel of liveChannels) {
    const one = form.channels[channel];
    if (!one.on) continue;
    const read = readChannel(one, relays, channel);
    if ('faults' in read) faults[channel] = read.faults;
    else channels[channel] = read.setup;
  }
  const durationMs = readDuration(form.duration);
  const duration = durationFault(durationMs);
  const chosen = liveChannels.some((channel) => form.channels[channel].on);
  if (durationMs === null || duration !== null || !chosen || Object.keys(faults).length > 0)
    return {
      faults: {
        channels: faults,
        ...(duration === null ? {} : { duration }),
        ...(chosen ? {} : { whole: 'Switch on at least one channel.' }),
      },
    };
  return { setup: { channels, durationMs } };
}

type ChannelSetup = NonNullable<LiveSetup['channels']['email']>;

function readChannel(
  form: ChannelForm,
  relays: readonly Relay[],
  channel: LiveChannel,
): { readonly setup: ChannelSetup } | { readonly faults: ChannelFaults } {
  const relay = relayOf(form, relays, channel);
  const perHourMax = /^\d+$/.test(form.perHourMax.trim()) ? Number(form.perHourMax) : 0;
  const { one } = recipientWords[channel];
  const nobody =
    form.recipients === 'allow'
      ? form.entries.length === 0 && `Name at least one ${one}, or send everything to yourself.`
      : form.to.trim() === '' && `Write the ${one} that everything goes to.`;
  const capped = perHourMax >= 1 && perHourMax <= liveLimits.perHourMaxMax;
  if (relay === null || nobody !== false || !capped)
    return {
      faults: {
        ...(relay === null ? { relay: 'Pick a relay.' } : {}),
        ...(nobody === false ? {} : { recipients: nobody }),
        ...(capped ? {} : { perHourMax: `From 1 to ${liveLimits.perHourMaxMax}.` }),
      },
    };
  return {
    setup: {
      relayId: relay.id,
      recipients:
        form.recipients === 'allow'
          ? { kind: 'allow', entries: form.entries.map((entry) => ({ ...entry })) }
          : { kind: 'rewrite', to: form.to.trim() },
      perHourMax,
      passThrough: canPassThrough(channel) && form.passThrough,
    },
  };
}

function durationFault(durationMs: number | null): string | null {
  if (durationMs === null) return 'Write 15m or 2h.';
  const { durationMsMin, durationMsMax } = liveLimits;
  return durationMs >= durationMsMin && durationMs <= durationMsMax
    ? null
    : `From ${writeDuration(durationMsMin)} to ${writeDuration(durationMsMax)}.`;
}

/** As it is now, to change it. */
export function formOf({ channels }: Pick<LiveStatus, 'channels'>, before: SetupForm): SetupForm {
  const each = liveChannels.map((channel): readonly [LiveChannel, ChannelForm] => {
    const live = channels[channel];
    const old = before.channels[channel];
    if (live === undefined) return [channel, { ...old, on: false }];
    const { recipients, relay, perHourMax, passThrough } = live;
    return [
      channel,
      {
        ...old,
        on: true,
        relayId: relay.id,
        recipients: recipients.kind,
        ...(recipients.kind === 'allow' ? { entries: recipients.entries } : { to: recipients.to }),
        perHourMax: String(perHourMax),
        passThrough,
      },
    ];
  });
  return { ...before, channels: { ...before.channels, ...Object.fromEntries(each) } };
}

/** Kept on this machine between two times: what can be read of it, the rest as it is at first. */
export function parseSetup(kept: string): SetupForm {
  const parsed = jsonObject(kept);
  const channels = objectOf(parsed?.channels);
  const each = liveChannels.map((channel) => [channel, parseChannel(objectOf(channels?.[channel]))] as const);
  return {
    channels: { ...emptySetup.channels, ...Object.fromEntries(each) },
    duration: textOf(parsed?.duration) ?? emptySetup.duration,
  };
}

function parseChannel(kept: Readonly<Record<string, unknown>> | null): ChannelForm {
  if (kept === null) return emptyChannel;
  const entries = Array.isArray(kept.entries) ? kept.entries.map(objectOf) : [];
  return {
    on: kept.on === true,
    relayId: textOf(kept.relayId) ?? '',
    recipients: kept.recipients === 'rewrite' ? 'rewrite' : 'allow',
    entries: entries.flatMap((entry): AllowEntry[] => {
      const kind = allowKinds.find((one) => one === entry?.kind);
      const value = textOf(entry?.value);
      return kind === undefined || value === null ? [] : [{ kind, value }];
    }),
    to: textOf(kept.to) ?? '',
    perHourMax: textOf(kept.perHourMax) ?? emptyChannel.perHourMax,
    passThrough: kept.passThrough === true,
  };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    // Nothing was kept yet, or by another version: it is written anew.
    return null;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
