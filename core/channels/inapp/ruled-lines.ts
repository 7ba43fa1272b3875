/** Realtime connections with what rules and magic users want: refused as they open, or troubled event by event. */
import type { ProviderAnswer } from '../../doors/http/provider-request.ts';
import { credentialsOf } from './access.ts';
import { type InAppAsker, messageAbout } from './ask.ts';
import { instead } from './carry-out.ts';
import type { LineRules } from './realtime.ts';
import type { Asking } from './realtime-route.ts';

export interface RuledLines {
  isRuled(user: string): boolean;
  connect(user: string, request: Asking): { readonly refused: ProviderAnswer } | LineRules;
}

export function ruledLines(asker: Pick<InAppAsker, 'asks' | 'connect'>): RuledLines {
  return {
    isRuled: (user) => asker.asks(user),
    connect(user, request) {
      const { key } = credentialsOf((name) => request.fields.get(name), new URLSearchParams(request.query));
      const connection = asker.connect(user, { key: key ?? '', fields: request.fields.entries });
      const { trouble } = connection;
      const refused = instead(trouble);
      if (refused !== null) return { refused };
      return {
        lateMs: trouble.lateMs,
        atOnce: () => connection.atOnce(),
        event: (event) => connection.event('entry' in event ? messageAbout(event.entry) : null),
      };
    },
  };
}
