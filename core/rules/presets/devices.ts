import { type Preset, presetsOf } from './preset.ts';

const storing =
  'https://developer.apple.com/documentation/usernotifications/viewing-the-status-of-push-notifications-using-metrics-and-apns; https://firebase.google.com/docs/cloud-messaging/customize-messages/setting-message-lifespan';
const unregistered =
  'https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns; https://firebase.google.com/docs/cloud-messaging/manage-tokens';
const hourMs = 3_600_000;

/** What no answer tells a sender: it happens behind the yes of any push service. */
export const devicePresets: readonly Preset[] = presetsOf(
  { provider: 'any', group: 'Phones and browsers', when: { channel: 'push' } },
  [
    {
      id: 'devices-off-overnight',
      kind: 'device',
      title: 'Switched off overnight',
      about:
        'What is pushed between 22:00 and 07:00 UTC finds the device off for nine hours: it is stored, collapsed and expires as its headers say. Give what is of no use in the morning an expiration.',
      source: storing,
      then: { do: 'offline', forMs: 9 * hourMs },
      when: { time: { daily: { from: '22:00', until: '07:00' } } },
    },
    {
      id: 'devices-off-two-hours',
      kind: 'device',
      title: 'Switched off for 2 hours',
      about:
        'A tunnel, a flight, an empty battery: each push finds its device off, and the device is back two hours of virtual time later.',
      source: storing,
      then: { do: 'offline', forMs: 2 * hourMs },
    },
    {
      id: 'devices-off-for-long',
      kind: 'device',
      title: 'Switched off for 29 days',
      about:
        'Longer than FCM keeps anything (four weeks), and nearly as long as APNs does. Tokens of such devices are stale: drop what has not registered for a month.',
      source: storing,
      then: { do: 'offline', forMs: 29 * 24 * hourMs },
    },
    {
      id: 'devices-uninstalled',
      kind: 'goneToken',
      title: 'Uninstalled, and said at once',
      about:
        'The app is gone from the device before the push, and the provider knows: 410 or UNREGISTERED. Drop the token.',
      source: unregistered,
      then: { do: 'uninstall' },
    },
    {
      id: 'devices-uninstalled-later',
      kind: 'goneToken',
      title: 'Uninstalled, and said after 3 more sends',
      about:
        'The app is gone, and for a while the provider still says yes: those pushes are lost, and only a later one is told 410 or UNREGISTERED. Why delivery rates lie.',
      source: unregistered,
      then: { do: 'uninstall', tellAfterSends: 3 },
    },
    {
      id: 'devices-late',
      kind: 'device',
      title: 'Arrives 10 to 30 minutes late',
      about:
        'Accepted at once, and shown late: a device that saves power. Do not send a second one because nobody tapped.',
      source:
        'https://firebase.google.com/docs/cloud-messaging/android-message-priority; https://developer.android.com/training/monitoring-device-state/doze-standby',
      then: { do: 'delay', ms: 600_000, msMax: 1_800_000 },
    },
    {
      id: 'devices-lost',
      kind: 'lostReply',
      title: 'Accepted and lost',
      about:
        'The provider says yes, and the push is never seen. Neither APNs nor FCM promises delivery: what matters must be there when the app is opened.',
      source:
        'https://developer.apple.com/documentation/usernotifications/setting-up-a-remote-notification-server',
      then: { do: 'blackHole' },
    },
    {
      id: 'devices-twice',
      kind: 'device',
      title: 'Shown twice',
      about:
        'One push arrives two times. A collapse id or a tag makes the second take the place of the first.',
      source: 'https://firebase.google.com/docs/cloud-messaging/customize-messages/collapsible-message-types',
      then: { do: 'duplicate', copies: 2 },
    },
  ],
);
