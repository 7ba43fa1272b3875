/** The rooms that the rail and the palette lead to. */
export type Room =
  | '/messages'
  | '/queue'
  | '/mailboxes'
  | '/phones'
  | '/rules'
  | '/domains'
  | '/exchanges'
  | '/suppressions'
  | '/connect'
  | '/settings';
