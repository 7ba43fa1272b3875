/**
 * Conditions made ready: each says whether it is met, and in words why not. Those that count (`nth`, `rate`, chance …)
 * come last and are asked by the counts of the rule, see counts.ts. Pure.
 */
import type { Channel } from '../model/message.ts';
import { matchesPattern } from '../model/patterns.ts';
import type { Headers, Known, ReadyContent, Text } from './known.ts';
import {
  type AddressPattern,
  addressMatches,
  addressPattern,
  domainPattern,
  type TextMatcher,
  textMatcher,
} from './patterns.ts';
import { type Question, questionKey } from './questions.ts';
import {
  type ConditionKey,
  type Conditions,
  type InAppMoment,
  lackedBy,
  type TextPattern,
  weekdays,
} from './schema.ts';

/** What is not of the message. Virtual milliseconds since the epoch. */
export interface Moment {
  readonly nowMs: number;
  /** When the rule came into force. */
  readonly sinceMs: number;
}

export interface Condition {
  readonly key: ConditionKey;
  /** What has to be answered where the message is read, before it can be met. */
  readonly questions?: readonly Question[];
  met(known: Known, moment: Moment): boolean;
  /** Only asked when it is not met: what is the case, and what the rule asks for. */
  why(known: Known, moment: Moment): string;
}

/** What the index goes by. */
export interface Keys {
  readonly recipients: readonly AddressPattern[] | null;
  readonly domains: readonly AddressPattern[] | null;
  readonly senders: readonly AddressPattern[] | null;
  readonly subjects: readonly TextMatcher[] | null;
}

type Make<K extends ConditionKey> = (wanted: NonNullable<Conditions[K]>) => Condition;

export function conditionsOf(when: Conditions): {
  readonly conditions: readonly Condition[];
  readonly keys: Keys;
} {
  const made: Condition[] = [];
  const add = <K extends ConditionKey>(key: K, make: Make<K>): void => {
    const wanted = when[key];
    if (wanted !== undefined) made.push(make(wanted));
  };
  const recipients = when.recipient === undefined ? null : listOf(when.recipient).map(addressPattern);
  const domains = when.domain === undefined ? null : listOf(when.domain).map((one) => domainPattern(one));
  const senders = when.sender === undefined ? null : listOf(when.sender).map(addressPattern);
  const subjects = when.subject === undefined ? null : listOf(when.subject).map(textMatcher);
  // The cheap ones first.
  add('channel', (wanted) => oneOf('channel', wanted, ({ facts }) => facts.channel));
  add('moment', atMoment);
  add('door', (wanted) => oneOf('door', wanted, ({ facts }) => facts.door));
  add('provider', (wanted) => oneOf('provider', wanted, ({ facts }) => facts.provider ?? null));
  if (recipients !== null)
    made.push(addressed('recipient', recipients, when.recipient, (known) => [known.recipient, known.domain]));
  if (domains !== null) made.push(atDomain(domains, when.domain));
  if (senders !== null)
    made.push(addressed('sender', senders, when.sender, (known) => [known.sender, known.senderDomain]));
  add('size', sized);
  add('tag', tagged);
  add('time', timed);
  if (subjects !== null && when.subject !== undefined) made.push(aboutSubject(listOf(when.subject)));
  add('header', withHeader);
  add('body', aboutBody);
  add('attachment', withAttachment);
  return { conditions: made, keys: { recipients, domains, senders, subjects } };
}

/** Conditions that need no look into the content. */
export function isAboutContent(key: ConditionKey): boolean {
  return key === 'body' || key === 'attachment';
}

export function isAboutHeaders(key: ConditionKey): boolean {
  return key === 'subject' || key === 'header';
}

function oneOf(
  key: ConditionKey,
  wanted: string | readonly string[],
  of: (known: Known) => string | null,
): Condition {
  const list = new Set(listOf(wanted).map((one) => one.toLowerCase()));
  return {
    key,
    met: (known) => list.has(of(known)?.toLowerCase() ?? ''),
    why: (known) => `the ${key} is ${of(known) ?? 'not known yet'}, not ${[...list].join(' or ')}`,
  };
}

/** A dry run goes through all of them, and knows of none yet. */
function atMoment(wanted: NonNullable<Conditions['moment']>): Condition {
  const list = listOf<InAppMoment>(wanted);
  return {
    key: 'moment',
    met: ({ facts }) =>
      facts.channel === 'inapp' && (facts.moment === undefined || list.includes(facts.moment)),
    why: ({ facts }) =>
      facts.channel === 'inapp'
        ? `it is asked for a ${facts.moment}, not for a ${list.join(' or ')}`
        : `${aWord[facts.channel]} has no such moments: ${list.join(' or ')} is of the in-app door`,
  };
}

const aWord: Readonly<Record<Channel, string>> = {
  email: 'a message',
  push: 'a push',
  sms: 'an SMS',
  inapp: 'an in-app message',
  multi: 'a send over several channels',
};

/** Tokens, topics and numbers have none. */
function atDomain(patterns: readonly AddressPattern[], wanted: unknown): Condition {
  const asked = addressed('domain', patterns, wanted, ({ recipient, domain }) => [
    recipient === null ? null : domain,
    domain,
  ]);
  return {
    key: 'domain',
    met: (known, moment) => !lackedBy[known.facts.channel].includes('domain') && asked.met(known, moment),
    why: (known, moment) =>
      lackedBy[known.facts.channel].includes('domain')
        ? `${aWord[known.facts.channel]} has no domain: ask for its recipient, which is ${known.facts.recipient ?? 'not known yet'}, or for its provider`
        : asked.why(known, moment),
  };
}

function addressed(
  key: 'recipient' | 'domain' | 'sender',
  patterns: readonly AddressPattern[],
  wanted: unknown,
  of: (known: Known) => readonly [address: string | null, domain: string],
): Condition {
  return {
    key,
    met(known) {
      const [address, domain] = of(known);
      return address !== null && patterns.some((pattern) => addressMatches(pattern, address, domain));
    },
    why(known) {
      const [address] = of(known);
      const is = address === null ? 'not known yet' : address === '' ? '<>' : address;
      return `the ${key} is ${is}, not ${inWords(wanted)}`;
    },
  };
}

function sized(wanted: NonNullable<Conditions['size']>): Condition {
  const { bytesMin = 0, bytesMax = Number.POSITIVE_INFINITY } = wanted;
  return {
    key: 'size',
    met: ({ facts }) => facts.bytes !== undefined && facts.bytes >= bytesMin && facts.bytes <= bytesMax,
    why: ({ facts }) =>
      facts.bytes === undefined
        ? 'the size is not known yet'
        : `it has ${facts.bytes} bytes, not ${bytesMax === Number.POSITIVE_INFINITY ? `${bytesMin} or more` : `${bytesMin} to ${bytesMax}`}`,
  };
}

function tagged(wanted: NonNullable<Conditions['tag']>): Condition {
  const list = listOf(wanted).map((one) => one.toLowerCase());
  return {
    key: 'tag',
    met: ({ facts }) => facts.tags?.some((tag) => list.includes(tag.toLowerCase())) === true,
    why: ({ facts }) =>
      facts.tags === undefined || facts.tags.length === 0
        ? `it has no tag, and ${list.join(' or ')} is asked for`
        : `its tags are ${facts.tags.join(', ')}, not ${list.join(' or ')}`,
  };
}

function timed(wanted: NonNullable<Conditions['time']>): Condition {
  const { from, until, forMs, afterMs, daily, days } = wanted;
  const fromMs = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
  const untilMs = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  const fault = ({ nowMs, sinceMs }: Moment): string | null => {
    if (nowMs < fromMs) return `it is before ${from}`;
    if (nowMs >= untilMs) return `it is past ${until}`;
    if (afterMs !== undefined && nowMs < sinceMs + afterMs)
      return `the rule begins ${afterMs} ms after it came into force`;
    if (forMs !== undefined && nowMs >= sinceMs + (afterMs ?? 0) + forMs)
      return `the rule's ${forMs} ms are over`;
    const now = new Date(nowMs);
    if (days !== undefined && !days.includes(weekdays[now.getUTCDay()] ?? 'sun'))
      return `it is ${weekdays[now.getUTCDay()]}, not ${days.join(' or ')}`;
    if (daily !== undefined && !inDaily(daily, now))
      return `it is ${now.toISOString().slice(11, 16)} UTC, not ${daily.from} to ${daily.until}`;
    return null;
  };
  return { key: 'time', met: (_, moment) => fault(moment) === null, why: (_, moment) => fault(moment) ?? '' };
}

function inDaily({ from, until }: { readonly from: string; readonly until: string }, now: Date): boolean {
  const at = now.toISOString().slice(11, 16);
  return from <= until ? at >= from && at < until : at >= from || at < until;
}

function aboutSubject(wanted: readonly TextPattern[]): Condition {
  const sought = wanted.map((pattern) => soughtIn({ of: 'subject', pattern }));
  const condition: Condition = {
    key: 'subject',
    questions: questionsOf(sought),
    met({ facts, headers, content }) {
      if (headers === null || lackedBy[facts.channel].includes('subject')) return false;
      return (
        remembered(headers, condition, () => metAtOnce(sought, [headers.subject])) ||
        metWhereRead(sought, content, [headers.subject])
      );
    },
    why: ({ facts, headers }) =>
      lackedBy[facts.channel].includes('subject')
        ? `${aWord[facts.channel]} has no subject: ask for its body`
        : headers === null
          ? 'the subject is not known yet'
          : `the subject is “${headers.subject.text.slice(0, 200)}”; asked for is one that ${sought.map(({ matcher }) => matcher.words).join(' or ')}`,
  };
  return condition;
}

function withHeader(wanted: NonNullable<Conditions['header']>): Condition {
  const list = listOf(wanted).map(({ name, text, absent }) => {
    const key = name.toLowerCase();
    return {
      name,
      key,
      absent: absent === true,
      sought: text === undefined ? null : soughtIn({ of: 'header', name: key, pattern: text }),
    };
  });
  const condition: Condition = {
    key: 'header',
    questions: questionsOf(list.flatMap(({ sought, absent }) => (sought === null || absent ? [] : [sought]))),
    met({ headers, content }) {
      if (headers === null) return false;
      const atOnce = (): boolean =>
        list.some(({ key, absent, sought }) => {
          const values = headers.values(key);
          if (absent) return values.length === 0;
          return sought === null ? values.length > 0 : metAtOnce([sought], values);
        });
      return (
        remembered(headers, condition, atOnce) ||
        list.some(
          ({ key, absent, sought }) =>
            sought !== null && !absent && metWhereRead([sought], content, headers.values(key)),
        )
      );
    },
    why({ headers }) {
      if (headers === null) return 'the headers are not known yet';
      return list
        .map(({ name, key, absent, sought }) => {
          const [first] = headers.values(key);
          if (absent) return `it has a field ${name}`;
          if (first === undefined) return `it has no field ${name}`;
          return `${name} is “${first.text.slice(0, 200)}”, and it is asked that it ${sought?.matcher.words ?? 'is there'}`;
        })
        .join('; ');
    },
  };
  return condition;
}

function aboutBody(wanted: NonNullable<Conditions['body']>): Condition {
  const sought = listOf<TextPattern>(wanted).map((pattern) => soughtIn({ of: 'body', pattern }));
  return {
    key: 'body',
    questions: questionsOf(sought),
    met: ({ content }) => content !== null && metWhereRead(sought, content, [content.text]),
    why: ({ content }) =>
      content === null
        ? 'the body was not read'
        : `nothing in the body ${sought.map(({ matcher }) => matcher.words).join(' or ')}`,
  };
}

interface Sought {
  readonly question: Question;
  readonly key: string;
  readonly matcher: TextMatcher;
  /** Answered where the message is read. */
  readonly read: boolean;
}

function soughtIn(question: Question): Sought {
  const matcher = textMatcher(question.pattern);
  const read = question.of === 'body' || matcher.isSlow;
  return { question, key: questionKey(question), matcher, read };
}

function questionsOf(sought: readonly Sought[]): readonly Question[] {
  return sought.flatMap(({ question, read }) => (read ? [question] : []));
}

function metAtOnce(sought: readonly Sought[], texts: readonly Text[]): boolean {
  return sought.some(
    ({ read, matcher }) => !read && texts.some(({ text, lower }) => matcher.matches(text, lower)),
  );
}

/** Where nobody read it, the beginning is looked at: so much takes no time. */
const beginningChars = 200;

function metWhereRead(
  sought: readonly Sought[],
  content: ReadyContent | null,
  texts: readonly Text[],
): boolean {
  return sought.some(({ read, key, matcher }) => {
    if (!read) return false;
    // A set that is newer than the reading is met by the next message.
    if (content?.answers !== undefined) return content.answers.get(key) === true;
    return texts.some(({ text, lower }) =>
      matcher.matches(text.slice(0, beginningChars), lower.slice(0, beginningChars)),
    );
  });
}

function remembered({ met }: Headers, condition: Condition, find: () => boolean): boolean {
  const known = met.get(condition);
  if (known !== undefined) return known;
  const found = find();
  met.set(condition, found);
  return found;
}

function withAttachment(wanted: NonNullable<Conditions['attachment']>): Condition {
  const { name, type, bytesMin = 0, bytesMax = Number.POSITIVE_INFINITY } = wanted === 'any' ? {} : wanted;
  return {
    key: 'attachment',
    met: ({ content }) =>
      content?.attachments.some(
        (one) =>
          (name === undefined || matchesPattern(name, one.name)) &&
          (type === undefined || matchesPattern(type, one.type)) &&
          one.bytes >= bytesMin &&
          one.bytes <= bytesMax,
      ) === true,
    why({ content }) {
      if (content === null) return 'the attachments were not read';
      if (content.attachments.length === 0) return 'it has no attachment';
      const names = content.attachments
        .slice(0, 5)
        .map((one) => `${one.name} (${one.type}, ${one.bytes} bytes)`);
      return `none of its attachments is what is asked for: ${names.join(', ')}`;
    },
  };
}

export function listOf<T>(one: T | readonly T[]): readonly T[] {
  return Array.isArray(one) ? one : [one as T];
}

function inWords(wanted: unknown): string {
  const list = listOf(wanted as string | readonly string[]).map((one) => (one === '' ? '<>' : one));
  return list.length > 5
    ? `${list.slice(0, 5).join(' or ')} or one of ${list.length - 5} more`
    : list.join(' or ');
}
