/** The day on which everybody waits for a code, and the codes wait for the carriers. */
import type { Scenario } from '../scenario.ts';
import { farSideRule, fromPreset, hourMs, minuteMs } from './from-preset.ts';

const sms = { channel: 'sms' } as const;

export const verificationCodesOnABadDay: Scenario = {
  name: 'Verification codes on a bad day',
  description: `Your app sends codes that hold for ten minutes, by whichever SMS provider it uses. Accounts run into limits, one provider goes down, a carrier filters, handsets are off, and reports come when they like. Four hours from the moment you start it, at a virtual minute a second. Mail and push are left in peace.

Look at: the Phones room (what waits at the carrier, what came twice), Exchanges (429, 503, Vonage’s status 1, and what your client made of each), Callbacks (reports lost, repeated, out of order), what your app shows to somebody who waits for a code.

A good sender gives a code a validity period as long as it holds; waits after 429 and sends the same message again, once; goes to a second provider after 5xx, and not after a refusal; takes a report for what it says, not for when it comes, and never moves a status back; suppresses who wrote STOP, and drops numbers that nobody has; and lets the user ask for another code or a call when no report came in a minute.`,
  seed: 20_260_917,
  speed: 60,
  magicAddresses: true,
  rules: [
    fromPreset('twilio-opted-out', 'codes-stop', 'One in fifty wrote STOP to you long ago (Twilio)', {
      when: { probability: 0.02 },
    }),
    fromPreset('twilio-invalid-to', 'codes-bad', 'Every 40th number was mistyped (Twilio)', {
      when: { everyNth: 40 },
    }),
    fromPreset(
      'twilio-outage',
      'codes-twilio-down',
      'Minute 40 to 60: Twilio is out of order, and says 503 to all',
      { when: { time: { afterMs: 40 * minuteMs, forMs: 20 * minuteMs } } },
    ),
    fromPreset(
      'twilio-too-many-requests',
      'codes-429',
      'The first hour: beyond 100 a minute each message is put off once (Twilio)',
      { when: { time: { forMs: hourMs }, rate: { moreThan: 100, perMs: minuteMs } }, times: 1 },
    ),
    fromPreset(
      'vonage-throttled',
      'codes-vonage-throttled',
      'Beyond 30 a second Vonage throttles, and says so in a 200',
      { when: { rate: { moreThan: 30, perMs: 1_000 } } },
    ),
    fromPreset('smpp-throttled', 'codes-smpp-throttled', 'Every 25th submit_sm is throttled, once', {
      when: { everyNth: 25 },
      times: 1,
    }),
    fromPreset(
      'twilio-filtered',
      'codes-filtered',
      'Hour 2: a carrier takes one code in ten for spam (Twilio)',
      { when: { time: { afterMs: 2 * hourMs, forMs: hourMs }, probability: 0.1 } },
    ),
    fromPreset(
      'twilio-10dlc-unregistered',
      'codes-10dlc',
      'Hour 3: your US campaign lapses for half an hour',
      {
        when: { time: { afterMs: 3 * hourMs, forMs: 30 * minuteMs } },
      },
    ),
    farSideRule(
      'codes-off',
      'One handset in eight is off, for 20 minutes: the code comes too late',
      { ...sms, probability: 0.125 },
      { do: 'offline', forMs: 20 * minuteMs },
    ),
    farSideRule(
      'codes-late',
      'Every 9th comes 2 to 12 minutes late',
      { ...sms, everyNth: 9 },
      { do: 'delay', ms: 2 * minuteMs, msMax: 12 * minuteMs },
    ),
    farSideRule(
      'codes-twice',
      'One in thirty is shown twice',
      { ...sms, probability: 0.033 },
      { do: 'duplicate', copies: 2 },
    ),
    farSideRule(
      'codes-lost',
      'One in a hundred is accepted and never seen, and nobody says so',
      { ...sms, probability: 0.01 },
      { do: 'blackHole' },
    ),
    farSideRule(
      'codes-reports-lost',
      'Every 7th message is delivered, and its reports get lost',
      { ...sms, everyNth: 7 },
      { do: 'reports', how: 'lose', times: 2, ms: minuteMs },
    ),
    farSideRule(
      'codes-reports-shuffled',
      'Of the others every third has its reports out of order',
      { ...sms, everyNth: 3 },
      { do: 'reports', how: 'shuffle', times: 2, ms: minuteMs },
    ),
    farSideRule(
      'codes-reports-twice',
      'Of the rest one in five has each of its reports twice',
      { ...sms, probability: 0.2 },
      { do: 'reports', how: 'repeat', times: 2, ms: minuteMs },
    ),
  ],
};
