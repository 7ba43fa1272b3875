/**
 * An SMS as the send API takes it, before anybody knows which provider takes it. It is stored as JSON with its members in a
 * fixed order, and rendered for each recipient when it is tried. Pure.
 */

import { isSmsProvider, type SmsProvider } from './sms.ts';
import { readStored, storedSubmission } from './stored-submission.ts';

/** Whom it is for: a number, or all handsets of a user. */
export type SmsTo = { readonly number: string } | { readonly user: string };

export interface SmsSubmission {
  /** Numbers are E.164 with the plus sign. */
  readonly to: readonly SmsTo[];
  /** Number, short code or alphanumeric sender; null: the sandbox's own. */
  readonly from: string | null;
  readonly body: string;
  /** Addresses of pictures and the like: it is an MMS then. */
  readonly media: readonly string[];
  /** In the order in which they are asked; at least one. */
  readonly providers: readonly SmsProvider[];
  /** Its links are shortened, and lead through this core. */
  readonly trackLinks: boolean;
  /** How long the carrier may try; null: as long as it does. */
  readonly validitySeconds: number | null;
  /** The app's own name for it. */
  readonly reference: string | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly stream: 'transactional' | 'marketing' | null;
  /** As the app's clock has it; null: at once. */
  readonly sendAtMs: number | null;
  readonly project: string | null;
}

/** Who it is from where nobody says: of the range of Twilio's test credentials, which every provider here takes. */
export const usualSmsSender = '+15005550006';
export const usualSmsProvider: SmsProvider = 'twilio';

const emptySubmission: SmsSubmission = {
  to: [],
  from: null,
  body: '',
  media: [],
  providers: [],
  trackLinks: false,
  validitySeconds: null,
  reference: null,
  tags: [],
  metadata: {},
  stream: null,
  sendAtMs: null,
  project: null,
};
const members = Object.keys(emptySubmission) as readonly (keyof SmsSubmission)[];

/** What is stored of it: JSON in UTF-8, members in their fixed order, without those that say nothing. */
export function smsSubmissionBytes(submission: SmsSubmission): Uint8Array {
  return storedSubmission('sms', submission, members);
}

/** @param bytes as `smsSubmissionBytes` made them; null: something else */
export function readSmsSubmission(bytes: Uint8Array): SmsSubmission | null {
  const said = readStored<SmsSubmission>('sms', bytes);
  if (said === null) return null;
  const whole = { ...emptySubmission, ...said };
  return { ...whole, providers: whole.providers.filter(isSmsProvider) };
}

/** As lists show it and the search language finds it: the number, or `user:jane`. */
export function smsRecipientName(to: SmsTo): string {
  return 'number' in to ? to.number : `user:${to.user}`;
}
