/** Segments: named expressions. All of them are in memory, and on disk as documents. */
import { z } from 'zod';
import type { VirtualClock } from '../../clock.ts';
import { AppError } from '../../model/app-error.ts';
import type { Segment } from '../../model/user.ts';
import type { Store } from '../../store/store.ts';
import { topicIdSchema } from '../user-schema.ts';
import type { SegmentThread } from './segment-thread.ts';
import type { Scanned } from './worker.ts';

export const segmentsMax = 500;
export const expressionCharsMax = 4_000;
const nameCharsMax = 200;
const segmentDocuments = 'segment';

export const expressionSchema = z
  .string()
  .trim()
  .min(1)
  .max(expressionCharsMax)
  .describe(
    "CEL over user, attributes, now, did('purchase'), did('purchase', duration('168h')), times(…), lastAt(…), inSegment('id'); what a user lacks does not hold",
  );
export const segmentIdSchema = topicIdSchema;
export const segmentShape = {
  name: z.string().trim().min(1).max(nameCharsMax),
  expression: expressionSchema,
};
const segmentSchema = z.object({ id: segmentIdSchema, ...segmentShape });

export interface Segments {
  list(): readonly Segment[];
  get(id: string): Segment | null;
  /** @returns whether it is new. @throws AppError `bad_request` with the place in the expression */
  put(segment: Segment): Promise<boolean>;
  /** @throws AppError `not_found`; `not_possible` where another one names it */
  remove(id: string): Promise<void>;
  /** Users that the expression holds for. @throws AppError `bad_request` */
  scan(expression: string, among: readonly string[] | null): Promise<Scanned>;
}

export async function openSegments(
  store: Pick<Store, 'documents' | 'saveDocument' | 'deleteDocument'>,
  thread: SegmentThread,
  virtual: Pick<VirtualClock, 'nowMs'>,
): Promise<Segments> {
  const segments = new Map<string, Segment>();
  for (const { value } of await store.documents(segmentDocuments)) {
    // One that an older version wrote and this one cannot read is as good as none.
    const read = segmentSchema.safeParse(value);
    if (read.success) segments.set(read.data.id, read.data);
  }
  /** One change after another: two that are each right could make a circle together. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const done = turn.then(change);
    turn = done.catch(() => undefined);
    return done;
  };
  const expressions = (): Readonly<Record<string, string>> =>
    Object.fromEntries([...segments.values()].map(({ id, expression }) => [id, expression]));

  return {
    list: () => [...segments.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    get: (id) => segments.get(id) ?? null,

    put: (segment) =>
      inTurn(async () => {
        const isNew = !segments.has(segment.id);
        if (isNew && segments.size >= segmentsMax)
          throw new AppError('not_possible', `There are ${segmentsMax} segments already; remove one first.`);
        const { id: self, expression } = segment;
        await thread.ask({
          kind: 'check',
          expression,
          others: { ...expressions(), [self]: expression },
          self,
        });
        await store.saveDocument(segmentDocuments, segment.id, segment);
        segments.set(segment.id, segment);
        return isNew;
      }),

    remove: (id) =>
      inTurn(async () => {
        if (!segments.has(id)) throw new AppError('not_found', `There is no segment ${id}.`);
        for (const other of segments.values()) {
          if (other.id === id || !other.expression.includes(id)) continue;
          const { segments: named } = await thread.ask({
            kind: 'check',
            expression: other.expression,
            others: expressions(),
            self: other.id,
          });
          if (named.includes(id))
            throw new AppError(
              'not_possible',
              `The segment ${other.id} names it: inSegment('${id}'); change that one first.`,
            );
        }
        await store.deleteDocument(segmentDocuments, id);
        segments.delete(id);
      }),

    scan: (expression, among) =>
      thread.ask({ kind: 'scan', expression, others: expressions(), nowMs: virtual.nowMs(), among }),
  };
}
