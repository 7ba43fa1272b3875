/** A request that has come, and what it is answered with when it is not accepted. */
import type { Clock, VirtualClock } from '../../clock.ts';
import type { OwnSendOrders } from '../../delivery/own-sends.ts';
import type { PushFarSide } from '../../delivery/push-far-side.ts';
import type {
  ConnectionEffect,
  OwnSend,
  ProviderAnswer,
  ProviderConnection,
  ProviderReply,
  ProviderRequest,
} from '../../doors/http/provider-request.ts';
import type { Intake } from '../../intake/intake.ts';
import type { PushContent, PushEnvironment } from '../../model/push.ts';
import { byCause, type Decision, type Facts, type RuleDesk } from '../../rules/decision.ts';
import { pushFacts } from '../../rules/push-facts.ts';
import type { Store } from '../../store/store.ts';
import type { BroadcastChannels } from './broadcast-channels.ts';
import type { CredentialsJudge, Provider } from './credentials.ts';
import type { Directions } from './ordered.ts';
import {
  type ApnsReason,
  goAwayData,
  type IdField,
  isReason,
  type Refusal,
  reasons,
  refusalReply,
  statusOf,
} from './reply.ts';
import type { ApnsSettings } from './schema.ts';

export interface ApnsPorts {
  readonly desk: Pick<RuleDesk, 'orders' | 'needs' | 'questions' | 'taken'>;
  readonly farSide: PushFarSide;
  readonly intake: Pick<Intake, 'accept'>;
  readonly store: Pick<Store, 'keepPushes'>;
  readonly channels: BroadcastChannels;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly virtual: Pick<VirtualClock, 'nowMs'>;
  /** Of messages, deliveries and pushes. */
  readonly newId: () => string;
  /** Random (RFC 9562 §5.4), for apns-id. */
  readonly newUuid: () => string;
  readonly settings: () => ApnsSettings;
  /** What the rules want done with a send of our own; null: nothing, or it is over. */
  readonly ownOrders: (own: OwnSend) => OwnSendOrders | null;
}

/** A request, and all that it is answered with. */
export interface Asked {
  readonly ports: ApnsPorts;
  readonly judge: CredentialsJudge;
  readonly request: ProviderRequest;
  /** Null: either. */
  readonly environment: PushEnvironment | null;
}

/** What Apple's servers were seen to announce. */
const concurrentStreams = 1_000;

/** Judges the credentials; from the first valid ones on the connection has its streams. */
export function authenticate({
  ports,
  judge,
  request,
  environment,
}: Asked): ReturnType<CredentialsJudge['judge']> {
  const judged = judge.judge(request, environment, ports.clock.wallMs());
  if (judged.ok && limited.delete(request.connection.memory))
    request.connection.setConcurrentStreams(concurrentStreams);
  return judged;
}

/** Connections that have one stream as yet, by their memory. */
const limited = new WeakSet<object>();

/** "APNs allows only one stream until you post a request with a valid authentication token." */
export function firstStreams(connection: ProviderConnection, { oneStreamAtFirst }: ApnsSettings): number {
  if (!oneStreamAtFirst || connection.clientCertificate !== null) return concurrentStreams;
  limited.add(connection.memory);
  return 1;
}

const goneStatus = 410;
/** After these a client comes with a new token. */
const badToken: ReadonlySet<string> = new Set<ApnsReason>(['ExpiredProviderToken', 'InvalidProviderToken']);

/** @param recipient device token, or `channel:<id>` */
export function factsOf(
  { ports, request }: Asked,
  recipient: string,
  app: string,
  content: PushContent,
): Facts {
  return pushFacts(ports.desk, {
    door: 'apns',
    provider: 'apns',
    app,
    recipient,
    fields: request.fields.entries,
    bytes: request.body.length,
    content,
    same: request.body,
    exchangeId: request.id,
  });
}

/** What a rule answers in APNs' place. @returns null: nothing; the request goes on */
export function carryOut(
  { ports, judge, request }: Asked,
  directions: Directions,
  id: IdField,
  provider: Provider,
  done: (decision: Decision) => void,
): ProviderAnswer | null {
  const { cut, goAway, answer } = directions;
  if (cut !== null && !(cut.action.do === 'disconnect' && cut.action.keep === true)) {
    done(cut);
    return withheld(provider, `the connection was cut ${byCause(cut.cause)}`, { kind: 'cut' });
  }
  if (answer !== null) {
    done(answer);
    const { reason, status = statusOf(reason), retryAfterS, text } = answer.action;
    if (badToken.has(reason)) judge.disown(request);
    return refuse(
      {
        reason,
        status,
        detail: `${reason} ${byCause(answer.cause)}${text === undefined ? '' : `: ${text}`}`,
        ...(retryAfterS === undefined ? {} : { retryAfterS }),
        // Apple documents a timestamp with every 410.
        ...(status === goneStatus ? { timestampMs: ports.clock.wallMs() } : {}),
      },
      id,
      provider,
    );
  }
  if (goAway !== null && !goAway.action.answered) {
    done(goAway);
    const { reason } = goAway.action;
    const connection = { kind: 'goAway', debug: goAwayData(reason), reply: 'withheld' } as const;
    return withheld(provider, `GOAWAY ${reason} ${byCause(goAway.cause)}`, connection);
  }
  return null;
}

/** @param why with words of its own where the table's are too general */
export function refuse(
  why: Refusal & { readonly detail: string | null },
  id: IdField,
  provider: Provider | null,
): ProviderAnswer {
  const { reason, detail } = why;
  return {
    reply: refusalReply(why, id),
    refused: detail ?? (isReason(reason) ? reasons[reason].words : reason),
    user: provider?.name ?? null,
  };
}

function withheld(provider: Provider, why: string, connection: ConnectionEffect): ProviderAnswer {
  return { reply: noReply, refused: why, user: provider.name, connection };
}

/** Never sent: the connection ends in its place. */
const noReply: ProviderReply = { status: 503, fields: [], body: '' };
