/**
 * What the rules and magic users want done with a request of the in-app door: asked when the app hands a message in, when its
 * client pulls, asks what to display, tells what became of it, and for as long as it holds a realtime connection. The door
 * carries it out. Times: virtual milliseconds where a message waits, real ones where a client does.
 */
import type { InAppContent } from '../../model/inapp.ts';
import { byCause, type Decision, type DecisionOf, type RuleDesk } from '../../rules/decision.ts';
import { type InAppMessageAbout, type InAppRequestAbout, inAppFacts } from '../../rules/inapp-facts.ts';
import { inAppReasonOf, inAppStatusOf } from '../../rules/inapp-reasons.ts';
import { RecentMap } from '../../rules/recent-map.ts';
import { type InAppMoment, waitMsMax } from '../../rules/schema.ts';

/** What is said in place of the yes. */
export interface InAppRefusal {
  readonly status: number;
  /** `code` of the problem document. */
  readonly code: string;
  readonly detail: string;
  readonly retryAfterS: number | null;
}

/** What becomes of a request on the wire, on purpose. */
export interface InAppTrouble {
  readonly refusal: InAppRefusal | null;
  /** `answer`: cut in place of the answer; `middle`: after its first half, or so many bytes. */
  readonly cut: { readonly at: 'answer' | 'middle'; readonly afterBytes: number | null } | null;
  /** What was asked for is done, whatever the client hears; false: nothing is pulled, kept or marked. */
  readonly isDone: boolean;
  readonly lateMs: number;
  readonly bytesPerSecond: number | null;
  /** In words, for the exchange; empty: no rule had a say. */
  readonly why: readonly string[];
}

/** The same for a pull, and for what is to be displayed. */
export interface InAppPullTrouble extends InAppTrouble {
  /** `empty`: nothing is handed out; `stale`: what was handed out before, 304 where the client names a tag. */
  readonly instead: 'empty' | 'stale' | null;
  /** How often each entry stands in the page. */
  readonly copies: number;
  /** The page in another order; the second best to display. */
  readonly shuffled: boolean;
}

export interface InAppTrackTrouble extends InAppTrouble {
  /** It is answered as if it were kept, and is not. */
  readonly isLost: boolean;
}

export interface InAppSendTrouble extends InAppTrouble {
  /** Reason of the hold and whose it is; null: it is not held. */
  readonly hold: DecisionOf<'hold'> | null;
  /** In virtual time: not to be had before. */
  readonly availableAfterMs: number;
  readonly expiresAfterMs: number | null;
  /** Accepted, and never to be had. */
  readonly isLost: boolean;
}

/** What becomes of one event of a realtime connection. */
export type InAppEventTrouble =
  | { readonly do: 'pass'; readonly copies: number; readonly lateMs: number }
  | { readonly do: 'lose' }
  | { readonly do: 'cut' }
  | { readonly do: 'reconnect'; readonly retryAfterMs: number };

/** A realtime connection as the rules see it, from its opening on; one that changes holds from the next event. */
export interface InAppConnection {
  /** Of its opening; `isDone`: it opens. */
  readonly trouble: InAppTrouble;
  /** Right after it opened, before any event; null: nothing is done to it. */
  atOnce(): InAppEventTrouble | null;
  /** @param message what the event is about; null: counts and the like */
  event(message: InAppMessageAbout | null): InAppEventTrouble;
}

export type AskAbout = Omit<InAppRequestAbout, 'moment' | 'user' | 'door'> & { readonly door?: string };

export interface InAppAsker {
  /** Costs next to nothing: whether anything at all may be done to what is asked for that user. */
  asks(user: string): boolean;
  send(user: string, about: AskAbout, message: InAppMessageAbout): InAppSendTrouble;
  /** @param messages what would be handed out; only looked at where a rule asks for words or tags */
  pull(user: string, about: AskAbout, messages: () => readonly InAppMessageAbout[]): InAppPullTrouble;
  display(user: string, about: AskAbout, messages: () => readonly InAppMessageAbout[]): InAppPullTrouble;
  track(user: string, about: AskAbout, message: InAppMessageAbout | null): InAppTrackTrouble;
  connect(user: string, about: AskAbout): InAppConnection;
  /** What becomes of a request that no rule is asked about, for a user who is out of the net. */
  offline(user: string): InAppTrouble;
  /** Whether rules look at words or tags of what is handed out. */
  readsMessages(): boolean;
}

export interface InAppAskPorts {
  readonly desk: RuleDesk;
  readonly virtualNowMs: () => number;
}

/** Users that are out of the net. */
const offlineMax = 20_000;
/** Where a rule says “in the middle” of a realtime connection and not when. */
const usualComeBackMs = 1_000;

interface Offline {
  readonly untilMs: number;
  /** Of the rules by which it is: with other rules it is back. */
  readonly edition: number;
  readonly why: string;
}

export function inAppAsker({ desk, virtualNowMs }: InAppAskPorts): InAppAsker {
  const offline = new RecentMap<Offline>(offlineMax);
  const edition = (): number => desk.edition?.() ?? 0;
  const asks = (user: string): boolean =>
    (offline.size > 0 && offline.get(user) !== undefined) || desk.asksInApp?.(user) === true;

  /** Out of the net since an earlier request: no rule is asked, and none counts. */
  const cutOff = (user: string): Offline | null => {
    const known = offline.get(user);
    if (known === undefined) return null;
    if (known.edition === edition() && virtualNowMs() < known.untilMs) return known;
    offline.delete(user);
    return null;
  };

  const decide = (
    moment: InAppMoment,
    user: string,
    about: AskAbout,
    message: InAppMessageAbout | null,
    of: 'request' | 'message' = 'request',
  ): readonly Decision[] =>
    desk.atInApp?.(inAppFacts(desk, { door: 'inapp', ...about, moment, user }, message), of) ?? [];

  const goOffline = (user: string, decisions: readonly Decision[]): void => {
    const gone = decisions.find((one) => isOf(one, 'offline'));
    if (gone === undefined) return;
    offline.set(user, {
      untilMs: virtualNowMs() + gone.action.forMs,
      edition: edition(),
      why: `the user is out of the net, ${byCause(gone.cause)}`,
    });
  };

  /** All that is wanted of a request, and of the messages that it would be answered with. */
  const asked = (
    moment: 'pull' | 'display' | 'track',
    user: string,
    about: AskAbout,
    message: InAppMessageAbout | null,
    messages: (() => readonly InAppMessageAbout[]) | null,
  ): { readonly trouble: InAppTrouble; readonly decisions: readonly Decision[] } => {
    const gone = cutOff(user);
    if (gone !== null) return { trouble: { ...cutInstead, why: [gone.why] }, decisions: [] };
    if (desk.asksInApp?.(user) !== true) return { trouble: noTrouble, decisions: [] };
    const decisions = [...decide(moment, user, about, message)];
    if (messages !== null && desk.asksInAppMessages?.() === true)
      for (const one of messages()) {
        const taken = new Set(decisions.map(({ action }) => action.do));
        decisions.push(
          ...decide(moment, user, about, one, 'message').filter(({ action }) => !taken.has(action.do)),
        );
      }
    goOffline(user, decisions);
    return { trouble: troubleOf(decisions), decisions };
  };

  const handedOut = (
    moment: 'pull' | 'display',
    user: string,
    about: AskAbout,
    messages: () => readonly InAppMessageAbout[],
  ): InAppPullTrouble => {
    const { trouble, decisions } = asked(moment, user, about, null, messages);
    const is = (kind: 'empty' | 'stale' | 'shuffle'): boolean =>
      decisions.some(({ action }) => action.do === kind);
    return {
      ...trouble,
      instead: is('empty') ? 'empty' : is('stale') ? 'stale' : null,
      copies: decisions.find((one) => isOf(one, 'duplicate'))?.action.copies ?? 1,
      shuffled: is('shuffle'),
    };
  };

  return {
    asks,
    readsMessages: () => desk.asksInAppMessages?.() === true,
    send(user, about, message) {
      if (desk.asksInApp?.(user) !== true) return noSendTrouble;
      const decisions = decide('send', user, about, message);
      const delay = decisions.find((one) => isOf(one, 'delay'));
      // What is late in virtual time is the message; the app has its answer at once.
      const { lateMs: _lateMs, ...trouble } = troubleOf(decisions);
      return {
        ...trouble,
        lateMs: 0,
        hold: decisions.find((one) => isOf(one, 'hold')) ?? null,
        availableAfterMs: delay === undefined ? 0 : drawn(delay),
        expiresAfterMs: decisions.find((one) => isOf(one, 'expire'))?.action.afterMs ?? null,
        isLost: decisions.some(({ action }) => action.do === 'blackHole'),
      };
    },
    pull: (user, about, messages) => handedOut('pull', user, about, messages),
    display: (user, about, messages) => handedOut('display', user, about, messages),
    track(user, about, message) {
      const { trouble, decisions } = asked('track', user, about, message, null);
      return { ...trouble, isLost: decisions.some(({ action }) => action.do === 'blackHole') };
    },
    offline(user) {
      const gone = cutOff(user);
      return gone === null ? noTrouble : { ...cutInstead, why: [gone.why] };
    },
    connect(user, about) {
      const open = (): Standing => {
        const gone = cutOff(user);
        if (gone !== null)
          return {
            edition: edition(),
            decisions: [],
            trouble: { ...cutInstead, why: [gone.why] },
            events: 0,
          };
        const decisions = desk.asksInApp?.(user) === true ? decide('realtime', user, about, null) : [];
        goOffline(user, decisions);
        return { edition: edition(), decisions, trouble: troubleOf(decisions), events: 0 };
      };
      const first = open();
      let standing = first;
      return {
        trouble: first.trouble,
        atOnce: () => ended(standing, true),
        event(message) {
          if (standing.edition !== edition()) standing = open();
          // Somebody switched the net off meanwhile, by another of the user's requests.
          if (cutOff(user) !== null) return { do: 'cut' };
          const end = ended(standing, false);
          if (end !== null) return end;
          standing.events++;
          const theirs =
            message !== null && desk.asksInAppMessages?.() === true
              ? decide('realtime', user, about, message, 'message')
              : [];
          goOffline(user, theirs);
          const about1 = troubleOf(theirs);
          if (about1.refusal !== null || about1.cut !== null) return { do: 'cut' };
          return passed([...theirs, ...standing.decisions]);
        },
      };
    },
  };
}

interface Standing {
  readonly edition: number;
  readonly decisions: readonly Decision[];
  readonly trouble: InAppTrouble;
  /** That went through. */
  events: number;
}

/** @param fresh nothing went through yet, and nothing is about to */
function ended({ decisions, trouble, events }: Standing, fresh: boolean): InAppEventTrouble | null {
  const away = decisions.find((one) => isOf(one, 'goAway'));
  if (away !== undefined)
    return { do: 'reconnect', retryAfterMs: away.action.retryAfterMs ?? usualComeBackMs };
  const cut = decisions.find((one) => isOf(one, 'disconnect'));
  const afterEvents = cut?.action.at === 'midData' ? (cut.action.afterEvents ?? 1) : 0;
  if (cut !== undefined && (cut.action.at !== 'midData' || events >= afterEvents)) return { do: 'cut' };
  // What would have refused it closes it where it is open already.
  if (!fresh && (trouble.refusal !== null || trouble.cut?.at === 'answer')) return { do: 'cut' };
  return null;
}

function passed(decisions: readonly Decision[]): InAppEventTrouble {
  if (decisions.some(({ action }) => action.do === 'blackHole')) return { do: 'lose' };
  const delay = decisions.find((one) => isOf(one, 'delay'));
  return {
    do: 'pass',
    copies: decisions.find((one) => isOf(one, 'duplicate'))?.action.copies ?? 1,
    lateMs: delay === undefined ? 0 : Math.min(waitMsMax, drawn(delay)),
  };
}

function troubleOf(decisions: readonly Decision[]): InAppTrouble {
  let trouble: InAppTrouble = noTrouble;
  for (const decision of decisions) {
    const next = withDecision(trouble, decision);
    trouble = { ...next, why: [...trouble.why, `${wordsFor(decision)}, ${byCause(decision.cause)}`] };
  }
  return trouble;
}

function withDecision(trouble: InAppTrouble, decision: Decision): InAppTrouble {
  const { action } = decision;
  switch (action.do) {
    case 'answer':
      return {
        ...trouble,
        isDone: false,
        refusal: {
          status: action.status ?? inAppStatusOf(action.reason),
          code: action.reason,
          detail:
            action.text ?? inAppReasonOf(action.reason)?.means ?? `Answered so ${byCause(decision.cause)}.`,
          retryAfterS: action.retryAfterS ?? null,
        },
      };
    case 'disconnect':
      return action.at === 'midData'
        ? { ...trouble, cut: { at: 'middle', afterBytes: action.afterBytes ?? null } }
        : { ...trouble, cut: { at: 'answer', afterBytes: null }, isDone: action.keep === true };
    case 'refuseConnection':
    case 'offline':
      return { ...trouble, cut: { at: 'answer', afterBytes: null }, isDone: false };
    case 'slow':
      return { ...trouble, bytesPerSecond: action.bytesPerSecond };
    case 'delay':
      return { ...trouble, lateMs: Math.min(waitMsMax, drawn({ ...decision, action })) };
    default:
      return trouble;
  }
}

/** What is done, as the exchange tells it. */
function wordsFor({ action }: Decision): string {
  switch (action.do) {
    case 'answer':
      return `answered with ${action.status ?? inAppStatusOf(action.reason)} ${action.reason}`;
    case 'disconnect':
      return action.at === 'midData' ? 'cut in the middle' : 'the connection was cut';
    case 'refuseConnection':
      return 'the connection was refused';
    case 'goAway':
      return 'told to come back later';
    case 'offline':
      return 'the user is out of the net';
    case 'slow':
      return `answered at ${action.bytesPerSecond} bytes a second`;
    case 'delay':
      return 'late';
    case 'hold':
      return 'held';
    case 'blackHole':
      return 'lost';
    case 'duplicate':
      return `handed out ${action.copies} times`;
    case 'empty':
      return 'nothing was handed out';
    case 'stale':
      return 'answered as before';
    case 'shuffle':
      return 'out of order';
    case 'expire':
      return 'expires early';
    default:
      return action.do;
  }
}

function drawn({ action, chance }: Pick<DecisionOf<'delay'>, 'action' | 'chance'>): number {
  const { ms, msMax = ms } = action;
  return Math.round(ms + Math.max(0, msMax - ms) * chance);
}

function isOf<K extends Decision['action']['do']>(decision: Decision, kind: K): decision is DecisionOf<K> {
  return decision.action.do === kind;
}

/** What of an entry or a row the rules look at. */
export function messageAbout(
  message: Pick<InAppContent, 'title' | 'body' | 'image' | 'link' | 'actions' | 'slides' | 'data'> & {
    readonly tags: readonly string[];
  },
): InAppMessageAbout {
  return { content: message, tags: message.tags };
}

export const noTrouble: InAppTrouble = {
  refusal: null,
  cut: null,
  isDone: true,
  lateMs: 0,
  bytesPerSecond: null,
  why: [],
};

const cutInstead: InAppTrouble = { ...noTrouble, cut: { at: 'answer', afterBytes: null }, isDone: false };

const noSendTrouble: InAppSendTrouble = {
  ...noTrouble,
  hold: null,
  availableAfterMs: 0,
  expiresAfterMs: null,
  isLost: false,
};
