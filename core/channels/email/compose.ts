/**
 * Makes the message of a submission (RFC 5322, RFC 2045–2049, RFC 2047, RFC 2231) with nodemailer's MIME builder. Of it
 * the tree and the headers are used; it would write the tree through a chain of streams, an event-loop turn a part, which
 * costs a millisecond a message. All content is in memory here, so it is written in one go.
 */
import MailComposer from 'nodemailer/lib/mail-composer';
import type MimeNode from 'nodemailer/lib/mime-node';
import { mailDate } from '../../model/mail-date.ts';
import { encodeBase64, encodeQuotedPrintable } from './egress/transfer-encoding.ts';
import type { EmailSubmission, ListUnsubscribe } from './submission.ts';

export interface ComposeContext {
  /** Brackets included; the submission's own goes before it. */
  readonly messageId: string;
  readonly dateMs: number;
  /** Unguessable and new for each message: the boundaries are made of it. Letters and digits. */
  readonly boundary: string;
}

export function compose(submission: EmailSubmission, context: ComposeContext): Buffer {
  const { from, replyTo, to, cc, subject, text, html, attachments, trackOpens, trackClicks } = submission;
  const composer = new MailComposer({
    from,
    to: [...to],
    cc: [...cc],
    replyTo: [...replyTo],
    subject,
    ...(text === null ? {} : { text: withLineEnds(text) }),
    ...(html === null ? {} : { html: withLineEnds(html) }),
    attachments: attachments.map(({ filename, contentType, content, contentId }) => ({
      filename,
      content,
      ...(contentType === null ? {} : { contentType }),
      ...(contentId === null ? {} : { cid: contentId, contentDisposition: 'inline' }),
    })),
    headers: headersOf(submission),
    messageId: submission.messageId ?? context.messageId,
    date: mailDate(context.dateMs),
    baseBoundary: context.boundary,
    // Egress finds the tracking token in text, not in base64, which is what html in another script would come to.
    ...(trackOpens || trackClicks ? { textEncoding: 'quoted-printable' as const } : {}),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const pieces: Buffer[] = [];
  write(composer.compile(), pieces);
  const message = Buffer.concat(pieces);
  return message.at(-1) === LF ? message : Buffer.concat([message, lineEnd]);
}

const LF = 0x0a;
const lineEnd = Buffer.from('\r\n');

type HeaderEntry = { readonly key: string; readonly value: string | { value: string; prepared: boolean } };

function headersOf({ headers, listUnsubscribe, feedbackId }: EmailSubmission): HeaderEntry[] {
  return [
    ...headers.map(({ name, value }) => ({ key: name, value })),
    ...(listUnsubscribe === null ? [] : unsubscribeHeaders(listUnsubscribe)),
    ...(feedbackId === null ? [] : [{ key: 'Feedback-ID', value: feedbackId }]),
  ];
}

function unsubscribeHeaders({ url, mailto, oneClick }: ListUnsubscribe): HeaderEntry[] {
  const ways = [...(mailto === null ? [] : [`<${mailto}>`]), ...(url === null ? [] : [`<${url}>`])];
  return [
    // URLs are never encoded words (RFC 2369 §2); each has a line of its own.
    { key: 'List-Unsubscribe', value: { value: ways.join(',\r\n '), prepared: true } },
    ...(oneClick ? [{ key: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' }] : []),
  ];
}

function withLineEnds(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/\r\n|\r|\n/g, '\r\n') : text;
}

function write(node: MimeNode, pieces: Buffer[]): void {
  pieces.push(Buffer.from(`${node.buildHeaders()}\r\n\r\n`));
  if (node.childNodes.length === 0) {
    pieces.push(contentOf(node));
    return;
  }
  for (const child of node.childNodes) {
    pieces.push(Buffer.from(`--${String(node.boundary)}\r\n`));
    write(child, pieces);
    // Of the delimiter that comes behind it (RFC 2046 §5.1.1).
    pieces.push(lineEnd);
  }
  pieces.push(Buffer.from(`--${String(node.boundary)}--\r\n`));
}

function contentOf(node: MimeNode): Buffer {
  const { content } = node;
  if (content === undefined || content === '') return Buffer.alloc(0);
  if (typeof content !== 'string' && !Buffer.isBuffer(content))
    throw new Error('the content of a part is neither text nor bytes');
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const encoding = node.getTransferEncoding();
  if (encoding === 'base64') return encodeBase64(bytes);
  return encoding === 'quoted-printable' ? encodeQuotedPrintable(bytes) : bytes;
}
