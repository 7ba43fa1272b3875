/** A list that was bought, or not cleaned for years: every way in which a provider says that nobody is there. */
import type { Scenario } from '../scenario.ts';
import { farSideRule, fromPreset, hourMs, minuteMs } from './from-preset.ts';

export const listFullOfDeadAddresses: Scenario = {
  name: 'List full of dead addresses',
  description: `An import of old addresses. A fifth is gone, and every provider says it in its own way: with a clear code, with a misleading one, with none, after the content, or hours later by a DSN. Who goes on is throttled first and blocked then.

Look at: Suppressions (who is on it, since which bounce), the class of each failed delivery beside its code, DSNs that came back to MAIL FROM, and the same list sent a second time.

A good sender suppresses at once for what is surely dead, after a run for what may only be full, and never for a block of his own address; reads the DSNs that come later; stops an import at a few per cent of bounces; and does not write to role addresses that never asked.`,
  seed: 404,
  speed: 60,
  magicAddresses: true,
  rules: [
    fromPreset(
      'postfix-unknown-user',
      'dead-typo',
      'Typing errors in the domain: somebody else runs it, or nobody',
      {
        when: { domain: ['gmial.com', 'gmai.com', 'hotmial.com', 'outlok.com', 'yaho.com', 'iclod.com'] },
      },
    ),
    fromPreset('gmail-unknown-user', 'dead-gmail', 'Gmail: one in five is gone, and it says so clearly', {
      when: { probability: 0.2 },
    }),
    fromPreset('gmail-full-for-good', 'dead-gmail-full', 'Gmail: one in twenty is full and nobody looks', {
      when: { probability: 0.05 },
    }),
    fromPreset(
      'outlook-unknown-user',
      'dead-outlook',
      'Outlook.com: one in five is gone, under a code of the protocol (5.5.0)',
      { when: { domain: ['outlook.com', 'hotmail.com'], probability: 0.2 } },
    ),
    fromPreset(
      'exchange-edge-blocking',
      'dead-exchange',
      'Exchange: unknown users read like a block (5.4.1)',
      {
        when: { domain: ['live.com', 'msn.com'], probability: 0.25 },
      },
    ),
    fromPreset(
      'outlook-blocked-s3150',
      'dead-outlook-blocked',
      'Outlook: beyond 8 an hour it has seen enough',
      {
        when: { rate: { moreThan: 8, perMs: hourMs } },
      },
    ),
    fromPreset('yahoo-unknown-user', 'dead-yahoo', 'Yahoo: one in six is gone, said after the content', {
      when: { probability: 0.17 },
    }),
    fromPreset('yahoo-disabled', 'dead-yahoo-disabled', 'Yahoo: one in eight was closed for not signing in', {
      when: { probability: 0.12 },
    }),
    fromPreset(
      'yahoo-mailbox-not-found',
      'dead-yahoo-552',
      'Yahoo: every 7th is gone under the code for full',
      {
        when: { everyNth: 7 },
      },
    ),
    fromPreset(
      'yahoo-tss04',
      'dead-yahoo-throttled',
      'Yahoo: beyond 5 an hour the list is too bad to go on',
      {
        when: { rate: { moreThan: 5, perMs: hourMs } },
        times: 3,
      },
    ),
    fromPreset('icloud-unknown-user', 'dead-icloud', 'iCloud: one in five does not exist', {
      when: { probability: 0.2 },
    }),
    fromPreset(
      'icloud-inactive',
      'dead-icloud-hidden',
      'iCloud: one in five hid his address and switched it off',
      {
        when: { probability: 0.2 },
      },
    ),
    fromPreset(
      'exim-unknown-user',
      'dead-exim',
      'Everybody else, iCloud too: one in six is unrouteable, without a code',
      {
        when: { provider: 'default', probability: 0.17 },
      },
    ),
    fromPreset('dovecot-full', 'dead-dovecot', 'Everybody else, iCloud too: every 7th mailbox is full', {
      when: { provider: 'default', everyNth: 7 },
    }),
    fromPreset(
      'gateway-bounces-later',
      'dead-company',
      'Companies: one in three left; the gateway takes it, the DSN comes five minutes later',
      { when: { probability: 0.33 } },
    ),
    fromPreset(
      'exchange-not-found-later',
      'dead-exchange-later',
      'Exchange: one in ten is told two hours later',
      {
        when: { domain: ['live.com', 'msn.com'], probability: 0.1 },
        afterMs: 2 * hourMs,
      },
    ),
    farSideRule(
      'dead-left',
      'Companies: every 4th that is still there answers that its owner left',
      { provider: 'corporate', everyNth: 4 },
      {
        do: 'autoReply',
        afterMs: minuteMs,
        text: 'I no longer work here. Please write to my colleagues at the address on our website.',
      },
    ),
    fromPreset('complaint', 'dead-role', 'Role addresses never asked for it: they complain', {
      when: { recipient: ['info@*', 'sales@*', 'office@*', 'abuse@*', 'webmaster@*'] },
      afterMs: 30 * minuteMs,
    }),
    farSideRule(
      'dead-spam',
      'What is left lands in Spam, every second one',
      { provider: ['gmail', 'outlook', 'yahoo'], probability: 0.5 },
      { do: 'place', in: 'spam' },
    ),
  ],
};
