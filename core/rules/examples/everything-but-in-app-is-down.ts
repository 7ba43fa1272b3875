/** The day on which a send over several channels has only the app itself left. */
import type { Scenario } from '../scenario.ts';
import { farSideRule } from './from-preset.ts';

export const everythingButInAppIsDown: Scenario = {
  name: 'Everything but in-app is down',
  description: `Push tokens are dead, the carrier knows none of the numbers, and every mailbox is full. In-app messages go their way. For sends over several channels: each step fails as it fails in the world, and the message ends in the app.

Send one: sandpost send --channels push,sms,email,inapp --to anna --title "Your order" --body "It is on its way".

Look at: the journey of the send (its branches, and why each was left), the In-app room (what waits for the user), Suppressions and Phones (which tokens are gone for good).

A good sender drops a token that is gone, stops sending to a number that nobody has, gives a channel a time after which the next is tried, and says in the app what it could not say elsewhere.`,
  seed: 20_261_123,
  speed: 60,
  magicAddresses: true,
  rules: [
    farSideRule(
      'down-apns',
      'APNs: the app was removed from every device',
      { provider: 'apns' },
      {
        do: 'answer',
        reason: 'Unregistered',
      },
    ),
    farSideRule(
      'down-fcm',
      'FCM: the app was removed from every device',
      { provider: 'fcm' },
      {
        do: 'answer',
        reason: 'UNREGISTERED',
      },
    ),
    farSideRule(
      'down-web-push',
      'Web Push: every subscription is gone',
      { provider: 'webpush' },
      {
        do: 'answer',
        reason: 'Gone',
      },
    ),
    ...(
      [
        ['twilio', 'undelivered', '30005'],
        ['vonage', 'failed', '3'],
        ['messagebird', 'delivery_failed', '1'],
        ['sinch', 'Deleted', '1'],
        ['infobip', 'UNDELIVERABLE_NOT_DELIVERED', '1'],
        ['telnyx', 'delivery_failed', '40012'],
        ['smpp', 'UNDELIV', '001'],
      ] as const
    ).map(([provider, status, code]) =>
      farSideRule(
        `down-${provider}`,
        `${provider}: the carrier knows none of the numbers`,
        { provider },
        { do: 'report', status, code, afterMs: 5_000 },
      ),
    ),
    farSideRule(
      'down-mailboxes',
      'Every mailbox is full',
      { channel: 'email' },
      {
        do: 'reject',
        code: 552,
        enhanced: '5.2.2',
        text: "The recipient's inbox is out of storage space and inactive.",
        at: 'rcpt',
      },
    ),
  ],
};
