/**
 * How the core sends through Vonage's SMS API, and reads what it reports.
 * Source: https://developer.vonage.com/en/api/sms, https://developer.vonage.com/en/getting-started/concepts/signing-messages
 */
import { createHash, createHmac } from 'node:crypto';
import { answeredJson, memberAt, wordAt } from '../answered-json.ts';
import type { SmsDialect, SmsNotice } from '../client.ts';
import { smsProviderHosts } from '../provider-hosts.ts';
import { sameText } from '../same-text.ts';

/** Milliseconds: from 20 seconds to 7 days. */
const ttlMs = { min: 20_000, max: 604_800_000 };

export const vonageDialect: SmsDialect = {
  provider: 'vonage',
  host: smsProviderHosts.vonage,
  alwaysSigned: false,

  request({ number, sender, text, unicode, validitySeconds, reportUrl, reference }, { account, secret }) {
    return {
      path: '/sms/json',
      fields: {
        authorization: `Basic ${Buffer.from(`${account}:${secret}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        to: number.replace(/^\+/, ''),
        from: sender.replace(/^\+/, ''),
        text,
        ...(unicode ? { type: 'unicode' } : {}),
        ...(reportUrl === null ? {} : { callback: reportUrl, 'status-report-req': true }),
        ...(reference === null ? {} : { 'client-ref': reference }),
        ...(validitySeconds === null
          ? {}
          : { ttl: Math.min(Math.max(validitySeconds * 1000, ttlMs.min), ttlMs.max) }),
      }),
    };
  },

  /** HTTP 200 always: each part says by itself whether it was taken, and one that was not is no message. */
  read(status, body) {
    const answer = answeredJson(body);
    const said = memberAt(answer, 'messages', 0);
    const code = wordAt(said, 'status');
    if (status === 200 && code === '0')
      return { kind: 'taken', providerId: wordAt(said, 'message-id') ?? '', status: 'accepted' };
    return { kind: 'refused', code, text: wordAt(said, 'error-text') ?? wordAt(answer, 'title') ?? '' };
  },

  reports(notice) {
    const said = fieldsOf(notice);
    const { status } = said;
    const code = said['err-code'];
    if (status === undefined || said.text !== undefined) return [];
    return [
      {
        providerId: said.messageId ?? null,
        status,
        code: code === undefined || code === '0' ? null : code,
        reason: null,
      },
    ];
  },

  inbound(notice) {
    const { msisdn, to, text, messageId } = fieldsOf(notice);
    if (msisdn === undefined || to === undefined || text === undefined) return null;
    return { providerId: messageId ?? null, number: msisdn, sender: to, text };
  },

  signature(notice, { own }) {
    const { sig, ...said } = fieldsOf(notice);
    if (sig === undefined) return 'unsigned';
    if (own === null) return 'invalid';
    const signed = Object.keys(said)
      .sort((a, b) => (a < b ? -1 : 1))
      .map((name) => `&${name}=${(said[name] ?? '').replaceAll(/[&=]/g, '_')}`)
      .join('');
    const digests = [
      createHash('md5')
        .update(signed + own)
        .digest('hex'),
      ...['md5', 'sha1', 'sha256', 'sha512'].map((name) =>
        createHmac(name, own).update(signed).digest('hex'),
      ),
    ];
    return digests.some((one) => sameText(sig.toUpperCase(), one.toUpperCase())) ? 'valid' : 'invalid';
  },

  /** https://developer.vonage.com/en/account/code-snippets/account-balance */
  check: ({ account, secret }) => ({
    path: '/account/get-balance',
    fields: {
      authorization: `Basic ${Buffer.from(`${account}:${secret}`).toString('base64')}`,
      accept: 'application/json',
    },
  }),

  status: {
    none: 'Vonage’s SMS API tells what became of a message by its delivery receipts alone (its Reports API is a product by itself): give the relay a callback URL.',
  },
};

/** In the query, as a form, or as JSON: the account's settings say which. What our own address had in its query is ours. */
function fieldsOf({ url, field, body }: SmsNotice): Readonly<Record<string, string | undefined>> {
  const own = new Set(['delivery', 'key']);
  const query = [...url.searchParams].filter(([name]) => !own.has(name));
  if (body === '') return Object.fromEntries(query);
  if (!(field('content-type') ?? '').includes('json'))
    return Object.fromEntries([...query, ...new URLSearchParams(body)]);
  const said = answeredJson(body);
  if (typeof said !== 'object' || said === null) return {};
  return Object.fromEntries(
    Object.entries(said).flatMap(([name]) => {
      const value = wordAt(said, name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
