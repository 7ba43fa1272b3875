import type { MailboxActResult, MailboxMessage } from '../../../core/api/mailbox-schema.ts';
import type { OwnerAct } from '../api/mailboxes.ts';
import { plural } from '../format.ts';
import { placementNames } from './mailbox-groups.ts';

/** What an act led to: what happened, and what the sender's side learns of it. */
export interface Outcome {
  readonly tone: 'good' | 'bad' | 'quiet';
  readonly said: string;
  readonly signal: string;
}

type Before = Pick<MailboxMessage, 'flags' | 'placement'>;

export function outcomeOf(
  act: OwnerAct,
  before: Before,
  result: Omit<MailboxActResult, 'message'>,
  sender: string,
): Outcome {
  switch (act.act) {
    case 'open':
      return opened(before, result.pictures ?? 0, sender);
    case 'click':
      return clicked(result.visit ?? null, sender);
    case 'reply':
      return {
        tone: 'good',
        said: `The reply is on its way to ${result.to ?? sender}.`,
        signal: `A reply speaks loudest for ${sender}: at this provider, and for this mailbox from now on.`,
      };
    case 'unsubscribe':
      return left(result, sender);
    case 'report-spam':
      return {
        tone: 'bad',
        said: 'Reported, and moved to Spam.',
        signal: `A complaint against ${sender}. ${reportedWords[result.reported ?? 'not_at_all']}`,
      };
    case 'star':
      return act.starred
        ? {
            tone: 'good',
            said: 'Starred.',
            signal: before.flags.starred
              ? 'It had its star already: nothing new is counted.'
              : `As good as a reply for ${sender}: wanted here from now on.`,
          }
        : { tone: 'quiet', said: 'The star is gone.', signal: 'What it said before stays counted.' };
    case 'delete':
      return before.flags.seen
        ? { tone: 'quiet', said: 'Deleted after it was read.', signal: 'Says nothing about the sender.' }
        : {
            tone: 'bad',
            said: 'Deleted unread.',
            signal: `Counts against ${sender}; after five of them this mailbox takes its mail for unwanted.`,
          };
    case 'move':
      return moved(before, act.to, sender);
  }
}

function opened({ flags }: Before, pictures: number, sender: string): Outcome {
  return {
    tone: 'good',
    said:
      pictures === 0
        ? 'Opened without pictures: a tracking pixel saw nothing.'
        : `Opened with ${plural(pictures, 'picture', 'pictures')}, asked for where the message has them: a tracking pixel counts.`,
    signal: flags.seen
      ? 'It was read before: the provider counts nothing new.'
      : `The provider counts an open for ${sender}.`,
  };
}

function clicked(visit: NonNullable<MailboxActResult['visit']> | null, sender: string): Outcome {
  const signal = `A click counts twice as much as an open for ${sender}.`;
  if (visit === null) return { tone: 'quiet', said: 'The link was followed.', signal };
  return visit.kind === 'answered'
    ? { tone: visit.status < 400 ? 'good' : 'bad', said: `GET: the link answered ${visit.status}.`, signal }
    : { tone: 'bad', said: `The link was not fetched: ${visit.why}`, signal };
}

const ways = {
  one_click: 'By one click: a POST (RFC 8058).',
  mailto: 'By a message to the List-Unsubscribe address.',
  link: 'By the List-Unsubscribe link: a GET, which a person would have to finish on the page.',
} as const;

function left({ way, why, visit }: Omit<MailboxActResult, 'message'>, sender: string): Outcome {
  const how = way === undefined ? '' : ways[way];
  const reason = way === 'one_click' || why === undefined ? '' : ` ${why}`;
  const counted = `The provider counts it for ${sender}: far milder than a complaint.`;
  if (visit === null || visit === undefined)
    return { tone: 'good', said: `${how}${reason}`, signal: counted };
  if (visit.kind === 'not_made')
    return {
      tone: 'bad',
      said: `${how}${reason} It was not made: ${visit.why}`,
      signal: 'Nobody left the list, and nothing is counted.',
    };
  // A page may lead on to another; the POST of one click is sent on by nobody (RFC 8058 §3.1).
  return visit.status < (way === 'one_click' ? 300 : 400)
    ? { tone: 'good', said: `${how}${reason} It answered ${visit.status}.`, signal: counted }
    : {
        tone: 'bad',
        said: `${how}${reason} It answered ${visit.status}: the person is still on the list.`,
        signal: 'Who cannot leave reports spam next.',
      };
}

export const reportedWords: Readonly<Record<NonNullable<MailboxActResult['reported']>, string>> = {
  postmaster_page: 'No report is sent: it shows as a rate on the provider’s page for postmasters.',
  report_by_address:
    'An ARF report goes to whoever registered the sending address, without saying who complained.',
  report_by_signature: 'An ARF report goes to the domain that signed the message.',
  report_to_abuse: 'An ARF report goes to abuse@ of the sender’s domain.',
  not_at_all: 'The sender is told nothing; its reputation falls all the same.',
};

function moved({ placement }: Before, to: Before['placement'], sender: string): Outcome {
  const said = `Moved from ${placementNames[placement]} to ${placementNames[to]}.`;
  if (placement === to) return { tone: 'quiet', said: `It is in ${placementNames[to]} already.`, signal: '' };
  if (placement === 'spam')
    return {
      tone: 'good',
      said,
      signal: `“Not spam” is the strongest word for ${sender}; this mailbox gets its mail there from now on.`,
    };
  if (to === 'spam')
    return {
      tone: 'bad',
      said,
      signal: `Counts against ${sender}, without a complaint; its next messages go to Spam here.`,
    };
  return { tone: 'quiet', said, signal: `The next messages of ${sender} go there in this mailbox.` };
}
