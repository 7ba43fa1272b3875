/**
 * What the door has, as one table: the door finds its handlers by it, and `/inapp/v1/openapi.json` is made of it, so that
 * neither has anything that the other has not.
 */
import { z } from 'zod';
import type { ErrorCode } from '../../model/app-error.ts';
import {
  batchStatuses,
  idempotencyKeyCharsMax,
  type Operation,
  type OperationAnswer,
  userCharsMax,
} from './operation.ts';
import { actionSchema, eventQuerySchema, occasionSchema, pullQuerySchema, visitSchema } from './parse.ts';
import { type InAppMark, inAppMarks } from './room.ts';

const userPath = z.object({ user: z.string().max(userCharsMax).describe('the app’s own id of a user') });
const idPath = z.object({ id: z.string().describe('of a user’s own message, as pulls have it') });
const batchPath = z.object({ status: z.enum(batchStatuses).describe('what becomes of them') });
/** Beside the body: a beacon, or a page that goes away, may have none. */
const visitHeader = z.object({
  'X-Session': visitSchema.shape.session,
  'X-Visit': visitSchema.shape.visit,
});
const tagHeader = z.object({
  'If-None-Match': z.string().optional().describe('the ETag of the last answer'),
});

const entry: OperationAnswer = { status: 200, description: 'the message as it is now', schema: 'InAppEntry' };
const tagged = { ETag: 'changes with what a pull gets' };
const usual = ['bad_request', 'unauthorized', 'forbidden'] as const satisfies readonly ErrorCode[];
const ofOne = [...usual, 'not_found', 'too_large', 'store_busy'] as const satisfies readonly ErrorCode[];

/** What is told of one message. */
const act = {
  tag: 'messages',
  access: 'user',
  parameters: { path: idPath, query: visitSchema, header: visitHeader },
  body: 'InAppVisit',
  bodyOptional: true,
  answers: [entry],
  codes: ofOne,
} as const satisfies Partial<Operation>;

const markWords = {
  seen: ['Seen', 'An impression: the user has it before them'],
  read: ['Read', 'The user opened it; to read is to have seen'],
  archived: ['Archived', 'The user puts it away'],
} as const satisfies Readonly<Record<InAppMark, readonly [name: string, summary: string]>>;

function marksOf(mark: InAppMark): readonly Operation[] {
  const [name, summary] = markWords[mark];
  const here = { ...act, does: 'mark', path: `/v1/messages/{id}/${mark}` } as const;
  return [
    { ...here, id: `mark${name}`, method: 'PUT', summary },
    { ...here, id: `unmark${name}`, method: 'DELETE', summary: `Take back that it is ${mark}` },
    {
      ...here,
      id: `tell${name}`,
      method: 'POST',
      summary: `Say that it is ${mark} by a beacon, as PUT does`,
    },
  ];
}

const batch = {
  method: 'POST',
  does: 'batch',
  access: 'user',
  body: 'InAppBatch',
  answers: [{ status: 200, description: 'how many changed, and the counts now', schema: 'InAppChanged' }],
  codes: ofOne,
} as const satisfies Partial<Operation>;

const liveQuery = z.object({
  user: z.string().min(1).describe('whose messages they are'),
  after: z
    .string()
    .optional()
    .describe('`seq` of the last event that was heard: what was missed since comes first'),
});

export const operations: readonly Operation[] = [
  {
    id: 'sendInAppMessage',
    does: 'send',
    method: 'POST',
    path: '/v1/messages',
    tag: 'messages',
    summary: 'Send a message to one user or many',
    description: 'It waits for each of them until the app pulls. Answered once it is on disk.',
    access: 'backend',
    parameters: {
      header: z.object({
        'Idempotency-Key': z
          .string()
          .min(1)
          .max(idempotencyKeyCharsMax)
          .optional()
          .describe('the same key is the same message; the answer is the first one'),
      }),
    },
    body: 'InAppSend',
    answers: [
      {
        status: 202,
        description: 'taken',
        schema: 'InAppSent',
        headers: { Location: 'of the message', 'Idempotency-Replayed': '`true` where it was taken before' },
      },
    ],
    codes: [
      ...usual,
      'too_large',
      'invalid_submission',
      'rejected_by_rule',
      'idempotency_in_progress',
      'idempotency_key_reused',
      'deferred_by_rule',
      'store_busy',
      'store_failed',
      'disk_full',
    ],
  },
  {
    id: 'getInAppMessage',
    does: 'show',
    method: 'GET',
    path: '/v1/messages/{id}',
    tag: 'messages',
    summary: 'A user’s message, or the whole one with its users',
    description:
      'By the id of a user’s own message for that user; by the id that sending it was answered with, for the backend.',
    access: 'user',
    parameters: { path: idPath },
    answers: [{ status: 200, description: 'one, or the whole', schema: 'InAppOneOrWhole' }],
    codes: [...usual, 'not_found', 'store_busy'],
  },
  {
    id: 'pullMessages',
    does: 'pull',
    method: 'GET',
    path: '/v1/users/{user}/messages',
    tag: 'users',
    summary: 'What waits for the user, the newest first',
    description: 'What is handed out for the first time is `sent` from then on.',
    access: 'user',
    parameters: { path: userPath, query: pullQuerySchema, header: tagHeader },
    answers: [
      { status: 200, description: 'a page', schema: 'InAppPage', headers: tagged },
      { status: 304, description: 'nothing changed since that ETag', headers: tagged },
    ],
    codes: [...usual, 'store_busy'],
  },
  {
    id: 'getCounts',
    does: 'counts',
    method: 'GET',
    path: '/v1/users/{user}/counts',
    tag: 'users',
    summary: 'The numbers that a bell shows',
    access: 'user',
    parameters: { path: userPath },
    answers: [{ status: 200, description: 'the counts', schema: 'InAppCounts' }],
    codes: [...usual, 'store_busy'],
  },
  {
    id: 'getEligible',
    does: 'choose',
    method: 'GET',
    path: '/v1/users/{user}/eligible',
    tag: 'users',
    summary: 'Which message is to be shown now, and why each other is not',
    access: 'user',
    parameters: {
      path: userPath,
      query: visitSchema.omit({ user: true }).extend(occasionSchema.shape).extend(eventQuerySchema.shape),
      header: visitHeader,
    },
    answers: [{ status: 200, description: 'the choice', schema: 'InAppEligible' }],
    codes: [...usual, 'store_busy'],
  },
  {
    id: 'tellEvent',
    does: 'happened',
    method: 'POST',
    path: '/v1/users/{user}/events',
    tag: 'users',
    summary: 'The user did something that messages may answer to',
    access: 'user',
    parameters: { path: userPath },
    body: 'InAppEvent',
    answers: [{ status: 200, description: 'what is to be shown for it', schema: 'InAppEligible' }],
    codes: [...usual, 'too_large', 'store_busy'],
  },
  {
    ...batch,
    id: 'markUsersMessages',
    path: '/v1/users/{user}/batch/{status}',
    tag: 'users',
    summary: 'Mark many of a user’s messages, or all',
    parameters: { path: userPath.extend(batchPath.shape) },
  },
  {
    ...batch,
    id: 'markMessages',
    path: '/v1/batch/{status}',
    tag: 'batch',
    summary: 'Mark many messages, or all, of the user that the body or the query names',
    parameters: { path: batchPath, query: visitSchema.pick({ user: true }) },
  },
  ...inAppMarks.flatMap(marksOf),
  {
    ...act,
    id: 'tellClick',
    does: 'interacted',
    method: 'POST',
    path: '/v1/messages/{id}/interacted',
    summary: 'The user clicked it, or one of its actions; to click is to have seen',
    parameters: { ...act.parameters, query: visitSchema.extend(actionSchema.shape) },
    body: 'InAppClick',
  },
  {
    ...act,
    id: 'dismissMessage',
    does: 'dismissed',
    method: 'POST',
    path: '/v1/messages/{id}/dismissed',
    summary: 'The user closed it',
  },
  {
    ...act,
    id: 'snoozeMessage',
    does: 'snooze',
    method: 'POST',
    path: '/v1/messages/{id}/snooze',
    summary: 'Put it off until a time, or for so many seconds; exactly one of the two is said',
    body: 'InAppSnooze',
    bodyOptional: false,
  },
  {
    id: 'openSocket',
    does: 'elsewhere',
    method: 'GET',
    path: '/v1/ws',
    tag: 'realtime',
    summary: 'News as it happens, by WebSocket (RFC 6455)',
    description:
      'Each message is an InAppRealtimeEvent. Before the door closes it says `reconnect`; 1008: the key or the hash does not hold any more, 1012: Sandpost stops, 1013: too many connections, or what is sent is not taken.',
    access: 'user',
    parameters: { query: liveQuery },
    answers: [{ status: 101, description: 'it is open' }],
    codes: usual,
  },
  {
    id: 'openStream',
    does: 'elsewhere',
    method: 'GET',
    path: '/v1/stream',
    tag: 'realtime',
    summary: 'The same as an event stream (WHATWG HTML §9.2)',
    description: 'The `data` of each event is an InAppRealtimeEvent, its `id` the `seq`.',
    access: 'user',
    parameters: {
      query: liveQuery,
      header: z.object({ 'Last-Event-ID': z.string().optional().describe('wins over `after`') }),
    },
    answers: [{ status: 200, description: 'the events', type: 'text/event-stream' }],
    codes: usual,
  },
  {
    id: 'getDocument',
    does: 'document',
    method: 'GET',
    path: '/v1/openapi.json',
    tag: 'client',
    summary: 'This document',
    access: 'anyone',
    parameters: {},
    answers: [{ status: 200, description: 'OpenAPI 3.1', type: 'application/json' }],
    codes: ['forbidden'],
  },
  ...(['js', 'mjs'] as const).map(
    (kind): Operation => ({
      id: kind === 'js' ? 'getClientScript' : 'getClientModule',
      does: 'elsewhere',
      method: 'GET',
      path: `/v1/client.${kind}`,
      tag: 'client',
      summary: `The client for web apps, as a ${kind === 'js' ? 'script' : 'module'}`,
      access: 'anyone',
      parameters: { header: tagHeader },
      answers: [
        { status: 200, description: 'the client', type: 'text/javascript', headers: { ETag: 'of the file' } },
        { status: 304, description: 'it has that ETag' },
      ],
      codes: [],
    }),
  ),
];
