/**
 * Outlook-like. Texts as Microsoft writes them; sources: https://sendersupport.olc.protection.outlook.com/pm/troubleshooting.aspx,
 * https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online.
 */
import { reply } from '../../doors/smtp/reply.ts';
import { again, megabyte, type ProviderProfile, plainRefusals } from '../profile.ts';

export const outlook: ProviderProfile = {
  key: 'outlook',
  greeting: ({ host, nowMs }) =>
    `${host} Microsoft ESMTP MAIL Service ready at ${new Date(nowMs).toUTCString().replace('GMT', '+0000')}`,
  welcome: ({ host, ip }) => `${host} Hello [${ip}]`,
  accepted: ({ host, id }) =>
    reply(250, '2.6.0', `<${id}@${host}> [InternalId=${id}, Hostname=${host}] Queued mail for delivery`),
  extensions: ['SIZE', 'PIPELINING', 'DSN', 'ENHANCEDSTATUSCODES', 'STARTTLS', '8BITMIME', 'SMTPUTF8'],
  messageBytesMax: 47 * megabyte,
  recipientsMax: 500,
  refusals: {
    ...plainRefusals,
    unknownUser: () =>
      reply(
        550,
        '5.1.10',
        'RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup (S2017062302).',
      ),
    mailboxFull: () =>
      reply(
        452,
        '4.2.2',
        'Mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded',
      ),
    mailboxFullForGood: ({ recipient }) =>
      reply(
        552,
        '5.2.2',
        `mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException; cannot deliver to ${recipient}`,
      ),
    inactive: () =>
      reply(
        550,
        '5.2.1',
        'Requested action not taken: mailbox unavailable; the account is disabled (S2017062302).',
      ),
    greylisted: ({ ip, retryAfterS }) =>
      reply(
        451,
        '4.7.650',
        `The mail server [${ip}] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S775)${again(retryAfterS)}`,
      ),
    rateLimited: ({ ip, retryAfterS }) =>
      reply(
        451,
        '4.7.500',
        `Server busy. Please try again later from [${ip}]. (S77719)${again(retryAfterS)}`,
      ),
    throttled: ({ ip, retryAfterS }) =>
      reply(
        451,
        '4.7.500',
        `Server busy. Please try again later from [${ip}]. (AS77712)${again(retryAfterS)}`,
      ),
    complaints: ({ ip, retryAfterS }) =>
      reply(
        451,
        '4.7.652',
        `The mail server [${ip}] has exceeded the maximum number of complaints. (S3115)${again(retryAfterS)}`,
      ),
    blocked: ({ ip }) =>
      reply(
        550,
        '5.7.1',
        `Unfortunately, messages from [${ip}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors.`,
      ),
    unauthenticated: ({ domain, spf, dkim, dmarc }) =>
      reply(
        550,
        '5.7.515',
        `Access denied, sending domain ${domain.toUpperCase()} doesn't meet the required authentication level. The sender's domain in the 5322.From address doesn't meet the authentication requirements defined for the sender. To learn how to fix this see: https://go.microsoft.com/fwlink/p/?linkid=2319303 Spf= ${spf} , Dkim= ${dkim} , DMARC= ${dmarc}`,
      ),
    dmarc: ({ domain }) =>
      reply(
        550,
        '5.7.509',
        `Access denied, sending domain ${domain.toUpperCase()} does not pass DMARC verification and has a DMARC policy of reject.`,
      ),
    noPtr: ({ ip }) =>
      reply(550, '5.7.25', `Access denied, the sending IPv4 address [${ip}] must have a reverse DNS record.`),
    content: ({ id }) =>
      reply(
        550,
        '5.7.1',
        `Message rejected as spam by Content Filtering. For more information see https://go.microsoft.com/fwlink/?LinkId=526654 (${id})`,
      ),
    dangerous: ({ why }) => reply(550, '5.7.1', `TRANSPORT.RULES.RejectMessage; malware was found: ${why}`),
    tooLarge: () => reply(552, '5.3.4', 'Message size exceeds fixed maximum message size'),
    tlsRequired: () => reply(530, '5.7.0', 'Must issue a STARTTLS command first'),
  },
  rules: {
    authentication: 'bulk',
    ptr: false,
    bulkPerDay: 5_000,
    noOneClick: 'spam',
    complaintRateWarned: 0.001,
    complaintRateThrottled: 0.003,
    throttledPerHour: 20,
  },
  complaints: 'arf_by_ip',
  tabs: false,
  spamAt: 5,
  refuseAt: 14,
  weights: { spf_fail: 1.5, display_name: 1.5, image_only: 1.3 },
  pictures: 'blocked',
};
