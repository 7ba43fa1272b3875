/** Reading a send over several channels: its summary for lists and the index, and what its screen shows. Pure. */
import { emptySummary } from '../model/empty-summary.ts';
import type { Mailbox, MessageSummary } from '../model/message.ts';
import { type MultiSubmission, readMultiSubmission } from '../model/multi-submission.ts';
import type { UserChannel } from '../model/user.ts';
import type { Detail } from './read-message.ts';
import type { MessageAbout } from './read-push.ts';

const snippetChars = 160;
const indexedCharsMax = 64 * 1024;
const recipientsShownMax = 2_000;

/** Lists show the words of the first channel that has any, or the name of its template. */
export function summarizeMulti(about: MessageAbout, raw: Uint8Array): MessageSummary {
  const send = readMultiSubmission(raw);
  const words = send === null ? [] : wordsOf(send);
  const [first] = words;
  return {
    ...emptySummary,
    subject: oneLine(first?.title ?? templateOf(send)),
    from: about.envelopeFrom === '' ? null : named(about.envelopeFrom),
    to: about.envelopeTo.slice(0, recipientsShownMax).map(named),
    snippet: oneLine(first?.body ?? ''),
    problems:
      send === null
        ? [{ code: 'unreadable', detail: 'What is stored of it is no send over several channels.' }]
        : [],
    body: allWords(words).slice(0, indexedCharsMax),
  };
}

export function detailOfMulti(raw: Uint8Array): Detail {
  const send = readMultiSubmission(raw);
  return {
    text: send === null ? null : allWords(wordsOf(send)),
    textFromHtml: false,
    textTruncated: false,
    hasHtml: false,
    headers: [],
    parts: [],
    calendar: [],
    remoteContent: [],
    // What its text says is known only once a user's values stand in it: that is each part's own.
    links: [],
    codes: [],
  };
}

interface Words {
  readonly title: string;
  readonly body: string;
}

/** In the order of its channels. */
function wordsOf({ channels, content }: MultiSubmission): readonly Words[] {
  return channels.flatMap((channel): readonly Words[] => {
    const said = saidBy(channel, content);
    return said === null ? [] : [said];
  });
}

function saidBy(channel: UserChannel, { email, push, sms, inapp }: MultiSubmission['content']): Words | null {
  switch (channel) {
    case 'email':
      return email === undefined ? null : { title: email.subject, body: email.text ?? '' };
    case 'push':
      return push === undefined ? null : titled(push.title, push.body);
    case 'sms':
      return sms === undefined ? null : titled(undefined, sms.body);
    case 'inapp':
      return inapp === undefined ? null : titled(inapp.title, inapp.body);
    default:
      return channel satisfies never;
  }
}

function titled(title: string | undefined, body: string): Words {
  return title === undefined ? { title: body, body: '' } : { title, body };
}

function templateOf(send: MultiSubmission | null): string {
  return send?.template == null ? '' : `template ${send.template.id}`;
}

function allWords(words: readonly Words[]): string {
  return words.map(({ title, body }) => `${title}\n${body}`).join('\n\n');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, snippetChars);
}

function named(address: string): Mailbox {
  return { name: '', address };
}
