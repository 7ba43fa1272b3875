import type { Delivery } from '../../../core/api/schema.ts';

type OutcomeClass = NonNullable<Delivery['class']>;

interface ClassWords {
  /** Who or what is at fault. */
  readonly fault: string;
  readonly advice: string;
}

/** The outcome classes in plain words: one row for each, one meaning a row. */
export const classWords: Readonly<Record<OutcomeClass, ClassWords>> = {
  bad_address: {
    fault: 'The address does not exist.',
    advice: 'Take it off your list; it is suppressed when the provider is sure.',
  },
  bad_domain: {
    fault: 'The domain takes no mail.',
    advice: 'Look for a slip in the part after the @.',
  },
  mailbox_full: {
    fault: 'The mailbox is full.',
    advice: 'It may be emptied; it is tried again until its time is over.',
  },
  inactive: {
    fault: 'The account is closed or asleep.',
    advice: 'Stop sending there; sending on hurts the reputation.',
  },
  rate_limited: {
    fault: 'Too much came at once.',
    advice: 'It is tried later. Send slower, or warm the domain up.',
  },
  reputation: {
    fault: 'The provider does not trust the sending domain or address.',
    advice: 'See what hurt it: complaints, bounces, few opens.',
  },
  authentication_failed: {
    fault: 'SPF, DKIM or DMARC failed, and the provider insists.',
    advice: 'The Auth tab says which check failed and what to publish.',
  },
  content: {
    fault: 'The content was refused.',
    advice: 'See the reasons of the filter; change the message.',
  },
  policy: { fault: 'A rule of the provider refused it.', advice: 'Read its words: they name the rule.' },
  too_large: { fault: 'The message is too large there.', advice: 'Send a link instead of the attachment.' },
  network: {
    fault: 'The next hop could not be reached, or the connection broke.',
    advice: 'It is tried again.',
  },
  provider_down: { fault: 'The far side has a fault of its own.', advice: 'It is tried again.' },
  config: { fault: 'The sending side is set up wrong.', advice: 'The reason says what is missing.' },
  opted_out: {
    fault: 'The address is on the suppression list.',
    advice: 'Nothing was sent. Take it off the list only when the person asks.',
  },
  expired: { fault: 'Its time in the queue was over.', advice: 'The attempts before say why it waited.' },
  collapsed: { fault: 'A newer one took its place.', advice: 'Nothing is to be done.' },
};
