/**
 * Expressions of segments: CEL (https://github.com/google/cel-spec), checked once and then asked of one user after
 * another.
 *
 * CEL makes an error of a member that is not there. Users lack attributes all the time, so here each comparison between
 * `&&`, `||`, `!` and `? :` stands for itself: where something that it needs is missing it does not hold, `!=` does, and
 * `== null` does. So `a != b` stays the same as `!(a == b)`.
 */
import { type ASTNode, Environment, type ParseResult, serialize } from '@marcbachmann/cel-js';
import { messageOf } from '../../model/app-error.ts';
import type { User } from '../../model/user.ts';

export interface Facts {
  readonly user: User;
  readonly nowMs: number;
  /** When the user did it, the earliest first. */
  times(event: string): readonly number[];
}

export interface Program {
  holds(facts: Facts): boolean;
  /** Names of the events that it asks for, also by way of other segments. */
  readonly events: readonly string[];
  /** Of other segments that it names itself. */
  readonly segments: readonly string[];
}

export interface ExpressionProblem {
  readonly code: string;
  readonly detail: string;
  /** From 1; null: of the whole. */
  readonly line: number | null;
  readonly column: number | null;
}

export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly problem: ExpressionProblem;
  constructor(
    code: string,
    detail: string,
    place: { readonly line: number; readonly column: number } | null,
  ) {
    super(detail);
    this.problem = { code, detail, line: place?.line ?? null, column: place?.column ?? null };
  }
}

export const astNodesMax = 1_000;
const astDepthMax = 50;
/** Programs that name each other. */
const segmentsDeepMax = 10;

/** Members of `user` that expressions may name. */
const userMembers = [
  'id',
  'name',
  'email',
  'phone',
  'locale',
  'language',
  'timezone',
  'attributes',
  'devices',
  'preferences',
  'createdAt',
  'updatedAt',
] as const;

/** Functions whose first argument says what is looked up; it must be known before anybody is asked. */
const lookups = ['did', 'times', 'lastAt', 'inSegment'];

/**
 * @param others expressions of the segments that it may name
 * @param self the segment that it belongs to, which it may not come back to
 * @param onError hears of what went wrong with a user, other than that something is missing
 * @throws ExpressionError
 */
export function compile(
  expression: string,
  others: Readonly<Record<string, string>>,
  self: string | null,
  onError: (detail: string) => void,
): Program {
  const events = new Set<string>();
  const world = new World(onError);
  const programs = new Map<string, (facts: Facts) => boolean>();
  const root = programOf(expression, self === null ? [] : [self]);
  return { holds: root.holds, events: [...events], segments: root.segments };

  function programOf(
    text: string,
    path: readonly string[],
  ): { readonly holds: (facts: Facts) => boolean; readonly segments: readonly string[] } {
    const ast = checked(world.environment, text);
    const named = namedIn(ast, text);
    for (const name of named.events) events.add(name);
    for (const { id, at } of named.segments) {
      const other = Object.hasOwn(others, id) ? others[id] : undefined;
      if (path.includes(id))
        throw new ExpressionError(
          'circular',
          `The segments go in a circle: ${[...path.slice(path.indexOf(id)), id].join(' → ')}.`,
          place(text, at),
        );
      if (other === undefined)
        throw new ExpressionError('unknown_segment', `There is no segment ${id}.`, place(text, at));
      if (path.length >= segmentsDeepMax)
        throw new ExpressionError(
          'too_deep',
          `Segments name each other more than ${segmentsDeepMax} deep: ${path.join(' → ')} → ${id}.`,
          place(text, at),
        );
      // What is compiled leads to no circle, for all that it names is compiled too.
      if (!programs.has(id)) programs.set(id, programOf(other, [...path, id]).holds);
    }
    const node = tree(ast, world);
    return {
      segments: [...new Set(named.segments.map(({ id }) => id))],
      holds(facts) {
        return world.with(facts, programs, node);
      },
    };
  }
}

type Holds = () => boolean;

/** What expressions see while they are asked of one user. */
class World {
  readonly environment: Environment;
  readonly #onError: (detail: string) => void;
  #facts: Facts | null = null;
  #programs: ReadonlyMap<string, (facts: Facts) => boolean> = new Map();
  #context: Record<string, unknown> = {};

  constructor(onError: (detail: string) => void) {
    this.#onError = onError;
    this.environment = newEnvironment({
      times: (event) => this.#current().times(event),
      nowMs: () => this.#current().nowMs,
      inSegment: (id) => this.#programs.get(id)?.(this.#current()) ?? false,
    });
  }

  with(facts: Facts, programs: ReadonlyMap<string, (facts: Facts) => boolean>, node: Holds): boolean {
    this.#programs = programs;
    if (this.#facts !== facts) {
      this.#facts = facts;
      this.#context = contextOf(facts);
    }
    return node();
  }

  /** @returns undefined where something that it needs is missing, or it failed */
  value(program: ParseResult, text: string): unknown {
    try {
      return program(this.#context) as unknown;
    } catch (error) {
      if (!isMissing(error)) this.#onError(`${text}: ${summaryOf(error)}`);
      return undefined;
    }
  }

  failed(detail: string): void {
    this.#onError(detail);
  }

  #current(): Facts {
    if (this.#facts === null) throw new Error('an expression is asked of nobody');
    return this.#facts;
  }
}

interface Lookups {
  times(event: string): readonly number[];
  nowMs(): number;
  inSegment(id: string): boolean;
}

/** What CEL calls them. */
const timestamp = 'google.protobuf.Timestamp';
const duration = 'google.protobuf.Duration';

function newEnvironment({ times, nowMs, inSegment }: Lookups): Environment {
  const since = (event: string, span: { valueOf(): number }): number => {
    const from = nowMs() - span.valueOf();
    return times(event).filter((at) => at >= from).length;
  };
  const environment = new Environment({
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: astNodesMax, maxDepth: astDepthMax },
  })
    .registerVariable('user', 'map')
    .registerVariable('attributes', 'map')
    .registerVariable('now', timestamp)
    .registerFunction('did(string): bool', (event: string) => times(event).length > 0)
    .registerFunction(
      `did(string, ${duration}): bool`,
      (event: string, span: { valueOf(): number }) => since(event, span) > 0,
    )
    .registerFunction('times(string): int', (event: string) => BigInt(times(event).length))
    .registerFunction(`times(string, ${duration}): int`, (event: string, span: { valueOf(): number }) =>
      BigInt(since(event, span)),
    )
    .registerFunction(`lastAt(string): ${timestamp}`, (event: string) => {
      const last = times(event).at(-1);
      if (last === undefined) throw new MissingError(event);
      return new Date(last);
    })
    .registerFunction('inSegment(string): bool', inSegment);
  // JSON has one kind of number and CEL has two that do not mix: `attributes.total * 2` would be an error.
  const mixed: Readonly<Record<string, (left: number, right: number) => number>> = {
    '+': (left, right) => left + right,
    '-': (left, right) => left - right,
    '*': (left, right) => left * right,
    '/': (left, right) => left / right,
    '%': (left, right) => left % right,
  };
  for (const [operator, result] of Object.entries(mixed)) {
    environment
      .registerOperator(`double ${operator} int: double`, (left: number, right: bigint) =>
        result(left, Number(right)),
      )
      .registerOperator(`int ${operator} double: double`, (left: bigint, right: number) =>
        result(Number(left), right),
      );
  }
  environment.registerOperator('double % double: double', (left: number, right: number) => left % right);
  return environment;
}

/** The event that is looked back on never happened. */
class MissingError extends Error {}

function isMissing(error: unknown): boolean {
  if (error instanceof MissingError) return true;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'no_such_key' || code === 'index_out_of_bounds';
}

function contextOf({ user, nowMs }: Facts): Record<string, unknown> {
  const attributes = withoutNulls(user.attributes);
  return {
    now: new Date(nowMs),
    attributes,
    user: withoutNulls({
      id: user.id,
      name: user.name,
      email: user.email,
      phone: user.phone,
      locale: user.locale,
      language: user.locale === null ? null : user.locale.split('-')[0],
      timezone: user.timezone,
      attributes,
      devices: user.devices,
      preferences: user.preferences,
      createdAt: new Date(user.createdAtMs),
      updatedAt: new Date(user.updatedAtMs),
    }),
  };
}

/** A member that is null is as good as none: `has()` is false of it. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([name, member]) => [name, withoutNulls(member)]),
  );
}

function checked(environment: Environment, text: string): ASTNode {
  try {
    const program = environment.parse(text);
    // Before the types, for what it says is plainer.
    checkMembers(program.ast, text);
    namedIn(program.ast, text);
    const result = program.check();
    if (!result.valid) throw result.error ?? new Error('it cannot be read');
    if (result.type !== 'bool' && !result.type?.startsWith('dyn'))
      throw new ExpressionError('not_boolean', `It gives a ${result.type}; it must be true or false.`, null);
    return program.ast;
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    const range = error instanceof Error && 'range' in error ? error.range : null;
    const start =
      typeof range === 'object' && range !== null && 'start' in range && typeof range.start === 'number'
        ? range.start
        : null;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'wrong';
    throw new ExpressionError(code, `${summaryOf(error)}.`, start === null ? null : place(text, start));
  }
}

function checkMembers(ast: ASTNode, text: string): void {
  for (const node of nodesOf(ast)) {
    if (node.op !== '.') continue;
    const [of, member] = node.args;
    if (of.op !== 'id' || of.args !== 'user' || userMembers.some((known) => known === member)) continue;
    throw new ExpressionError(
      'unknown_member',
      `A user has no member ${member}, but ${userMembers.join(', ')}; an attribute is user.attributes.${member}.`,
      place(text, node.start),
    );
  }
}

function namedIn(
  ast: ASTNode,
  text: string,
): {
  readonly events: readonly string[];
  readonly segments: readonly { readonly id: string; readonly at: number }[];
} {
  const events: string[] = [];
  const segments: { id: string; at: number }[] = [];
  for (const node of nodesOf(ast)) {
    if (node.op !== 'call' || !lookups.includes(node.args[0])) continue;
    const [name, [first]] = node.args;
    if (first?.op !== 'value' || typeof first.args !== 'string')
      throw new ExpressionError(
        'not_literal',
        `${name}() wants a name in quotes, as ${name}('purchase').`,
        place(text, node.start),
      );
    if (name === 'inSegment') segments.push({ id: first.args, at: node.start });
    else events.push(first.args);
  }
  return { events, segments };
}

/** The node and all below it. */
function* nodesOf(ast: ASTNode): Generator<ASTNode> {
  yield ast;
  yield* below(ast.args);
}

function* below(args: unknown): Generator<ASTNode> {
  if (isNode(args)) yield* nodesOf(args);
  else if (Array.isArray(args)) for (const one of args) yield* below(one);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function tree(node: ASTNode, world: World): Holds {
  switch (node.op) {
    case '&&': {
      const [left, right] = node.args.map((one) => tree(one, world));
      return () => (left?.() ?? false) && (right?.() ?? false);
    }
    case '||': {
      const [left, right] = node.args.map((one) => tree(one, world));
      return () => (left?.() ?? false) || (right?.() ?? false);
    }
    case '!_': {
      const inner = tree(node.args, world);
      return () => !inner();
    }
    case '?:': {
      const [condition, yes, no] = node.args.map((one) => tree(one, world));
      return () => ((condition?.() ?? false) ? (yes?.() ?? false) : (no?.() ?? false));
    }
    case '==':
    case '!=': {
      const [left, right] = node.args;
      const other = isNull(right) ? left : isNull(left) ? right : null;
      if (other === null) return comparison(node, world);
      const value = askedFor(other, world);
      return node.op === '==' ? () => (value() ?? null) === null : () => (value() ?? null) !== null;
    }
    default: {
      const value = askedFor(node, world);
      const text = serialize(node);
      return () => {
        const found = value();
        if (found !== undefined && typeof found !== 'boolean')
          world.failed(`${text}: it is neither true nor false`);
        return found === true;
      };
    }
  }
}

function comparison(node: ASTNode, world: World): Holds {
  const value = askedFor(node, world);
  const withoutAnswer = node.op === '!=';
  return () => {
    const found = value();
    return found === undefined ? withoutAnswer : found === true;
  };
}

/** Compiled apart from what stands around it. */
function askedFor(node: ASTNode, world: World): () => unknown {
  const text = serialize(node);
  const program = world.environment.parse(text);
  return () => world.value(program, text);
}

function isNull(node: ASTNode): boolean {
  return node.op === 'value' && node.args === null;
}

function place(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The library's message draws the place on lines of its own; its summary does not. */
function summaryOf(error: unknown): string {
  if (error instanceof Error && 'summary' in error && typeof error.summary === 'string') return error.summary;
  return messageOf(error);
}
