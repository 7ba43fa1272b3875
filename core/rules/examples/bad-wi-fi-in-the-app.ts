/** An afternoon on the Wi-Fi of a café, as the in-app client of your app meets it. */
import type { Scenario } from '../scenario.ts';
import { farSideRule, fromPreset, minuteMs } from './from-preset.ts';

const inapp = { channel: 'inapp' } as const;

export const badWiFiInTheApp: Scenario = {
  name: 'Bad Wi-Fi in the app',
  description: `Your app pulls in-app messages in a café: answers are late, pages are cut in their middle, the net is gone for half a minute at a time, realtime comes and goes, and a proxy serves what it kept. Thirty minutes from the moment you start it, in real time. What your backend hands in is left in peace; mail, push and SMS too.

Look at: the In-app room (what is sent, seen and clicked, and how often), the user’s phone and browser there, Exchanges (which request was cut, late or answered from a cache, and by which rule).

A good client shows each message once; counts an impression when it was seen and tells it until somebody heard it; resumes realtime from the last event that it had, with a growing wait; polls while realtime is down; keeps what it has on screen while the net is gone; and never shows half a page.`,
  seed: 20_261_122,
  speed: 1,
  magicAddresses: true,
  rules: [
    farSideRule(
      'wifi-gone',
      'Every 40th request: out of the net for 30 seconds',
      { ...inapp, everyNth: 40 },
      { do: 'offline', forMs: 30_000 },
    ),
    fromPreset('inapp-drop-before-display', 'wifi-cut', 'Every 6th page is cut in its middle', {
      when: { everyNth: 6 },
    }),
    fromPreset('inapp-two-bars', 'wifi-late', 'Three answers in ten are 1 to 4 seconds late', {
      when: { probability: 0.3 },
    }),
    farSideRule(
      'wifi-trickle',
      'One page in twenty trickles',
      { ...inapp, moment: 'pull', probability: 0.05 },
      { do: 'slow', bytesPerSecond: 400 },
    ),
    fromPreset('inapp-stale', 'wifi-stale', 'Minute 10 to 15: a proxy serves what it kept', {
      when: { time: { afterMs: 10 * minuteMs, forMs: 5 * minuteMs } },
    }),
    fromPreset('inapp-realtime-down', 'wifi-no-realtime', 'Minute 15 to 20: no realtime at all', {
      when: { time: { afterMs: 15 * minuteMs, forMs: 5 * minuteMs } },
    }),
    fromPreset('inapp-realtime-drops', 'wifi-realtime-drops', 'Else realtime drops after 3 events', {
      when: { probability: 0.5 },
    }),
    fromPreset('inapp-double-delivery', 'wifi-twice', 'One page or connection in five has all twice', {
      when: { probability: 0.2 },
    }),
    fromPreset('inapp-tracked-unheard', 'wifi-unheard', 'Every 4th impression is kept, and its answer lost', {
      when: { everyNth: 4 },
    }),
    fromPreset('inapp-flaky', 'wifi-flaky', 'One request in fifty gets a 500', {
      when: { probability: 0.02 },
    }),
  ],
};
