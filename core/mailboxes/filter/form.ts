/** How the message is made: what good senders put in, and what is missing here. */
import { against, type ContentRule } from './rule.ts';

const subjectCharsMax = 150;

export const form: ContentRule = (content) => {
  const { subject, text, hasHtml, links, header } = content;
  const fakeReply =
    /^(?:re|fwd?|aw)\s*:/i.test(subject) &&
    header('in-reply-to').length === 0 &&
    header('references').length === 0;
  return [
    subject.trim() === '' ? against('no_subject', 1, 'There is no subject.') : null,
    subject.length > subjectCharsMax
      ? against('long_subject', 0.5, `The subject has ${subject.length} characters.`)
      : null,
    fakeReply
      ? against('fake_reply', 1, 'The subject says that it is a reply, but it answers nothing.')
      : null,
    hasHtml && text === null ? against('no_text_part', 0.6, 'There is HTML and no text beside it.') : null,
    hasHtml && links.length > 40 ? against('many_links', 0.8, `There are ${links.length} links.`) : null,
    header('message-id').length === 0 ? against('no_message_id', 0.8, 'There is no Message-ID.') : null,
    header('date').length === 0 ? against('no_date', 0.8, 'There is no Date.') : null,
    header('from').length > 1
      ? against('several_from', 3, 'There are several From fields (RFC 5322 §3.6 allows one).')
      : null,
  ].filter((reason) => reason !== null);
};
