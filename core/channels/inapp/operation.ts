/** What the table of operations is made of: what one says of itself, and the bodies and answers by their names. */
import type { z } from 'zod';
import type { ErrorCode } from '../../model/app-error.ts';
import * as answers from './answers.ts';
import {
  actionSchema,
  batchSchema,
  eventSchema,
  occasionSchema,
  snoozeSchema,
  visitSchema,
} from './parse.ts';
import { doorRequestSchema } from './schema.ts';

export interface Operation {
  /** Of its own; what generated clients call it. */
  readonly id: string;
  /** Which handler of the door it is; `elsewhere`: it is answered before the door is asked. */
  readonly does: Doing;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below `/inapp`; `{name}` is one of `path`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Who may ask, where keys or hashes are asked for; see `access.ts`. */
  readonly access: 'user' | 'backend' | 'anyone';
  readonly parameters: {
    readonly path?: z.ZodObject;
    readonly query?: z.ZodObject;
    readonly header?: z.ZodObject;
  };
  /** Names of `requestSchemas` and `answerSchemas`. */
  readonly body?: keyof typeof requestSchemas;
  readonly bodyOptional?: boolean;
  readonly answers: readonly OperationAnswer[];
  /** Refusals; `forbidden` and `rejected_by_rule` may come from anywhere. */
  readonly codes: readonly ErrorCode[];
}

export type Doing =
  | 'send'
  | 'show'
  | 'pull'
  | 'counts'
  | 'choose'
  | 'happened'
  | 'batch'
  | 'mark'
  | 'interacted'
  | 'dismissed'
  | 'snooze'
  | 'document'
  | 'elsewhere';

export interface OperationAnswer {
  readonly status: 101 | 200 | 202 | 304;
  readonly description: string;
  readonly schema?: keyof typeof answerSchemas;
  /** Of what is no JSON. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const batchStatuses = [
  'seen',
  'unseen',
  'read',
  'unread',
  'archived',
  'unarchived',
  'dismissed',
] as const;

export const userCharsMax = 256;
export const idempotencyKeyCharsMax = 255;

/** Bodies by the names that the document gives them. */
export const requestSchemas = {
  InAppSend: doorRequestSchema,
  InAppVisit: visitSchema,
  InAppClick: visitSchema.extend(actionSchema.shape),
  InAppSnooze: visitSchema.extend(snoozeSchema.shape),
  InAppEvent: visitSchema.extend(occasionSchema.shape).extend(eventSchema.shape),
  InAppBatch: visitSchema.extend(batchSchema.shape),
} as const;

/** The same of answers. */
export const answerSchemas = {
  InAppAction: answers.actionSchema,
  InAppSlide: answers.slideSchema,
  InAppDisplay: answers.displaySchema,
  InAppEntry: answers.entrySchema,
  InAppCounts: answers.countsSchema,
  InAppPage: answers.pageSchema,
  InAppEligible: answers.eligibleSchema,
  InAppSent: answers.sentSchema,
  InAppKnownEntry: answers.knownEntrySchema,
  InAppWholeMessage: answers.wholeMessageSchema,
  InAppOneOrWhole: answers.oneOrWholeSchema,
  InAppChanged: answers.changedSchema,
  InAppRealtimeEvent: answers.realtimeEventSchema,
  InAppProblem: answers.problemSchema,
} as const;
