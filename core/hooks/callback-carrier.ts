/**
 * Makes the calls that SMS providers make to the app: delivery reports, and answers of handsets. One request an attempt, dressed
 * and judged as that provider does; how long it waits before the next is the provider's own habit, in virtual time.
 */
import type { Clock } from '../clock.ts';
import {
  callbackOf,
  hostOfUrl,
  splitCredentials,
  withoutCredentials,
} from '../delivery/callback-deliveries.ts';
import type { Carrier, CarryResult, ClaimedDelivery } from '../delivery/carrier.ts';
import { failedResult, requestEvidence, requestResult } from '../delivery/request-result.ts';
import type {
  CallbackAnswer,
  CallbackAttempt,
  CallbackHabit,
  DressedCallback,
  SmppReceivers,
} from '../delivery/sms-far-side.ts';
import { secretFields } from '../doors/http/request-fields.ts';
import { messageOf } from '../model/app-error.ts';
import type { HttpCallback, SmppCallback } from '../model/callback.ts';
import { callbackFault } from '../model/callback-rule.ts';
import type { OutcomeClass, TranscriptLine } from '../model/delivery.ts';
import { type SmsProvider, smsProviderNames } from '../model/sms.ts';

export interface CallbackCarrierPorts {
  readonly clock: Clock;
  /** Follows no redirect when it is told so. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly callbackHosts: () => readonly string[];
  readonly habits: () => Readonly<Partial<Record<SmsProvider, CallbackHabit>>>;
  /** Null while the SMPP door is closed. */
  readonly smpp: () => SmppReceivers | null;
  readonly version: string;
}

/** What is read of an answer: TwiML may have this much, a report's answer is looked at by nobody. */
const answerBytesMax = 64 * 1024;
/** What a transcript shows of a body, ours or the app's. */
const shownCharsMax = 8 * 1024;
/** What says more about an answer than its status. */
const shownFields = ['content-type', 'content-length', 'location', 'retry-after'] as const;
/** Waits for a receiver to bind; the last one repeats. One that binds is told at once, where somebody has the calls retried. */
const bindDelaysMs = [30_000, 60_000, 5 * 60_000, 15 * 60_000, 3_600_000] as const;
const smppMsMax = 30_000;
/** At the end calls get this long to be answered; then they are cut off, and made again at the next start. */
const closeMsMax = 1_000;

type Say = (by: TranscriptLine['by'], text: string) => void;

export function createCallbackCarrier(ports: CallbackCarrierPorts): Carrier {
  const cuts = new Set<AbortController>();
  const underWay = new Set<Promise<unknown>>();
  let closed = false;

  return {
    async carry({ deliveries, signal }) {
      const transcript: TranscriptLine[] = [];
      const results: CarryResult[] = [];
      const cut = new AbortController();
      const unfollow = follow(signal, cut);
      if (closed) cut.abort(stopped());
      cuts.add(cut);
      try {
        for (const one of deliveries) {
          const call = callOne(one, cut.signal, transcript, ports);
          underWay.add(call);
          results.push(await call.finally(() => underWay.delete(call)));
        }
      } finally {
        cuts.delete(cut);
        unfollow();
      }
      return { results, evidence: requestEvidence(transcript, []) };
    },
    async close() {
      const cancel = ports.clock.after(closeMsMax, () => {
        closed = true;
        for (const cut of cuts) cut.abort(stopped());
      });
      await Promise.allSettled(underWay);
      cancel();
    },
  };
}

const stopped = (): Error => new Error('Sandpost stopped');

/** Of AbortSignal.any each one is known to its sources until it is collected, which thousands of calls make long work of. */
function follow(signal: AbortSignal, cut: AbortController): () => void {
  const abort = (): void => cut.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

async function callOne(
  { delivery, parameters }: ClaimedDelivery,
  signal: AbortSignal,
  transcript: TranscriptLine[],
  ports: CallbackCarrierPorts,
): Promise<CarryResult> {
  const startedMs = ports.clock.monotonicMs();
  const say: Say = (by, text) => {
    transcript.push({ by, atMs: Math.round((ports.clock.monotonicMs() - startedMs) * 10) / 10, text });
  };
  const attempt: CallbackAttempt = {
    id: delivery.retryOf ?? delivery.id,
    number: delivery.attempts + 1,
    wallMs: ports.clock.wallMs(),
  };
  const callback = callbackOf(parameters);
  if (callback === null)
    return failedResult(
      delivery.id,
      'what was to be said cannot be read; another version of Sandpost kept it',
    );
  const about: About = { deliveryId: delivery.id, attempt, signal, say, ports };
  return callback.kind === 'http' ? await callHttp(callback, about) : await callSmpp(callback, about);
}

interface About {
  readonly deliveryId: string;
  readonly attempt: CallbackAttempt;
  readonly signal: AbortSignal;
  readonly say: Say;
  readonly ports: CallbackCarrierPorts;
}

async function callHttp(callback: HttpCallback, about: About): Promise<CarryResult> {
  const { deliveryId, attempt, say, ports } = about;
  const refusal = refusalOf(callback, callback.url, about);
  if (refusal !== null) return refusal;
  const habit = ports.habits()[callback.provider];
  if (habit === undefined)
    return failedResult(
      deliveryId,
      `${smsProviderNames[callback.provider]} has no way to call back in this version of Sandpost`,
    );
  const own = splitCredentials(callback.url);
  const made = await dressedBy(habit, { ...callback, url: own.url }, attempt);
  if ('fault' in made) {
    say('N', made.fault);
    return notDone(deliveryId, made.fault);
  }
  const dressed = withAuthorization(made, own);
  // A habit may write the address anew: a fail-over address, credentials that become a field, fields in the query.
  const refused = dressed.url === own.url ? null : refusalOf(callback, dressed.url, about);
  if (refused !== null) return refused;
  const heard = await ask(dressed, habit.timeoutMs, about);
  // We ended it, not the app: that is no failure which the provider would count.
  if (heard.answer === null && about.signal.aborted)
    return { ...notDone(deliveryId, heard.text), class: 'network' };
  const verdict = habit.judge(callback, heard.answer, attempt);
  const base = {
    ...requestResult(deliveryId, heard.text),
    code: heard.answer?.status ?? null,
    nextHop: dressed.url,
  };
  switch (verdict.kind) {
    case 'done': {
      const fault = heard.answer === null ? null : await hear(habit, callback, heard.answer);
      if (fault === null) return { ...base, outcome: { kind: 'sent' } };
      say('N', fault);
      return { ...notDone(deliveryId, `${heard.text}; ${fault}`), code: base.code, nextHop: base.nextHop };
    }
    case 'again':
      return {
        ...base,
        outcome: { kind: 'deferred', retryAfterMs: verdict.afterMs },
        class: classOf(heard.answer),
      };
    case 'over':
      return {
        ...base,
        class: classOf(heard.answer),
        text: heard.text === '' ? verdict.why : `${heard.text}; ${verdict.why}`,
      };
  }
}

/** Credentials of an address become a field, unless the provider has one of its own there; no other host gets them. */
function withAuthorization(
  dressed: DressedCallback,
  own: ReturnType<typeof splitCredentials>,
): DressedCallback {
  const { url, authorization = null } = splitCredentials(dressed.url);
  const basic = authorization ?? (hostOfUrl(url) === hostOfUrl(own.url) ? own.authorization : null);
  const { fields } = dressed;
  return { ...dressed, url, fields: basic === null ? fields : { authorization: basic, ...fields } };
}

/** Only where callbacks may go. @returns null when it may be called */
function refusalOf(
  { provider }: HttpCallback,
  url: string,
  { deliveryId, say, ports }: About,
): CarryResult | null {
  const called = withoutCredentials(url);
  const fault = callbackFault(called, ports.callbackHosts());
  if (fault === null) return null;
  say('N', fault);
  return failedResult(deliveryId, `${smsProviderNames[provider]} cannot call ${called} from here: ${fault}`);
}

async function dressedBy(
  habit: CallbackHabit,
  callback: HttpCallback,
  attempt: CallbackAttempt,
): Promise<DressedCallback | { readonly fault: string }> {
  try {
    return await habit.dress(callback, attempt);
  } catch (error) {
    return { fault: `the call could not be signed: ${messageOf(error)}` };
  }
}

/** @returns what went wrong, or null: then the app is asked again, so that no answer of it is lost */
async function hear(
  habit: CallbackHabit,
  callback: HttpCallback,
  answer: CallbackAnswer,
): Promise<string | null> {
  try {
    await habit.heard?.(callback, answer);
    return null;
  } catch (error) {
    return `what the app answered could not be done yet: ${messageOf(error)}`;
  }
}

/** A fault on our side: tried again by the queue's own schedule. */
function notDone(deliveryId: string, text: string): CarryResult {
  return {
    ...requestResult(deliveryId, text),
    outcome: { kind: 'deferred', retryAfterMs: null },
    class: 'config',
  };
}

function classOf(answer: CallbackAnswer | null): OutcomeClass {
  if (answer === null) return 'network';
  return answer.status === 429 ? 'rate_limited' : 'provider_down';
}

/** @returns `answer` null where none came, or not the whole of it; `text` says what happened */
async function ask(
  { method, url, fields, body }: DressedCallback,
  timeoutMs: number,
  { signal, say, ports }: About,
): Promise<{ readonly answer: CallbackAnswer | null; readonly text: string }> {
  const headers = { 'user-agent': `Sandpost/${ports.version}`, ...fields };
  say('C', `${method} ${url}`);
  for (const [name, value] of Object.entries(headers)) say('C', `${name}: ${shown(name, value)}`);
  if (body !== null && body !== '') say('C', cut(body));
  const late = new AbortController();
  const cancel = ports.clock.after(timeoutMs, () =>
    late.abort(new Error(`no answer within ${timeoutMs / 1_000} s`)),
  );
  const unfollow = follow(signal, late);
  const stop = late.signal;
  try {
    const response = await ports.fetch(url, {
      method,
      headers,
      ...(body === null ? {} : { body }),
      redirect: 'manual',
      signal: stop,
    });
    const text = `${response.status} ${response.statusText}`.trim();
    say('S', text);
    for (const name of shownFields) {
      const value = response.headers.get(name);
      if (value !== null) say('S', `${name}: ${value}`);
    }
    const start = await startOf(response);
    if (start !== '') say('S', cut(start));
    return {
      answer: {
        status: response.status,
        contentType: response.headers.get('content-type'),
        body: start,
        retryAfter: response.headers.get('retry-after'),
      },
      text,
    };
  } catch (error) {
    // The reason of the abort says more than that there was one.
    const why = stop.aborted ? messageOf(stop.reason) : causeOf(error);
    say('N', why);
    return { answer: null, text: `no answer: ${why}` };
  } finally {
    cancel();
    unfollow();
  }
}

/** The rest is not read, however much there is: to stop reading ends the connection. */
async function startOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const room = answerBytesMax - bytes;
    text += decoder.decode(chunk.subarray(0, room), { stream: true });
    bytes += chunk.length;
    if (bytes >= answerBytesMax) break;
  }
  return text;
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

function shown(name: string, value: string): string {
  if (!secretFields.has(name.toLowerCase())) return value;
  const [scheme = ''] = value.split(' ', 1);
  return scheme === value ? '***' : `${scheme} ***`;
}

function cut(text: string): string {
  return text.length <= shownCharsMax ? text : `${text.slice(0, shownCharsMax)}…`;
}

async function callSmpp(callback: SmppCallback, about: About): Promise<CarryResult> {
  const { deliveryId, attempt, say, signal, ports } = about;
  const nextHop = `smpp:${callback.systemId}`;
  const receivers = ports.smpp();
  const late = new AbortController();
  const cancel = ports.clock.after(smppMsMax, () =>
    late.abort(new Error(`no deliver_sm_resp within ${smppMsMax / 1_000} s`)),
  );
  const unfollow = follow(signal, late);
  try {
    const handover =
      receivers === null
        ? ({ kind: 'notBound', commandStatus: null, text: 'the SMPP door is closed' } as const)
        : await receivers.deliver(callback, late.signal);
    for (const { by, text } of handover.transcript ?? []) say(by, text);
    if ((handover.transcript ?? []).length === 0) say('N', handover.text);
    const base = { ...requestResult(deliveryId, handover.text), code: handover.commandStatus, nextHop };
    const bindDelayMs = bindDelaysMs[Math.min(attempt.number, bindDelaysMs.length) - 1] ?? null;
    switch (handover.kind) {
      case 'done':
        return { ...base, outcome: { kind: 'sent' } };
      case 'notBound':
      case 'noAnswer':
        return { ...base, outcome: { kind: 'deferred', retryAfterMs: bindDelayMs }, class: 'network' };
      case 'refused':
        return { ...base, outcome: { kind: 'deferred', retryAfterMs: bindDelayMs }, class: 'provider_down' };
      case 'rejected':
        return { ...base, class: 'provider_down' };
    }
  } finally {
    cancel();
    unfollow();
  }
}
