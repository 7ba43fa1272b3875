/** Refusals as real providers word them, to bounce with. */
export interface CommonReply {
  readonly label: string;
  readonly code: number;
  readonly enhanced: string;
  readonly text: string;
}

export const commonReplies: readonly CommonReply[] = [
  {
    label: 'No such mailbox',
    code: 550,
    enhanced: '5.1.1',
    text: 'The email account that you tried to reach does not exist',
  },
  { label: 'No such domain', code: 550, enhanced: '5.1.2', text: 'Host or domain name not found' },
  {
    label: 'Mailbox full',
    code: 552,
    enhanced: '5.2.2',
    text: 'The recipient has exceeded the mailbox quota',
  },
  {
    label: 'Account disabled',
    code: 550,
    enhanced: '5.2.1',
    text: 'The account that you tried to reach is disabled',
  },
  { label: 'Message too large', code: 552, enhanced: '5.3.4', text: 'Message size exceeds fixed limit' },
  {
    label: 'Not authenticated',
    code: 550,
    enhanced: '5.7.26',
    text: 'Unauthenticated email is not accepted due to the DMARC policy of the domain',
  },
  {
    label: 'Taken for spam',
    code: 554,
    enhanced: '5.7.1',
    text: 'Message rejected as spam by content filtering',
  },
  {
    label: 'Blocked by policy',
    code: 550,
    enhanced: '5.7.1',
    text: 'Delivery not authorized, message refused',
  },
];
