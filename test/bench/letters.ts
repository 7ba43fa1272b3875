/** What is sent in the delivery benchmark: the two sizes that its targets name. */
import type { EmailSubmission } from '../../core/channels/email/submission.ts';

export const letterKinds = ['1 KB text', '4 KB text + HTML'] as const;
export type LetterKind = (typeof letterKinds)[number];

const line = 'Your order is packed and on its way to you; it will arrive within three working days.\n';

export function letter(kind: LetterKind, to: string): EmailSubmission {
  const rich = kind === '4 KB text + HTML';
  return {
    from: { name: 'Shop', address: 'hello@shop.example' },
    replyTo: [],
    to: [{ name: '', address: to }],
    cc: [],
    bcc: [],
    envelopeTo: [to],
    subject: 'Your order 1234 was sent',
    text: line.repeat(rich ? 18 : 8),
    html: rich
      ? `<html><body><h1>Your order</h1>${`<p style="margin:0">${line}</p>`.repeat(18)}</body></html>`
      : null,
    attachments: [],
    headers: [],
    messageId: null,
    feedbackId: null,
    listUnsubscribe: null,
    tags: [],
    metadata: {},
    stream: null,
    sendAtMs: null,
    trackOpens: false,
    trackClicks: false,
    project: null,
  };
}
