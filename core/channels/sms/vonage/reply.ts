/** What Vonage answers: its two interfaces' exact shapes. Pure. */
import type { ProviderReply } from '../../../doors/http/provider-request.ts';
import type { NewSms } from '../../../model/sms.ts';
import { messagesErrors, smsErrors } from './codes.ts';
import { recordOf } from './schema.ts';

/** Nobody is billed here: what the account has left stays as it is. */
export const remainingBalance = '15.53590000';

export interface SmsFault {
  readonly code: string;
  readonly text?: string | null;
}

/** The SMS API says 200 whatever comes; the status stands in the body. */
export function smsFaultReply({ code, text }: SmsFault): ProviderReply {
  return smsReply([{ status: code, 'error-text': text ?? smsErrors[code] ?? 'Internal Error' }]);
}

/** One entry a part. */
export function acceptedReply(sms: NewSms, accountRef: string | null): ProviderReply {
  const { ids, network, clientRef } = recordOf(sms.record);
  const price = partPrice(sms);
  return smsReply(
    ids.map((id) => ({
      to: digitsOf(sms.number),
      'message-id': id,
      status: '0',
      'remaining-balance': remainingBalance,
      'message-price': price,
      network,
      ...(clientRef === null ? {} : { 'client-ref': clientRef }),
      ...(accountRef === null ? {} : { 'account-ref': accountRef }),
    })),
  );
}

function smsReply(messages: readonly Readonly<Record<string, string>>[]): ProviderReply {
  return json(200, { 'message-count': String(messages.length), messages });
}

/** Eight decimals, as the API has them. */
export function partPrice({ price, parts }: Pick<NewSms, 'price' | 'parts'>): string {
  return (price === null ? 0 : Number(price.amount) / Math.max(1, parts)).toFixed(8);
}

/** Vonage writes numbers without the plus sign. */
export function digitsOf(number: string): string {
  return number.startsWith('+') ? number.slice(1) : number;
}

export function messageReply(messageUuid: string): ProviderReply {
  return json(202, { message_uuid: messageUuid });
}

export interface Problem {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly invalidParameters?: readonly { readonly name: string; readonly reason: string }[];
}

const errorsPage = 'https://developer.vonage.com/api-errors';
export const messagesErrorsPage = `${errorsPage}/messages`;

/** Source: https://developer.vonage.com/api-errors, "Generic Errors". */
export const unauthorizedProblem: Problem = {
  status: 401,
  type: `${errorsPage}#unauthorized`,
  title: 'Unauthorized',
  detail: 'You did not provide correct credentials.',
};

export const lowBalanceProblem: Problem = {
  status: 402,
  type: `${errorsPage}#low-balance`,
  title: 'Low balance',
  detail: 'This request could not be performed due to your account balance being low.',
};

export const invalidJsonProblem: Problem = {
  status: 400,
  type: `${errorsPage}#invalid-json`,
  title: 'Bad Request',
  detail: 'The request body did not contain valid JSON',
};

export const throttledProblem: Problem = {
  status: 429,
  type: `${errorsPage}#throttled`,
  title: 'Rate Limit Hit',
  detail: 'Please wait, then retry your request',
};

export const notFoundProblem: Problem = {
  status: 404,
  type: `${errorsPage}#not-found`,
  title: 'Not Found',
  detail: 'The requested resource does not exist, or you do not have access to it',
};

export const internalProblem: Problem = {
  status: 500,
  type: `${errorsPage}#internal-error`,
  title: 'Internal error',
  detail: 'There was an error processing your request in the Platform.',
};

export function invalidProblem(
  invalidParameters: readonly { readonly name: string; readonly reason: string }[],
): Problem {
  return {
    status: 422,
    type: `${messagesErrorsPage}#1020`,
    title: 'Invalid params',
    detail: 'The value of one or more parameters is invalid.',
    invalidParameters,
  };
}

/** By the Messages API's own code, or by the name of a generic error. */
export function messagesProblem(code: string): Problem {
  switch (sameInMessages[code] ?? code) {
    case 'unauthorized':
    case '401':
      return unauthorizedProblem;
    case 'low-balance':
    case '402':
    case '1070':
      return lowBalanceProblem;
    case 'throttled':
    case '429':
    case '1000':
      return throttledProblem;
    case 'internal-error':
    case '500':
    case '1030':
      return internalProblem;
    default: {
      const known = sameInMessages[code] ?? code;
      const row = messagesErrors[known];
      return row === undefined
        ? internalProblem
        : { status: 422, type: `${messagesErrorsPage}#${known}`, ...row };
    }
  }
}

/**
 * Statuses of the SMS API in the words of the Messages API, so that a rule about Vonage is met alike at both.
 * Sources: https://developer.vonage.com/api-errors/sms and https://developer.vonage.com/api-errors/messages
 */
const sameInMessages: Readonly<Record<string, string>> = {
  1: '1000',
  2: '1010',
  3: '1020',
  4: '401',
  5: '1030',
  6: '1040',
  7: '1050',
  8: '1060',
  9: '1070',
  11: '1080',
  12: '1090',
  13: '1100',
  15: '1120',
  16: '1130',
  19: '1140',
  29: '1160',
  34: '1170',
};

/** A problem document (RFC 7807). `instance` is the trace that support asks for. */
export function problemReply(
  { status, type, title, detail, invalidParameters }: Problem,
  instance: string,
  fields: readonly (readonly [string, string])[] = [],
): ProviderReply {
  return {
    status,
    fields: [['content-type', 'application/problem+json'], ...fields],
    body: JSON.stringify({
      type,
      title,
      detail,
      instance,
      ...(invalidParameters === undefined ? {} : { invalid_parameters: invalidParameters }),
    }),
  };
}

export function json(status: number, body: unknown): ProviderReply {
  return { status, fields: [['content-type', 'application/json']], body: JSON.stringify(body) };
}
