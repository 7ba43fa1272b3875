/**
 * JSON as Google's front end takes it: bound to a type of protocol buffers, with its words for what does not fit. Pure.
 * Source: https://protobuf.dev/programming-guides/json/ for what is taken; the words as Google's APIs say them.
 */
import type { FieldViolation } from './reply.ts';
import type { FieldKind, MessageType, ScalarKind } from './schema.ts';

/** Names as the protocol buffers have them; what was null or left out is not there. */
export type BoundMessage = Readonly<Record<string, unknown>>;

export interface Bound {
  readonly message: BoundMessage;
  readonly violations: readonly FieldViolation[];
}

/** Of one request: more say no more. */
const violationsMax = 32;
/** As the parser of protocol buffers has it (google::protobuf::util::converter, DefaultMaxRecursionDepth). */
const nestingMax = 100;
/** Shown of a body that is no JSON, on either side of the fault. */
const excerptChars = 20;

export function bindJson(text: string, type: MessageType): Bound {
  // A request without a body is one without fields.
  if (text.trim() === '') return { message: {}, violations: [] };
  const parsed = parseJson(text);
  if ('fault' in parsed) return { message: {}, violations: [{ field: '', description: parsed.fault }] };
  const tooDeep = keyTooDeep(parsed.value);
  if (tooDeep !== null) {
    const description = `Invalid JSON payload received. Message too deep. Max recursion depth reached for key '${tooDeep}'`;
    return { message: {}, violations: [{ field: '', description }] };
  }
  const binder = new Binder();
  if (!isObject(parsed.value)) {
    binder.add('', `Invalid JSON payload received. Unknown name "": Root element must be a message.`);
    return { message: {}, violations: binder.violations };
  }
  return { message: binder.message(parsed.value, type, ''), violations: binder.violations };
}

class Binder {
  readonly violations: FieldViolation[] = [];

  add(field: string, description: string): void {
    if (this.violations.length < violationsMax) this.violations.push({ field, description });
  }

  message(value: Readonly<Record<string, unknown>>, type: MessageType, path: string): BoundMessage {
    const bound: Record<string, unknown> = {};
    for (const [given, one] of Object.entries(value)) {
      const name = nameOf(given, type);
      if (name === null) {
        this.unknown(given, path, 'Cannot find field.');
        continue;
      }
      const kind = type.fields[name];
      if (kind === undefined || one === null) continue;
      const taken = type.oneof?.fields.includes(name)
        ? type.oneof.fields.find((other) => Object.hasOwn(bound, other) && other !== name)
        : undefined;
      if (type.oneof !== undefined && taken !== undefined) {
        this.add(
          path,
          `Invalid value at '${path}' (oneof), oneof field '${type.oneof.name}' is already set. Cannot set '${camel(name)}'`,
        );
        continue;
      }
      const read = this.field(one, kind, path === '' ? name : `${path}.${name}`, given, path);
      if (read !== undefined) bound[name] = read;
    }
    return bound;
  }

  field(value: unknown, kind: FieldKind, path: string, given: string, parent: string): unknown {
    if (kind.kind === 'repeated') {
      if (!Array.isArray(value)) return this.field(value, kind.of, path, given, parent);
      return value.map((one: unknown, at) => this.field(one, kind.of, `${path}[${at}]`, given, parent));
    }
    if (Array.isArray(value)) {
      this.unknown(given, parent, 'Proto field is not repeating, cannot start list.');
      return undefined;
    }
    switch (kind.kind) {
      case 'message':
        if (!isObject(value))
          return this.invalid(path, `type.googleapis.com/${kind.type.name}`, shown(value));
        return this.message(value, kind.type, path);
      case 'struct':
        if (!isObject(value))
          return this.invalid(path, 'type.googleapis.com/google.protobuf.Struct', shown(value));
        return value;
      case 'map':
        return this.map(value, path);
      case 'enum':
        return this.enumeration(value, kind.type, kind.values, path);
      case 'duration':
        return this.duration(value, path);
      case 'timestamp':
        return this.timestamp(value, path);
      default:
        return this.scalar(value, kind.kind, path);
    }
  }

  map(value: unknown, path: string): unknown {
    if (!isObject(value))
      return this.invalid(path, `type.googleapis.com/google.protobuf.Struct`, shown(value));
    const bound: [key: string, value: unknown][] = [];
    let at = 0;
    for (const [key, one] of Object.entries(value)) {
      // An entry of a map is a message with a key and a value.
      const read = Array.isArray(one)
        ? this.unknown('value', `${path}[${at}]`, 'Proto field is not repeating, cannot start list.')
        : this.scalar(one, 'string', `${path}[${at}].value`);
      if (read !== undefined) bound.push([key, read]);
      at++;
    }
    // Whatever a key is called, `__proto__` too, it is one of the map's own.
    return Object.fromEntries(bound);
  }

  scalar(value: unknown, kind: ScalarKind, path: string): unknown {
    const typeName = `TYPE_${kind.toUpperCase()}`;
    if (isObject(value)) return this.invalid(path, typeName, 'Starting an object on a scalar field');
    const read = scalarOf(value, kind);
    return read === undefined ? this.invalid(path, typeName, shown(value)) : read;
  }

  enumeration(value: unknown, type: string, values: readonly string[], path: string): unknown {
    const found =
      typeof value === 'number'
        ? values[value]
        : typeof value === 'string'
          ? values.find((one) => one === value.toUpperCase())
          : undefined;
    return found ?? this.invalid(path, `type.googleapis.com/${type}`, shown(value));
  }

  duration(value: unknown, path: string): unknown {
    const type = 'type.googleapis.com/google.protobuf.Duration';
    const field = path.replace(/^.*\./, '');
    if (typeof value !== 'string') return this.invalid(path, type, shown(value));
    if (!value.endsWith('s'))
      return this.invalid(
        path,
        type,
        `Field '${camel(field)}', Illegal duration format; duration must end with 's'`,
      );
    if (!/^-?\d{1,12}(?:\.\d{1,9})?s$/.test(value))
      return this.invalid(
        path,
        type,
        `Field '${camel(field)}', Illegal duration format; failed to parse seconds`,
      );
    return value;
  }

  timestamp(value: unknown, path: string): unknown {
    const type = 'type.googleapis.com/google.protobuf.Timestamp';
    if (typeof value !== 'string') return this.invalid(path, type, shown(value));
    if (
      !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(value) ||
      Number.isNaN(Date.parse(value))
    )
      return this.invalid(
        path,
        type,
        `Field '${camel(path.replace(/^.*\./, ''))}', Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset.`,
      );
    return value;
  }

  invalid(path: string, type: string, what: string): undefined {
    this.add(path, `Invalid value at '${path}' (${type}), ${what}`);
    return undefined;
  }

  unknown(name: string, path: string, why: string): undefined {
    const where = path === '' ? '' : ` at '${path}'`;
    this.add(path, `Invalid JSON payload received. Unknown name "${name}"${where}: ${why}`);
    return undefined;
  }
}

/** What JSON may stand for: a number also as a string, a boolean as its word. */
function scalarOf(value: unknown, kind: ScalarKind): unknown {
  switch (kind) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'bool':
      if (value === 'true' || value === 'false') return value === 'true';
      return typeof value === 'boolean' ? value : undefined;
    case 'int32': {
      const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
      return typeof number === 'number' && (number | 0) === number ? number : undefined;
    }
    case 'float': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
    }
    default:
      return kind satisfies never;
  }
}

function nameOf(given: string, type: MessageType): string | null {
  if (Object.hasOwn(type.fields, given)) return given;
  const snake = given.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return snake !== given && !given.includes('_') && Object.hasOwn(type.fields, snake) ? snake : null;
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function shown(value: unknown): string {
  return isObject(value) ? 'Starting an object on a scalar field' : JSON.stringify(value);
}

function parseJson(text: string): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = Number(/position (\d+)/.exec(error.message)?.[1] ?? text.length);
    const from = Math.max(0, at - excerptChars);
    const excerpt = text.slice(from, at + excerptChars).replace(/[\r\n\t]/g, ' ');
    const why = at >= text.trimEnd().length ? 'Unexpected end of string.' : 'Unexpected token.';
    return {
      fault: `Invalid JSON payload received. ${why}\n${excerpt}\n${' '.repeat(at - from)}^`,
    };
  }
}

/** Looks level by level, for what is nested deep enough would end a function that calls itself. */
function keyTooDeep(value: unknown): string | null {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = [];
    for (const one of level) {
      if (typeof one !== 'object' || one === null) continue;
      if (depth >= nestingMax) return Object.keys(one)[0] ?? '';
      for (const member of Object.values(one)) next.push(member);
    }
    level = next;
  }
  return null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
