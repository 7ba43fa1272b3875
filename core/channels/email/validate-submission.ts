/** Checks a submission before it is accepted: every fault at once, each naming its field. Pure. */
import { domainToASCII } from 'node:url';
import { addressFault } from '../../doors/smtp/command.ts';
import {
  checkMetadata,
  checkSendAt,
  checkTags,
  Faults,
  hasControls,
} from '../../intake/submission-faults.ts';
import type { FieldError } from '../../model/app-error.ts';
import type { Stream } from '../../model/delivery.ts';
import type { Mailbox } from '../../model/message.ts';
import { prohibitedExtension } from './prohibited-attachments.ts';
import type { Attachment, EmailSubmission, ListUnsubscribe } from './submission.ts';
import { renderTemplate, type Variables } from './template.ts';

/** `Jane <jane@example.com>`, the address alone, or both apart. */
export type AddressInput = string | { readonly name?: string | undefined; readonly address: string };

/** As the API takes it: of the right shape, and nothing more known of it. */
export interface SubmissionInput {
  readonly from: AddressInput;
  readonly replyTo?: AddressInput | readonly AddressInput[] | undefined;
  readonly to?: AddressInput | readonly AddressInput[] | undefined;
  readonly cc?: AddressInput | readonly AddressInput[] | undefined;
  readonly bcc?: AddressInput | readonly AddressInput[] | undefined;
  readonly subject?: string | undefined;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
  readonly attachments?: readonly AttachmentInput[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly variables?: Variables | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly stream?: Stream | undefined;
  readonly sendAt?: string | undefined;
  readonly listUnsubscribe?:
    | {
        readonly url?: string | undefined;
        readonly mailto?: string | undefined;
        readonly oneClick?: boolean | undefined;
      }
    | undefined;
  readonly feedbackId?: string | undefined;
  readonly trackOpens?: boolean | undefined;
  readonly trackClicks?: boolean | undefined;
  readonly project?: string | undefined;
}

export interface AttachmentInput {
  readonly filename: string;
  /** Base64. */
  readonly content: string;
  readonly contentType?: string | undefined;
  readonly contentId?: string | undefined;
}

export interface SubmissionLimits {
  /** 0: no limit. */
  readonly messageBytesMax: number;
  readonly recipientsMax: number;
  /** Wall time, for `sendAt`. */
  readonly nowMs: number;
}

export type Validation =
  | { readonly ok: true; readonly submission: EmailSubmission }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

const subjectCharsMax = 2_000;
const nameCharsMax = 256;
const attachmentsMax = 100;
const filenameCharsMax = 255;
const headersMax = 50;
const headerNameCharsMax = 100;
const headerValueCharsMax = 8_000;
const urlCharsMax = 2_000;
const feedbackIdCharsMax = 200;
/** RFC 5321 §4.5.3.1; a path of 256 with its brackets leaves 254 for the address. */
const localPartBytesMax = 64;
const addressBytesMax = 254;

export function validateSubmission(input: SubmissionInput, limits: SubmissionLimits): Validation {
  const faults = new Faults();
  const [from = nobody] = mailboxes(faults, 'from', [input.from], true);
  const to = mailboxes(faults, 'to', listOf(input.to));
  const cc = mailboxes(faults, 'cc', listOf(input.cc));
  const bcc = mailboxes(faults, 'bcc', listOf(input.bcc));
  const replyTo = mailboxes(faults, 'replyTo', listOf(input.replyTo));
  const { custom, messageId } = checkHeaders(faults, input.headers ?? {});
  const attachments = (input.attachments ?? []).map((one, at) => checkAttachment(faults, one, at));
  const submission: EmailSubmission = {
    from,
    replyTo,
    to,
    cc,
    bcc,
    envelopeTo: checkRecipients(faults, [...to, ...cc, ...bcc], limits),
    ...checkContent(faults, input),
    attachments,
    headers: custom,
    messageId,
    feedbackId: checkFeedbackId(faults, input.feedbackId),
    listUnsubscribe: checkUnsubscribe(faults, input.listUnsubscribe),
    tags: checkTags(faults, input.tags ?? []),
    metadata: checkMetadata(faults, input.metadata ?? {}),
    stream: input.stream ?? null,
    sendAtMs: checkSendAt(faults, input.sendAt, limits.nowMs),
    trackOpens: input.trackOpens ?? false,
    trackClicks: input.trackClicks ?? false,
    project: input.project ?? null,
  };
  if (attachments.length > attachmentsMax)
    faults.add('attachments', 'too_many', `At most ${attachmentsMax} attachments.`);
  checkSize(faults, submission, limits);
  return faults.errors.length === 0 ? { ok: true, submission } : { ok: false, errors: faults.errors };
}

const nobody: Mailbox = { name: '', address: '' };

function listOf(input: AddressInput | readonly AddressInput[] | undefined): readonly AddressInput[] {
  if (input === undefined) return [];
  return isList(input) ? input : [input];
}

function isList(input: AddressInput | readonly AddressInput[]): input is readonly AddressInput[] {
  return Array.isArray(input);
}

function mailboxes(
  faults: Faults,
  field: string,
  inputs: readonly AddressInput[],
  single = false,
): readonly Mailbox[] {
  return inputs.map((input, at) => mailbox(faults, single ? field : `${field}[${at}]`, input));
}

function mailbox(faults: Faults, field: string, input: AddressInput): Mailbox {
  const written =
    typeof input === 'string' ? parsed(input) : { name: input.name ?? '', address: input.address };
  if (written === null) {
    faults.add(
      field,
      'malformed_address',
      `One address is expected, as "Jane <jane@example.com>": ${shown(input)}`,
    );
    return nobody;
  }
  const fault = faultOfAddress(written.address);
  if (fault !== null) faults.add(field, fault.code, fault.detail);
  if (hasControls(written.name))
    faults.add(field, 'line_break', 'The name has a line break or another control character.');
  if (written.name.length > nameCharsMax)
    faults.add(field, 'too_long', `The name is longer than ${nameCharsMax} characters.`);
  return written;
}

/**
 * Strict on purpose: a lenient parser makes some address of `jane@far example`, and mail goes to who was not meant.
 *
 * @returns null for what is not one mailbox (RFC 5322 §3.4)
 */
function parsed(text: string): Mailbox | null {
  const trimmed = text.trim();
  if (!trimmed.endsWith('>')) return { name: '', address: trimmed };
  const open = trimmed.lastIndexOf('<');
  if (open < 0) return null;
  const name = trimmed.slice(0, open).trim();
  const address = trimmed.slice(open + 1, -1);
  if (/^"(?:[^"\\]|\\.)*"$/.test(name)) return { name: name.slice(1, -1).replace(/\\(.)/g, '$1'), address };
  return /[",;<>@]/.test(name) ? null : { name, address };
}

/** RFC 5321 §4.1.2 and §4.5.3.1, RFC 6531 §3.3 for what is outside ASCII. */
export function faultOfAddress(address: string): { readonly code: string; readonly detail: string } | null {
  const malformed = (why: string) => ({ code: 'malformed_address', detail: `${shown(address)}: ${why}.` });
  const at = address.lastIndexOf('@');
  if (at < 1 || at === address.length - 1) return malformed('an address is local-part@domain');
  if (addressFault(address, true) !== null) return malformed('this is no address (RFC 5321 §4.1.2)');
  const local = address.slice(0, at);
  const domain = address.slice(at + 1);
  if (!local.startsWith('"') && /^\.|\.$|\.\./.test(local))
    return malformed('dots stand neither side by side nor at an end of the local part');
  if (Buffer.byteLength(local) > localPartBytesMax)
    return {
      code: 'address_too_long',
      detail: `The part before the @ is longer than ${localPartBytesMax} bytes.`,
    };
  if (Buffer.byteLength(address) > addressBytesMax)
    return { code: 'address_too_long', detail: `The address is longer than ${addressBytesMax} bytes.` };
  return domain.startsWith('[') || isDomain(domain) ? null : malformed(`${domain} is no domain name`);
}

/** RFC 1035 §2.3.4, as A-labels. An underscore is no letter of host names, and in use all the same. */
function isDomain(domain: string): boolean {
  const ascii = domainToASCII(domain);
  if (ascii === '' || ascii.length > 253) return false;
  return ascii.split('.').every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
}

function checkRecipients(
  faults: Faults,
  everyone: readonly Mailbox[],
  { recipientsMax }: SubmissionLimits,
): readonly string[] {
  if (everyone.length === 0)
    faults.add('to', 'no_recipients', 'Name at least one recipient in to, cc or bcc.');
  const once = new Map<string, string>();
  for (const { address } of everyone) {
    const at = address.lastIndexOf('@');
    const key = `${address.slice(0, at)}${address.slice(at).toLowerCase()}`;
    if (!once.has(key)) once.set(key, address);
  }
  if (once.size > recipientsMax)
    faults.add(
      'to',
      'too_many_recipients',
      `${once.size} recipients; at most ${recipientsMax} in one message.`,
    );
  return [...once.values()];
}

function checkContent(
  faults: Faults,
  input: SubmissionInput,
): Pick<EmailSubmission, 'subject' | 'text' | 'html'> {
  if (input.text === undefined && input.html === undefined)
    faults.add('text', 'no_content', 'Give a text, an html, or both.');
  const variables = input.variables ?? {};
  const render = (field: 'subject' | 'text' | 'html', template: string): string => {
    const { text, missing } = renderTemplate(template, variables, field === 'html' ? 'html' : 'text');
    for (const name of missing)
      faults.add(
        field,
        'missing_variable',
        `${field} uses {{${name}}}, and variables has no text for ${name}.`,
      );
    return text;
  };
  const subject = render('subject', input.subject ?? '');
  if (hasControls(subject))
    faults.add('subject', 'line_break', 'The subject has a line break or another control character.');
  if (subject.length > subjectCharsMax)
    faults.add('subject', 'too_long', `The subject is longer than ${subjectCharsMax} characters.`);
  return {
    subject,
    text: input.text === undefined ? null : render('text', input.text),
    html: input.html === undefined ? null : render('html', input.html),
  };
}

function checkAttachment(faults: Faults, input: AttachmentInput, at: number): Attachment {
  const field = `attachments[${at}]`;
  const { filename, contentType = null, contentId = null } = input;
  if (
    filename === '' ||
    filename.length > filenameCharsMax ||
    hasControls(filename) ||
    /[/\\]/.test(filename)
  )
    faults.add(
      `${field}.filename`,
      'bad_filename',
      `A file name has 1 to ${filenameCharsMax} characters, without slashes, backslashes and control characters.`,
    );
  const prohibited = prohibitedExtension(filename);
  if (prohibited !== null)
    faults.add(
      `${field}.filename`,
      'prohibited_attachment',
      `Mail providers refuse .${prohibited} files; offer a link to the file in place of it.`,
    );
  if (contentType !== null && !/^[!#$&^_.+\w-]{1,100}\/[!#$&^_.+\w-]{1,100}$/.test(contentType))
    faults.add(
      `${field}.contentType`,
      'bad_content_type',
      'A content type is written as type/subtype, e.g. image/png.',
    );
  if (contentType !== null && /^multipart\//i.test(contentType))
    faults.add(`${field}.contentType`, 'bad_content_type', 'An attachment cannot be a multipart itself.');
  if (contentId !== null && !/^[!-;=?-~]{1,200}$/.test(contentId))
    faults.add(
      `${field}.contentId`,
      'bad_content_id',
      'A content id has printable ASCII without blanks and brackets.',
    );
  const packed = input.content.replace(/[\r\n\t ]/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed) || packed.length % 4 === 1)
    faults.add(`${field}.content`, 'bad_base64', 'The content is not base64 (RFC 4648 §4).');
  return { filename, contentType, contentId, content: Buffer.from(packed, 'base64') };
}

/** What has a member of its own, is written by us, or belongs to servers on the way. */
const reserved: ReadonlySet<string> = new Set(
  (
    'from to cc bcc reply-to subject date sender mime-version content-type content-transfer-encoding content-disposition ' +
    'content-id content-length received return-path delivered-to dkim-signature domainkey-signature ' +
    'authentication-results received-spf arc-seal arc-message-signature arc-authentication-results list-unsubscribe ' +
    'list-unsubscribe-post feedback-id resent-bcc'
  ).split(' '),
);

function checkHeaders(
  faults: Faults,
  headers: Readonly<Record<string, string>>,
): { readonly custom: EmailSubmission['headers']; readonly messageId: string | null } {
  const entries = Object.entries(headers);
  if (entries.length > headersMax) faults.add('headers', 'too_many', `At most ${headersMax} headers.`);
  const seen = new Set<string>();
  let messageId: string | null = null;
  const custom: { name: string; value: string }[] = [];
  for (const [name, value] of entries.slice(0, headersMax)) {
    const field = `headers.${name.slice(0, headerNameCharsMax)}`;
    const key = name.toLowerCase();
    // RFC 5322 §2.2, without the quoting marks that no client sends.
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || name.length > headerNameCharsMax)
      faults.add(
        field,
        'bad_header_name',
        `A header name has 1 to ${headerNameCharsMax} letters, digits and dashes.`,
      );
    else if (reserved.has(key)) faults.add(field, 'reserved_header', reservedDetail(name, key));
    else if (seen.has(key)) faults.add(field, 'duplicate_header', `${name} is given twice.`);
    seen.add(key);
    if (hasControls(value))
      faults.add(field, 'line_break', 'The value has a line break or another control character.');
    else if (value.length > headerValueCharsMax)
      faults.add(field, 'too_long', `The value is longer than ${headerValueCharsMax} characters.`);
    if (key !== 'message-id') custom.push({ name, value });
    else if (/^<[^\s<>@]{1,200}@[^\s<>@]{1,200}>$/.test(value)) messageId = value;
    else faults.add(field, 'bad_message_id', 'A Message-ID is written as <unique@domain> (RFC 5322 §3.6.4).');
  }
  return { custom, messageId };
}

function reservedDetail(name: string, key: string): string {
  const own = members[key];
  return own === undefined
    ? `${name} is written by the mail system and cannot be given.`
    : `${name} has a member of its own: ${own}.`;
}
const members: Readonly<Record<string, string>> = {
  from: 'from',
  to: 'to',
  cc: 'cc',
  bcc: 'bcc',
  'reply-to': 'replyTo',
  subject: 'subject',
  'list-unsubscribe': 'listUnsubscribe',
  'list-unsubscribe-post': 'listUnsubscribe.oneClick',
  'feedback-id': 'feedbackId',
};

function checkFeedbackId(faults: Faults, feedbackId: string | undefined): string | null {
  if (feedbackId === undefined) return null;
  // Gmail: up to three identifiers and the sender's, parted by colons.
  if (
    !/^[!-9;-~]*(?::[!-9;-~]*){0,3}$/.test(feedbackId) ||
    feedbackId === '' ||
    feedbackId.length > feedbackIdCharsMax
  )
    faults.add(
      'feedbackId',
      'bad_feedback_id',
      'A Feedback-ID is written as a:b:c:SenderId, in printable ASCII.',
    );
  return feedbackId;
}

function checkUnsubscribe(faults: Faults, given: SubmissionInput['listUnsubscribe']): ListUnsubscribe | null {
  if (given === undefined) return null;
  const { url, mailto, oneClick = false } = given;
  if (url === undefined && mailto === undefined)
    faults.add('listUnsubscribe', 'empty', 'Give a url, a mailto, or both.');
  if (oneClick && url === undefined)
    faults.add('listUnsubscribe.oneClick', 'needs_url', 'One click needs a url to post to (RFC 8058 §3.1).');
  return {
    url: url === undefined ? null : checkUrl(faults, url, oneClick),
    mailto: mailto === undefined ? null : checkMailto(faults, mailto),
    oneClick,
  };
}

function checkUrl(faults: Faults, text: string, oneClick: boolean): string {
  const field = 'listUnsubscribe.url';
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || text.length > urlCharsMax) {
    faults.add(
      field,
      'bad_url',
      `An absolute http or https address of at most ${urlCharsMax} characters is expected.`,
    );
    return text;
  }
  // RFC 8058 §3.1 wants https; an app under development on this machine has none.
  const near =
    ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname) || url.hostname.endsWith('.localhost');
  if (oneClick && url.protocol !== 'https:' && !near)
    faults.add(
      field,
      'needs_https',
      'One click needs an https address (RFC 8058 §3.1); http does on localhost only.',
    );
  return url.href.replace(/[<>,]/g, encodeURIComponent);
}

function checkMailto(faults: Faults, text: string): string {
  const bare = text.replace(/^mailto:/i, '');
  const [address = '', query] = bare.split('?', 2);
  const fault = faultOfAddress(decoded(address));
  if (fault !== null || !/^[!-;=?-~]*$/.test(bare) || text.length > urlCharsMax)
    faults.add(
      'listUnsubscribe.mailto',
      'bad_mailto',
      'An address is expected, with mailto: before it or without.',
    );
  return `mailto:${address}${query === undefined ? '' : `?${query}`}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not encoded, then: it is judged as it stands.
    return text;
  }
}

/** What the parts come to on the wire, or a little less: compose says it exactly. */
function checkSize(faults: Faults, submission: EmailSubmission, { messageBytesMax }: SubmissionLimits): void {
  if (messageBytesMax === 0) return;
  const { text, html, attachments } = submission;
  const files = attachments.reduce((sum, { content }) => sum + Math.ceil((content.length * 78) / 57), 0);
  const words = Buffer.byteLength(text ?? '') + Buffer.byteLength(html ?? '');
  if (files + words <= messageBytesMax) return;
  const field = files > words ? 'attachments' : html === null ? 'text' : 'html';
  faults.add(
    field,
    'too_large',
    `The message comes to about ${files + words} bytes; at most ${messageBytesMax}.`,
  );
}

function shown(input: AddressInput): string {
  const text = typeof input === 'string' ? input : input.address;
  return `"${text.slice(0, 80)}"`;
}
