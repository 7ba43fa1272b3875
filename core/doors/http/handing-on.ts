/**
 * Handing a request on to the real provider while live relay is on: what a route says of a request, and what the pipeline
 * asks before the route's own handler has it. Who may go, and how it goes, is not the doors' business.
 */
import type { OutcomeClass } from '../../model/delivery.ts';
import type { LiveChannel, RelaySettings } from '../../model/live-relay.ts';
import type { ExchangePart, MessageDetails } from '../../model/message.ts';
import type { PushProvider } from '../../model/push.ts';
import type { SmsProvider } from '../../model/sms.ts';
import type { ProviderAnswer, ProviderReply, ProviderRequest, ProviderRoute } from './provider-request.ts';

/** What a request would be at the real provider. */
export interface Passing {
  readonly channel: Exclude<LiveChannel, 'email'>;
  readonly provider: PushProvider | SmsProvider;
  /** Where the app meant it to go; where it asked for us, where the provider usually is. */
  readonly host: (relay: RelaySettings) => string;
  /** What stands in the place of the provider, as the relay has it; null: nothing does. */
  readonly url: (relay: RelaySettings) => string | null;
  /** Path with query behind that, as it came; null: `url` is the whole of it. */
  readonly target: string | null;
  /** HTTP/2 whatever the app spoke: the provider knows nothing else. */
  readonly http2Only: boolean;
  /** Null: nothing is sent by it, a token is asked for. */
  readonly send: PassingSend | null;
  /** The provider's own temporary error. */
  readonly unavailable: () => ProviderReply;
}

export interface PassingSend {
  /** Each that it would reach: number, token, topic, endpoint. Empty: they cannot be told, and nobody answers for them. */
  readonly recipients: readonly string[];
  /** Why it cannot be handed on, though its recipients are listed; null: it can. */
  readonly obstacle: string | null;
  readonly message: {
    readonly user: string | null;
    readonly envelopeFrom: string;
    /** What is kept as the message: the body, without the secrets in it. */
    readonly body: Uint8Array;
    readonly details: MessageDetails;
    /** Header block, for the rules by which projects are told apart. */
    readonly head: Uint8Array;
  };
  /** What the provider's answer means. @param text of its body, decoded */
  readonly read: (status: number, text: string, fields: ReplyFields) => PassedOutcome;
}

export interface ReplyFields {
  get(name: string): string | null;
}

export interface PassedOutcome {
  readonly taken: boolean;
  readonly class: OutcomeClass | null;
  /** In short, with the provider's own words. */
  readonly text: string;
  /** What the provider calls it. */
  readonly providerId: string | null;
}

/** A request with all that is needed to make it once more elsewhere. */
export interface WholeRequest extends ProviderRequest {
  /** Fields in their order and, of HTTP/1.1, their case. */
  readonly rawFields: readonly (readonly [name: string, value: string])[];
  /** Path and query as they came, without the prefix of a path like `/fcm`. */
  readonly target: string;
  /** What was said until now, to be kept with the message; what is answered later is kept with the exchange's end. */
  begun(): ExchangePart;
}

/** @param handle what is done in the sandbox */
export type HandOn = (
  request: WholeRequest,
  route: ProviderRoute,
  handle: () => ProviderAnswer | Promise<ProviderAnswer>,
) => ProviderAnswer | Promise<ProviderAnswer>;
