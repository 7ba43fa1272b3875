/**
 * How the core sends through Infobip (version 3), and reads what it reports.
 * Source: https://www.infobip.com/docs/api/channels/sms/outbound-sms/send-sms-messages,
 * https://www.infobip.com/docs/essentials/api-essentials/response-status-and-error-codes
 */
import { answeredJson, listAt, memberAt, wordAt } from '../answered-json.ts';
import type { SmsDialect, SmsReported } from '../client.ts';
import { smsProviderHosts } from '../provider-hosts.ts';

export const infobipDialect: SmsDialect = {
  provider: 'infobip',
  host: smsProviderHosts.infobip,
  // Nothing that it sends is signed: the address that it calls is the secret.
  alwaysSigned: false,

  request({ number, sender, text, validitySeconds, reportUrl, reference }, { secret }) {
    return {
      path: '/sms/3/messages',
      fields: {
        authorization: `App ${secret}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        messages: [
          {
            sender: sender.replace(/^\+/, ''),
            destinations: [{ to: number.replace(/^\+/, '') }],
            content: { text },
            ...(validitySeconds === null
              ? {}
              : { options: { validityPeriod: { amount: validitySeconds, timeUnit: 'SECONDS' } } }),
            ...(reportUrl === null && reference === null
              ? {}
              : {
                  webhooks: {
                    ...(reportUrl === null
                      ? {}
                      : {
                          delivery: { url: reportUrl, intermediateReport: true },
                          contentType: 'application/json',
                        }),
                    ...(reference === null ? {} : { callbackData: reference }),
                  },
                }),
          },
        ],
      }),
    };
  },

  read(status, body) {
    const answer = answeredJson(body);
    const message = memberAt(answer, 'messages', 0);
    const id = wordAt(message, 'messageId');
    if (status === 200 && id !== null)
      return {
        kind: 'taken',
        providerId: id,
        status: wordAt(message, 'status', 'name') ?? 'PENDING_ACCEPTED',
      };
    const old = memberAt(answer, 'requestError', 'serviceException');
    return {
      kind: 'refused',
      code: wordAt(answer, 'errorCode') ?? wordAt(old, 'messageId'),
      text: wordAt(answer, 'description') ?? wordAt(old, 'text') ?? '',
    };
  },

  reports: ({ body }) => resultsIn(body),

  inbound({ body }) {
    const said = memberAt(answeredJson(body), 'results', 0);
    const [number, sender] = [wordAt(said, 'from'), wordAt(said, 'to')];
    const text = wordAt(said, 'text') ?? wordAt(said, 'cleanText');
    return number === null || sender === null || text === null
      ? null
      : { providerId: wordAt(said, 'messageId'), number, sender, text };
  },

  signature: () => 'unsigned',

  /** https://www.infobip.com/docs/api/platform/account-management/get-account-balance */
  check: ({ secret }) => ({ path: '/account/1/balance', fields: asking(secret) }),

  /**
   * The logs: they can be read again, where a report is given out once and would be missing elsewhere.
   * Source: https://www.infobip.com/docs/api/channels/sms/logs-and-status-reports/get-outbound-sms-message-logs
   */
  status: {
    ask: (id, { secret }) => ({
      path: `/sms/3/logs?messageId=${encodeURIComponent(id)}&limit=1`,
      fields: asking(secret),
    }),
    read: (status, body) => (status === 200 ? resultsIn(body).slice(0, 1) : []),
  },
};

function asking(secret: string): Readonly<Record<string, string>> {
  return { authorization: `App ${secret}`, accept: 'application/json' };
}

/** Reports and logs have what is said of a message in the same place. */
function resultsIn(body: string): readonly SmsReported[] {
  return listAt(answeredJson(body), 'results').flatMap((one) => {
    const status = wordAt(one, 'status', 'name');
    if (status === null) return [];
    const error = wordAt(one, 'error', 'id');
    return {
      providerId: wordAt(one, 'messageId'),
      status,
      code: error === null || error === '0' ? null : error,
      reason: null,
    };
  });
}
