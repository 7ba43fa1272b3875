/** The in-app door: which path is what, and who may ask. */
import { createHash } from 'node:crypto';
import type {
  ProviderAnswer,
  ProviderReply,
  ProviderRequest,
  ProviderRoute,
} from '../../doors/http/provider-request.ts';
import { AppError, assertNever, messageOf } from '../../model/app-error.ts';
import type { InAppSubmission } from '../../model/inapp-submission.ts';
import { RecentMap } from '../../rules/recent-map.ts';
import type { Store } from '../../store/store.ts';
import { backendDenied, credentialsOf, type Denied, userDenied } from './access.ts';
import { type AskAbout, type InAppAsker, type InAppPullTrouble, messageAbout } from './ask.ts';
import { instead, troubled } from './carry-out.ts';
import type { InAppBackstage } from './in-app-room.ts';
import { inAppDocument } from './openapi.ts';
import { batchStatuses, idempotencyKeyCharsMax, userCharsMax } from './operation.ts';
import { operationAt } from './operation-at.ts';
import {
  actionOf,
  batchOf,
  bodyOf,
  eventName,
  eventOf,
  occasionOf,
  parsed,
  pullQuery,
  type SaidVisit,
  snoozeMs,
  visitOf,
} from './parse.ts';
import { presentEntry } from './present.ts';
import {
  corsFields,
  emptyReply,
  failure,
  failureReply,
  jsonReply,
  originRefusal,
  preflightReply,
  refusal,
  withFields,
} from './reply.ts';
import { inAppMarks } from './room.ts';
import { type DoorRequest, doorRequestSchema } from './schema.ts';
import type { InAppDoorSettings } from './settings.ts';
import { InAppTroubleError, type PrepareAtDoor, type PreparedInApp, type TakenInApp } from './taking.ts';
import { type UserInput, validateInApp } from './validate-submission.ts';
import type { InAppEntry } from './wire.ts';

export interface InAppDoorPorts {
  readonly room: InAppBackstage;
  readonly settings: () => InAppDoorSettings;
  readonly prepare: PrepareAtDoor;
  /** What rules and magic users want done with a request. */
  readonly ask: InAppAsker;
  readonly store: Pick<Store, 'answerOf' | 'inApp' | 'inApps'>;
  readonly wallMs: () => number;
  readonly virtualNowMs: () => number;
  /** What the API's door has before `/inapp`; empty: nothing. */
  readonly basePath: string;
  /** Of Sandpost. */
  readonly version: string;
  readonly onProblem: (text: string) => void;
}

type Answer = ProviderAnswer | Promise<ProviderAnswer>;

/** A request to send has words and small pictures in it. */
const bodyBytesMax = 4 * 1024 * 1024;
/** Requests with a key that are under way at the same time. */
const underWayMax = 10_000;
/** Of one message, by the id that sending it was answered with. */
const rowsShownMax = 100;
/** Answers that a rule may have given once more. */
const beforeMax = 500;

export function inAppRoute(ports: InAppDoorPorts): ProviderRoute {
  const underWay = new Set<string>();
  const before = new RecentMap<ProviderReply>(beforeMax);
  const documents = new Map<string, object>();
  return {
    key: 'inapp',
    prefix: '/inapp',
    hosts: [],
    bodyBytesMax,
    ownOrigins: true,
    secretFields: ['x-user-hash'],
    handle(request) {
      const settings = ports.settings();
      const refused = originRefusal(request, settings);
      if (refused !== null) return refused;
      if (request.method === 'OPTIONS') return { reply: preflightReply(request), refused: null, quiet: true };
      const cors = corsFields(request);
      try {
        const answer = answerTo({ request, settings, ports, underWay, before, documents });
        if (!(answer instanceof Promise)) return withFields(answer, cors);
        return answer.then(
          (given) => withFields(given, cors),
          (error: unknown) => withFields(failed(error, request, ports), cors),
        );
      } catch (error) {
        return withFields(failed(error, request, ports), cors);
      }
    },
  };
}

interface Asking {
  readonly request: ProviderRequest;
  readonly settings: InAppDoorSettings;
  readonly ports: InAppDoorPorts;
  readonly underWay: Set<string>;
  /** What was answered to the same request the last time, while rules had a say. */
  readonly before: RecentMap<ProviderReply>;
  /** The OpenAPI documents that were made, by what comes before their paths. */
  readonly documents: Map<string, object>;
}

function failed(error: unknown, { method, path }: ProviderRequest, ports: InAppDoorPorts): ProviderAnswer {
  if (!(error instanceof AppError)) ports.onProblem(`${method} /inapp${path} failed: ${messageOf(error)}`);
  return failure(error);
}

function answerTo(asking: Asking): Answer {
  const { request } = asking;
  if (request.bodyTooLarge) return refusal('too_large', `A request has at most ${bodyBytesMax} bytes.`);
  const found = operationAt(request.method, request.path.slice(1).split('/').map(decoded));
  if (found === null) return notFound(request);
  const { does } = found.operation;
  const { user = null, id = '', status = '' } = found.said;
  switch (does) {
    case 'send':
      return send(asking);
    case 'show':
      return shown(asking, id);
    case 'pull':
    case 'counts':
    case 'choose':
    case 'happened':
      return user === null ? notFound(request) : ofUser(asking, user, does);
    case 'batch':
      return batch(asking, user, status);
    case 'mark':
    case 'interacted':
    case 'dismissed':
    case 'snooze':
      return ofMessage(asking, id, does);
    case 'document':
      return documentFor(asking);
    case 'elsewhere':
      return notFound(request);
    default:
      return assertNever(does);
  }
}

/** Made when it is first asked for. The API may stand under a path of its own; the other doors do not. */
function documentFor({ request, ports, documents }: Asking): ProviderAnswer {
  const basePath = request.door === 'http' ? ports.basePath : '';
  const made = documents.get(basePath) ?? inAppDocument({ version: ports.version, basePath });
  documents.set(basePath, made);
  return { reply: jsonReply(200, made), refused: null, quiet: true };
}

function notFound({ method, path }: ProviderRequest): ProviderAnswer {
  return refusal(
    'not_found',
    `There is nothing at ${method} /inapp${path}; /inapp/v1/openapi.json lists what is.`,
  );
}

/** A malformed escape is no name of anything. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

function denied({ code, detail }: Denied): ProviderAnswer {
  return refusal(code, detail);
}

function ofUser(asking: Asking, user: string, does: 'pull' | 'counts' | 'choose' | 'happened'): Answer {
  const { request, settings } = asking;
  if (user.length > userCharsMax) return notFound(request);
  const query = new URLSearchParams(request.query);
  const refused = userDenied(
    credentialsOf((name) => request.fields.get(name), query),
    user,
    settings,
  );
  if (refused !== null) return denied(refused);
  switch (does) {
    case 'pull':
      return pull(asking, user, query);
    case 'counts':
      return counts(asking, user);
    case 'choose':
      return choose(asking, user, query, eventName(query.get('event')), undefined);
    case 'happened':
      return happened(asking, user, query);
    default:
      return assertNever(does);
  }
}

/** What thousands of clients ask every second: that nothing is new is answered without a promise. */
function pull(asking: Asking, user: string, query: URLSearchParams): Answer {
  const { request, ports } = asking;
  const { room } = ports;
  if (ports.ask.asks(user)) return ruledPull(asking, user, query);
  const known = request.fields.get('if-none-match');
  if (known !== null) {
    const tag = room.tagOf(user, request.query);
    if (tag !== null && isAmong(tag, known))
      return {
        reply: emptyReply(304, [
          ['etag', tag],
          ['cache-control', 'no-cache'],
        ]),
        refused: null,
        quiet: true,
      };
  }
  return pulled(pullQuery(query), request.query);

  async function pulled(wanted: ReturnType<typeof pullQuery>, written: string): Promise<ProviderAnswer> {
    const { page, tag, first } = await room.handOut(user, wanted, written);
    return { reply: jsonReply(200, page, [['etag', tag]]), refused: null, quiet: first === 0, user };
  }
}

/** A rule may have a say: what would be handed out is looked at first. */
async function ruledPull(asking: Asking, user: string, query: URLSearchParams): Promise<ProviderAnswer> {
  const { request, ports, before } = asking;
  const { room, ask } = ports;
  const wanted = pullQuery(query);
  const seen = ask.readsMessages() ? await room.preview(user, wanted) : [];
  const trouble = ask.pull(user, aboutOf(request, query), () => seen.map(messageAbout));
  const what = `pull ${user}?${request.query}`;
  const refused = instead(trouble) ?? insteadOf(trouble, asking, what);
  if (refused !== null) return refused;
  if (trouble.instead === 'empty') {
    // Counts are another matter: by them a client can tell that something is missing.
    const empty = { entries: [], nextCursor: null, ...(await room.counts(user)) };
    return troubled({ reply: jsonReply(200, empty), refused: null, user }, trouble);
  }
  const { page, tag, first } = await room.handOut(user, wanted, request.query);
  const known = request.fields.get('if-none-match');
  if (known !== null && isAmong(tag, known))
    return troubled({ reply: emptyReply(304, [['etag', tag]]), refused: null, quiet: true }, trouble);
  const entries = trouble.shuffled ? page.entries.toReversed() : page.entries;
  const copies = entries.flatMap((one) => Array.from({ length: trouble.copies }, () => one));
  const reply = jsonReply(200, { ...page, entries: copies }, [['etag', tag]]);
  before.set(what, reply);
  return troubled({ reply, refused: null, quiet: first === 0, user }, trouble);
}

/** What was answered before, or that nothing changed. @returns null: it is answered as it is */
function insteadOf(
  trouble: InAppPullTrouble,
  { request, before }: Asking,
  what: string,
): ProviderAnswer | null {
  if (trouble.instead !== 'stale') return null;
  const [tag] = request.fields.get('if-none-match')?.match(/(?:W\/)?"[^"]*"/) ?? [];
  const reply = tag === undefined ? before.get(what) : emptyReply(304, [['etag', tag]]);
  return reply === undefined ? null : troubled({ reply, refused: null }, trouble);
}

/** What the rules are told of a request. */
function aboutOf(request: ProviderRequest, query: URLSearchParams): AskAbout {
  return {
    key: credentialsOf((name) => request.fields.get(name), query).key ?? '',
    fields: request.fields.entries,
    bytes: request.body.length,
    exchangeId: request.id,
  };
}

/** RFC 9110 §13.1.2: a list of tags, weak or not, or a star. */
function isAmong(tag: string, known: string): boolean {
  if (known === tag || known === '*') return true;
  return known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

async function counts({ ports }: Asking, user: string): Promise<ProviderAnswer> {
  const cut = instead(ports.ask.offline(user));
  if (cut !== null) return cut;
  return { reply: jsonReply(200, await ports.room.counts(user)), refused: null, quiet: true };
}

async function choose(
  asking: Asking,
  user: string,
  query: URLSearchParams,
  event: string | null,
  body: unknown,
): Promise<ProviderAnswer> {
  const { request, ports, before } = asking;
  const { room, ask } = ports;
  const visit = { ...visitOf(request, query, body), ...occasionOf(query, body), event };
  if (!ask.asks(user)) {
    const { eligible, isNews } = await room.choose(user, visit);
    return { reply: jsonReply(200, eligible), refused: null, quiet: !isNews, user };
  }
  const seen = ask.readsMessages() ? await room.preview(user, pullQuery(noQuery)) : [];
  const trouble = ask.display(user, aboutOf(request, query), () => seen.map(messageAbout));
  const what = `display ${user}?${request.query}`;
  const refused = instead(trouble) ?? insteadOf(trouble, asking, what);
  if (refused !== null) return refused;
  if (trouble.instead === 'empty') {
    const empty = { chosen: null, inline: [], ineligible: [] };
    return troubled({ reply: jsonReply(200, empty), refused: null, user }, trouble);
  }
  const { eligible, isNews } = await room.choose(user, { ...visit, second: trouble.shuffled });
  const reply = jsonReply(200, eligible);
  before.set(what, reply);
  return troubled({ reply, refused: null, quiet: !isNews, user }, trouble);
}

const noQuery = new URLSearchParams();

async function happened(asking: Asking, user: string, query: URLSearchParams): Promise<ProviderAnswer> {
  const body = bodyOf(asking.request);
  const { name, data } = eventOf(body);
  const { room, ask } = asking.ports;
  if (ask.asks(user)) {
    const trouble = ask.track(user, aboutOf(asking.request, query), null);
    const refused = instead(trouble);
    if (refused !== null) return refused;
    if (!trouble.isLost) await room.happened(user, name, data);
  } else await room.happened(user, name, data);
  return { ...(await choose(asking, user, query, name, body)), quiet: false };
}

/** @param inPath whose; null: the body or the query says it */
async function batch(asking: Asking, inPath: string | null, wanted: string): Promise<ProviderAnswer> {
  const { request, settings, ports } = asking;
  const status = batchStatuses.find((one) => one === wanted);
  if (status === undefined || (inPath !== null && inPath.length > userCharsMax)) return notFound(request);
  const query = new URLSearchParams(request.query);
  const body = bodyOf(request);
  const user = inPath ?? visitOf(request, query, body).user;
  const refused = userDenied(
    credentialsOf((name) => request.fields.get(name), query),
    user,
    settings,
  );
  if (refused !== null) return denied(refused);
  if (user === null) return missingUser();
  if (ports.ask.asks(user)) {
    const trouble = ports.ask.track(user, aboutOf(request, query), null);
    const refusedByRule = instead(trouble);
    if (refusedByRule !== null) return refusedByRule;
    if (trouble.isLost) {
      const counted = { changed: 0, ...(await ports.room.counts(user)) };
      return troubled({ reply: jsonReply(200, counted), refused: null, user }, trouble);
    }
  }
  const changed = await ports.room.batch(user, status, batchOf(body));
  return { reply: jsonReply(200, { changed, ...(await ports.room.counts(user)) }), refused: null, user };
}

function missingUser(): ProviderAnswer {
  const detail = 'Say whose messages: user is missing.';
  return refusal('bad_request', detail, [{ field: 'user', code: 'missing', detail }]);
}

/** Of one user's message by its id; of a whole message, by the id that sending it was answered with, for the backend alone. */
async function shown({ request, settings, ports }: Asking, id: string): Promise<ProviderAnswer> {
  const query = new URLSearchParams(request.query);
  const credentials = credentialsOf((name) => request.fields.get(name), query);
  const row = await ports.store.inApp(id);
  const refused =
    row === null ? backendDenied(credentials, settings) : userDenied(credentials, row.user, settings);
  if (refused !== null) return denied(refused);
  if (row !== null)
    return { reply: jsonReply(200, { ...presentEntry(row), state: row.state }), refused: null, quiet: true };
  const rows = await ports.store.inApps({ messageId: id }, { after: null, limit: rowsShownMax });
  if (rows.entries.length === 0) return noMessage(id);
  const entries = rows.entries.map((one) => ({ ...presentEntry(one), state: one.state }));
  return {
    reply: jsonReply(200, { id, entries, nextCursor: null, total: rows.total }),
    refused: null,
    quiet: true,
  };
}

function noMessage(id: string): ProviderAnswer {
  return refusal(
    'not_found',
    `There is no message ${id} for that user, or it is over: canceled, expired or held.`,
  );
}

/** What the app tells of a message: a rule may have it lost, or the answer to it. */
async function ofMessage(asking: Asking, id: string, does: OfMessage): Promise<ProviderAnswer> {
  const { request, settings, ports } = asking;
  const { ask, room } = ports;
  const query = new URLSearchParams(request.query);
  const body = bodyOf(request);
  const visit = visitOf(request, query, body);
  const refusedUser = userDenied(
    credentialsOf((name) => request.fields.get(name), query),
    visit.user,
    settings,
  );
  if (refusedUser !== null) return denied(refusedUser);
  const entry = await room.entry(id);
  if (entry === null || (visit.user !== null && visit.user !== entry.user)) return noMessage(id);
  if (!ask.asks(entry.user)) return await tracked(asking, { id, does, query, body, visit });
  const trouble = ask.track(entry.user, aboutOf(request, query), messageAbout(entry));
  const refused = instead(trouble);
  if (refused !== null) return refused;
  if (trouble.isLost)
    return troubled({ reply: jsonReply(200, entry), refused: null, user: entry.user }, trouble);
  return troubled(await tracked(asking, { id, does, query, body, visit }), trouble);
}

type OfMessage = 'mark' | 'interacted' | 'dismissed' | 'snooze';

interface Told {
  readonly id: string;
  readonly does: OfMessage;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly visit: SaidVisit;
}

async function tracked({ request, ports }: Asking, told: Told): Promise<ProviderAnswer> {
  const { id, does, query, body, visit } = told;
  const { room } = ports;
  const user = visit.user ?? undefined;
  switch (does) {
    case 'mark': {
      const mark = inAppMarks.find((one) => request.path.endsWith(`/${one}`));
      if (mark === undefined) return notFound(request);
      // A beacon, which is what a page that goes away can still send, is always a POST: as PUT.
      return answered(id, await room.mark(id, mark, request.method !== 'DELETE', visit, user));
    }
    case 'interacted':
      return answered(id, await room.interacted(id, actionOf(query, body), visit, user));
    case 'dismissed':
      return answered(id, await room.dismissed(id, visit, user));
    case 'snooze': {
      const forMs = snoozeMs(body, ports.wallMs());
      return answered(id, await room.snooze(id, ports.virtualNowMs() + forMs, user));
    }
    default:
      return assertNever(does);
  }
}

function answered(id: string, entry: InAppEntry | null): ProviderAnswer {
  return entry === null ? noMessage(id) : { reply: jsonReply(200, entry), refused: null, user: entry.user };
}

async function send(asking: Asking): Promise<ProviderAnswer> {
  const { request, settings, ports, underWay } = asking;
  const query = new URLSearchParams(request.query);
  const refused = backendDenied(
    credentialsOf((name) => request.fields.get(name), query),
    settings,
  );
  if (refused !== null) return denied(refused);
  const wanted = parsed(doorRequestSchema, bodyOf(request));
  const key = keyOf(request);
  if (key === null) return await taken(asking, wanted, null);
  if (underWay.has(key))
    return refusal(
      'idempotency_in_progress',
      'A request with this Idempotency-Key is under way; ask again when it was answered.',
    );
  if (underWay.size >= underWayMax)
    return refusal('store_busy', 'Too many requests are under way; try again.');
  const hash = createHash('sha256').update(JSON.stringify(wanted)).digest('base64');
  const end = (): boolean => underWay.delete(key);
  underWay.add(key);
  let answer: ProviderAnswer;
  try {
    const known = await ports.store.answerOf(key);
    if (known !== null) {
      end();
      return known.hash === hash
        ? { reply: jsonReply(202, known.answer, [['idempotency-replayed', 'true']]), refused: null }
        : refusal(
            'idempotency_key_reused',
            'This Idempotency-Key was used for another request; use a new key for each message.',
          );
    }
    answer = await taken(asking, wanted, { key, hash, answer: sendAnswer });
  } catch (error) {
    end();
    throw error;
  }
  const { take } = answer;
  if (take === undefined) {
    end();
    return answer;
  }
  // Until it is on disk, where the next one finds it.
  return { ...answer, take: (exchange) => take(exchange).finally(end) };
}

function keyOf({ fields }: ProviderRequest): string | null {
  const said = fields.get('idempotency-key');
  if (said === null) return null;
  const key = /^".*"$/.test(said) ? said.slice(1, -1) : said;
  if (key === '' || key.length > idempotencyKeyCharsMax)
    throw new AppError('bad_request', `An Idempotency-Key has 1 to ${idempotencyKeyCharsMax} characters.`);
  return `POST /inapp/v1/messages ${key}`;
}

/** Nothing is answered before it is on disk. */
async function taken(
  { request, ports }: Asking,
  wanted: DoorRequest,
  keep: Parameters<PrepareAtDoor>[1]['keep'] | null,
): Promise<ProviderAnswer> {
  const { user, users, to, ...message } = wanted;
  const given = [user, users, to].flatMap((one): readonly UserInput[] =>
    one === undefined ? [] : typeof one === 'string' ? [one] : one,
  );
  const validation = validateInApp({ ...message, to: given }, ports.wallMs());
  if (!validation.ok) {
    const text = validation.errors.map(({ field, detail }) => `${field}: ${detail}`).join(' ');
    return refusal('invalid_submission', text, validation.errors);
  }
  const prepared = await preparedBy(ports, validation.submission, {
    gone: () => request.gone,
    request: aboutOf(request, new URLSearchParams(request.query)),
    raw: request.body,
    ...(keep === null ? {} : { keep }),
  });
  if ('answer' in prepared) return prepared.answer;
  const { id } = prepared.submitted;
  return troubled(
    {
      reply: jsonReply(202, sendAnswer(prepared.submitted), [['location', `/inapp/v1/messages/${id}`]]),
      refused: null,
      take: ({ part }) => prepared.store(part),
      unstored: failureReply,
    },
    prepared.trouble,
  );
}

async function preparedBy(
  ports: InAppDoorPorts,
  submission: InAppSubmission,
  how: Parameters<PrepareAtDoor>[1],
): Promise<PreparedInApp | { readonly answer: ProviderAnswer }> {
  try {
    return await ports.prepare(submission, how);
  } catch (error) {
    const answer = error instanceof InAppTroubleError ? instead(error.trouble) : null;
    if (answer === null) throw error;
    return { answer };
  }
}

function sendAnswer({ id, rows, deliveries }: TakenInApp) {
  return {
    id,
    messages: rows.map((row, at) => ({
      id: row.id,
      user: row.user,
      deliveryId: deliveries[at]?.id ?? null,
      status: deliveries[at]?.status ?? null,
    })),
  };
}
