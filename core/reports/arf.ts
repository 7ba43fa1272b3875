/** Complaints in the Abuse Reporting Format (RFC 5965): written and read. Pure. */
import { headerBlock, headerValue } from '../model/header-block.ts';
import { mailDate, parseMailDate } from '../model/mail-date.ts';
import { type Field, readReport, writeReport } from './multipart-report.ts';

/** RFC 5965 §7.3 and its registry (RFC 6430, RFC 6591). */
export const feedbackTypes = [
  'abuse',
  'auth-failure',
  'fraud',
  'not-spam',
  'opt-out',
  'virus',
  'other',
] as const;
export type FeedbackType = (typeof feedbackTypes)[number];

export interface ArfDraft {
  readonly feedbackType: FeedbackType;
  /** Program that made the report, as `Name/version`. */
  readonly userAgent: string;
  readonly from: string;
  readonly to: string;
  readonly originalMailFrom: string | null;
  /** Null where the provider hides who complained. */
  readonly originalRcptTo: string | null;
  readonly arrivalAtMs: number;
  readonly sourceIp: string | null;
  readonly reportedDomain: string | null;
  readonly authenticationResults: string | null;
  readonly original: Uint8Array;
  /** All of it unless said otherwise. */
  readonly return?: 'full' | 'headers';
  readonly messageId: string;
  readonly dateMs: number;
}

export function buildArf(draft: ArfDraft): Uint8Array {
  // Only what may stand in a header of ASCII; encoded words are that.
  const originalSubject = headerValue(headerBlock(draft.original), 'subject')?.replace(/[^\x20-\x7e]/g, '?');
  return writeReport({
    header: [
      ['Date', mailDate(draft.dateMs)],
      ['From', `<${draft.from}>`],
      ['To', `<${draft.to}>`],
      // RFC 5965 §2 (f): the subject is that of the message complained about.
      ['Subject', `FW: ${originalSubject ?? 'a message without a subject'}`],
      ['Message-ID', draft.messageId.startsWith('<') ? draft.messageId : `<${draft.messageId}>`],
      ['Auto-Submitted', 'auto-generated'],
    ],
    reportType: 'feedback-report',
    text: `This is an email abuse report${draft.sourceIp === null ? '' : ` for a message received from IP address ${draft.sourceIp}`} on ${mailDate(draft.arrivalAtMs)}.\nThe format is described in RFC 5965.\n`,
    groups: [
      [
        ['Feedback-Type', draft.feedbackType],
        ['User-Agent', draft.userAgent],
        ['Version', '1'],
        ...optional('Original-Mail-From', draft.originalMailFrom, inBrackets),
        ...optional('Original-Rcpt-To', draft.originalRcptTo, inBrackets),
        ['Arrival-Date', mailDate(draft.arrivalAtMs)],
        ...optional('Source-IP', draft.sourceIp, (text) => text),
        ...optional('Reported-Domain', draft.reportedDomain, (text) => text),
        ...optional('Authentication-Results', draft.authenticationResults, (text) => text),
      ],
    ],
    original: draft.original,
    return: draft.return ?? 'full',
    messageId: draft.messageId,
  });
}

function optional(name: string, value: string | null, format: (value: string) => string): readonly Field[] {
  return value === null ? [] : [[name, format(value)]];
}

function inBrackets(address: string): string {
  return `<${address}>`;
}

export interface ParsedArf {
  /** `other` for a type that the registry does not know. */
  readonly feedbackType: FeedbackType;
  readonly userAgent: string | null;
  readonly originalMailFrom: string | null;
  readonly originalRcptTo: readonly string[];
  readonly arrivalAtMs: number | null;
  readonly sourceIp: string | null;
  readonly reportedDomains: readonly string[];
  readonly authenticationResults: readonly string[];
  readonly original: Uint8Array | null;
  readonly originalIsHeadersOnly: boolean;
  readonly originalMessageId: string | null;
}

/** Never throws, whatever the bytes are. @returns null for what is no feedback report */
export function parseArf(bytes: Uint8Array): ParsedArf | null {
  const report = readReport(bytes, ['message/feedback-report']);
  const fields = report?.groups.find((group) => group.has('feedback-type'));
  if (report === null || fields === undefined) return null;
  const all = (name: string): readonly string[] => fields.get(name)?.filter((value) => value !== '') ?? [];
  const one = (name: string): string | null => all(name)[0] ?? null;
  const date = one('arrival-date') ?? one('received-date');
  const type = (one('feedback-type') ?? '').toLowerCase();
  const { original } = report;
  const mailFrom = one('original-mail-from');
  return {
    feedbackType: feedbackTypes.find((known) => known === type) ?? 'other',
    userAgent: one('user-agent'),
    originalMailFrom: mailFrom === null ? null : withoutBrackets(mailFrom),
    originalRcptTo: all('original-rcpt-to').map(withoutBrackets),
    arrivalAtMs: date === null ? null : parseMailDate(date),
    sourceIp: one('source-ip')?.replace(/^\[(.*)\]$/, '$1') ?? null,
    reportedDomains: all('reported-domain').map((name) => name.toLowerCase()),
    authenticationResults: all('authentication-results'),
    original,
    originalIsHeadersOnly: report.originalIsHeadersOnly,
    originalMessageId: original === null ? null : headerValue(headerBlock(original), 'message-id'),
  };
}

function withoutBrackets(value: string): string {
  return value.replace(/^<(.*)>$/s, '$1').trim();
}
