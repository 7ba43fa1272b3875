/** What a receiver found out about who sent a message (RFC 8601), with the evidence in words. */
import type { Stream } from './delivery.ts';

export type SpfResult = 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'temperror' | 'permerror';
export type DkimResult = 'pass' | 'fail' | 'neutral' | 'none' | 'policy' | 'temperror' | 'permerror';
export type DmarcResult = 'pass' | 'fail' | 'none' | 'temperror' | 'permerror';

export interface Authentication {
  /** Simulated address and HELO name that were judged, and what the address's PTR says. */
  readonly client: {
    readonly ip: string;
    readonly helo: string;
    readonly ptr: string | null;
    /** The name that the PTR gives leads back to the address. */
    readonly ptrConfirmed: boolean;
    readonly heloMatches: boolean;
    readonly tls: boolean;
  };
  readonly spf: {
    readonly result: SpfResult;
    readonly domain: string;
    readonly record: string | null;
    /** In plain words why, and what to do. */
    readonly why: string;
    readonly lookups: number | null;
  };
  readonly dkim: readonly {
    readonly result: DkimResult;
    readonly domain: string | null;
    readonly selector: string | null;
    readonly algorithm: string | null;
    readonly aligned: boolean;
    readonly why: string;
  }[];
  readonly dmarc: {
    readonly result: DmarcResult;
    readonly domain: string | null;
    readonly policy: 'none' | 'quarantine' | 'reject' | null;
    readonly record: string | null;
    /** Alignment of each, with From's domain. */
    readonly spfAligned: boolean;
    readonly dkimAligned: boolean;
    /** What the policy asks for, for this message. */
    readonly disposition: 'none' | 'quarantine' | 'reject';
    readonly why: string;
  };
  readonly arc: { readonly result: 'pass' | 'fail' | 'none'; readonly why: string };
  /** `Authentication-Results` as the receiver would stamp it, unfolded, without the field's name. */
  readonly header: string;
  /** A signature that passed covers both fields of one-click unsubscribe (RFC 8058 §4 asks for it). */
  readonly oneClickSigned?: boolean;
  /** Questions asked of the DNS on the way. */
  readonly lookups: readonly { readonly question: string; readonly answer: string }[];
}

/** Why a filter puts a message where it does. */
export interface FilterReport {
  readonly score: number;
  /** From which score on the provider takes a message for spam. */
  readonly spamAt: number;
  readonly reasons: readonly FilterReason[];
  /** The kind of traffic that the provider took it for; absent in what is older than this. */
  readonly stream?: Stream | undefined;
}

export interface FilterReason {
  readonly code: string;
  /** Points; more is worse, below zero speaks for the message. */
  readonly points: number;
  readonly detail: string;
  readonly stage: 'authentication' | 'content' | 'reputation' | 'engagement' | 'recipient';
}
