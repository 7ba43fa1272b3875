/**
 * The mailbox that what went out for real comes back to: DSNs and complaints in it are read over IMAP. What opens it is kept in
 * the vault by its name, never here.
 */
import type { TrustedCa } from './live-relay.ts';

/** Its credential has `password`, or `accessToken` for XOAUTH2; `SANDPOST_RELAY_RETURN_MAILBOX_PASSWORD` in the environment. */
export const returnMailboxName = 'return-mailbox';

export interface ReturnMailboxSettings {
  readonly host: string;
  readonly port: number;
  /** `implicit`: TLS at once (993); `starttls`: asked for, and nothing goes without it; `off`: to this machine alone. */
  readonly tls: 'implicit' | 'starttls' | 'off';
  readonly user: string;
  readonly folder: string;
  /** What was understood and tied to a delivery is marked as seen; nothing else is touched. */
  readonly markSeen: boolean;
  readonly ca: TrustedCa;
}

export interface ReturnMailboxView {
  /** Null: none is set up. */
  readonly settings: ReturnMailboxSettings | null;
  /** Fields of its credential, and where each comes from; never what they are. */
  readonly credential: Readonly<Record<string, 'environment' | 'keychain' | 'file'>>;
}

export interface ReturnMailboxCheck {
  /** Of the wall. */
  readonly atMs: number;
  readonly ok: boolean;
  /** What was found, or what stands in the way and what to do. */
  readonly text: string;
  /** Messages that were new since the last time. */
  readonly messages: number;
  /** Of them DSNs and complaints. */
  readonly reports: number;
  /** Deliveries that they are about. */
  readonly matched: readonly string[];
  /** There are more, for the next time. */
  readonly more: boolean;
}

export interface ReturnMailboxStatus {
  /** Null: it is not watched. Live: as long as live relay is on, and a while longer. */
  readonly watching: { readonly why: 'asked' | 'live'; readonly untilMs: number | null } | null;
  readonly nextCheckMs: number | null;
  readonly lastCheck: ReturnMailboxCheck | null;
}

export const returnMailboxLimits = {
  watchMinutesMax: 24 * 60,
  /** New messages that are looked at in one go. */
  messagesMax: 200,
  reportBytesMax: 8 * 1024 * 1024,
} as const;
