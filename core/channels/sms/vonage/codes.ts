/**
 * What Vonage says by number: of a request to its SMS API, of a delivery receipt, of a message of its Messages API.
 * One row a code.
 */
import type { SmsCause } from '../../../model/sms.ts';

/**
 * `messages[].status` of the SMS API's answer, and its `error-text`.
 * Source: https://developer.vonage.com/api-errors/sms and the older list at
 * https://developer.vonage.com/messaging/sms/guides/troubleshooting-sms; the texts as the API has been seen to say them.
 */
export const smsErrors: Readonly<Record<string, string>> = {
  1: 'Throughput Rate Exceeded - please wait [ 250 ] and retry',
  2: 'Missing parameters',
  3: 'Invalid parameters',
  4: 'Bad Credentials',
  5: 'Internal Error',
  6: 'Unroutable message - rejected',
  7: 'Number barred - rejected',
  8: 'Partner account barred',
  9: 'Quota Exceeded - rejected',
  10: 'Too Many Existing Binds',
  11: 'Account Not Enabled For HTTP',
  12: 'Message Too Long',
  13: 'Communication Failed',
  14: 'Invalid Signature',
  15: 'Illegal Sender Address - rejected',
  16: 'Invalid TTL',
  19: 'Facility not allowed',
  20: 'Invalid Message class',
  22: 'Invalid Network Code',
  23: 'Bad callback :: Missing Protocol',
  29: 'Non White-listed Destination - rejected',
  32: 'Signature And API Secret Disallowed',
  33: 'Number De-activated',
  34: 'Invalid or Missing Msisdn Param',
};

/**
 * `err-code` of a receipt.
 * Source: https://developer.vonage.com/messaging/sms/guides/delivery-receipts, "DLR error codes".
 */
export const receiptErrors: Readonly<Record<string, string>> = {
  0: 'Delivered',
  1: 'Unknown',
  2: 'Absent Subscriber - Temporary',
  3: 'Absent Subscriber - Permanent',
  4: 'Call Barred by User',
  5: 'Portability Error',
  6: 'Anti-Spam Rejection',
  7: 'Handset Busy',
  8: 'Network Error',
  9: 'Illegal Number',
  10: 'Illegal Message',
  11: 'Unroutable',
  12: 'Destination Un-Reachable',
  13: 'Subscriber Age Restriction',
  14: 'Number Blocked by Carrier',
  15: 'Prepaid Insufficient Funds',
  16: 'Gateway Quota Exceeded',
  50: 'Entity Filter',
  51: 'Header Filter',
  52: 'Content Filter',
  53: 'Consent Filter',
  54: 'Regulation Error',
  99: 'General Error',
};

export interface MessagesError {
  readonly title: string;
  readonly detail: string;
}

/**
 * Of the Messages API: the fragment of a problem's `type`, and `title` in a status webhook's `error`.
 * Source: https://developer.vonage.com/api-errors/messages
 */
export const messagesErrors: Readonly<Record<string, MessagesError>> = {
  1000: {
    title: 'Throttled',
    detail: 'You have exceeded the submission capacity allowed on this account. Please wait and retry',
  },
  1010: {
    title: 'Missing params',
    detail: 'Your request is incomplete and missing some mandatory parameters.',
  },
  1020: { title: 'Invalid params', detail: 'The value of one or more parameters is invalid.' },
  1030: {
    title: 'Internal error',
    detail: 'There was an error processing your request in the Platform.',
  },
  1040: {
    title: 'Invalid message',
    detail:
      'The Platform was unable to process your request. For example, due to an unrecognised prefix for the phone number.',
  },
  1050: {
    title: 'Number barred',
    detail: 'The number you are trying to submit to is blacklisted and may not receive messages.',
  },
  1060: {
    title: 'Partner account barred',
    detail: 'The api_key you supplied is for an account that has been barred from submitting messages.',
  },
  1070: {
    title: 'Partner quota exceeded',
    detail: 'Your pre-paid account does not have sufficient credit to process this message.',
  },
  1080: {
    title: 'Account not enabled for REST',
    detail: 'This account is not provisioned for REST submission, you should use SMPP on the SMS API.',
  },
  1090: {
    title: 'Message too long',
    detail: 'The length of udh and body was greater than 140 octets for a binary type SMS request.',
  },
  1100: {
    title: 'Communication Failed',
    detail: 'Message was not submitted because there was a communication failure.',
  },
  1120: {
    title: 'Illegal Sender Address - rejected',
    detail:
      'Due to local regulations, the SenderID you set in from in the request was not accepted. Please check the Global messaging section.',
  },
  1130: { title: 'Invalid TTL', detail: 'The value of ttl in your request was invalid.' },
  1140: {
    title: 'Facility not allowed',
    detail: 'Your request makes use of a facility that is not enabled on your account.',
  },
  1160: {
    title: 'Non White-listed Destination',
    detail: 'The phone number you set in to is not in your pre-approved destination list.',
  },
  1170: {
    title: 'Invalid or Missing Msisdn Param',
    detail:
      'The phone number you supplied in the to parameter of your request was either missing or invalid.',
  },
  1180: {
    title: 'Absent Subscriber Temporary',
    detail:
      'This message was not delivered because to was temporarily unavailable. For example, the handset used for to was out of coverage or switched off. This is a temporary failure, retry later for a positive result.',
  },
  1190: {
    title: 'Absent Subscriber Permanent',
    detail: 'to is no longer active, You should remove this phone number from your database.',
  },
  1200: {
    title: 'Portability Error',
    detail: 'There is an issue after the user has changed carrier for to.',
  },
  1210: {
    title: 'Anti-Spam Rejection',
    detail:
      'Carriers often apply restrictions that block messages following different criteria. For example on SenderID or message content.',
  },
  1220: {
    title: 'Handset Busy',
    detail: 'The handset associated with to was not available when this message was sent.',
  },
  1230: {
    title: 'Network Error',
    detail:
      'A network failure while sending your message. This is a temporary failure, retry later for a positive result.',
  },
  1240: {
    title: 'Illegal Number',
    detail:
      'You tried to send a message to a blacklisted phone number. That is, the user has already sent a STOP opt-out message and no longer wishes to receive messages from you.',
  },
  1250: {
    title: 'Unroutable',
    detail: 'The chosen route to send your message is not available.',
  },
  1260: {
    title: 'Destination unreachable',
    detail: 'The message could not be delivered to the phone number.',
  },
  1270: {
    title: 'Subscriber Age Restriction',
    detail:
      'The carrier blocked this message because the content is not suitable for to based on age restrictions.',
  },
  1280: {
    title: 'Number Blocked by Carrier',
    detail:
      "The carrier blocked this message. This could be due to several reasons. For example, to's plan does not include SMS or the account is suspended.",
  },
  1290: {
    title: 'Pre-Paid - Insufficient funds',
    detail: "to's pre-paid account does not have enough credit to receive the message.",
  },
  1310: { title: 'Not suitable device', detail: "The user's device can't receive the message." },
  1330: {
    title: 'Unknown',
    detail: 'An unknown error was received from the carrier who tried to send this this message.',
  },
  1331: {
    title: 'Provider error',
    detail:
      'The provider is not responding or unable to process the request. Please try sending your message in a few minutes time.',
  },
  1360: {
    title: 'TTL was activated',
    detail: 'TTL was activated, no callbacks and no charge will be issued.',
  },
};

/**
 * Opt-Out Assist, which keeps a list of who wrote STOP, is for numbers of the United States and Canada; elsewhere the word goes
 * to the app like any other. Source: https://developer.vonage.com/en/opt-out-assist/overview
 */
export const optOutCallingCodes: readonly string[] = ['1'];

/** Why a message did not arrive: `err-code` of the receipt, and the Messages API's code for the same. */
export const causeCodes: Readonly<Record<SmsCause, { readonly receipt: string; readonly messages: string }>> =
  {
    unknown_number: { receipt: '3', messages: '1190' },
    landline: { receipt: '12', messages: '1260' },
    unreachable: { receipt: '2', messages: '1180' },
    blocked: { receipt: '4', messages: '1280' },
    filtered: { receipt: '6', messages: '1210' },
    opted_out: { receipt: '9', messages: '1240' },
    sender_not_registered: { receipt: '54', messages: '1120' },
    sender_not_allowed: { receipt: '54', messages: '1120' },
    region_not_allowed: { receipt: '11', messages: '1250' },
    validity: { receipt: '2', messages: '1180' },
    carrier_error: { receipt: '8', messages: '1230' },
    content: { receipt: '10', messages: '1310' },
    canceled_by_app: { receipt: '99', messages: '1330' },
    lost: { receipt: '1', messages: '1330' },
    on_purpose: { receipt: '99', messages: '1330' },
  };
