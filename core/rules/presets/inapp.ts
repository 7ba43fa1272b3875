import { outageMs, type Preset, presetsOf } from './preset.ts';

const knock = 'https://docs.knock.app/in-app-ui/overview';
const novu = 'https://docs.novu.co/platform/inbox/overview';
const brazeFrequency =
  'https://www.braze.com/docs/user_guide/message_building_by_channel/in-app_messages/ (sessions, triggers, rate limits)';
const caching = 'RFC 9110 section 13.1.2 (If-None-Match), RFC 9111 section 4.2.4 (stale responses)';
const retryAfter = 'RFC 6585 section 4 (429), RFC 9110 section 10.2.3 (Retry-After)';
const sockets = 'RFC 6455 section 7.2.3 (coming back after a connection was lost)';
const minuteMs = 60_000;

/** What happens between an app's users and the service that keeps their in-app messages. */
export const inAppPresets: readonly Preset[] = presetsOf(
  { provider: 'any', group: 'In-app', when: { channel: 'inapp' } },
  [
    {
      id: 'inapp-train-tunnel',
      kind: 'network',
      title: 'Train tunnel',
      about:
        'Every fifth time that the client asks, its user loses the net for a minute of virtual time: pulls, impressions and realtime are all cut. Nothing may be lost or shown twice when it is back: queue what you tell, with an id, and pull from where you were.',
      source: sockets,
      then: { do: 'offline', forMs: minuteMs },
      when: { everyNth: 5 },
    },
    {
      id: 'inapp-drop-before-display',
      kind: 'network',
      title: 'Network drops before display',
      about:
        'Every second page is cut in its middle. The messages count as sent, and nothing was seen: the client pulls again, and shows nothing half.',
      source: knock,
      then: { do: 'disconnect', at: 'midData' },
      when: { moment: 'pull', everyNth: 2 },
    },
    {
      id: 'inapp-two-bars',
      kind: 'network',
      title: 'Two bars of 3G',
      about:
        'Each answer waits 1 to 4 seconds, in real time. The page must not jump when the banner comes late, and a message for a page that was left meanwhile must not be shown.',
      source: brazeFrequency,
      then: { do: 'delay', ms: 1_000, msMax: 4_000 },
      when: { moment: ['pull', 'display', 'track'] },
    },
    {
      id: 'inapp-trickle',
      kind: 'network',
      title: 'Answers trickle at 400 bytes a second',
      about: 'A page of twenty messages takes a minute. Give requests a time limit, and pages a small one.',
      source: knock,
      then: { do: 'slow', bytesPerSecond: 400 },
    },
    {
      id: 'inapp-empty-feed',
      kind: 'feed',
      title: 'Empty feed',
      about:
        'Pages come back empty though messages wait, as from a replica that lags behind. The client must not take it for “all deleted”: counts and the next pull tell.',
      source: novu,
      then: { do: 'empty' },
      when: { moment: 'pull' },
    },
    {
      id: 'inapp-nothing-eligible',
      kind: 'feed',
      title: 'Nothing to display, though something is due',
      about: 'The feed has it, and no pop-up is chosen. Your page must be whole without it.',
      source: brazeFrequency,
      then: { do: 'empty' },
      when: { moment: 'display' },
    },
    {
      id: 'inapp-stale',
      kind: 'feed',
      title: 'CDN serves stale (304)',
      about:
        'The client names the tag that it has, and is told that nothing changed, though something did. Realtime and the badge say one thing, the feed another: do not count twice.',
      source: caching,
      then: { do: 'stale' },
    },
    {
      id: 'inapp-double-delivery',
      kind: 'feed',
      title: 'Double delivery',
      about:
        'Each entry stands in the page twice, and each realtime event comes twice, as at-least-once delivery allows. Messages have ids: show each once, and count each impression once.',
      source: knock,
      then: { do: 'duplicate', copies: 2 },
    },
    {
      id: 'inapp-out-of-order',
      kind: 'feed',
      title: 'Out of order, and the second best shown',
      about:
        'Pages are shuffled, and of what is eligible the second best is chosen. Sort by the time in the entry; do not rest on the order of arrival.',
      source: novu,
      then: { do: 'shuffle' },
    },
    {
      id: 'inapp-rate-limited',
      kind: 'rateLimited',
      title: 'Rate limited (429)',
      about:
        'More than 30 requests in 10 seconds of virtual time are told to come back in 5 seconds. Polling clients wait that long, with some jitter, and do not drop what they wanted to tell.',
      source: retryAfter,
      then: { do: 'answer', reason: 'rate_limited', retryAfterS: 5 },
      when: { moment: ['pull', 'display', 'track'], rate: { moreThan: 30, perMs: 10_000 } },
    },
    {
      id: 'inapp-token-expired',
      kind: 'credentials',
      title: 'Token expired (401)',
      about:
        'The user’s token ran out in an open tab. The client asks your backend for a new one once, and does not sign the user out, nor ask in a loop.',
      source: 'https://docs.knock.app/in-app-ui/security-and-authentication',
      then: { do: 'answer', reason: 'token_expired' },
      when: { moment: ['pull', 'display', 'track', 'realtime'] },
    },
    {
      id: 'inapp-wrong-hash',
      kind: 'credentials',
      title: 'Hash of the user refused (403)',
      about:
        'The HMAC was made with the secret of another environment. It never gets better by itself: say so in the console, and stop asking.',
      source: 'https://docs.novu.co/platform/inbox/prepare-for-production (HMAC encryption)',
      then: { do: 'answer', reason: 'forbidden' },
      when: { moment: ['pull', 'display', 'track', 'realtime'] },
    },
    {
      id: 'inapp-outage',
      kind: 'outage',
      title: 'Service down for 2 hours (503)',
      about:
        'All of it, for two hours of virtual time, what your backend hands in as well. Your app goes on without messages, and your backend tries again later with the same Idempotency-Key.',
      source: 'RFC 9110 section 15.6.4 (503)',
      then: { do: 'answer', reason: 'unavailable', retryAfterS: 60 },
      when: { time: { forMs: outageMs } },
    },
    {
      id: 'inapp-flaky',
      kind: 'outage',
      title: 'One request in ten fails (500)',
      about:
        'Without a pattern. Reads are tried again, and so is what marks a message: to mark it twice is no mistake.',
      source: 'RFC 9110 section 15.6.1 (500), section 9.2.2 (idempotent methods)',
      then: { do: 'answer', reason: 'internal_error' },
      when: { moment: ['pull', 'display', 'track'], probability: 0.1 },
    },
    {
      id: 'inapp-impressions-lost',
      kind: 'tracking',
      title: 'Impressions lost',
      about:
        'Impressions, clicks and dismissals are thanked for and never kept, as behind a tracker blocker. What was to be shown once comes again: the client remembers by itself for the session.',
      source: brazeFrequency,
      then: { do: 'blackHole' },
      when: { moment: 'track' },
    },
    {
      id: 'inapp-tracking-refused',
      kind: 'tracking',
      title: 'Impressions refused (500), then taken',
      about:
        'Each is refused twice, and taken the third time. Keep what could not be told, and tell it again, also after a reload.',
      source: knock,
      then: { do: 'answer', reason: 'internal_error', times: 2 },
      when: { moment: 'track' },
    },
    {
      id: 'inapp-tracked-unheard',
      kind: 'tracking',
      title: 'Impression kept, answer lost',
      about:
        'It is kept, and the connection is cut in place of the answer. The client tells it again: one impression, not two.',
      source: 'RFC 9110 section 9.2.2 (idempotent methods)',
      then: { do: 'disconnect', at: 'endOfData', keep: true },
      when: { moment: 'track', everyNth: 2 },
    },
    {
      id: 'inapp-realtime-down',
      kind: 'realtime',
      title: 'Realtime down, polling only',
      about:
        'Corporate proxies that let no WebSocket through. The client polls, and says nothing to the user.',
      source: sockets,
      then: {
        do: 'refuseConnection',
        how: 'reset',
        code: 554,
        text: 'No realtime here',
      },
      when: { moment: 'realtime' },
    },
    {
      id: 'inapp-realtime-drops',
      kind: 'realtime',
      title: 'Realtime drops after 3 events',
      about:
        'Again and again. The client comes back with a growing wait and jitter, names the last event that it had, and misses none.',
      source: sockets,
      then: { do: 'disconnect', at: 'midData', afterEvents: 3 },
      when: { moment: 'realtime' },
    },
    {
      id: 'inapp-realtime-deploy',
      kind: 'realtime',
      title: 'Rolling deploy: come back in 5 seconds',
      about:
        'Every connection is ended with `reconnect` and a time. All clients at once would be a stampede: add jitter.',
      source: sockets,
      then: { do: 'goAway', reason: 'Deploy', answered: false, retryAfterMs: 5_000 },
      when: { moment: 'realtime', atMost: 20 },
    },
    {
      id: 'inapp-realtime-silent',
      kind: 'realtime',
      title: 'Realtime connected, and silent',
      about:
        'The connection stands, and no event comes, as behind a proxy that buffers. Pull once in a while all the same.',
      source: sockets,
      then: { do: 'blackHole' },
      when: { moment: 'realtime' },
    },
    {
      id: 'inapp-realtime-late',
      kind: 'realtime',
      title: 'Realtime 5 seconds late',
      about: 'The pull has it first, and the event comes after. It is the same message: no second toast.',
      source: knock,
      then: { do: 'delay', ms: 5_000 },
      when: { moment: 'realtime' },
    },
    {
      id: 'inapp-expires-unseen',
      kind: 'expires',
      title: 'Expires before it is seen',
      about:
        'Whatever it says, it is gone a minute of virtual time after it was handed in: undeliverable, expired. A send over several channels goes on to the next.',
      source: brazeFrequency,
      then: { do: 'expire', afterMs: minuteMs },
    },
    {
      id: 'inapp-late',
      kind: 'feed',
      title: 'There 10 minutes late',
      about: 'Accepted at once, and to be pulled ten minutes of virtual time later: a queue that backs up.',
      source: novu,
      then: { do: 'delay', ms: 10 * minuteMs },
    },
    {
      id: 'inapp-lost',
      kind: 'feed',
      title: 'Accepted, and never there',
      about:
        'Your backend gets its 202, and no user ever pulls it. A fall-back by time (`unreadAfterSeconds`) is what helps.',
      source: novu,
      then: { do: 'blackHole' },
      when: { moment: 'send' },
    },
  ],
);
