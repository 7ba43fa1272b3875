/** The day on which everybody gets the same push within a minute, and a third of the phones is not there. */
import type { Scenario } from '../scenario.ts';
import { farSideRule, fromPreset, hourMs, minuteMs } from './from-preset.ts';

const apns = { provider: 'apns' } as const;

export const launchDayOnIos: Scenario = {
  name: 'Launch day on iOS',
  description: `The new version is out, and every user is to know at once. The storm of pushes runs into limits, into a fault at Apple, and into phones that are switched off, long uninstalled, or restored to another token. Six hours from the moment you start it, at a virtual minute a second. Mail and Android are left in peace.

Look at: the Phones room (what waits, what was collapsed, what expired), Exchanges (429, 503, GOAWAY, and what your client made of each), the tokens that your app still has at the end.

A good sender keeps one connection and one provider token for all; waits after 429 and 503 instead of hammering, and sends again with the same apns-id; opens a new connection after GOAWAY and repeats only what was not answered; gives a launch an expiration and a collapse id, so that a phone shows it once or not at all; and drops tokens for 410 and BadDeviceToken, never for 429, 403 or 5xx.`,
  seed: 20_260_916,
  speed: 60,
  magicAddresses: true,
  rules: [
    fromPreset('apns-unregistered', 'launch-gone', 'One phone in twelve no longer has the app', {
      when: { probability: 0.08 },
    }),
    fromPreset(
      'apns-expired-token',
      'launch-expired',
      'One in fifty was restored, and its old token expired',
      {
        when: { probability: 0.02 },
      },
    ),
    fromPreset('apns-bad-device-token', 'launch-bad', 'Every 40th token came from a development build', {
      when: { everyNth: 40 },
    }),
    fromPreset(
      'apns-goaway',
      'launch-goaway',
      'Minute 5: the front end is rotated, every 25th push ends its connection',
      {
        when: { time: { afterMs: 5 * minuteMs, forMs: 10 * minuteMs }, everyNth: 25 },
      },
    ),
    fromPreset(
      'apns-service-unavailable',
      'launch-503',
      'Minute 20 to 30: Apple is overrun, and says 503 to all',
      {
        when: { time: { afterMs: 20 * minuteMs, forMs: 10 * minuteMs } },
      },
    ),
    fromPreset('apns-shutdown', 'launch-shutdown', 'Hour 1: servers are taken down one by one', {
      when: { time: { afterMs: hourMs, forMs: 15 * minuteMs }, everyNth: 10 },
    }),
    fromPreset('apns-internal-server-error', 'launch-500', 'One push in a hundred meets a fault, once', {
      when: { probability: 0.01 },
      times: 1,
    }),
    fromPreset(
      'apns-too-many-requests',
      'launch-429',
      'The first hour: beyond 600 a minute each push is put off twice',
      { when: { time: { forMs: hourMs }, rate: { moreThan: 600, perMs: minuteMs } }, times: 2 },
    ),
    farSideRule(
      'launch-off',
      'One phone in four is switched off, for two hours',
      { ...apns, probability: 0.25 },
      { do: 'offline', forMs: 2 * hourMs },
    ),
    farSideRule(
      'launch-uninstall',
      'The 30th and the 60th user uninstall the app on the spot; Apple says so three pushes later',
      { ...apns, nth: [30, 60] },
      { do: 'uninstall', tellAfterSends: 3 },
    ),
    farSideRule(
      'launch-late',
      'Every 9th phone saves power, and shows it 5 to 20 minutes late',
      { ...apns, everyNth: 9 },
      { do: 'delay', ms: 5 * minuteMs, msMax: 20 * minuteMs },
    ),
    farSideRule(
      'launch-lost',
      'One in two hundred is accepted and never seen',
      { ...apns, probability: 0.005 },
      { do: 'blackHole' },
    ),
  ],
};
