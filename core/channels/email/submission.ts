/** A message as the send API hands it over, checked: what compose makes bytes of. */
import type { Stream } from '../../model/delivery.ts';
import type { Mailbox } from '../../model/message.ts';

export interface EmailSubmission {
  readonly from: Mailbox;
  readonly replyTo: readonly Mailbox[];
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly bcc: readonly Mailbox[];
  /** Every address of To, Cc and Bcc once, in their order. */
  readonly envelopeTo: readonly string[];
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
  readonly attachments: readonly Attachment[];
  /** Beside those that have a member of their own. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Message-ID that the app gave, brackets included, or null. */
  readonly messageId: string | null;
  readonly feedbackId: string | null;
  readonly listUnsubscribe: ListUnsubscribe | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly stream: Stream | null;
  /** As the app's clock has it; null: at once. */
  readonly sendAtMs: number | null;
  readonly trackOpens: boolean;
  readonly trackClicks: boolean;
  readonly project: string | null;
}

export interface Attachment {
  readonly filename: string;
  readonly contentType: string | null;
  readonly content: Buffer;
  /** An inline picture has one: the HTML refers to it as `cid:…`. */
  readonly contentId: string | null;
}

/** RFC 2369 §3.2; with `oneClick` also RFC 8058. */
export interface ListUnsubscribe {
  readonly url: string | null;
  readonly mailto: string | null;
  readonly oneClick: boolean;
}
