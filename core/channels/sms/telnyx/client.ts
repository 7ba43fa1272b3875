/**
 * How the core sends through Telnyx, and reads what it reports.
 * Source: https://developers.telnyx.com/api/messaging/send-message,
 * https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks (signature: Ed25519 of `timestamp|body`)
 */
import { createPublicKey, verify } from 'node:crypto';
import { answeredJson, memberAt, wordAt } from '../answered-json.ts';
import type { SmsDialect, SmsReported } from '../client.ts';
import { smsProviderHosts } from '../provider-hosts.ts';

export const telnyxDialect: SmsDialect = {
  provider: 'telnyx',
  host: smsProviderHosts.telnyx,
  alwaysSigned: true,

  request({ number, sender, text, media, reportUrl }, { secret }) {
    return {
      path: '/v2/messages',
      fields: {
        authorization: `Bearer ${secret}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        from: sender,
        to: number,
        ...(text === '' ? {} : { text }),
        ...(media.length === 0 ? {} : { media_urls: media }),
        ...(reportUrl === null ? {} : { webhook_url: reportUrl, use_profile_webhooks: false }),
      }),
    };
  },

  read(status, body) {
    const answer = answeredJson(body);
    const id = wordAt(answer, 'data', 'id');
    if (status === 200 && id !== null)
      return {
        kind: 'taken',
        providerId: id,
        status: wordAt(answer, 'data', 'to', 0, 'status') ?? 'queued',
      };
    const error = memberAt(answer, 'errors', 0);
    return {
      kind: 'refused',
      code: wordAt(error, 'code'),
      text: [wordAt(error, 'title'), wordAt(error, 'detail')].filter(Boolean).join(': '),
    };
  },

  reports({ body }) {
    const payload = memberAt(answeredJson(body), 'data', 'payload');
    return wordAt(payload, 'direction') === 'inbound' ? [] : standing(payload);
  },

  inbound({ body }) {
    const said = answeredJson(body);
    const payload = memberAt(said, 'data', 'payload');
    const number = wordAt(payload, 'from', 'phone_number');
    const sender = wordAt(payload, 'to', 0, 'phone_number');
    if (number === null || sender === null || wordAt(said, 'data', 'event_type') !== 'message.received')
      return null;
    return { providerId: wordAt(payload, 'id'), number, sender, text: wordAt(payload, 'text') ?? '' };
  },

  signature({ field, body }, { own }) {
    const [given, timestamp] = [field('telnyx-signature-ed25519'), field('telnyx-timestamp')];
    if (given === null || timestamp === null) return 'unsigned';
    if (own === null) return 'invalid';
    const right = verify(
      null,
      Buffer.from(`${timestamp}|${body}`),
      // Derived from the private key where that is what is known of it.
      createPublicKey(own),
      Buffer.from(given, 'base64'),
    );
    return right ? 'valid' : 'invalid';
  },

  /** https://developers.telnyx.com/api-reference/billing/get-user-balance-details */
  check: ({ secret }) => ({ path: '/v2/balance', fields: asking(secret) }),

  /** https://developers.telnyx.com/api/messaging/get-message */
  status: {
    ask: (id, { secret }) => ({ path: `/v2/messages/${encodeURIComponent(id)}`, fields: asking(secret) }),
    read(status, body) {
      const data = memberAt(answeredJson(body), 'data');
      return status === 200 ? standing(data) : [];
    },
  },
};

function asking(secret: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${secret}`, accept: 'application/json' };
}

/** A message is written alike in a webhook and in an answer. */
function standing(message: unknown): readonly SmsReported[] {
  const status = wordAt(message, 'to', 0, 'status');
  if (status === null) return [];
  return [
    {
      providerId: wordAt(message, 'id'),
      status,
      code: wordAt(message, 'errors', 0, 'code'),
      reason: wordAt(message, 'errors', 0, 'title'),
    },
  ];
}
