/** Delivery status notifications (RFC 3464 in the multipart/report of RFC 6522): written and read. Pure. */
import { headerBlock, headerValue } from '../model/header-block.ts';
import { mailDate, parseMailDate } from '../model/mail-date.ts';
import { type Field, isAscii, readReport, writeReport } from './multipart-report.ts';

/** RFC 3464 §2.3.3. */
export const dsnActions = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;
export type DsnAction = (typeof dsnActions)[number];

export interface DsnRecipient {
  readonly finalRecipient: string;
  /** As the client gave it in ORCPT, decoded (RFC 3461 §4.2): `rfc822;address`, or an address alone. */
  readonly originalRecipient: string | null;
  readonly action: DsnAction;
  /** Enhanced status code (RFC 3463). */
  readonly status: string;
  readonly remoteMta: string | null;
  /** What the far side said. */
  readonly diagnostic: string | null;
  readonly lastAttemptAtMs: number | null;
  readonly willRetryUntilMs: number | null;
}

export interface DsnDraft {
  readonly kind: 'failure' | 'delay' | 'success';
  /** Name of the host that reports. */
  readonly reportingMta: string;
  readonly from: string;
  readonly to: string;
  /** ENVID of the client, decoded (RFC 3461 §4.4). */
  readonly originalEnvelopeId: string | null;
  readonly arrivalAtMs: number;
  readonly recipients: readonly DsnRecipient[];
  readonly original: Uint8Array;
  readonly return: 'full' | 'headers';
  /** With or without brackets. */
  readonly messageId: string;
  readonly dateMs: number;
  /** For people, before the list of recipients. */
  readonly explanation: string;
}

export function buildDsn(draft: DsnDraft): Uint8Array {
  return writeReport({
    header: [
      ['Date', mailDate(draft.dateMs)],
      ['From', `Mail Delivery System <${draft.from}>`],
      ['To', `<${draft.to}>`],
      ['Subject', subjects[draft.kind]],
      ['Message-ID', bracketed(draft.messageId)],
      ['Auto-Submitted', 'auto-replied'],
    ],
    reportType: 'delivery-status',
    text: `${draft.explanation.trimEnd()}\n\n${draft.recipients.map(forPeople).join('\n')}`,
    groups: [
      [
        ['Reporting-MTA', `dns; ${draft.reportingMta}`],
        ...optional('Original-Envelope-Id', draft.originalEnvelopeId, ascii),
        ['Arrival-Date', mailDate(draft.arrivalAtMs)],
      ],
      ...draft.recipients.map(recipientFields),
    ],
    original: draft.original,
    return: draft.return,
    messageId: draft.messageId,
  });
}

const subjects: Readonly<Record<DsnDraft['kind'], string>> = {
  failure: 'Undelivered Mail Returned to Sender',
  delay: 'Delayed Mail (still being retried)',
  success: 'Successful Mail Delivery Report',
};

function forPeople(recipient: DsnRecipient): string {
  const said = recipient.diagnostic === null ? recipient.status : recipient.diagnostic;
  const host = recipient.remoteMta === null ? '' : `host ${recipient.remoteMta} said: `;
  return `<${recipient.finalRecipient}>: ${recipient.action}\n    ${host}${said.replace(/[\r\n]+/g, ' ')}\n`;
}

function recipientFields(recipient: DsnRecipient): readonly Field[] {
  return [
    ...optional('Original-Recipient', recipient.originalRecipient, (text) =>
      text.includes(';') ? ascii(text) : addressField(text),
    ),
    ['Final-Recipient', addressField(recipient.finalRecipient)],
    ['Action', recipient.action],
    ['Status', recipient.status],
    ...optional('Remote-MTA', recipient.remoteMta, (name) => `dns; ${ascii(name)}`),
    ...optional('Diagnostic-Code', recipient.diagnostic, (text) => `smtp; ${ascii(text)}`),
    ...optional('Last-Attempt-Date', recipient.lastAttemptAtMs, mailDate),
    ...optional('Will-Retry-Until', recipient.willRetryUntilMs, mailDate),
  ];
}

function optional<T>(name: string, value: T | null, format: (value: T) => string): readonly Field[] {
  return value === null ? [] : [[name, format(value)]];
}

/** RFC 6533 §3: an address outside ASCII is of type utf-8, its characters as `\x{…}` where only ASCII may stand. */
function addressField(address: string): string {
  return isAscii(address) ? `rfc822; ${address}` : `utf-8; ${ascii(address)}`;
}

function ascii(text: string): string {
  return [...text]
    .map((char) => (isAscii(char) ? char : `\\x{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`))
    .join('');
}

function bracketed(messageId: string): string {
  return messageId.startsWith('<') ? messageId : `<${messageId}>`;
}

export interface ParsedDsnRecipient {
  readonly finalRecipient: string | null;
  readonly originalRecipient: string | null;
  /** `failed` where a status of class 5 stands without an action that is known, `delayed` for class 4. */
  readonly action: DsnAction;
  readonly status: string | null;
  readonly remoteMta: string | null;
  /** Text of Diagnostic-Code without its type. */
  readonly diagnostic: string | null;
  /** `smtp`, `x-postfix`, … lower case. */
  readonly diagnosticType: string | null;
  /** SMTP reply code at the head of the diagnostic. */
  readonly code: number | null;
  readonly lastAttemptAtMs: number | null;
  readonly willRetryUntilMs: number | null;
}

export interface ParsedDsn {
  readonly reportingMta: string | null;
  readonly originalEnvelopeId: string | null;
  readonly arrivalAtMs: number | null;
  readonly recipients: readonly ParsedDsnRecipient[];
  /** The part for people. */
  readonly explanation: string;
  readonly original: Uint8Array | null;
  readonly originalIsHeadersOnly: boolean;
  /** Message-ID of what was returned, brackets included. */
  readonly originalMessageId: string | null;
}

/** Never throws, whatever the bytes are. @returns null for what is no delivery status notification */
export function parseDsn(bytes: Uint8Array): ParsedDsn | null {
  const report = readReport(bytes, ['message/delivery-status', 'message/global-delivery-status']);
  if (report === null) return null;
  const isRecipient = (group: ReadonlyMap<string, readonly string[]>): boolean =>
    group.has('final-recipient') || group.has('action') || group.has('status');
  const recipients = report.groups.filter(isRecipient).map(readRecipient);
  if (recipients.length === 0) return null;
  // Some send it all in one group.
  const general = report.groups.find((group) => group.has('reporting-mta')) ?? report.groups[0] ?? new Map();
  const { original } = report;
  const fallback = first(general, 'x-original-message-id');
  return {
    reportingMta: typed(first(general, 'reporting-mta'))?.value ?? null,
    originalEnvelopeId: first(general, 'original-envelope-id'),
    arrivalAtMs: dateOf(first(general, 'arrival-date')),
    recipients,
    explanation: report.text,
    original,
    originalIsHeadersOnly: report.originalIsHeadersOnly,
    originalMessageId:
      original === null ? fallback : (headerValue(headerBlock(original), 'message-id') ?? fallback),
  };
}

function readRecipient(group: ReadonlyMap<string, readonly string[]>): ParsedDsnRecipient {
  const diagnostic = typed(first(group, 'diagnostic-code'));
  const status = /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(first(group, 'status') ?? '')?.[1] ?? null;
  const code = /^\W*([245]\d\d)\b/.exec(diagnostic?.value ?? '')?.[1];
  return {
    finalRecipient: addressOf(first(group, 'final-recipient')),
    originalRecipient: addressOf(first(group, 'original-recipient')),
    action: actionOf(first(group, 'action'), status),
    status,
    remoteMta: typed(first(group, 'remote-mta'))?.value ?? null,
    diagnostic: diagnostic?.value ?? null,
    diagnosticType: diagnostic?.type ?? null,
    code: code === undefined ? null : Number(code),
    lastAttemptAtMs: dateOf(first(group, 'last-attempt-date')),
    willRetryUntilMs: dateOf(first(group, 'will-retry-until')),
  };
}

function actionOf(value: string | null, status: string | null): DsnAction {
  const word = (value ?? '').replace(/[^A-Za-z].*$/s, '').toLowerCase();
  const known = dsnActions.find((action) => action === word);
  if (known !== undefined) return known;
  if (status?.startsWith('2') === true) return 'delivered';
  return status?.startsWith('4') === true ? 'delayed' : 'failed';
}

function first(group: ReadonlyMap<string, readonly string[]>, name: string): string | null {
  const value = group.get(name)?.[0]?.trim() ?? '';
  return value === '' ? null : value;
}

/** `type; value` (RFC 3464 §2.1.2); a value without a type is tolerated. */
function typed(value: string | null): { readonly type: string | null; readonly value: string } | null {
  if (value === null) return null;
  const [, type, rest] = /^([A-Za-z0-9-]{1,40})\s*;\s*(.*)$/s.exec(value) ?? [];
  return type === undefined || rest === undefined
    ? { type: null, value }
    : { type: type.toLowerCase(), value: rest.trim() };
}

function addressOf(value: string | null): string | null {
  const found = typed(value);
  if (found === null || found.value === '') return null;
  const bare = found.value
    .replace(/\s*\([^()]*\)\s*$/, '')
    .replace(/^<(.*)>$/s, '$1')
    .trim();
  if (bare === '') return null;
  return found.type === 'utf-8' ? fromUnitext(bare) : bare;
}

/** RFC 6533 §3: `\x{FC}` stands for a character. */
function fromUnitext(text: string): string {
  return text.replace(/\\x\{([0-9A-Fa-f]{1,6})\}/g, (written, hex: string) => {
    const point = Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : written;
  });
}

function dateOf(value: string | null): number | null {
  return value === null ? null : parseMailDate(value);
}
