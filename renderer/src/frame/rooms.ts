/** The rooms that the rail and the palette lead to. */
export type Room =
  | '/messages'
  | '/queue'
  | '/mailboxes'
  | '/phones'
  | '/inapp'
  | '/users'
  | '/templates'
  | '/rules'
  | '/domains'
  | '/exchanges'
  | '/suppressions'
  | '/live-relay'
  | '/connect'
  | '/settings';
