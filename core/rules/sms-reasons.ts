/**
 * What SMS providers say in place of a yes, and what they report later: one row per code, with what it means. Rules may name
 * others; these are what magic numbers, presets and the editor offer. The words that go with a code are the provider's room's.
 */
import { isSmsProvider, type SmsProvider } from '../model/sms.ts';

/** In place of the yes. */
export interface SmsReason {
  /** What `answer.reason` names. */
  readonly code: string;
  /** Of HTTP; null: it is no HTTP status that tells it (SMPP; Vonage’s 200 with a status inside). */
  readonly status: number | null;
  readonly means: string;
}

/** After the yes. */
export interface SmsReportWord {
  /** What `report.status` names. */
  readonly status: string;
  readonly code: string | null;
  readonly means: string;
}

function said(code: string, status: number | null, means: string): SmsReason {
  return { code, status, means };
}

function reported(status: string, code: string | null, means: string): SmsReportWord {
  return { status, code, means };
}

/** Pages that the rows are from, by provider. */
export const smsReasonSources: Readonly<Record<SmsProvider, string>> = {
  twilio: 'https://www.twilio.com/docs/api/errors',
  vonage:
    'https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms; https://developer.vonage.com/en/api-errors/messages',
  messagebird:
    'https://developers.messagebird.com/api/#api-errors; https://docs.bird.com/api/channels-api/message-status-and-interactions/message-failure-sources/sms-platform-extended-error-codes',
  sinch:
    'https://developers.sinch.com/docs/sms/api-reference/status-codes; https://developers.sinch.com/docs/sms/api-reference/sms/delivery-reports/delivery-report-error-codes; https://developers.sinch.com/docs/sms/smpp/error-codes',
  infobip: 'https://www.infobip.com/docs/essentials/response-status-and-error-codes',
  telnyx:
    'https://developers.telnyx.com/docs/messaging/messages/error-codes; https://developers.telnyx.com/development/api-fundamentals/api-errors',
  smpp: 'SMPP 3.4 sections 5.1.3 and 5.2.28, appendix B: https://smpp.org/SMPP_v3_4_Issue1_2.pdf',
};

export const smsReasons: Readonly<Record<SmsProvider, readonly SmsReason[]>> = {
  twilio: [
    said('21211', 400, 'the number is none'),
    said('21408', 400, 'not allowed to that region'),
    said('21610', 400, 'the recipient wrote STOP'),
    said('21612', 400, 'no route from that sender to that number'),
    said('21614', 400, 'not a mobile number'),
    said('20429', 429, 'too many requests'),
    said('21611', 429, 'the sender’s queue is full'),
    said('20003', 401, 'credentials refused'),
    said('21212', 400, 'the sender is none'),
    said('21606', 400, 'the sender is not the account’s'),
    said('21608', 400, 'a trial account, an unverified number'),
    said('21602', 400, 'no body'),
    said('21603', 400, 'no sender'),
    said('21604', 400, 'no recipient'),
    said('21617', 400, 'the body is over 1,600 characters'),
    said('21703', 400, 'the Messaging Service has no number'),
    said('20500', 500, 'Twilio’s own fault'),
    said('20503', 503, 'Twilio is out of order'),
  ],
  // Statuses of the SMS API, which come with HTTP 200; the Messages API has HTTP statuses.
  vonage: [
    said('1', null, 'throttled'),
    said('2', null, 'a parameter is missing'),
    said('3', null, 'a parameter is invalid, as the number'),
    said('4', null, 'credentials refused'),
    said('5', null, 'Vonage’s own fault'),
    said('6', null, 'no route for that prefix'),
    said('7', null, 'the number is barred'),
    said('8', null, 'the account is barred'),
    said('9', null, 'no credit left'),
    said('10', null, 'too many connections'),
    said('11', null, 'the account is not for HTTP'),
    said('12', null, 'the message is too long'),
    said('14', null, 'the signature is invalid'),
    said('15', null, 'the sender is not allowed'),
    said('22', null, 'the network code is invalid'),
    said('23', null, 'the callback address is invalid'),
    said('29', null, 'a demo account, a number not on its list'),
    said('32', null, 'signature and secret at once'),
    said('33', null, 'the number was de-activated'),
    said('401', 401, 'Messages API: credentials refused'),
    said('402', 402, 'Messages API: no credit left'),
    said('429', 429, 'Messages API: throttled'),
    said('500', 500, 'Messages API: Vonage’s own fault'),
    said('1020', 422, 'Messages API: a parameter is invalid'),
    said('1040', 422, 'Messages API: no route for that prefix'),
    said('1050', 422, 'Messages API: the number is barred'),
    said('1120', 422, 'Messages API: the sender is not allowed'),
    said('1160', 422, 'Messages API: a demo account, a number not on its list'),
    said('1170', 422, 'Messages API: the number is none'),
  ],
  messagebird: [
    said('2', 401, 'the access key is refused'),
    said('9', 422, 'a parameter is missing, or no recipient is correct'),
    said('10', 422, 'a parameter is invalid'),
    said('20', 404, 'not found'),
    said('21', 400, 'a bad request'),
    said('25', 402, 'no balance left'),
    said('98', 404, 'no such interface'),
    said('99', 500, 'MessageBird’s own fault'),
    said('429', 429, 'too many requests'),
  ],
  sinch: [
    said('syntax_invalid_json', 400, 'no JSON'),
    said('syntax_invalid_parameter_format', 400, 'a field is not of its form, as the number'),
    said('syntax_constraint_violation', 400, 'a field is out of its bounds'),
    said('unauthorized', 401, 'the token is refused'),
    said('missing_callback_url', 403, 'a report is asked for, and no address is set'),
    said('unknown_group', 403, 'no such group'),
    said('unknown_campaign', 403, 'no such campaign'),
    said('illegal_number_type', 403, 'a sender of that kind does not work in that region'),
    said('blocked_account', 403, 'the account is blocked'),
    said('too_many_requests', 429, 'too many requests'),
    said('internal_error', 500, 'Sinch’s own fault'),
    said('service_unavailable', 503, 'Sinch is out of order'),
  ],
  // By the messageId of the serviceException. What is REJECTED_… stands in the status of a message that was taken: a report.
  infobip: [
    said('UNAUTHORIZED', 401, 'the key is refused'),
    said('FORBIDDEN', 403, 'not allowed'),
    said('BAD_REQUEST', 400, 'a bad request'),
    said('TOO_MANY_REQUESTS', 429, 'too many requests'),
    said('GENERAL_ERROR', 500, 'Infobip’s own fault'),
  ],
  telnyx: [
    said('10009', 401, 'the key is refused'),
    said('10002', 422, 'the number is none'),
    said('10004', 422, 'a field is missing'),
    said('10015', 400, 'a bad request'),
    said('10016', 422, 'not in E.164'),
    said('10011', 429, 'too many requests'),
    said('10007', 500, 'Telnyx’s own fault'),
    said('20100', 403, 'no funds left'),
    said('40300', 403, 'the recipient wrote STOP'),
    said('40305', 400, 'the sender is not the profile’s'),
    said('40309', 400, 'not allowed to that region'),
    said('40310', 400, 'the number cannot be sent to'),
    said('40318', 429, 'the queue is full'),
  ],
  smpp: [
    said('ESME_RTHROTTLED', null, 'throttled'),
    said('ESME_RMSGQFUL', null, 'the queue is full'),
    said('ESME_RINVDSTADR', null, 'the number is none'),
    said('ESME_RINVSRCADR', null, 'the sender is none'),
    said('ESME_RSUBMITFAIL', null, 'submit_sm failed'),
    said('ESME_RINVMSGLEN', null, 'the length of the message is wrong'),
    said('ESME_RINVEXPIRY', null, 'the validity period is wrong'),
    said('ESME_RINVSCHED', null, 'the time of delivery is wrong'),
    said('ESME_RINVSERTYP', null, 'the service type is wrong'),
    said('ESME_RX_T_APPN', null, 'a temporary fault of the receiver'),
    said('ESME_RX_P_APPN', null, 'a lasting fault of the receiver'),
    said('ESME_RX_R_APPN', null, 'the receiver rejects it'),
    said('ESME_RSYSERR', null, 'a fault of the system'),
  ],
};

export const smsReports: Readonly<Record<SmsProvider, readonly SmsReportWord[]>> = {
  twilio: [
    reported('undelivered', '30003', 'the handset cannot be reached'),
    reported('undelivered', '30004', 'blocked'),
    reported('undelivered', '30005', 'nobody has the number'),
    reported('undelivered', '30006', 'a landline, or a carrier that cannot be reached'),
    reported('undelivered', '30007', 'filtered by the carrier'),
    reported('undelivered', '30008', 'unknown fault'),
    reported('undelivered', '30034', 'a US number that is not registered (10DLC)'),
    reported('undelivered', '30032', 'a toll-free number that is not verified'),
    reported('undelivered', '30023', '10DLC: the cap of the day is reached'),
    reported('failed', '30001', 'the sender’s queue was full'),
    reported('failed', '30002', 'the account was suspended'),
    reported('failed', '30036', 'the validity period passed'),
    reported('failed', '30410', 'the carrier did not answer in time'),
    reported('delivered', null, 'delivered'),
    reported('sent', null, 'sent, and nothing more is heard'),
    reported('canceled', null, 'canceled'),
  ],
  vonage: [
    reported('failed', '1', 'unknown'),
    reported('failed', '2', 'the handset is absent, for now'),
    reported('failed', '3', 'the number is no longer in use'),
    reported('failed', '4', 'barred by the user'),
    reported('rejected', '6', 'filtered as spam'),
    reported('failed', '8', 'a fault of the network'),
    reported('rejected', '9', 'the recipient opted out'),
    reported('failed', '11', 'no route'),
    reported('failed', '12', 'the number cannot be reached'),
    reported('rejected', '14', 'blocked by the carrier'),
    reported('failed', '50', 'filtered: the entity (India)'),
    reported('failed', '99', 'a general error'),
    reported('expired', '1', 'the validity period passed'),
    reported('buffered', '0', 'waits at the carrier'),
    reported('unknown', '1', 'no report came'),
    reported('undeliverable', '1', 'Messages API: could not be delivered'),
    reported('delivered', '0', 'delivered'),
  ],
  messagebird: [
    reported('delivery_failed', '1', 'unknown subscriber'),
    reported('delivery_failed', '27', 'absent subscriber'),
    reported('delivery_failed', '9', 'illegal subscriber'),
    reported('delivery_failed', '11', 'no SMS on that line'),
    reported('delivery_failed', '13', 'barred'),
    reported('delivery_failed', '34', 'a fault of the network'),
    reported('delivery_failed', '103', 'the recipient opted out'),
    reported('delivery_failed', '104', 'the sender is not registered'),
    reported('delivery_failed', '105', 'the content is not registered'),
    reported('delivery_failed', null, 'failed, no more is known'),
    reported('expired', null, 'the validity period passed'),
    reported('buffered', null, 'waits at the carrier'),
    reported('delivered', null, 'delivered'),
  ],
  sinch: [
    reported('Aborted', '402', 'no route'),
    reported('Aborted', '403', 'an internal error'),
    reported('Aborted', '404', 'failed, for now'),
    reported('Aborted', '405', 'a parameter is missing for the number'),
    reported('Aborted', '411', 'too many parts'),
    reported('Aborted', '412', 'not allowed to that region'),
    reported('Aborted', '413', 'the account is blocked'),
    reported('Rejected', '991', 'filtered for its text'),
    reported('Rejected', '993', 'the sender is on a blacklist'),
    reported('Rejected', '60', 'the sender is blocked: its campaign is not active (10DLC)'),
    reported('Deleted', '1', 'unknown subscriber'),
    reported('Deleted', '997', 'the recipient opted out'),
    reported('Failed', '11', 'no SMS on that line'),
    reported('Failed', '13', 'barred'),
    reported('Failed', '29', 'absent subscriber'),
    reported('Failed', '36', 'a fault of the network'),
    reported('Failed', '995', 'undeliverable, no more is known'),
    reported('Expired', '996', 'the validity period passed'),
    reported('Unknown', '500', 'no report came'),
    reported('Cancelled', '407', 'canceled'),
    reported('Delivered', '0', 'delivered'),
  ],
  infobip: [
    reported('UNDELIVERABLE_NOT_DELIVERED', '27', 'absent subscriber'),
    reported('UNDELIVERABLE_NOT_DELIVERED', '1', 'unknown subscriber'),
    reported('UNDELIVERABLE_NOT_DELIVERED', '11', 'no SMS on that line'),
    reported('UNDELIVERABLE_NOT_DELIVERED', '13', 'barred'),
    reported('UNDELIVERABLE_NOT_DELIVERED', '34', 'a fault of the network'),
    reported('UNDELIVERABLE_REJECTED_OPERATOR', null, 'rejected by the operator'),
    reported('REJECTED_DESTINATION', null, 'the number is none'),
    reported('REJECTED_DESTINATION_BLOCKLISTED', null, 'the number is on a blocklist of the account'),
    reported('REJECTED_DESTINATION_NOT_REGISTERED', null, 'a trial account, an unverified number'),
    reported('REJECTED_PREFIX_MISSING', null, 'no prefix that is known'),
    reported('REJECTED_NETWORK', null, 'the network is not covered, or not allowed'),
    reported('REJECTED_ROUTE_NOT_AVAILABLE', null, 'no route'),
    reported('REJECTED_NOT_ENOUGH_CREDITS', null, 'no credit left'),
    reported('REJECTED_DND', null, 'on a list of do-not-disturb'),
    reported('REJECTED_SENDER', null, 'the sender is blocked'),
    reported('REJECTED_SOURCE', null, 'the sender is not registered'),
    reported('REJECTED_FLOODING_FILTER', null, 'the same text too often'),
    reported('REJECTED_SYSTEM_ERROR', null, 'a fault of the system'),
    reported('EXPIRED_EXPIRED', null, 'the validity period passed'),
    reported('EXPIRED_DLR_UNKNOWN', null, 'no report came'),
    reported('DELIVERED_TO_OPERATOR', null, 'the operator has it, and no more is heard'),
    reported('DELIVERED_TO_HANDSET', null, 'delivered'),
  ],
  telnyx: [
    reported('delivery_failed', '40001', 'a landline, or no route'),
    reported('delivery_failed', '40002', 'filtered as spam, for now'),
    reported('delivery_failed', '40003', 'filtered as spam, for good'),
    reported('delivery_failed', '40004', 'rejected by the destination'),
    reported('delivery_failed', '40006', 'the recipient cannot be reached'),
    reported('delivery_failed', '40008', 'undeliverable'),
    reported('delivery_failed', '40010', 'not registered (10DLC)'),
    reported('delivery_failed', '40012', 'the number is invalid'),
    reported('sending_failed', '40011', 'beyond the carrier’s rate'),
    reported('sending_failed', '40300', 'the recipient wrote STOP'),
    reported('expired', '40005', 'the validity period passed'),
    reported('delivery_unconfirmed', null, 'no report came'),
    reported('delivered', null, 'delivered'),
  ],
  smpp: [
    reported('UNDELIV', '001', 'unknown subscriber'),
    reported('UNDELIV', '006', 'absent subscriber'),
    reported('UNDELIV', '011', 'no SMS on that line'),
    reported('UNDELIV', '013', 'barred'),
    reported('UNDELIV', '034', 'a fault of the network'),
    reported('UNDELIV', '021', 'not supported there: filtered, or not allowed'),
    reported('REJECTD', null, 'rejected'),
    reported('EXPIRED', null, 'the validity period passed'),
    reported('DELETED', null, 'deleted'),
    reported('UNKNOWN', null, 'no report came'),
    reported('ACCEPTD', null, 'accepted on behalf of the subscriber'),
    reported('DELIVRD', '000', 'delivered'),
  ],
};

/** In the provider's own spelling and with its status, whatever case it was written in; null: not one of its. */
export function smsReasonOf(provider: string | null, written: string): SmsReason | null {
  if (!isSmsProvider(provider)) return null;
  const lower = written.toLowerCase();
  return smsReasons[provider].find(({ code }) => code.toLowerCase() === lower) ?? null;
}

/** What a status and a code of a report mean; null: not one of the provider's. */
export function smsReportOf(
  provider: string | null,
  status: string,
  code: string | undefined,
): SmsReportWord | null {
  if (!isSmsProvider(provider)) return null;
  const lower = status.toLowerCase();
  return (
    smsReports[provider].find(
      (one) => one.status.toLowerCase() === lower && (one.code ?? undefined) === code,
    ) ?? null
  );
}
