/**
 * How the core sends through Sinch, and reads what it reports.
 * Source: https://developers.sinch.com/docs/sms/api-reference/sms/tag/Batches/,
 * https://developers.sinch.com/docs/sms/api-reference/sms/tag/Webhooks/ (signature: callbacks of the SMS API)
 */
import { createHmac } from 'node:crypto';
import { answeredJson, memberAt, wordAt } from '../answered-json.ts';
import type { SmsDialect } from '../client.ts';
import { smsProviderHosts } from '../provider-hosts.ts';
import { sameText } from '../same-text.ts';

export const sinchDialect: SmsDialect = {
  provider: 'sinch',
  host: smsProviderHosts.sinch,
  alwaysSigned: false,

  request({ number, sender, text, reportUrl, reference }, { account, secret }) {
    return {
      path: `/xms/v1/${encodeURIComponent(account)}/batches`,
      fields: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        type: 'mt_text',
        from: sender.replace(/^\+/, ''),
        to: [number.replace(/^\+/, '')],
        body: text,
        ...(reportUrl === null ? {} : { delivery_report: 'per_recipient', callback_url: reportUrl }),
        ...(reference === null ? {} : { client_reference: reference }),
      }),
    };
  },

  read(status, body) {
    const answer = answeredJson(body);
    const id = wordAt(answer, 'id');
    if ((status === 201 || status === 200) && id !== null)
      return { kind: 'taken', providerId: id, status: 'Queued' };
    return {
      kind: 'refused',
      code: wordAt(answer, 'code') ?? wordAt(answer, 'error', 'status'),
      text: wordAt(answer, 'text') ?? wordAt(answer, 'error', 'message') ?? '',
    };
  },

  reports({ body }) {
    const said = answeredJson(body);
    const type = wordAt(said, 'type') ?? '';
    const about = type.startsWith('recipient_') ? said : memberAt(said, 'statuses', 0);
    const status = wordAt(about, 'status');
    if (!type.includes('delivery_report') || status === null) return [];
    return [{ providerId: wordAt(said, 'batch_id'), status, code: wordAt(about, 'code'), reason: null }];
  },

  inbound({ body }) {
    const said = answeredJson(body);
    const [number, sender] = [wordAt(said, 'from'), wordAt(said, 'to')];
    if (number === null || sender === null || wordAt(said, 'type') !== 'mo_text') return null;
    return { providerId: wordAt(said, 'id'), number, sender, text: wordAt(said, 'body') ?? '' };
  },

  /** HMAC-SHA256 over `body.nonce.timestamp`, where the account has it switched on. */
  signature({ field, body }, { own }) {
    const given = field('x-sinch-webhook-signature');
    if (given === null) return 'unsigned';
    if (own === null) return 'invalid';
    const signed = [
      body,
      field('x-sinch-webhook-signature-nonce') ?? '',
      field('x-sinch-webhook-signature-timestamp') ?? '',
    ].join('.');
    return sameText(given, createHmac('sha256', own).update(signed).digest('base64')) ? 'valid' : 'invalid';
  },

  check: ({ account, secret }) => ({
    path: `/xms/v1/${encodeURIComponent(account)}/batches?page_size=1`,
    fields: asking(secret),
  }),

  /** https://developers.sinch.com/docs/sms/api-reference/sms/tag/Delivery-reports/ */
  status: {
    ask: (id, { account, secret }) => ({
      path: `/xms/v1/${encodeURIComponent(account)}/batches/${encodeURIComponent(id)}/delivery_report?type=full`,
      fields: asking(secret),
    }),
    read(status, body) {
      const answer = answeredJson(body);
      const about = memberAt(answer, 'statuses', 0);
      const word = wordAt(about, 'status');
      if (status !== 200 || word === null) return [];
      return [
        { providerId: wordAt(answer, 'batch_id'), status: word, code: wordAt(about, 'code'), reason: null },
      ];
    },
  },
};

function asking(secret: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${secret}`, accept: 'application/json' };
}
