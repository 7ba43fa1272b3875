/**
 * Gmail-like. Texts as Gmail writes them; sources: https://support.google.com/a/answer/3726730 (SMTP errors),
 * https://support.google.com/a/answer/81126 (guidelines for senders).
 */
import { type Reply, reply } from '../../doors/smtp/reply.ts';
import { megabyte, type ProviderProfile, plainRefusals, type ReplyFacts } from '../profile.ts';

export const gmail: ProviderProfile = {
  key: 'gmail',
  greeting: ({ host, id }) => `${host} ESMTP ${id} - gsmtp`,
  welcome: ({ host, ip }) => `${host} at your service, [${ip}]`,
  accepted: ({ id, nowMs }) => reply(250, '2.0.0', `OK  ${Math.floor(nowMs / 1000)} ${id} - gsmtp`),
  extensions: ['SIZE', '8BITMIME', 'STARTTLS', 'ENHANCEDSTATUSCODES', 'PIPELINING', 'SMTPUTF8'],
  messageBytesMax: 150 * megabyte,
  recipientsMax: 100,
  refusals: {
    ...plainRefusals,
    unknownUser: (facts) =>
      said(
        facts,
        550,
        '5.1.1',
        'The email account that you tried to reach does not exist. Please try',
        "double-checking the recipient's email address for typos or",
        'unnecessary spaces. For more information, go to',
        ' https://support.google.com/mail/?p=NoSuchUser',
      ),
    mailboxFull: (facts) =>
      said(
        facts,
        452,
        '4.2.2',
        "The recipient's inbox is out of storage space. Please direct the",
        'recipient to',
        ' https://support.google.com/mail/?p=OverQuotaTemp',
      ),
    mailboxFullForGood: (facts) =>
      said(
        facts,
        552,
        '5.2.2',
        "The recipient's inbox is out of storage space. Please direct the",
        'recipient to',
        ' https://support.google.com/mail/?p=OverQuotaPerm',
      ),
    inactive: (facts) =>
      said(
        facts,
        550,
        '5.2.1',
        'The email account that you tried to reach is inactive. For more',
        'information, go to',
        ' https://support.google.com/mail/?p=DisabledUser',
      ),
    greylisted: (facts) =>
      said(
        facts,
        450,
        '4.2.1',
        'The user you are trying to contact is receiving mail at a rate that',
        `prevents additional messages from being delivered. Please try again in ${facts.retryAfterS ?? 300} seconds.`,
        ' https://support.google.com/mail/?p=ReceivingRate',
      ),
    rateLimited: (facts) =>
      said(
        facts,
        421,
        '4.7.28',
        'Gmail has detected an unusual rate of unsolicited mail originating',
        `from your IP address [${facts.ip}]. To protect our users from spam, mail sent`,
        `from your IP address has been temporarily rate limited.${retry(facts)}`,
        ' https://support.google.com/mail/?p=UnsolicitedRateLimitError',
      ),
    throttled: (facts) =>
      said(facts, 421, '4.3.0', `Temporary System Problem.  Try again later (10).${retry(facts)}`),
    complaints: (facts) =>
      said(
        facts,
        421,
        '4.7.28',
        'Gmail has detected an unusual rate of unsolicited mail from the',
        `domain ${facts.domain}: users marked too much of it as spam. To protect our users`,
        `from spam, mail from the domain has been temporarily rate limited.${retry(facts)}`,
        ' https://support.google.com/mail/?p=UnsolicitedRateLimitError',
      ),
    blocked: (facts) =>
      said(
        facts,
        550,
        '5.7.1',
        `[${facts.ip}] The IP you're using to send mail is not authorized to`,
        'send email directly to our servers. Please use the SMTP relay at your',
        'service provider instead.',
        ' https://support.google.com/mail/?p=NotAuthorizedError',
      ),
    unauthenticated: (facts) =>
      said(
        facts,
        550,
        '5.7.26',
        'Your email has been blocked because the sender is unauthenticated.',
        'Gmail requires all senders to authenticate with either SPF or DKIM.',
        '',
        ' Authentication results:',
        ` DKIM = ${facts.dkim}`,
        ` SPF [${facts.domain}] with ip: [${facts.ip}] = ${facts.spf}`,
        '',
        ' For instructions on setting up authentication, go to',
        ' https://support.google.com/mail/answer/81126#authentication',
      ),
    dmarc: (facts) =>
      said(
        facts,
        550,
        '5.7.26',
        `Unauthenticated email from ${facts.domain} is not accepted due to`,
        "domain's DMARC policy. Please contact the administrator of",
        `${facts.domain} domain if this was a legitimate mail. To learn about the`,
        'DMARC initiative, go to',
        ' https://support.google.com/mail/?p=DmarcRejection',
      ),
    noPtr: (facts) =>
      said(
        facts,
        550,
        '5.7.25',
        `[${facts.ip}] The IP address sending this message does not have a`,
        'PTR record setup, or the corresponding forward DNS entry does not',
        'match the sending IP. As a policy, Gmail does not accept messages from',
        'IPs with missing PTR records. For more information, go to',
        ' https://support.google.com/mail/answer/81126#ip-practices',
      ),
    noOneClick: (facts) =>
      said(
        facts,
        421,
        '4.7.32',
        `Your email from ${facts.domain} has been rate limited because it does not`,
        'support one-click unsubscribe. For more information, go to',
        ' https://support.google.com/a/answer/81126#subscriptions',
      ),
    content: (facts) =>
      said(
        facts,
        550,
        '5.7.1',
        `[${facts.ip}] Gmail has detected that this message is likely`,
        'unsolicited mail. To reduce the amount of spam sent to Gmail, this',
        'message has been blocked. For more information, go to',
        ' https://support.google.com/mail/?p=UnsolicitedMessageError',
      ),
    dangerous: (facts) =>
      said(
        facts,
        552,
        '5.7.0',
        'This message was blocked because its content presents a potential',
        'security issue. To review our message content and attachment content',
        'guidelines, go to',
        ' https://support.google.com/mail/?p=BlockedMessage',
      ),
    tooLarge: (facts) =>
      said(
        facts,
        552,
        '5.3.4',
        "Your message exceeded Google's message size limits. Please visit",
        ' https://support.google.com/mail/?p=MaxSizeError to view our size guidelines.',
      ),
  },
  rules: {
    authentication: 'all',
    ptr: true,
    bulkPerDay: 5_000,
    noOneClick: 'spam',
    complaintRateWarned: 0.001,
    complaintRateThrottled: 0.003,
    throttledPerHour: 20,
  },
  complaints: 'postmaster',
  tabs: true,
  spamAt: 5,
  refuseAt: 14,
  weights: { url_shortener: 1.5, deceptive_link: 1.3, no_list_unsubscribe: 1.5 },
  pictures: 'prefetched',
};

/** Every line with the code, the last one with the id of the transaction. */
function said({ id }: ReplyFacts, code: number, enhanced: string, ...lines: readonly string[]): Reply {
  const last = lines.length - 1;
  return reply(
    code,
    enhanced,
    ...lines.map((line, index) => (index === last ? `${line} ${id} - gsmtp` : line)),
  );
}

function retry({ retryAfterS }: ReplyFacts): string {
  return retryAfterS === null ? '' : ` Please try again in ${retryAfterS} seconds.`;
}
