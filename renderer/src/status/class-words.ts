import type { Delivery } from '../../../core/api/schema.ts';

type OutcomeClass = NonNullable<Delivery['class']>;

interface ClassWords {
  /** Who or what is at fault. */
  readonly fault: string;
  readonly advice: string;
}

/** What an outcome class means for a delivery of that carriage. */
export const wordsOfClass = (outcome: OutcomeClass, carriage: Delivery['carriage']): ClassWords =>
  channelWords(carriage)[outcome] ?? classWords[outcome];

type Words = Readonly<Partial<Record<OutcomeClass, ClassWords>>>;

function channelWords(carriage: Delivery['carriage']): Words {
  switch (carriage) {
    case 'push':
      return pushWords;
    case 'sms':
      return smsWords;
    case 'callback':
      return callbackWords;
    default:
      return {};
  }
}

/** Where a push is another thing than a mail. */
const pushWords: Words = {
  bad_address: {
    fault: 'The token is gone, or was never good.',
    advice: 'Drop the token; the app tells you its new one at its next start.',
  },
  authentication_failed: {
    fault: 'The provider does not accept the credentials.',
    advice: 'The Auth tab says which check failed and what to change.',
  },
  content: {
    fault: 'The payload was refused.',
    advice: 'The Payload tab points at the field.',
  },
  too_large: {
    fault: 'The payload is too large.',
    advice: 'Send an id, and let the app fetch the rest.',
  },
  rate_limited: {
    fault: 'Too much was pushed at once, to one device or in all.',
    advice: 'It is tried later. Collapse what replaces another, and send slower.',
  },
  inactive: {
    fault: 'The app is not there any more.',
    advice: 'Drop the token.',
  },
  config: {
    fault: 'The request is not as the provider wants it.',
    advice: 'The reason says what to change.',
  },
  opted_out: {
    fault: 'Its user does not want it.',
    advice: 'Nothing was sent.',
  },
  expired: {
    fault: 'Its time was over before the device could have it.',
    advice: 'A longer expiration or TTL keeps it; what has no worth later is better gone.',
  },
  collapsed: {
    fault: 'A newer one took its place while it waited.',
    advice:
      'As it should be where the newer one says all. Else send without a collapse key; APNs stores one for each app all the same.',
  },
};

/** Where an SMS is another thing than a mail. */
const smsWords: Words = {
  bad_address: {
    fault: 'The number is wrong, nobody has it, or it is a landline.',
    advice: 'Ask its owner; a lookup before the first message saves the price.',
  },
  inactive: {
    fault: 'The handset cannot be reached, or takes nothing.',
    advice: 'Try later or by another channel.',
  },
  authentication_failed: {
    fault: 'The provider does not accept the credentials.',
    advice: 'Look at the account and its secret; Settings, SMS says which are fixed.',
  },
  policy: {
    fault: 'The provider or the carrier does not allow it: the sender, the country, or the route.',
    advice: 'Register the sender for that country, or send from another.',
  },
  reputation: {
    fault: 'The carrier’s filter took it for spam.',
    advice: 'See what its text looks like to a filter: links by shorteners, words, an unregistered sender.',
  },
  content: {
    fault: 'The content was refused, or filtered by the carrier.',
    advice: 'Change the text or the medium.',
  },
  too_large: { fault: 'It is longer than the provider takes.', advice: 'Send less, or a link.' },
  rate_limited: { fault: 'Too much came at once.', advice: 'It is tried later. Send slower.' },
  opted_out: {
    fault: 'Its owner wrote STOP.',
    advice: 'Send nothing until its owner writes START.',
  },
  expired: {
    fault: 'Its time was over before the handset was on.',
    advice: 'A longer validity keeps it; what has no worth later is better gone.',
  },
  network: {
    fault: 'The provider could not be reached.',
    advice: 'It is tried again, or by the next provider.',
  },
};

/** A call of a provider to the app. */
const callbackWords: Words = {
  provider_down: {
    fault: 'The app answered with an error.',
    advice: 'See what its webhook logs; a retry of the delivery here calls it again.',
  },
  network: {
    fault: 'The app could not be reached.',
    advice: 'Is it running, and is its address right?',
  },
  policy: {
    fault: 'The sandbox does not call that address.',
    advice: 'Callbacks go to this machine only, unless that is allowed.',
  },
  expired: {
    fault: 'The provider gave up calling.',
    advice: 'What it had to say can still be asked of it by its API.',
  },
};

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
