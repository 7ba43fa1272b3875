/** Two weeks in the life of a domain that nobody knows yet: each provider lets in a little more every few days. */
import type { Scenario } from '../scenario.ts';
import { dayMs, farSideRule, fromPreset, hourMs, minuteMs } from './from-preset.ts';

const newsletter = { header: { name: 'List-Unsubscribe' } } as const;

export const newDomainWarmUp: Scenario = {
  name: 'New domain warm-up',
  description: `A new domain on a new address, with limits small enough for a test. Nobody refuses it for good; everybody wants to see it come back, and to see it grow slowly. Fourteen days from the moment you start it, at ten virtual minutes a second; advance the clock by a day to see the next step.

Look at: Deliveries by provider and by day, how long the first message to each provider took, and how many landed in Spam on day 1, 5 and 10.

A good sender begins with the readers who open everything, doubles the volume every few days and not every few hours, spreads a day over its hours, keeps what is deferred for days rather than minutes, and has SPF, DKIM, DMARC and a PTR record in place before the first message. Who retries faster gets in later.`,
  seed: 14,
  speed: 600,
  magicAddresses: true,
  rules: [
    fromPreset('gmail-rate-ip', 'warm-gmail-1', 'Day 1 and 2: Gmail takes 10 messages a day', {
      when: { time: { forMs: 2 * dayMs }, rate: { moreThan: 10, perMs: dayMs } },
    }),
    fromPreset('gmail-rate-ip', 'warm-gmail-3', 'Day 3 to 5: Gmail takes 40 a day', {
      when: { time: { afterMs: 2 * dayMs, forMs: 3 * dayMs }, rate: { moreThan: 40, perMs: dayMs } },
    }),
    fromPreset('gmail-rate-domain', 'warm-gmail-6', 'Day 6 to 10: Gmail takes 200 a day, then all', {
      when: { time: { afterMs: 5 * dayMs, forMs: 5 * dayMs }, rate: { moreThan: 200, perMs: dayMs } },
    }),
    fromPreset('outlook-rate-s844', 'warm-outlook-burst', 'Outlook: more than 3 within a minute is a burst', {
      when: { time: { forMs: 7 * dayMs }, rate: { moreThan: 3, perMs: minuteMs } },
    }),
    fromPreset('outlook-rate-s775', 'warm-outlook-1', 'Day 1 to 3: Outlook takes 5 an hour', {
      when: { time: { forMs: 3 * dayMs }, rate: { moreThan: 5, perMs: hourMs } },
    }),
    fromPreset('outlook-rate-s775', 'warm-outlook-4', 'Day 4 to 7: Outlook takes 25 an hour', {
      when: { time: { afterMs: 3 * dayMs, forMs: 4 * dayMs }, rate: { moreThan: 25, perMs: hourMs } },
    }),
    fromPreset('outlook-connections', 'warm-outlook-connections', 'Outlook: every 12th finds too many open', {
      when: { time: { forMs: 7 * dayMs }, everyNth: 12 },
    }),
    fromPreset('yahoo-greylisted', 'warm-yahoo-grey', 'Day 1 to 3: Yahoo wants to see each message twice', {
      when: { time: { forMs: 3 * dayMs } },
    }),
    fromPreset('yahoo-tss04', 'warm-yahoo-volume', 'Day 1 to 6: Yahoo takes 5 an hour', {
      when: { time: { forMs: 6 * dayMs }, rate: { moreThan: 5, perMs: hourMs } },
    }),
    fromPreset('icloud-volume', 'warm-icloud', 'Day 1 to 5: iCloud takes 2 an hour', {
      when: { time: { forMs: 5 * dayMs }, rate: { moreThan: 2, perMs: hourMs } },
    }),
    fromPreset('mimecast-greylisted', 'warm-corporate-grey', 'Day 1 to 7: companies greylist', {
      when: { time: { forMs: 7 * dayMs } },
    }),
    fromPreset('milter-greylist', 'warm-others-grey', 'Day 1 to 2: so do others, and say for how long', {
      when: { provider: 'default', time: { forMs: 2 * dayMs } },
    }),
    fromPreset('gmail-unknown-user', 'warm-gone', 'Even a clean list has an address that is gone', {
      when: { nth: 8 },
    }),
    fromPreset('gmail-spam-folder', 'warm-spam-1', 'Day 1 to 3: Gmail puts three of five to Spam', {
      when: { time: { forMs: 3 * dayMs }, probability: 0.6 },
    }),
    fromPreset('gmail-spam-folder', 'warm-spam-4', 'Day 4 to 7: one of four', {
      when: { time: { afterMs: 3 * dayMs, forMs: 4 * dayMs }, probability: 0.25 },
    }),
    fromPreset('outlook-junk', 'warm-junk', 'Day 1 to 7: Outlook puts two of five to Junk', {
      when: { time: { forMs: 7 * dayMs }, probability: 0.4 },
    }),
    fromPreset('gmail-promotions', 'warm-promotions', 'Newsletters land in Promotions, as they should', {
      when: newsletter,
    }),
    fromPreset('complaint', 'warm-complaint', 'The 30th reader does not remember having signed up', {
      when: { nth: 30 },
      afterMs: 2 * hourMs,
    }),
    farSideRule(
      'warm-reply',
      'A reader answers by machine, which counts for more than an open',
      { provider: 'corporate', everyNth: 6 },
      {
        do: 'autoReply',
        afterMs: 5 * minuteMs,
        text: 'Thank you for your message. I am out of the office until Monday.',
      },
    ),
  ],
};
