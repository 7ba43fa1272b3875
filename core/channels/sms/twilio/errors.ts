/**
 * Twilio's error codes: those that its API answers with, and those that a message ends with. One row a code.
 *
 * Texts are those that Twilio's API was seen to say, in the transcripts of issues and in the recordings of its SDKs' users; else
 * the title of the code's own page. In them `{to}` and `{from}` stand for what the request says, `{toMasked}` for the number
 * with its last four digits crossed out, as newer texts have it, `{resource}` for the path that was asked for.
 * Source: https://www.twilio.com/docs/api/errors, one page a code.
 */

export interface ErrorRow {
  /** Of the HTTP reply. */
  readonly status: number;
  readonly message: string;
}

const rows = {
  20001: { status: 400, message: 'Bad Request' },
  20003: { status: 401, message: 'Authenticate' },
  20004: { status: 405, message: 'Method not allowed' },
  20009: { status: 409, message: 'Resource not complete' },
  20404: { status: 404, message: 'The requested resource {resource} was not found' },
  20429: { status: 429, message: 'Too Many Requests' },
  20500: { status: 500, message: 'An internal server error has occurred' },
  20503: { status: 503, message: 'Service is unavailable. Please try again' },
  21211: { status: 400, message: "Invalid 'To' Phone Number: {toMasked}" },
  21212: {
    status: 400,
    message: "The 'From' number {from} is not a valid phone number, shortcode, or alphanumeric sender ID.",
  },
  21265: { status: 400, message: "'To' number cannot be a Short Code: {to}" },
  21266: { status: 400, message: "'To' and 'From' number cannot be the same: {toMasked}" },
  21408: {
    status: 400,
    message:
      "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {toMasked}",
  },
  21421: { status: 400, message: 'PhoneNumber is invalid' },
  21422: { status: 400, message: 'Phone number is not available' },
  21452: { status: 400, message: 'No phone number found for the area code' },
  21602: { status: 400, message: 'Message body is required.' },
  21603: { status: 400, message: "A 'From' phone number is required." },
  21604: { status: 400, message: "A 'To' phone number is required." },
  21606: {
    status: 400,
    message:
      'The From phone number {from} is not a valid, SMS-capable inbound phone number or short code for your account.',
  },
  21608: {
    status: 400,
    message:
      'The number {toMasked} is unverified. Trial accounts cannot send messages to unverified numbers; verify {toMasked} at twilio.com/user/account/phone-numbers/verified, or purchase a Twilio number to send messages to unverified numbers',
  },
  21609: { status: 400, message: "The 'StatusCallback' URL {detail} is not a valid URL." },
  21610: { status: 400, message: 'Attempt to send to unsubscribed recipient' },
  21611: { status: 429, message: 'SMS queue is full.' },
  21612: {
    status: 400,
    message:
      "Message cannot be sent with the current combination of 'To' ({to}) and/or 'From' ({from}) parameters",
  },
  21614: { status: 400, message: 'To number: {to}, is not a mobile number' },
  21617: { status: 400, message: 'The concatenated message body exceeds the 1600 character limit.' },
  21619: { status: 400, message: 'A text message body or media urls must be specified.' },
  21620: { status: 400, message: 'Invalid media URL(s)' },
  21623: { status: 400, message: 'Number of media files exceeds allowed limit' },
  21624: { status: 400, message: 'Invalid validity period value' },
  21655: { status: 400, message: 'The ContentSid is Invalid' },
  21701: { status: 404, message: 'The Messaging Service does not exist' },
  21703: {
    status: 400,
    message: 'The Messaging Service does not have a phone number available to send a message',
  },
  21704: { status: 400, message: 'The Messaging Service contains no phone numbers.' },
  21705: { status: 400, message: 'The Messaging Service is invalid' },
  21710: { status: 409, message: 'Phone Number or Short Code is already in the Messaging Service.' },
  21712: { status: 409, message: 'Phone Number or Short Code is associated with another Messaging Service.' },
  30400: { status: 400, message: 'Parameters are not valid' },
  30409: { status: 409, message: 'This message cannot be canceled' },
  35111: { status: 400, message: 'SendAt timestamp is missing' },
  35114: {
    status: 400,
    message: 'SendAt time must be between 900 seconds and 35 days (3024000 seconds) in the future, inclusive',
  },
  35118: { status: 400, message: 'MessagingServiceSid is required to schedule a message' },
  35126: { status: 400, message: 'The ScheduleType value provided is not supported for this channel' },
  63007: { status: 400, message: 'Twilio could not find a Channel with the specified From address' },
} as const satisfies Readonly<Record<number, ErrorRow>>;

export type ErrorCode = keyof typeof rows;

/** Of any code: one of the table, or null. */
export function errorRow(code: number): ErrorRow | null {
  const known: Readonly<Record<number, ErrorRow>> = rows;
  return known[code] ?? null;
}

/**
 * What messages end with (`error_code`, `error_message`).
 * Source: https://www.twilio.com/docs/api/errors, 30001 and following.
 */
const endMessages: Readonly<Record<string, string>> = {
  21408: 'Permission to send an SMS has not been enabled for the region',
  21610: 'Attempt to send to unsubscribed recipient',
  21612: "Message cannot be sent with the current combination of 'To' and/or 'From' parameters",
  30001: 'Queue overflow',
  30002: 'Account suspended',
  30003: 'Unreachable destination handset',
  30004: 'Message blocked',
  30005: 'Unknown destination handset',
  30006: 'Landline or unreachable carrier',
  30007: 'Message filtered',
  30008: 'Unknown error',
  30009: 'Missing inbound segment',
  30010: 'Message price exceeds max price',
  30011: 'MMS not supported by the receiving phone number in this region',
  30017: 'Carrier network congestion',
  30019: 'Content size exceeds carrier limit',
  30022: 'US A2P 10DLC - Rate Limits Exceeded',
  30023: 'US A2P 10DLC - Daily Message Cap Reached',
  30024: 'Numeric Sender ID Not Provisioned on Carrier',
  30032: 'Toll-Free Number Has Not Been Verified',
  30034: 'Message from an Unregistered Number',
  30036: 'Validity Period Expired',
};

export function endMessage(code: string | null): string | null {
  return code === null ? null : (endMessages[code] ?? null);
}

export interface ErrorWords {
  readonly to?: string | undefined;
  readonly from?: string | undefined;
  readonly resource?: string | undefined;
  readonly detail?: string | undefined;
}

export function filled(
  message: string,
  { to = '', from = '', resource = '', detail = '' }: ErrorWords,
): string {
  return message.replace(/\{(to|toMasked|from|resource|detail)\}/g, (_, name: string) => {
    switch (name) {
      case 'to':
        return to;
      case 'toMasked':
        return masked(to);
      case 'from':
        return from;
      case 'resource':
        return resource;
      default:
        return detail;
    }
  });
}

/** `+1415555XXXX`. */
function masked(number: string): string {
  return /\d{4}$/.test(number) ? `${number.slice(0, -4)}XXXX` : number;
}
