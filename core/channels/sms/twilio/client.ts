/**
 * How the core sends through Twilio, and reads what it reports.
 * Source: https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource,
 * https://www.twilio.com/docs/usage/security#validating-requests
 */
import { createHmac } from 'node:crypto';
import { answeredJson, wordAt } from '../answered-json.ts';
import type { SmsAccount, SmsDialect } from '../client.ts';
import { smsProviderHosts } from '../provider-hosts.ts';
import { sameText } from '../same-text.ts';

/**
 * Asks for five tries whatever is answered: of itself Twilio tries once more, and only where it could not connect.
 * Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
const persistent = '#rc=5&rp=all';

export const twilioDialect: SmsDialect = {
  provider: 'twilio',
  host: smsProviderHosts.twilio,
  alwaysSigned: true,

  request({ number, sender, text, media, validitySeconds, reportUrl }, { account, secret }) {
    const form = new URLSearchParams({ To: number, From: sender });
    if (text !== '') form.append('Body', text);
    for (const url of media) form.append('MediaUrl', url);
    if (reportUrl !== null) form.append('StatusCallback', `${reportUrl}${persistent}`);
    // Whole seconds from 1 to 36,000 (ten hours).
    if (validitySeconds !== null)
      form.append('ValidityPeriod', String(Math.min(Math.max(1, validitySeconds), 36_000)));
    return {
      path: `/2010-04-01/Accounts/${encodeURIComponent(account)}/Messages.json`,
      fields: {
        ...asking({ account, secret }),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: form.toString(),
    };
  },

  read(status, body) {
    const answer = answeredJson(body);
    const sid = wordAt(answer, 'sid');
    return (status === 201 || status === 200) && sid !== null
      ? { kind: 'taken', providerId: sid, status: wordAt(answer, 'status') ?? 'queued' }
      : { kind: 'refused', code: wordAt(answer, 'code'), text: wordAt(answer, 'message') ?? '' };
  },

  reports(notice) {
    const form = new URLSearchParams(notice.body);
    const status = form.get('MessageStatus') ?? form.get('SmsStatus');
    const code = form.get('ErrorCode');
    return status === null
      ? []
      : [{ providerId: form.get('MessageSid'), status, code: code === '' ? null : code, reason: null }];
  },

  inbound(notice) {
    const form = new URLSearchParams(notice.body);
    const [number, sender] = [form.get('From'), form.get('To')];
    return number === null || sender === null
      ? null
      : { providerId: form.get('MessageSid'), number, sender, text: form.get('Body') ?? '' };
  },

  signature(notice, { account, own }) {
    const given = notice.field('x-twilio-signature');
    if (given === null) return 'unsigned';
    const form = [...new URLSearchParams(notice.body)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const signed = notice.url.href + form.map(([name, value]) => name + value).join('');
    const known = [account.secret, ...(own === null ? [] : [own])];
    return known.some((secret) => sameText(given, createHmac('sha1', secret).update(signed).digest('base64')))
      ? 'valid'
      : 'invalid';
  },

  /** https://www.twilio.com/docs/iam/api/account#fetch-an-account-resource */
  check: (account) => ({
    path: `/2010-04-01/Accounts/${encodeURIComponent(account.account)}.json`,
    fields: asking(account),
  }),

  /** https://www.twilio.com/docs/messaging/api/message-resource#fetch-a-message-resource */
  status: {
    ask: (sid, account) => ({
      path: `/2010-04-01/Accounts/${encodeURIComponent(account.account)}/Messages/${encodeURIComponent(sid)}.json`,
      fields: asking(account),
    }),
    read(status, body) {
      const answer = answeredJson(body);
      const word = wordAt(answer, 'status');
      if (status !== 200 || word === null) return [];
      return [
        {
          providerId: wordAt(answer, 'sid'),
          status: word,
          code: wordAt(answer, 'error_code'),
          reason: wordAt(answer, 'error_message'),
        },
      ];
    },
  },
};

function asking({ account, secret }: SmsAccount): Readonly<Record<string, string>> {
  return {
    authorization: `Basic ${Buffer.from(`${account}:${secret}`).toString('base64')}`,
    accept: 'application/json',
  };
}
