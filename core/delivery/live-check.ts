/** What may be asked of live relay at all: its setup, and whom something goes to. Pure. */
import { AppError } from '../model/app-error.ts';
import {
  type AllowEntry,
  type LiveChannel,
  type LiveSetup,
  liveChannels,
  liveLimits,
} from '../model/live-relay.ts';
import { asciiDomain, asNumber } from './live-recipients.ts';
import { domainOf } from './plan.ts';

/** One address, with nothing in it that a line of SMTP could be ended with, or two be made of. */
const oneAddress = /^[^\s@<>,;:\\"()[\]]+@[^\s@<>,;:\\"()[\]]+$/;

/** As it goes: what all goes to that is rewritten. @throws AppError `bad_request` naming what is wrong */
export function checkedSetup({ channels, durationMs }: LiveSetup): LiveSetup {
  const { durationMsMin, durationMsMax } = liveLimits;
  if (!(durationMs >= durationMsMin && durationMs <= durationMsMax))
    throw wrong(
      `The duration is from ${durationMsMin / 1000} seconds to ${durationMsMax / 3_600_000} hours.`,
    );
  const checked: { -readonly [channel in LiveChannel]?: LiveSetup['channels'][channel] } = {};
  for (const channel of liveChannels) {
    const setup = channels[channel];
    if (setup !== undefined) checked[channel] = checkedChannel(channel, setup);
  }
  return { channels: checked, durationMs };
}

type ChannelSetup = NonNullable<LiveSetup['channels'][LiveChannel]>;

function checkedChannel(channel: LiveChannel, setup: ChannelSetup): ChannelSetup {
  const { recipients, perHourMax } = setup;
  const { perHourMaxMax, entriesMax } = liveLimits;
  if (!(Number.isInteger(perHourMax) && perHourMax >= 1 && perHourMax <= perHourMaxMax))
    throw wrong(`${channel}: the cap per hour is from 1 to ${perHourMaxMax}.`);
  if (recipients.kind === 'rewrite')
    return { ...setup, recipients: { kind: 'rewrite', to: checkedRecipient(channel, recipients.to) } };
  if (recipients.entries.length === 0 || recipients.entries.length > entriesMax)
    throw wrong(
      `${channel}: the list names from 1 to ${entriesMax} recipients; or send everything to one of your own.`,
    );
  for (const entry of recipients.entries) {
    const fault = faultOf(entry);
    if (fault !== null) throw wrong(`${channel}: ${fault}`);
  }
  return setup;
}

/** @returns whom it goes to, as the channel writes it; @throws AppError `bad_request` */
export function checkedRecipient(channel: LiveChannel, to: string): string {
  const one = to.trim();
  switch (channel) {
    case 'email':
      if (!oneAddress.test(one) || asciiDomain(domainOf(one)) === null)
        throw wrong(`${channel}: "${one}" is not one address; say whom it goes to, you@example.com say.`);
      return one;
    case 'sms': {
      const number = asNumber(one);
      if (number === null)
        throw wrong(`${channel}: "${one}" is no number; say whom it goes to, +441632960123 say.`);
      return number;
    }
    default:
      // biome-ignore lint/suspicious/noControlCharactersInRegex: tokens go into a path or a header.
      if (one === '' || /[\s\u0000-\u001f\u007f]/.test(one))
        throw wrong(`${channel}: say which token it goes to.`);
      return one;
  }
}

/** @returns null for a good one */
function faultOf({ kind, value }: AllowEntry): string | null {
  switch (kind) {
    case 'address':
      return oneAddress.test(value.trim()) ? null : `"${value}" on the list is not one address.`;
    case 'domain': {
      const domain = asciiDomain(value);
      if (domain === null)
        return `"${value}" on the list is no domain; write example.com, which has its sub-domains with it.`;
      // All of .com is nobody's own.
      return domain.includes('.') ? null : `"${value}" on the list is a whole top-level domain.`;
    }
    case 'number':
      return asNumber(value) === null
        ? `"${value}" on the list is no number; write it as +441632960123.`
        : null;
    default:
      return value.trim() === '' ? 'an entry of the list is empty.' : null;
  }
}

function wrong(text: string): AppError {
  return new AppError('bad_request', text);
}
