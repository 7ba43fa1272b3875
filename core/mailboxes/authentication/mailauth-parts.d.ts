/** The parts of mailauth that have no types of their own: what is used of them. */
declare module 'mailauth/lib/dkim/dkim-verifier.js' {
  import type { Writable } from 'node:stream';
  export interface SignatureStatus {
    readonly result: 'pass' | 'fail' | 'neutral' | 'none' | 'policy' | 'temperror' | 'permerror';
    readonly comment?: string | false;
    readonly aligned?: string | false;
    readonly underSized?: number;
  }
  export interface SignatureResult {
    readonly id?: string;
    readonly signingDomain?: string;
    readonly selector?: string;
    readonly algo?: string;
    readonly status: SignatureStatus;
    readonly info: string;
    readonly signingHeaders?: { readonly keys?: string };
  }
  export interface ArcData {
    chain: unknown;
    keyCache: KeyCache;
  }
  export interface KeyCache {
    readonly resolver: unknown;
    get(
      type: string,
      name: string,
      minBitLength: number | undefined,
      options?: { readonly strict?: boolean; readonly hashAlgo?: string },
    ): Promise<Key>;
  }
  export interface Key {
    readonly publicKey: unknown;
    readonly rr: string;
    readonly [more: string]: unknown;
  }
  export class DkimVerifier extends Writable {
    constructor(options: { readonly resolver: unknown; readonly sender: string; readonly strict: boolean });
    keyCache: KeyCache;
    readonly arc: ArcData;
    readonly results: readonly SignatureResult[];
    readonly headerFrom: readonly string[];
    readonly fromFields: number;
  }
}
declare module 'mailauth/lib/tools.js' {
  import type { KeyCache } from 'mailauth/lib/dkim/dkim-verifier.js';
  export function createKeyCache(resolver: unknown): KeyCache;
}
declare module 'mailauth/lib/spf/index.js' {
  export interface SpfVerdict {
    readonly domain: string;
    readonly rr?: string;
    readonly status: { readonly result: string; readonly comment?: string };
    readonly info: string;
    readonly lookups?: { readonly count: number };
  }
  export function spf(options: {
    readonly sender: string;
    readonly ip: string;
    readonly helo: string;
    readonly mta: string;
    readonly resolver: unknown;
    /** RFC 7208 to the letter. */
    readonly strict: boolean;
  }): Promise<SpfVerdict>;
}
declare module 'mailauth/lib/dmarc/verify.js' {
  export interface DmarcVerdict {
    readonly status: { readonly result: string; readonly header?: { readonly from?: string } };
    readonly domain?: string;
    readonly policyDomain?: string;
    readonly policy?: string;
    readonly rr?: string;
    readonly error?: string;
    readonly alignment?: {
      readonly spf: { readonly result?: string; readonly strict: boolean };
      readonly dkim: { readonly result?: string; readonly strict: boolean };
    };
    readonly info: string;
  }
  const verify: {
    evaluateDmarc(options: {
      readonly headerFrom: readonly string[];
      readonly fromFields: number;
      readonly spfDomains: readonly string[];
      readonly dkimDomains: readonly {
        readonly id: string | undefined;
        readonly domain: string | undefined;
        readonly aligned: string | false | undefined;
        readonly underSized: number | undefined;
      }[];
      readonly arcResult: unknown;
      readonly resolver: unknown;
    }): Promise<{
      readonly response: DmarcVerdict | false;
      readonly reason?: string;
      readonly dkimAligned?: ReadonlySet<string>;
    }>;
  };
  export default verify;
}
declare module 'mailauth/lib/arc/index.js' {
  /** For tests: the header fields with which a server on the way seals a message. */
  export function sealMessage(
    input: Buffer,
    seal: {
      readonly signingDomain: string;
      readonly selector: string;
      readonly privateKey: string;
      readonly authResults: string;
      readonly cv: 'none' | 'pass' | 'fail';
    },
  ): Promise<Buffer>;
  export function arc(
    data: unknown,
    options: { readonly resolver: unknown; readonly ip: string },
  ): Promise<{
    readonly status: { readonly result: string; readonly comment?: string };
    readonly info?: string;
  }>;
}
