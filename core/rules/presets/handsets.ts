import { outageMs, type Preset, presetsOf } from './preset.ts';

const storing =
  '3GPP TS 23.040 section 3.2 (the service centre stores until the validity period ends): https://www.3gpp.org/dynareport/23040.htm';
const callbacks = 'https://www.twilio.com/docs/messaging/guides/track-outbound-message-status';
const hourMs = 3_600_000;

/** What happens behind the yes of any SMS provider, in the words of whichever it is. */
export const handsetPresets: readonly Preset[] = presetsOf(
  { provider: 'any', group: 'Handsets and carriers', when: { channel: 'sms' } },
  [
    {
      id: 'handsets-off-for-an-hour',
      kind: 'handset',
      title: 'Handset off for an hour',
      about:
        'The SMSC holds the message, and delivers it an hour of virtual time later. A code that holds for ten minutes is of no use by then.',
      source: storing,
      then: { do: 'offline', forMs: hourMs },
    },
    {
      id: 'handsets-off-for-a-weekend',
      kind: 'handset',
      title: 'Handset off for a weekend',
      about:
        'Off for 60 hours from each message on: held, and delivered on Monday, all at once. Give what is of no use by then a validity period.',
      source: storing,
      then: { do: 'offline', forMs: 60 * hourMs },
    },
    {
      id: 'handsets-off-for-too-long',
      kind: 'expires',
      title: 'Handset off for 73 hours',
      about: 'Longer than a carrier stores, 72 hours here: it expires, and the report says so.',
      source: storing,
      then: { do: 'offline', forMs: 73 * hourMs },
    },
    {
      id: 'handsets-twice',
      kind: 'handset',
      title: 'Shown twice',
      about: 'The handset’s acknowledgement is lost, and the SMSC delivers again. One message, two bubbles.',
      source: storing,
      then: { do: 'duplicate', copies: 2 },
    },
    {
      id: 'handsets-late',
      kind: 'handset',
      title: 'Arrives 5 to 20 minutes late',
      about:
        'A carrier at its limit on a Friday evening. Let users ask for another code, and let the older one hold.',
      source: storing,
      then: { do: 'delay', ms: 300_000, msMax: 1_200_000 },
    },
    {
      id: 'carriers-outage',
      kind: 'outage',
      title: 'Carrier outage for 2 hours: accepted, and nothing more',
      about:
        'Providers go on saying yes while a carrier is down: messages are taken, and neither arrive nor are reported, for two hours of virtual time. What your app shows meanwhile is the test.',
      source: callbacks,
      then: { do: 'blackHole' },
      when: { time: { forMs: outageMs } },
    },
    {
      id: 'reports-lost',
      kind: 'reports',
      title: 'Reports lost',
      about:
        'The message arrives, and no report of it ever comes. Do not send again because of that: read the status back after a while.',
      source: callbacks,
      then: { do: 'reports', how: 'lose', times: 2, ms: 60_000 },
    },
    {
      id: 'reports-twice',
      kind: 'reports',
      title: 'Reports twice',
      about: 'Each report comes two times, as after a 200 that got lost. Take the second for what it is.',
      source: callbacks,
      then: { do: 'reports', how: 'repeat', times: 2, ms: 60_000 },
    },
    {
      id: 'reports-out-of-order',
      kind: 'reports',
      title: 'Reports out of order',
      about:
        'Delivered comes before sent, as providers say it may. A status must not go back: order them by what they mean, not by when they came.',
      source: callbacks,
      then: { do: 'reports', how: 'shuffle', times: 2, ms: 60_000 },
    },
    {
      id: 'reports-late',
      kind: 'reports',
      title: 'Reports 10 minutes late',
      about: 'The message is there at once, and its reports come ten minutes of virtual time later.',
      source: callbacks,
      then: { do: 'reports', how: 'late', times: 2, ms: 600_000 },
    },
  ],
);
