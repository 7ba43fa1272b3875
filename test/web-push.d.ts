/** What the tests use of web-push, which comes without types. */
declare module 'web-push' {
  import type { Agent } from 'node:https';

  export interface PushSubscription {
    readonly endpoint: string;
    readonly keys: { readonly p256dh: string; readonly auth: string };
  }
  export interface RequestOptions {
    readonly vapidDetails?:
      | { readonly subject: string; readonly publicKey: string; readonly privateKey: string }
      | undefined;
    readonly TTL?: number;
    readonly contentEncoding?: 'aesgcm' | 'aes128gcm';
    readonly urgency?: 'very-low' | 'low' | 'normal' | 'high';
    readonly topic?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly agent?: Agent;
    readonly proxy?: string;
  }
  export interface SendResult {
    readonly statusCode: number;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
  }
  export class WebPushError extends Error {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly endpoint: string;
  }
  export function generateVAPIDKeys(): { readonly publicKey: string; readonly privateKey: string };
  export function sendNotification(
    subscription: PushSubscription,
    payload?: string | Buffer | null,
    options?: RequestOptions,
  ): Promise<SendResult>;
  export function generateRequestDetails(
    subscription: PushSubscription,
    payload?: string | Buffer | null,
    options?: RequestOptions,
  ): {
    readonly endpoint: string;
    readonly headers: Readonly<Record<string, string | number>>;
    readonly body: Buffer | null;
  };
  const webPush: {
    readonly generateRequestDetails: typeof generateRequestDetails;
    readonly generateVAPIDKeys: typeof generateVAPIDKeys;
    readonly sendNotification: typeof sendNotification;
  };
  export default webPush;
}
