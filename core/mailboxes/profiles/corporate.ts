/** A company's own server behind a filtering appliance: strict about what is attached, with a scanner for links. */
import { reply } from '../../doors/smtp/reply.ts';
import { megabyte, type ProviderProfile, plainRefusals } from '../profile.ts';

export const corporate: ProviderProfile = {
  key: 'corporate',
  greeting: ({ host }) => `${host} ESMTP Postfix`,
  welcome: ({ host }) => host,
  accepted: ({ id }) => reply(250, '2.0.0', `Ok: queued as ${id}`),
  extensions: ['PIPELINING', 'SIZE', 'STARTTLS', 'ENHANCEDSTATUSCODES', '8BITMIME', 'DSN', 'SMTPUTF8'],
  messageBytesMax: 20 * megabyte,
  recipientsMax: 100,
  refusals: {
    ...plainRefusals,
    unknownUser: ({ recipient }) =>
      reply(
        550,
        '5.1.1',
        `<${recipient}>: Recipient address rejected: User unknown in virtual mailbox table`,
      ),
    greylisted: ({ recipient, retryAfterS }) =>
      reply(
        450,
        '4.2.0',
        `<${recipient}>: Recipient address rejected: Greylisted, please try again in ${retryAfterS ?? 300} seconds`,
      ),
    content: () => reply(554, '5.7.1', 'Message rejected as spam by content filtering'),
    dangerous: ({ why }) => reply(554, '5.7.1', `Message contains a prohibited attachment: ${why}`),
  },
  rules: {
    authentication: 'none',
    ptr: false,
    bulkPerDay: 5_000,
    noOneClick: 'ignored',
    complaintRateWarned: 0.001,
    complaintRateThrottled: 0.003,
    throttledPerHour: 50,
  },
  complaints: 'arf_to_abuse',
  tabs: false,
  spamAt: 5,
  refuseAt: 12,
  weights: { attachment_macros: 2, display_name: 2, no_ptr: 1.5 },
  pictures: 'blocked',
};
