/** Every other domain: a plain server that follows the standards and has no rules of its own. */
import { reply } from '../../doors/smtp/reply.ts';
import { megabyte, type ProviderProfile, plainRefusals } from '../profile.ts';

export const plain: ProviderProfile = {
  key: 'default',
  greeting: ({ host }) => `${host} ESMTP`,
  welcome: ({ host, helo }) => `${host} Hello ${helo}`,
  accepted: ({ id }) => reply(250, '2.0.0', `OK id=${id}`),
  extensions: ['SIZE', '8BITMIME', 'SMTPUTF8', 'STARTTLS', 'PIPELINING', 'DSN', 'ENHANCEDSTATUSCODES'],
  messageBytesMax: 50 * megabyte,
  recipientsMax: 100,
  refusals: plainRefusals,
  rules: {
    authentication: 'none',
    ptr: false,
    bulkPerDay: 5_000,
    noOneClick: 'ignored',
    complaintRateWarned: 0.001,
    complaintRateThrottled: 0.003,
    throttledPerHour: 50,
  },
  complaints: 'none',
  tabs: false,
  spamAt: 5,
  refuseAt: null,
  weights: {},
  pictures: 'shown',
};
