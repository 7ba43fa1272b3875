/** Wires what the in-app door does without a request each: WebSockets, event streams, and pulls of what did not change. */
import type { InAppDoor } from '../api/inapp-door.ts';
import { credentialsOf, userDenied } from '../channels/inapp/access.ts';
import {
  createRealtime,
  type LineRules,
  type Realtime,
  type RealtimePorts,
} from '../channels/inapp/realtime.ts';
import {
  type Asking,
  type RealtimeRoutePorts,
  socketFor,
  withRealtime,
} from '../channels/inapp/realtime-route.ts';
import { corsFields, originRefusal, problemReply, statusReply, withFields } from '../channels/inapp/reply.ts';
import type { InAppRoom } from '../channels/inapp/room.ts';
import type { InAppDoorSettings } from '../channels/inapp/settings.ts';
import type { Clock } from '../clock.ts';
import type { ProviderAnswer, ProviderRoute, StandingHead } from '../doors/http/provider-request.ts';
import { RequestFields } from '../doors/http/request-fields.ts';
import type { Providers } from './providers.ts';

export interface InAppRealtimePorts {
  readonly room: InAppRoom;
  /** Another object whenever one of them changed. */
  readonly settings: () => InAppDoorSettings;
  /** Runs after each change of them. @returns ends it */
  readonly onSettings: (run: () => void) => () => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly providers: Pick<Providers, 'take'>;
  /** What rules do to it; left out: nothing. */
  readonly rules?: InAppRealtimeRules;
  readonly limits?: RealtimePorts['limits'];
  readonly onProblem: (text: string) => void;
}

export interface InAppRealtimeRules {
  /** Whether one may want to do something to what that user asks; costs next to nothing. */
  isRuled(user: string): boolean;
  /** A connection that is about to open. */
  connect(user: string, request: Asking): { readonly refused: ProviderAnswer } | LineRules;
}

export interface InAppRealtime {
  /** The in-app door's route, with all that. */
  route(plain: ProviderRoute): ProviderRoute;
  readonly realtime: Realtime;
  /** The same on the API's door. */
  readonly apiDoor: InAppDoor;
  /** Tells clients when to come back; before the doors close. */
  close(): void;
}

export function openInAppRealtime(ports: InAppRealtimePorts): InAppRealtime {
  const { room, settings, clock, random, rules, limits } = ports;
  const realtime = createRealtime({
    room,
    clock,
    random,
    ...(limits === undefined ? {} : { limits }),
    retryAfterMs: () => settings().retryAfterMs,
    onProblem: ports.onProblem,
  });
  const unlisten = ports.onSettings(() => realtime.termsChanged());
  const routePorts: RealtimeRoutePorts = {
    room,
    isRuled: (user) => rules?.isRuled(user) ?? false,
    terms: settings,
    admit: (request, user) =>
      refusalOf(request, user, settings()) === null
        ? [['cache-control', 'no-cache'], ...corsFields(request)]
        : null,
    realtime,
    welcome(request, user) {
      const answer = refusalOf(request, user, settings());
      if (answer !== null) return { admitted: false, answer };
      const fields = corsFields(request);
      // Of a connection that no rule is about yet, too: rules that come later hold for it.
      const ruled = rules?.connect(user, request) ?? null;
      if (ruled !== null && 'refused' in ruled)
        return { admitted: false, answer: withFields(ruled.refused, fields) };
      // Of the request what is asked again, and not the whole of it, for as long as the connection lasts.
      const asked = { fields: request.fields, query: request.query, ...doorOf(request) };
      return {
        admitted: true,
        fields,
        rules: ruled,
        mayStay: () => refusalOf(asked, user, settings()) === null,
      };
    },
    refuse: (status, detail) => ({
      reply:
        status === 426
          ? upgradeRequired(detail)
          : problemReply(status === 404 ? 'not_found' : 'bad_request', detail),
      refused: detail,
    }),
  };
  return {
    realtime,
    route: (plain) => withRealtime(plain, routePorts),
    apiDoor: {
      take: (request, response) => ports.providers.take(request, response),
      webSocket({ query, fields }) {
        const made = socketFor(routePorts, { query, fields: new RequestFields(fields), door: 'http' });
        return typeof made === 'function' ? made : null;
      },
    },
    close() {
      unlisten();
      realtime.close();
    },
  };
}

function doorOf({ door }: Asking): Pick<Asking, 'door'> {
  return door === undefined ? {} : { door };
}

function refusalOf(
  request: Pick<StandingHead, 'fields' | 'query'> & { readonly door?: string },
  user: string,
  settings: InAppDoorSettings,
): ProviderAnswer | null {
  const fromElsewhere = originRefusal(request, settings);
  if (fromElsewhere !== null) return fromElsewhere;
  const credentials = credentialsOf((name) => request.fields.get(name), new URLSearchParams(request.query));
  const denied = userDenied(credentials, user, settings);
  if (denied === null) return null;
  const { code, detail } = denied;
  return withFields({ reply: problemReply(code, detail), refused: detail }, corsFields(request));
}

/** RFC 9110 §15.5.22: the reply names what to upgrade to. */
function upgradeRequired(detail: string) {
  const [status, title] = [426, 'Upgrade required'];
  return statusReply(
    status,
    { type: 'about:blank', title, status, detail, code: 'bad_request', errors: [] },
    [['upgrade', 'websocket']],
  );
}
