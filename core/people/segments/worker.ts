/** The thread that looks through users: an expression may take its time, and nothing else waits for it. */
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../model/app-error.ts';
import type { User } from '../../model/user.ts';
import { openUserScan, type UserScan } from '../../store/sqlite/user-scan.ts';
import { giveWay } from '../../thread-priority.ts';
import { compile, ExpressionError, type ExpressionProblem } from './program.ts';

export type SegmentQuestion =
  | {
      readonly kind: 'check';
      readonly expression: string;
      /** Expressions of the segments that it may name. */
      readonly others: Readonly<Record<string, string>>;
      /** The segment that it is to be. */
      readonly self: string | null;
    }
  | {
      readonly kind: 'scan';
      readonly expression: string;
      readonly others: Readonly<Record<string, string>>;
      readonly nowMs: number;
      /** Only of these users; null: of all. */
      readonly among: readonly string[] | null;
    };

export interface CheckedExpression {
  /** Other segments that it names. */
  readonly segments: readonly string[];
}

export interface Scanned {
  /** In their order. */
  readonly ids: readonly string[];
  /** What went wrong with whom, other than that something is missing; those do not count as holding. */
  readonly errors: readonly { readonly detail: string; readonly users: number }[];
}

export type SegmentAnswer =
  | { readonly loaded: true }
  | { readonly progress: true }
  | { readonly ok: true; readonly value: CheckedExpression | Scanned }
  | { readonly ok: false; readonly problem: ExpressionProblem }
  | { readonly ok: false; readonly message: string };

const usersAtOnce = 500;
/** Different ones; the rest is left out. */
const errorsMax = 20;

const port = parentPort;
if (port !== null) {
  giveWay();
  const store = openUserScan((workerData as { readonly file: string }).file);
  port.on('message', (message: SegmentQuestion | 'close') => {
    if (message === 'close') {
      store.close();
      port.close();
      return;
    }
    port.postMessage(answer(message, store, () => port.postMessage({ progress: true })));
  });
  port.postMessage({ loaded: true });
}

function answer(question: SegmentQuestion, store: UserScan, progress: () => void): SegmentAnswer {
  try {
    return {
      ok: true,
      value: question.kind === 'check' ? check(question) : scan(question, store, progress),
    };
  } catch (error) {
    if (error instanceof ExpressionError) return { ok: false, problem: error.problem };
    return { ok: false, message: messageOf(error) };
  }
}

function check({ expression, others, self }: Extract<SegmentQuestion, { kind: 'check' }>): CheckedExpression {
  return { segments: compile(expression, others, self, () => undefined).segments };
}

function scan(
  { expression, others, nowMs, among }: Extract<SegmentQuestion, { kind: 'scan' }>,
  store: UserScan,
  progress: () => void,
): Scanned {
  const errors = new Map<string, Set<string>>();
  let asked = '';
  const program = compile(expression, others, null, (detail) => {
    const users = errors.get(detail) ?? new Set<string>();
    if (users.size === 0 && errors.size >= errorsMax) return;
    errors.set(detail, users.add(asked));
  });
  const ids: string[] = [];
  const judge = (users: readonly User[]): void => {
    const times = store.times(program.events.length === 0 ? [] : users.map(({ id }) => id), program.events);
    for (const user of users) {
      asked = user.id;
      const byName = times.get(user.id);
      if (program.holds({ user, nowMs, times: (name) => byName?.get(name) ?? [] })) ids.push(user.id);
    }
  };
  if (among !== null) {
    judge(store.byIds(among));
  } else {
    for (let after: number | null = 0; after !== null; ) {
      const { users, next } = store.step(after, usersAtOnce);
      judge(users);
      progress();
      after = next;
    }
  }
  return {
    ids: ids.sort((a, b) => (a < b ? -1 : 1)),
    errors: [...errors].map(([detail, users]) => ({ detail, users: users.size })),
  };
}
