/** How long the SMTP client waits and how much it takes. Waits are real time, never virtual (design §6). */

/** RFC 5321 §4.5.3.2, each for its command. */
export interface Timeouts {
  readonly connectMsMax: number;
  readonly greetingMsMax: number;
  readonly helloMsMax: number;
  readonly tlsMsMax: number;
  readonly authMsMax: number;
  readonly mailMsMax: number;
  readonly recipientMsMax: number;
  readonly dataStartMsMax: number;
  readonly dataBlockMsMax: number;
  readonly dataEndMsMax: number;
  readonly resetMsMax: number;
  readonly quitMsMax: number;
}

const minute = 60_000;

export const standardTimeouts: Timeouts = {
  connectMsMax: 30_000,
  greetingMsMax: 5 * minute,
  helloMsMax: 5 * minute,
  tlsMsMax: 30_000,
  // RFC 5321 names none for AUTH.
  authMsMax: 2 * minute,
  mailMsMax: 5 * minute,
  recipientMsMax: 5 * minute,
  dataStartMsMax: 2 * minute,
  dataBlockMsMax: 3 * minute,
  dataEndMsMax: 10 * minute,
  resetMsMax: 20_000,
  quitMsMax: 5_000,
};

/** RFC 5321 §4.5.3.1.5 asks for 512; texts in use are longer. */
export const replyLineBytesMax = 4_096;
export const replyLinesMax = 128;
/** Replies that came and were not asked for yet: one for each command sent ahead, and then some. */
export const repliesWaitingMax = 2_048;
/** Lines of the transcript of one attempt. */
export const transcriptLinesMax = 600;
export const transcriptLineCharsMax = 1_000;
