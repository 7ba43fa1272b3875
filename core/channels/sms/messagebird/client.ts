/**
 * How the core sends through MessageBird, and reads what it reports.
 * Source: https://developers.messagebird.com/api/sms-messaging/, https://developers.messagebird.com/api/#verifying-http-requests
 */
import { createHash, createHmac } from 'node:crypto';
import { answeredJson, memberAt, wordAt } from '../answered-json.ts';
import type { SmsDialect } from '../client.ts';
import { smsProviderHosts } from '../provider-hosts.ts';
import { sameText } from '../same-text.ts';

export const messagebirdDialect: SmsDialect = {
  provider: 'messagebird',
  host: smsProviderHosts.messagebird,
  alwaysSigned: true,

  request({ deliveryId, number, sender, text, validitySeconds, reportUrl, reference }, { secret }) {
    return {
      path: '/messages',
      fields: { authorization: `AccessKey ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        originator: sender,
        recipients: [number.replace(/^\+/, '')],
        body: text,
        // Characters beyond GSM 03.38 want it; the provider finds out by itself.
        datacoding: 'auto',
        ...(validitySeconds === null ? {} : { validity: validitySeconds }),
        // Without a reference nothing is reported.
        ...(reportUrl === null && reference === null ? {} : { reference: reference ?? deliveryId }),
        ...(reportUrl === null ? {} : { reportUrl }),
      }),
    };
  },

  read(status, body) {
    const answer = answeredJson(body);
    const id = wordAt(answer, 'id');
    if ((status === 201 || status === 200) && id !== null)
      return {
        kind: 'taken',
        providerId: id,
        status: wordAt(answer, 'recipients', 'items', 0, 'status') ?? 'sent',
      };
    const error = memberAt(answer, 'errors', 0);
    return { kind: 'refused', code: wordAt(error, 'code'), text: wordAt(error, 'description') ?? '' };
  },

  /** By GET, with all of it in the query. */
  reports({ url }) {
    const status = url.searchParams.get('status');
    const code = url.searchParams.get('statusErrorCode');
    if (status === null) return [];
    return [
      {
        providerId: url.searchParams.get('id'),
        status,
        code: code === null || code === '' || code === '0' ? null : code,
        reason: null,
      },
    ];
  },

  inbound({ url, field, body }) {
    const form = (field('content-type') ?? '').includes('json')
      ? answeredJson(body)
      : Object.fromEntries([...url.searchParams, ...new URLSearchParams(body)]);
    const [number, sender] = [wordAt(form, 'originator'), wordAt(form, 'recipient')];
    if (number === null || sender === null) return null;
    const text = wordAt(form, 'body') ?? wordAt(form, 'payload') ?? '';
    return { providerId: wordAt(form, 'id'), number, sender, text };
  },

  /** A JWT of HS256 whose claims are hashes of the address and of the body. */
  signature(notice, { own }) {
    const jwt = notice.field('messagebird-signature-jwt');
    if (jwt === null) return 'unsigned';
    const [header = '', claims = '', given = ''] = jwt.split('.');
    if (own === null) return 'invalid';
    const made = createHmac('sha256', own).update(`${header}.${claims}`).digest('base64url');
    const said = answeredJson(Buffer.from(claims, 'base64url').toString('utf8'));
    const payload = wordAt(said, 'payload_hash');
    const right =
      sameText(given, made) &&
      wordAt(said, 'url_hash') === sha256(notice.url.href) &&
      (payload === null ? notice.body === '' : payload === sha256(notice.body));
    return right ? 'valid' : 'invalid';
  },

  /** https://developers.messagebird.com/api/balance/ */
  check: ({ secret }) => ({ path: '/balance', fields: asking(secret) }),

  /** https://developers.messagebird.com/api/sms-messaging/#view-a-message */
  status: {
    ask: (id, { secret }) => ({ path: `/messages/${encodeURIComponent(id)}`, fields: asking(secret) }),
    read(status, body) {
      const answer = answeredJson(body);
      const about = memberAt(answer, 'recipients', 'items', 0);
      const word = wordAt(about, 'status');
      if (status !== 200 || word === null) return [];
      const code = wordAt(about, 'statusErrorCode');
      return [
        {
          providerId: wordAt(answer, 'id'),
          status: word,
          code: code === null || code === '0' ? null : code,
          reason: null,
        },
      ];
    },
  },
};

function asking(secret: string): Readonly<Record<string, string>> {
  return { authorization: `AccessKey ${secret}`, accept: 'application/json' };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
