/** What the address holds besides the room: the search, the project, the tab. Shared by all rooms. */
export interface RoomSearch {
  readonly q?: string;
  readonly project?: string;
  readonly tab?: MessageTab;
  readonly outcome?: string;
  readonly door?: string;
  /** The delivery whose journey is open, of a message with several. */
  readonly delivery?: string;
  /** What the queue is narrowed to. */
  readonly status?: string;
  readonly recipient?: string;
  readonly domain?: string;
  readonly provider?: string;
  readonly stream?: string;
  /** What is shown of a mailbox: a place in it, or its settings. */
  readonly place?: string;
  /** The view of a message in a mailbox. */
  readonly view?: string;
  /** Of a handset the thread with this sender. */
  readonly sender?: string;
  /** The rule that is open; `new`: one that is being written. */
  readonly rule?: string;
}

export const messageTabs = [
  'journey',
  'log',
  'preview',
  'text',
  'payload',
  'headers',
  'mime',
  'auth',
  'source',
  'exchange',
] as const;
export type MessageTab = (typeof messageTabs)[number];

export const isMessageTab = (value: unknown): value is MessageTab => messageTabs.some((tab) => tab === value);

/** Keeps what is known and drops the rest, so that a hand-written address cannot break a room. */
export function readRoomSearch(raw: Record<string, unknown>): RoomSearch {
  const text = (name: string) => {
    const value = raw[name];
    return typeof value === 'string' && value !== '' ? { [name]: value } : {};
  };
  return {
    ...text('q'),
    ...text('project'),
    ...(isMessageTab(raw.tab) ? { tab: raw.tab } : {}),
    ...text('outcome'),
    ...text('door'),
    ...text('delivery'),
    ...text('status'),
    ...text('recipient'),
    ...text('domain'),
    ...text('provider'),
    ...text('stream'),
    ...text('place'),
    ...text('view'),
    ...text('sender'),
    ...text('rule'),
  };
}

/** Plain `?q=…&project=…`, as the API has it, instead of the router's JSON values. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (typeof value === 'string') query.set(name, value);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** One change to the search; an empty value takes the entry out. */
export function withSearch(
  search: RoomSearch,
  change: { [Name in keyof RoomSearch]: RoomSearch[Name] | null },
): RoomSearch {
  return readRoomSearch({ ...search, ...change });
}
