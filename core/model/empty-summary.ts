import type { MessageSummary } from './message.ts';

/** What is known of a message that was not read, or could not be. */
export const emptySummary: MessageSummary = {
  subject: '',
  from: null,
  to: [],
  cc: [],
  bcc: [],
  replyTo: [],
  messageId: null,
  dateMs: null,
  snippet: '',
  attachments: [],
  problems: [],
  body: '',
};
