/** Reads a set of rules as it is handed in. A bad one is refused with its field and the reason, and nothing of it holds. */
import { z } from 'zod';
import { AppError, type FieldError } from '../model/app-error.ts';
import { channelFault } from './channel-fault.ts';
import { listOf } from './conditions.ts';
import { momentFault } from './moments.ts';
import { textFault } from './patterns.ts';
import { prepare, ruleSetOf } from './rule-set.ts';
import { type Rule, ruleInputSchema, ruleSchema, rulesMax, type TextPattern, waitMsMax } from './schema.ts';

/** Rules that no index finds: a message is held against each of them. */
const walkedMax = 2_000;
/** Each takes up to some 20 ms for a body of a million characters. */
const expressionsMax = 400;
/** What is looked for where a message is read, each once however many rules do. */
const questionsMax = 5_000;
/** Of all rates together: as many times as a rate lets through are kept in memory. */
const rateTimesMax = 1_000_000;
const errorsMax = 50;
/** Rules read in one go, where other work waits for its turn. */
const sliceRules = 200;

/**
 * @param input an array of rules; those without an id get one that goes by their place, the same every time
 * @throws AppError `invalid_rules` with `errors`, each naming its field as in `rules[3].then.code`
 */
export function readRules(input: unknown): readonly Rule[] {
  const reading = inSlices(input);
  for (;;) {
    const step = reading.next();
    if (step.done === true) return step.value;
  }
}

/** The same in slices, so that ten thousand rules hold nothing else up. @param pause settles when others had their turn */
export async function readRulesInTurns(input: unknown, pause: () => Promise<void>): Promise<readonly Rule[]> {
  const reading = inSlices(input);
  for (;;) {
    const step = reading.next();
    if (step.done === true) return step.value;
    await pause();
  }
}

function* inSlices(input: unknown): Generator<void, readonly Rule[]> {
  if (!Array.isArray(input)) throw refused([fault('rules', 'not_a_list', 'The rules are a list.')]);
  if (input.length > rulesMax)
    throw refused([
      fault('rules', 'too_many', `There are ${input.length} rules; at most ${rulesMax} are taken.`),
    ]);
  const errors: FieldError[] = [];
  const rules: Rule[] = [];
  const named = new Set(input.flatMap((one) => (hasId(one) ? [one.id] : [])));
  const seen = new Set<string>();
  for (const [at, one] of input.entries()) {
    if (at > 0 && at % sliceRules === 0) yield;
    const field = `rules[${at}]`;
    const parsed = ruleInputSchema.safeParse(one);
    if (!parsed.success) {
      errors.push(...parsed.error.issues.flatMap((issue) => faultsOf(field, issue)));
      continue;
    }
    const { id = freeId(at, named), ...rest } = parsed.data;
    const rule: Rule = { id, ...rest };
    if (seen.has(rule.id)) errors.push(fault(`${field}.id`, 'taken', `Another rule has the id ${rule.id}.`));
    seen.add(rule.id);
    const faults = ruleFaults(rule, field);
    errors.push(...faults);
    if (faults.length === 0) prepare(rule);
    rules.push(rule);
  }
  if (errors.length > 0) throw refused(errors.slice(0, errorsMax));
  yield;
  const indexed = withIndex(rules);
  yield;
  return indexed;
}

/** Rules that were read already, as a set. @throws AppError `invalid_rules` when too many of them no index finds */
export function withIndex(rules: readonly Rule[]): readonly Rule[] {
  const set = ruleSetOf(rules);
  const slow = set.questions.filter(({ pattern }) => typeof pattern !== 'string' && 'matches' in pattern);
  if (slow.length > expressionsMax)
    throw refused([
      fault('rules', 'too_many', `${slow.length} expressions are asked for; at most ${expressionsMax} may.`),
    ]);
  if (set.questions.length > questionsMax)
    throw refused([
      fault(
        'rules',
        'too_many',
        `${set.questions.length} patterns are looked for in bodies; at most ${questionsMax} may.`,
      ),
    ]);
  const remembered = rules.reduce((sum, { when }) => sum + (when.rate?.moreThan ?? 0), 0);
  if (remembered > rateTimesMax)
    throw refused([
      fault(
        'rules',
        'too_many',
        `The rates of all rules come to ${remembered} times to be remembered; at most ${rateTimesMax} are.`,
      ),
    ]);
  const walked = set.walked();
  if (walked <= walkedMax) return rules;
  const detail = `${walked} rules name neither a recipient, a domain, a sender nor words of the subject that an index could find them by; at most ${walkedMax} may.`;
  throw refused([fault('rules', 'too_many', detail)]);
}

/** @throws AppError `invalid_rules`; the fields begin with `then`, `when` … */
export function readRule(input: unknown, id: string): Rule {
  const parsed = ruleInputSchema.safeParse(input);
  if (!parsed.success) throw refused(parsed.error.issues.flatMap((issue) => faultsOf('', issue)));
  const rule: Rule = { ...parsed.data, id: parsed.data.id ?? id };
  const errors = ruleFaults(rule, '');
  if (errors.length > 0) throw refused(errors);
  return rule;
}

function ruleFaults(rule: Rule, field: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const add = (name: string, code: string, detail: string): void => {
    errors.push(fault(field === '' ? name : `${field}.${name}`, code, detail));
  };
  const channel = channelFault(rule);
  if (channel !== null) add(channel.field, 'not_of_channel', channel.detail);
  const moment = channel === null ? momentFault(rule) : null;
  if (moment !== null) add(moment.field, 'not_known_then', moment.detail);
  for (const [name, pattern] of textPatternsOf(rule)) {
    const wrong = textFault(pattern);
    if (wrong !== null) add(name, 'bad_pattern', wrong);
  }
  const { when, then: action } = rule;
  if (when.size !== undefined && when.size.bytesMin === undefined && when.size.bytesMax === undefined)
    add('when.size', 'empty', 'Give bytesMin, bytesMax or both.');
  if (
    when.size?.bytesMin !== undefined &&
    when.size.bytesMax !== undefined &&
    when.size.bytesMin > when.size.bytesMax
  )
    add('when.size', 'empty', 'bytesMin is more than bytesMax: nothing is ever that large.');
  if (
    when.time?.from !== undefined &&
    when.time.until !== undefined &&
    Date.parse(when.time.from) >= Date.parse(when.time.until)
  )
    add('when.time', 'empty', 'It ends before it begins.');
  if (action.do === 'delay' && action.msMax !== undefined && action.msMax < action.ms)
    add('then.msMax', 'empty', 'The longest delay is shorter than the shortest.');
  if (action.do === 'delay' && rule.stage === 'door' && (action.msMax ?? action.ms) > waitMsMax)
    add('then.ms', 'too_long', `At a door a client is kept waiting ${waitMsMax} ms at the most.`);
  if (action.do === 'disconnect' && action.afterBytes !== undefined && action.at !== 'midData')
    add('then.afterBytes', 'not_possible', 'Bytes of the content are counted with at: midData only.');
  if (action.do === 'disconnect' && action.afterEvents !== undefined && action.at !== 'midData')
    add('then.afterEvents', 'not_possible', 'Events are counted with at: midData only.');
  if (action.do === 'disconnect' && action.keep !== undefined && action.at !== 'endOfData')
    add('then.keep', 'not_possible', 'Only with at: endOfData is there a message to keep.');
  if (action.do === 'uninstall' && action.tellAfterSends !== undefined && action.tellAfterMs !== undefined)
    add(
      'then.tellAfterMs',
      'not_possible',
      'The provider says so after so many sends or after so long: give one of them.',
    );
  if (
    action.do === 'refuseAuth' &&
    action.enhanced !== undefined &&
    !action.enhanced.startsWith(String(action.code)[0] ?? '')
  )
    add('then.enhanced', 'bad_code', 'The enhanced code must begin with the digit of the code.');
  return errors;
}

function* textPatternsOf({ when }: Rule): Iterable<readonly [field: string, pattern: TextPattern]> {
  for (const key of ['subject', 'body'] as const) {
    const wanted = when[key];
    if (wanted !== undefined)
      for (const pattern of listOf<TextPattern>(wanted)) yield [`when.${key}`, pattern];
  }
  if (when.header !== undefined)
    for (const { text } of listOf(when.header)) if (text !== undefined) yield ['when.header', text];
}

/** Of a union that fits nowhere the deepest complaints say most. */
function faultsOf(field: string, issue: z.core.$ZodIssue): readonly FieldError[] {
  const path = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  const whole = field === '' ? path.replace(/^\./, '') : `${field}${path}`;
  return [fault(whole === '' ? 'rule' : whole, issue.code, wordsOf(issue))];
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `There is no ${issue.keys.join(', ')} here.`;
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue.message;
  const said = issue.errors.flat().map((one) => one.message);
  return [...new Set(said)].slice(0, 4).join(', or ');
}

function freeId(at: number, named: ReadonlySet<string>): string {
  for (let number = at + 1; ; number += rulesMax) {
    const id = `rule-${number}`;
    if (!named.has(id)) return id;
  }
}

function hasId(value: unknown): value is { readonly id: string } {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';
}

function fault(field: string, code: string, detail: string): FieldError {
  return { field, code, detail };
}

function refused(errors: readonly FieldError[]): AppError {
  const [first] = errors;
  const more = errors.length > 1 ? ` And ${errors.length - 1} more.` : '';
  return new AppError(
    'invalid_rules',
    `${first?.field ?? 'rules'}: ${first?.detail ?? 'wrong'}${more} Nothing was changed.`,
    { errors },
  );
}

/** JSON Schema of a rule, for editors. */
export function ruleJsonSchema(): unknown {
  return z.toJSONSchema(ruleSchema, { io: 'input' });
}
