/** A morning on which a campaign meets a Gmail that has had enough: eight hours, from one trouble to the next. */
import type { Scenario } from '../scenario.ts';
import { farSideRule, fromPreset, hourMs, minuteMs } from './from-preset.ts';

/** Marketing has it (RFC 2369, RFC 8058), a receipt has not. */
const newsletter = { header: { name: 'List-Unsubscribe' } } as const;
const gmail = { provider: 'gmail' } as const;

export const badMondayAtGmail: Scenario = {
  name: 'Bad Monday at Gmail',
  description: `The first campaign of the week goes out at once. Gmail limits the address, then the domain, has a fault of its own, and sorts what it does take; by the afternoon it forgives. Eight hours from the moment you start it, at a virtual minute a second.

Look at: the Queue (what waits, why, until when), the attempts of one delivery (421 is believed, the wait grows), placement beside status (delivered is not read), Postmaster for the spam rate.

A good sender keeps what is deferred and slows down for Gmail alone; lets receipts and passwords pass the newsletter; suppresses at once for 5.1.1 and 5.2.1 and never for 5.7.x or 4.x; and sends one message once, though a reply was lost.`,
  seed: 20_260_202,
  speed: 60,
  magicAddresses: true,
  rules: [
    fromPreset('gmail-outage', 'monday-outage', '10:00 Gmail itself is out of order for twenty minutes', {
      when: { time: { afterMs: 2 * hourMs, forMs: 20 * minuteMs } },
    }),
    fromPreset('gmail-unknown-user', 'monday-gone', 'One account in twenty is gone', {
      when: { probability: 0.05 },
    }),
    fromPreset('gmail-inactive', 'monday-inactive', 'One in fifty was disabled', {
      when: { probability: 0.02 },
    }),
    fromPreset(
      'gmail-full-for-now',
      'monday-full',
      'Every ninth mailbox is full, and emptied by the next try',
      {
        when: { everyNth: 9 },
        times: 1,
      },
    ),
    fromPreset('gmail-full-for-good', 'monday-abandoned', 'One in forty is full and abandoned', {
      when: { probability: 0.025 },
    }),
    fromPreset(
      'gmail-rate-ip',
      'monday-pace',
      '08:00 The campaign starts: beyond 5 messages a minute the address is put off',
      { when: { time: { forMs: hourMs }, rate: { moreThan: 5, perMs: minuteMs } } },
    ),
    fromPreset(
      'gmail-rate-domain',
      'monday-domain',
      '09:00 Complaints came in: newsletters of the domain wait for an hour, receipts pass',
      { when: { ...newsletter, time: { afterMs: hourMs, forMs: hourMs } } },
    ),
    fromPreset(
      'gmail-low-reputation-ip',
      'monday-reputation',
      '10:20 Gmail is back, and distrusts one newsletter in three',
      {
        when: {
          ...newsletter,
          time: { afterMs: 2 * hourMs + 20 * minuteMs, forMs: 100 * minuteMs },
          probability: 0.33,
        },
        times: 2,
      },
    ),
    fromPreset('gmail-spam', 'monday-shouting', 'Subjects that shout are refused outright', {
      when: { subject: [{ matches: '^[^a-z]{12,}$' }, '!!!'] },
    }),
    fromPreset(
      'gmail-blocked-attachment',
      'monday-zip',
      'The price list as a ZIP file is taken from nobody',
      {
        when: { attachment: { name: '*.zip' } },
      },
    ),
    farSideRule(
      'monday-cut',
      'Now and then a connection breaks in the middle of a message',
      { ...gmail, probability: 0.03 },
      { do: 'disconnect', at: 'midData', afterBytes: 200 },
    ),
    fromPreset(
      'reply-lost',
      'monday-reply-lost',
      'The 25th message is taken, but its 250 gets lost on the way',
      {
        when: { ...gmail, nth: 25 },
      },
    ),
    farSideRule(
      'monday-late',
      '11:00 The rush: what was taken shows up five to forty minutes late',
      { ...gmail, time: { afterMs: 3 * hourMs, forMs: hourMs } },
      { do: 'delay', ms: 5 * minuteMs, msMax: 40 * minuteMs },
    ),
    fromPreset('gmail-spam-folder', 'monday-spam', 'From 11:00 on a fifth of the newsletters lands in Spam', {
      when: { ...newsletter, time: { afterMs: 3 * hourMs }, probability: 0.2 },
    }),
    fromPreset('gmail-promotions', 'monday-promotions', 'The other newsletters land in Promotions', {
      when: newsletter,
    }),
    fromPreset('complaint', 'monday-complaint', 'Three readers in a hundred report the newsletter as spam', {
      when: { ...gmail, ...newsletter, probability: 0.03 },
      afterMs: 20 * minuteMs,
    }),
    farSideRule(
      'monday-forwarded',
      'One in fifty is forwarded to an account that is gone: it bounces a quarter of an hour later',
      { ...gmail, probability: 0.02 },
      {
        do: 'bounceLater',
        afterMs: 15 * minuteMs,
        code: 550,
        enhanced: '5.1.1',
        text: 'The email account that you tried to reach does not exist',
      },
    ),
  ],
};
