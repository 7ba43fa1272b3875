/** What the in-app door asks of whoever comes. */
export interface InAppDoorSettings {
  /** Requests name one of the keys, and those that send the secret one; else any is taken, and none. */
  readonly requireKey: boolean;
  /** Requests for a user carry the HMAC of the user's id, so that nobody reads another's messages; those that send name the secret key. */
  readonly requireHash: boolean;
  /** In the app's pages: names the app, and says nothing more. */
  readonly publishableKey: string;
  /** In the app's backend: may send, and may act for any user. */
  readonly secretKey: string;
  /** Origins whose pages may ask; `*` is for all. Pages of this machine may always. */
  readonly allowedOrigins: readonly string[];
  /** After which clients come back when the door closes their connection. */
  readonly retryAfterMs: number;
}
