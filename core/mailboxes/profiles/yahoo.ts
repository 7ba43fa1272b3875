/**
 * Yahoo-like. Texts as Yahoo writes them; sources: https://senders.yahooinc.com/smtp-error-codes/,
 * https://senders.yahooinc.com/best-practices/.
 */
import { reply } from '../../doors/smtp/reply.ts';
import { again, megabyte, type ProviderProfile, plainRefusals } from '../profile.ts';

const codes = 'see https://postmaster.yahooinc.com/error-codes';

export const yahoo: ProviderProfile = {
  key: 'yahoo',
  greeting: ({ host }) => `${host} ESMTP ready`,
  welcome: ({ host }) => host,
  accepted: ({ id }) => reply(250, null, `ok dirdel ${id}`),
  extensions: ['PIPELINING', 'SIZE', '8BITMIME', 'STARTTLS', 'ENHANCEDSTATUSCODES', 'SMTPUTF8'],
  messageBytesMax: 40 * megabyte,
  recipientsMax: 100,
  refusals: {
    ...plainRefusals,
    unknownUser: ({ recipient, host }) =>
      reply(
        554,
        null,
        `delivery error: dd This user doesn't have a ${domainOf(recipient)} account (${recipient}) [0] - ${host}`,
      ),
    mailboxFull: ({ recipient }) =>
      reply(452, '4.2.2', `Requested mail action aborted, exceeded storage allocation for ${recipient}`),
    mailboxFullForGood: () =>
      reply(552, '5.2.2', 'Requested mail action aborted, exceeded storage allocation'),
    inactive: ({ recipient, host }) =>
      reply(
        554,
        null,
        `delivery error: dd Sorry, your message to ${recipient} cannot be delivered. This mailbox is disabled (554.30). [0] - ${host}`,
      ),
    greylisted: ({ ip, retryAfterS }) =>
      reply(
        421,
        '4.7.0',
        `[GL01] Message from (${ip}) temporarily deferred - 4.16.50; ${codes}${again(retryAfterS)}`,
      ),
    rateLimited: ({ ip, retryAfterS }) =>
      reply(
        421,
        '4.7.0',
        `[TSS04] Messages from ${ip} temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; ${codes}${again(retryAfterS)}`,
      ),
    throttled: ({ ip, retryAfterS }) =>
      reply(
        421,
        '4.7.0',
        `[TSS04] Messages from ${ip} temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; ${codes}${again(retryAfterS)}`,
      ),
    complaints: ({ ip, retryAfterS }) =>
      reply(
        421,
        '4.7.0',
        `[TSS04] Messages from ${ip} temporarily deferred due to user complaints - 4.16.55.1; ${codes}${again(retryAfterS)}`,
      ),
    blocked: ({ ip }) =>
      reply(
        553,
        '5.7.1',
        `[BL21] Connections will not be accepted from ${ip}, because the ip is on a block list; ${codes}`,
      ),
    unauthenticated: () =>
      reply(
        554,
        '5.7.9',
        `Message not accepted for policy reasons: the sender is not authenticated; ${codes}`,
      ),
    dmarc: ({ domain }) =>
      reply(554, '5.7.9', `Message not accepted for policy reasons: DMARC policy of ${domain}; ${codes}`),
    noOneClick: ({ domain }) =>
      reply(
        554,
        '5.7.9',
        `Message not accepted for policy reasons: bulk mail from ${domain} needs one-click unsubscribe; ${codes}`,
      ),
    content: () => reply(554, '5.7.9', `Message not accepted for policy reasons. ${codes}`),
    dangerous: ({ why }) =>
      reply(554, '5.7.9', `Message contains a virus or another threat (${why}); ${codes}`),
  },
  rules: {
    authentication: 'all',
    ptr: false,
    bulkPerDay: 5_000,
    noOneClick: 'warned_then_refused',
    complaintRateWarned: 0.001,
    complaintRateThrottled: 0.003,
    throttledPerHour: 20,
  },
  complaints: 'arf_by_dkim_domain',
  tabs: false,
  spamAt: 5,
  refuseAt: 14,
  weights: { phishing_phrase: 1.3 },
  pictures: 'shown',
};

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
