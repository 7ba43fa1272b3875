import { describe, expect, it } from 'vitest';
import { noPreferences, type User } from '../../../core/model/user.ts';
import { compile, ExpressionError } from '../../../core/people/segments/program.ts';

const hourMs = 3_600_000;
const nowMs = 10 * hourMs;
const jane: User = {
  id: 'jane',
  name: 'Jane',
  email: null,
  phone: '+436601234567',
  locale: 'de-AT',
  timezone: 'Europe/Vienna',
  attributes: {
    plan: 'pro',
    age: 25,
    total: 9.5,
    none: null,
    tags: ['a', 'b'],
    since: '1970-01-01T00:00:00Z',
    address: { city: 'Graz' },
  },
  devices: [{ provider: 'fcm', token: 't', app: null, environment: null }],
  preferences: noPreferences,
  createdAtMs: 0,
  updatedAtMs: 0,
};
const events: Readonly<Record<string, readonly number[]>> = { login: [hourMs, 9.5 * hourMs] };
const others = { pros: "attributes.plan == 'pro'", a: "inSegment('b')", b: "inSegment('a')" };

function holds(expression: string): { readonly is: boolean; readonly errors: readonly string[] } {
  const errors: string[] = [];
  const program = compile(expression, others, null, (detail) => errors.push(detail));
  return { is: program.holds({ user: jane, nowMs, times: (name) => events[name] ?? [] }), errors };
}

describe('an expression', () => {
  it.each([
    ["attributes.plan == 'pro'", true],
    ["user.attributes.plan == 'pro'", true],
    ["user.attributes['plan'] == 'pro'", true],
    ["attributes.address.city == 'Graz'", true],
    ["user.language == 'de' && user.locale != 'de-DE'", true],
    ['attributes.age >= 18 && attributes.age < 26', true],
    ['attributes.age in [25, 30]', true],
    ["'a' in attributes.tags", true],
    ["attributes.tags.exists(tag, tag.startsWith('b'))", true],
    ['size(attributes.tags) == 2', true],
    ['size(user.devices) > 0', true],
    ["user.phone.startsWith('+43')", true],
    ["user.name.matches('^J')", true],
    // Numbers of JSON and of CEL.
    ['attributes.total * 2 > 18', true],
    ['attributes.age % 2 == 1', true],
    ['attributes.age + 0.5 == 25.5', true],
    // What is missing does not hold, and its opposite does.
    ["attributes.gone == 'x'", false],
    ["attributes.gone != 'x'", true],
    ["!(attributes.gone == 'x')", true],
    ['attributes.gone > 3', false],
    ['attributes.gone.deeper.still == 1', false],
    ["attributes.gone == 1 || attributes.plan == 'pro'", true],
    ["attributes.plan == 'pro' && !(attributes.gone > 1)", true],
    ['attributes.gone == null', true],
    ['attributes.none == null', true],
    ['null != attributes.plan', true],
    ['has(attributes.none)', false],
    ['has(user.email)', false],
    ['has(attributes.gone.deeper)', false],
    ["user.email.endsWith('@example.com')", false],
    ['attributes.gone ? false : true', true],
    ['attributes.tags[5] == "x"', false],
    // What they did.
    ["did('login')", true],
    ["did('login', duration('1h'))", true],
    ["did('login', duration('10m'))", false],
    ["did('purchase')", false],
    ["times('login') == 2", true],
    ["times('login', duration('1h')) == 1", true],
    ["now - lastAt('login') < duration('1h')", true],
    ["lastAt('purchase') < now", false],
    ["!did('purchase') && did('login')", true],
    // Times.
    ['user.createdAt < now', true],
    ["timestamp(attributes.since) + duration('9h') < now", true],
    // Other segments.
    ["inSegment('pros') && attributes.age == 25", true],
    ["!inSegment('pros')", false],
    ['true', true],
  ])('%s: %j', (expression, is) => {
    expect(holds(expression)).toEqual({ is, errors: [] });
  });

  it.each([
    ["attributes.age > '3'", 'attributes.age > "3": no such overload: dyn<double> > string'],
    ['attributes.plan', 'attributes.plan: it is neither true nor false'],
    ["attributes.plan + 1 == 'x'", 'attributes.plan + 1 == "x": no such overload: dyn<string> + int'],
  ])('does not hold where it does not fit the user, and says so: %s', (expression, error) => {
    expect(holds(expression)).toEqual({ is: false, errors: [error] });
  });

  it.each([
    ['attributes.plan ==', 'unexpected_token', 1, 19],
    ["attributes.plan == 'x' &&\n foo == 1", 'unknown_variable', 2, 2],
    ["user.emial == 'x'", 'unknown_member', 1, 1],
    ['1 + 2', 'not_boolean', null, null],
    ['did(1)', 'not_literal', 1, 1],
    ['true && did(attributes.plan)', 'not_literal', 1, 9],
    ["did('x') && inSegment('gone')", 'unknown_segment', 1, 13],
    ["inSegment('a')", 'circular', 1, 1],
    ["did('x', '1h')", 'no_matching_overload', 1, 1],
    ['1 == "x"', 'no_such_overload', 1, 1],
    ['('.repeat(200), 'ast', null, null],
    [`attributes.n in [${'1,'.repeat(2_000)}1]`, 'ast', null, null],
  ])('is refused with its place: %s', (expression, code, line, column) => {
    let caught: unknown = null;
    try {
      holds(expression);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ExpressionError);
    // What the library calls its limits is its own.
    if (code !== 'ast') expect(caught).toMatchObject({ problem: { code, line, column } });
  });

  it('names the events that it looks back on, also by way of other segments', () => {
    const program = compile(
      "did('a') || inSegment('x')",
      { x: "times('b') > 1 || inSegment('y')", y: "lastAt('c') > now || inSegment('z')", z: "did('a')" },
      'self',
      () => undefined,
    );
    expect([[...program.events].sort(), program.segments]).toEqual([['a', 'b', 'c'], ['x']]);
  });

  it('may not come back to the segment that it is to be', () => {
    const compiling = (): unknown =>
      compile("inSegment('a')", { a: "inSegment('b')", b: "inSegment('self')" }, 'self', () => undefined);
    expect(compiling).toThrow('self → a → b → self');
  });
});
