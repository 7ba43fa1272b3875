import type { RuleBody } from '../api/rules.ts';
import { writeDuration } from '../duration-text.ts';
import { formatBytes, formatDateTime } from '../format.ts';
import {
  type Action,
  type Conditions,
  channelWords,
  isPushProvider,
  isSmsProvider,
  listOf,
  pointWords,
  providerWords,
  weekdays,
  weekdayWords,
} from './rule-words.ts';

/** A piece of a sentence: words, what the rule is about, or what is said on the wire. */
export interface Piece {
  readonly text: string;
  readonly as: 'words' | 'value' | 'wire';
}

type Pattern = Exclude<Conditions['body'], undefined | readonly unknown[]>;
type Sentence = readonly Piece[];

/** A rule as one readable sentence: “When a message to jane@gmail.com reaches the far side, defer it 2 times with …”. */
export function ruleSentence({ stage, when, then }: Pick<RuleBody, 'stage' | 'when' | 'then'>): Sentence {
  const session = ofSession(then) && !asksForMessage(when);
  return joined([
    words(session ? 'When ' : `When ${messageWords(when)}`),
    ...(session ? [words('anyone')] : whoAndWhat(when)),
    ...(when.moment === undefined ? [] : momentSentence(when.moment)),
    words(
      when.moment !== undefined
        ? ''
        : session
          ? ` connects to ${stage === 'door' ? 'our door' : 'the far side'}`
          : stage === 'door'
            ? ' comes to our door'
            : ' reaches the far side',
    ),
    ...doorWords(when),
    ...timeWords(when.time),
    ...countWords(when),
    words(', '),
    ...actionSentence(then, stage, requestOf(when)),
    words('.'),
  ]);
}

export const plainSentence = (sentence: Sentence): string => sentence.map(({ text }) => text).join('');

/** What is one request at the far side. */
export type RequestKind = 'push' | 'sms' | 'inapp';

/** What is done: “defer it 2 times with 451 4.7.1 …”. @param request it is done to pushes alone, or to SMS alone */
export function actionSentence(
  action: Action,
  stage: RuleBody['stage'],
  request: RequestKind | null = null,
): Sentence {
  switch (action.do) {
    case 'reject':
      return [
        words('reject it with '),
        wire(replyLine(action)),
        ...atPoint(action.at),
        words(action.close === true ? ', and close the connection' : ''),
      ];
    case 'defer':
      return [
        words('defer it '),
        ...deferSpan(action),
        words('with '),
        wire(replyLine(action)),
        ...atPoint(action.at),
      ];
    case 'hold':
      return [
        words('hold it until it is released'),
        ...(action.reason === undefined ? [] : [words(' ('), value(action.reason), words(')')]),
      ];
    case 'delay': {
      const span = [
        value(
          action.msMax === undefined
            ? spanWords(action.ms)
            : `${spanWords(action.ms)} to ${spanWords(action.msMax)}`,
        ),
      ];
      return stage === 'door'
        ? [words('answer '), ...span, words(' late'), ...atPoint(action.at)]
        : request === 'inapp'
          ? [words('be '), ...span, words(' late')]
          : [words(`bring it ${arrivals[request ?? 'mail']} `), ...span, words(' late')];
    }
    case 'slow':
      return [
        words(request === 'inapp' ? 'answer at ' : 'take it at '),
        value(`${formatBytes(action.bytesPerSecond)} a second`),
      ];
    case 'disconnect':
      if (request === 'inapp') return cutSentence(action);
      if (request !== null)
        return [
          words('cut the connection '),
          value('in place of the answer'),
          words(
            action.keep === true ? `, and keep the ${request === 'push' ? 'push' : 'SMS'} all the same` : '',
          ),
        ];
      return [
        words('cut the connection '),
        value(
          action.at === 'midData' && action.afterBytes !== undefined
            ? `after ${formatBytes(action.afterBytes)} of the content`
            : action.at === 'endOfData'
              ? 'after the dot, before the 250'
              : pointWords[action.at],
        ),
        words(action.keep === true ? ', and keep the message all the same' : ''),
      ];
    case 'refuseConnection':
      return action.how === 'reset' || request !== null
        ? [value('reset'), words(' the connection')]
        : [words('refuse the connection with '), wire(replyLine(action))];
    case 'breakTls':
      return tlsSentences[action.how];
    case 'refuseAuth':
      return [words('refuse the login with '), wire(replyLine(action))];
    case 'blackHole':
      return [words('accept it and '), value('lose it')];
    case 'duplicate':
      return [
        words(request === 'inapp' ? 'hand each entry and event out ' : 'deliver it '),
        value(times(action.copies)),
      ];
    case 'bounceLater':
      return [
        words('accept it, and bounce it '),
        value(`${spanWords(action.afterMs)} later`),
        words(' with '),
        wire(replyLine(action)),
      ];
    case 'answer':
      return [
        words('answer '),
        wire([action.status, action.reason].filter((one) => one !== undefined).join(' ')),
        ...(action.retryAfterS === undefined
          ? []
          : [words(' and ask for a new try after '), value(spanWords(action.retryAfterS * 1_000))]),
        ...(action.times === undefined ? [] : [words(', '), value(times(action.times))]),
      ];
    case 'goAway':
      if (request === 'inapp')
        return [
          words('end the connection with '),
          wire('reconnect'),
          ...(action.retryAfterMs === undefined
            ? []
            : [words(' in '), value(spanWords(action.retryAfterMs))]),
        ];
      return [
        words(action.answered ? 'answer it, and end the connection with ' : 'end the connection with '),
        wire(action.reason),
      ];
    case 'offline':
      return [
        words(
          request === 'inapp'
            ? 'take the user out of the net for '
            : `switch the ${request === 'sms' ? 'handset' : 'device'} off for `,
        ),
        value(spanWords(action.forMs)),
      ];
    case 'uninstall':
      return [
        value('uninstall'),
        words(' the app'),
        ...(action.tellAfterSends === undefined
          ? []
          : [words(', which the provider says after '), value(`${action.tellAfterSends} more`)]),
        ...(action.tellAfterMs === undefined
          ? []
          : [words(', which the provider says after '), value(spanWords(action.tellAfterMs))]),
      ];
    case 'report':
      return [
        words('accept it, and report '),
        wire([action.status, action.code].filter((one) => one !== undefined).join(' ')),
        ...(action.afterMs === 0 ? [] : [words(' '), value(`${spanWords(action.afterMs)} later`)]),
      ];
    case 'reports':
      return reportsSentence(action);
    case 'complain':
      return [words('report it as '), value('spam'), words(' '), value(`${spanWords(action.afterMs)} later`)];
    case 'place':
      return [words('put it into '), value(action.in)];
    case 'autoReply':
      return [
        words('answer it '),
        value(`${spanWords(action.afterMs)} later`),
        words(' with '),
        wire(action.text),
      ];
    case 'empty':
      return [words('hand out '), value('nothing')];
    case 'stale':
      return [words('answer '), value('as before'), words(', though something is new')];
    case 'shuffle':
      return [words('hand out '), value('out of order')];
    case 'expire':
      return [words('let it expire after '), value(spanWords(action.afterMs))];
    case 'corrupt':
      return [words('flip a byte of its body, so that '), value('DKIM breaks')];
  }
}

function cutSentence({ at, keep, afterEvents }: Extract<Action, { do: 'disconnect' }>): Sentence {
  return [
    words('cut the connection '),
    value(at === 'midData' ? 'in the middle of the answer' : 'in place of the answer'),
    ...(at !== 'midData' || afterEvents === undefined
      ? []
      : [
          words(', a realtime one after '),
          value(`${afterEvents} ${afterEvents === 1 ? 'event' : 'events'}`),
        ]),
    words(keep === true ? ', and do what was asked all the same' : ''),
  ];
}

/** “… is pulled or is to be displayed”. */
function momentSentence(moments: NonNullable<Conditions['moment']>): Sentence {
  return listOf(moments).flatMap(
    (moment, index): Sentence => [words(index === 0 ? ' ' : ' or '), words(momentVerbs[moment])],
  );
}

const momentVerbs = {
  send: 'is handed in',
  pull: 'is pulled',
  display: 'is asked for to display',
  track: 'is told of (seen, clicked, dismissed)',
  realtime: 'is waited for on a realtime connection',
} as const;

const arrivals = { mail: 'into the mailbox', push: 'to the device', sms: 'to the handset' } as const;

function reportsSentence({ how, times: count, ms }: Extract<Action, { do: 'reports' }>): Sentence {
  switch (how) {
    case 'lose':
      return [value('lose'), words(' its delivery reports')];
    case 'repeat':
      return [words('send each of its delivery reports '), value(times(count))];
    case 'late':
      return [words('send its delivery reports '), value(`${spanWords(ms)} late`)];
    case 'shuffle':
      return [words('send its delivery reports '), value('out of order')];
  }
}

const tlsSentences: Readonly<Record<Extract<Action, { do: 'breakTls' }>['how'], Sentence>> = {
  notOffered: [words('do not offer '), value('STARTTLS')],
  refuse: [words('refuse '), value('STARTTLS'), words(' with 454')],
  cut: [words('cut the '), value('TLS handshake')],
};

/** What becomes of the session, whoever the message is for. */
function ofSession(action: Action): boolean {
  switch (action.do) {
    case 'refuseConnection':
    case 'breakTls':
    case 'refuseAuth':
    case 'slow':
      return true;
    case 'disconnect':
    case 'reject':
    case 'defer':
      return action.at === 'connect' || action.at === 'ehlo';
    default:
      return false;
  }
}

const sessionKeys: readonly (keyof Conditions)[] = [
  'door',
  'time',
  'nth',
  'everyNth',
  'rate',
  'probability',
  'atMost',
];

function asksForMessage(when: Conditions): boolean {
  return Object.entries(when).some(
    ([key, asked]) => asked !== undefined && !sessionKeys.some((one) => one === key),
  );
}

/** Whether it is about pushes alone, or SMS alone: by its channel, or by its providers. */
export function requestOf({ channel, provider, moment }: Conditions): RequestKind | null {
  const channels = listOf(channel);
  if (moment !== undefined || (channels.length > 0 && channels.every((one) => one === 'inapp')))
    return 'inapp';
  const providers = listOf(provider);
  for (const [kind, isOne] of [
    ['push', isPushProvider],
    ['sms', isSmsProvider],
  ] as const)
    if (
      (channels.length > 0 && channels.every((one) => one === kind)) ||
      (providers.length > 0 && providers.every(isOne))
    )
      return kind;
  return null;
}

function messageWords(when: Conditions): string {
  const channels = listOf(when.channel);
  const request = requestOf(when);
  if (channels.length === 0)
    return request === null ? 'a message' : `${request === 'push' ? 'a' : 'an'} ${channelWords[request]}`;
  return channels
    .map((one) => `${one === 'email' || one === 'sms' || one === 'inapp' ? 'an' : 'a'} ${channelWords[one]}`)
    .join(' or ');
}

function whoAndWhat(when: Conditions): Sentence {
  return [
    ...named(
      ' from ',
      listOf(when.sender).map((one) => (one === '' ? 'nobody (the null sender)' : one)),
    ),
    ...named(' to ', listOf(when.recipient)),
    ...named(' to anybody at ', listOf(when.domain)),
    ...named(
      requestOf(when) === null ? ' for a mailbox at ' : ' by ',
      listOf(when.provider).map((one) => providerWords[one]),
    ),
    ...patterns(' with a subject ', listOf(when.subject)),
    ...headerWords(when),
    ...patterns(' with a body ', listOf(when.body)),
    ...attachmentWords(when.attachment),
    ...(when.size === undefined ? [] : [words(' of '), value(sizeWords(when.size))]),
    ...named(' tagged ', listOf(when.tag)),
  ];
}

function doorWords({ door }: Conditions): Sentence {
  return named(' through ', listOf(door));
}

/** Beyond these a sentence says how many more there are. */
const namedMax = 2;

function named(before: string, values: readonly string[]): Sentence {
  if (values.length === 0) return [];
  const shown = values.slice(0, namedMax);
  const more = values.length - shown.length;
  return [
    words(before),
    ...shown.flatMap((one, index): Sentence => {
      const between = index === 0 ? '' : index === shown.length - 1 && more === 0 ? ' or ' : ', ';
      return [words(between), value(one)];
    }),
    ...(more === 0 ? [] : [words(` or ${more} more`)]),
  ];
}

function patterns(before: string, all: readonly Pattern[]): Sentence {
  return all.flatMap((one, index): Sentence => [words(index === 0 ? before : ' or '), ...patternWords(one)]);
}

/** “containing invoice”, “matching ^Re:”. */
export function patternWords(pattern: Pattern): Sentence {
  if (typeof pattern === 'string') return [words('containing '), value(pattern)];
  if ('equals' in pattern)
    return pattern.equals === ''
      ? [words('that is '), value('empty')]
      : [words('that is '), value(pattern.equals)];
  if ('startsWith' in pattern) return [words('beginning with '), value(pattern.startsWith)];
  if ('endsWith' in pattern) return [words('ending with '), value(pattern.endsWith)];
  if ('like' in pattern) return [words('like '), value(pattern.like)];
  return [words('matching '), wire(pattern.matches)];
}

function headerWords({ header }: Conditions): Sentence {
  return listOf(header).flatMap(
    ({ name, text, absent }, index): Sentence => [
      words(`${index === 0 ? '' : ' or'} ${absent === true ? 'without' : 'with'} a header `),
      value(name),
      ...(text === undefined || absent === true ? [] : [words(' '), ...patternWords(text)]),
    ],
  );
}

function attachmentWords(attachment: Conditions['attachment']): Sentence {
  if (attachment === undefined) return [];
  if (attachment === 'any') return [words(' with '), value('an attachment')];
  const { name, type } = attachment;
  const sized = attachment.bytesMin !== undefined || attachment.bytesMax !== undefined;
  return [
    words(' with an attachment'),
    ...(name === undefined ? [] : [words(' named '), value(name)]),
    ...(type === undefined ? [] : [words(' of the type '), value(type)]),
    ...(sized ? [words(' of '), value(sizeWords(attachment))] : []),
  ];
}

function sizeWords(size: {
  readonly bytesMin?: number | undefined;
  readonly bytesMax?: number | undefined;
}): string {
  const { bytesMin, bytesMax } = size;
  if (bytesMin === undefined) return bytesMax === undefined ? 'any size' : `at most ${formatBytes(bytesMax)}`;
  return bytesMax === undefined
    ? `at least ${formatBytes(bytesMin)}`
    : `${formatBytes(bytesMin)} to ${formatBytes(bytesMax)}`;
}

function timeWords(time: Conditions['time']): Sentence {
  if (time === undefined) return [];
  const { from, until, forMs, afterMs, daily, days } = time;
  const said = [
    ...(from === undefined ? [] : [`from ${formatDateTime(from)}`]),
    ...(until === undefined ? [] : [`until ${formatDateTime(until)}`]),
    ...(afterMs === undefined ? [] : [`later than ${spanWords(afterMs)} after the rule began`]),
    ...(forMs === undefined ? [] : [`within ${spanWords(forMs)} after the rule began`]),
    ...(daily === undefined ? [] : [`between ${daily.from} and ${daily.until} UTC`]),
    ...(days === undefined
      ? []
      : [
          `on ${weekdays
            .filter((day) => days.includes(day))
            .map((day) => weekdayWords[day])
            .join(', ')}`,
        ]),
  ];
  return said.length === 0 ? [] : [words(' '), value(said.join(', '))];
}

function countWords(when: Conditions): Sentence {
  const { nth, everyNth, rate, probability, atMost } = when;
  const said: Sentence[] = [
    ...(nth === undefined
      ? []
      : [[words(' for the '), value(listOf(nth).map(ordinal).join(', ')), words(' time')]]),
    ...(everyNth === undefined
      ? []
      : [[words(' every '), value(everyNth === 1 ? 'time' : `${ordinal(everyNth)} time`)]]),
    ...(rate === undefined
      ? []
      : [[words(' more than '), value(times(rate.moreThan)), words(' in '), value(spanWords(rate.perMs))]]),
    ...(probability === undefined
      ? []
      : [[words(' in '), value(`${Number((probability * 100).toFixed(3))} %`), words(' of the cases')]]),
    ...(atMost === undefined
      ? []
      : [
          atMost === 1
            ? [words(', '), value('the next time'), words(' only')]
            : [words(', at most '), value(times(atMost))],
        ]),
  ];
  return said.flat();
}

function deferSpan({ times: count, until, forMs }: Extract<Action, { do: 'defer' }>): Sentence {
  const said = [
    ...(count === undefined ? [] : [times(count)]),
    ...(until === undefined ? [] : [`until ${formatDateTime(until)}`]),
    ...(forMs === undefined ? [] : [`for ${spanWords(forMs)}`]),
  ];
  return said.length === 0 ? [] : [value(said.join(', ')), words(' ')];
}

function atPoint(at: keyof typeof pointWords | undefined): Sentence {
  return at === undefined ? [] : [words(` ${pointWords[at]}`)];
}

/** On one line: code, enhanced code, text. */
export function replyLine(reply: {
  readonly code: number;
  readonly enhanced?: string | undefined;
  readonly text: string;
}): string {
  const code = Number.isNaN(reply.code) ? '???' : String(reply.code);
  return [code, reply.enhanced ?? '', reply.text.replaceAll(/\s*\n\s*/g, ' ')]
    .filter((part) => part !== '')
    .join(' ');
}

const spanUnits = { s: 's', m: 'min', h: 'h', d: 'd' } as const;

/** `90s` as “90 s”, `5m` as “5 min”. */
export function spanWords(ms: number): string {
  if (Number.isNaN(ms)) return '?';
  if (ms < 1_000) return `${ms} ms`;
  return writeDuration(ms).replace(/[smhd]$/, (unit) =>
    unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? ` ${spanUnits[unit]}` : unit,
  );
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

export function ordinal(value: number): string {
  const lastTwo = value % 100;
  if (lastTwo >= 11 && lastTwo <= 13) return `${value}th`;
  return `${value}${({ 1: 'st', 2: 'nd', 3: 'rd' } as const)[value % 10] ?? 'th'}`;
}

/** Neighbours of one kind as one piece, and nothing empty. */
function joined(pieces: Sentence): Sentence {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (piece.text === '') continue;
    if (last !== undefined && last.as === piece.as && piece.as === 'words')
      all[all.length - 1] = { text: last.text + piece.text, as: piece.as };
    else all.push(piece);
  }
  return all;
}

function words(text: string): Piece {
  return { text, as: 'words' };
}

function value(text: string): Piece {
  return { text, as: 'value' };
}

function wire(text: string): Piece {
  return { text, as: 'wire' };
}
