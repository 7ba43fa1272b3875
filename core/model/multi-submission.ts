/**
 * A send over several channels, as it was asked for. It is stored as JSON with its members in a fixed order: one message of
 * the channel `multi`, with one delivery for each user. What goes out for a user by a channel is a message of its own, which
 * names this one (`MessageDetails.partOf`). Pure.
 */

import type { Stream } from './delivery.ts';
import { readStored, storedSubmission } from './stored-submission.ts';
import type { TemplateContent } from './template.ts';
import type { ChannelPreferences, UserChannel, UserDevice } from './user.ts';

/** A user of the Users room, with what is said of them for this send alone; or whoever a segment or an expression means. */
export type MultiRecipient =
  | {
      readonly user: string;
      readonly name?: string;
      readonly email?: string;
      readonly phone?: string;
      readonly devices?: readonly UserDevice[];
      readonly locale?: string;
      readonly attributes?: Readonly<Record<string, unknown>>;
      readonly preferences?: ChannelPreferences;
      /** Besides those of the send. */
      readonly variables?: Readonly<Record<string, unknown>>;
    }
  | { readonly segment: string }
  | { readonly expression: string };

export interface MultiSubmission {
  readonly to: readonly MultiRecipient[];
  /** In the order of preference. */
  readonly channels: readonly UserChannel[];
  /** `first`: the next one only after what `fallback` says; `all`: each of them at once. */
  readonly routing: 'first' | 'all';
  readonly fallback: {
    /** The next channel after it could not be delivered. */
    readonly afterUndeliverable: boolean;
    /** The next one, too, when it was delivered and not read, opened or clicked for so long (virtual time); null: never. */
    readonly unreadAfterSeconds: number | null;
    /** The next channel when it was not delivered for so long (virtual time); null: never. What nobody took is canceled. */
    readonly giveUpAfterSeconds: number | null;
  };
  readonly template: { readonly id: string; readonly version: number | 'draft' | null } | null;
  /** Written here, beside or instead of a template's. Text is Liquid, as there. */
  readonly content: TemplateContent;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly topic: string | null;
  /** Mail: who it is from, where neither the template nor the content says. */
  readonly from: string | null;
  /** Everything else that a channel's own request knows (`trackOpens`, `ttlSeconds`, `provider` …), by channel. */
  readonly overrides: { readonly [channel in UserChannel]?: Readonly<Record<string, unknown>> };
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly stream: Stream | null;
  readonly sendAtMs: number | null;
  readonly project: string | null;
}

export const emptyMultiSubmission: MultiSubmission = {
  to: [],
  channels: [],
  routing: 'first',
  fallback: { afterUndeliverable: true, unreadAfterSeconds: null, giveUpAfterSeconds: null },
  template: null,
  content: {},
  variables: {},
  topic: null,
  from: null,
  overrides: {},
  tags: [],
  metadata: {},
  stream: null,
  sendAtMs: null,
  project: null,
};
const members = Object.keys(emptyMultiSubmission) as readonly (keyof MultiSubmission)[];

/** What is stored of it: JSON in UTF-8, members in their fixed order, without those that say nothing. */
export function multiSubmissionBytes(submission: MultiSubmission): Uint8Array {
  return storedSubmission('multi', submission, members);
}

/** @param bytes as `multiSubmissionBytes` made them; null: something else */
export function readMultiSubmission(bytes: Uint8Array): MultiSubmission | null {
  const said = readStored<MultiSubmission>('multi', bytes);
  return said === null ? null : { ...emptyMultiSubmission, ...said };
}

/** As lists show it and the search language finds it: `user:jane`, `segment:vip`, or the expression. */
export function multiRecipientName(recipient: MultiRecipient): string {
  if ('user' in recipient) return `user:${recipient.user}`;
  return 'segment' in recipient ? `segment:${recipient.segment}` : `expression:${recipient.expression}`;
}
