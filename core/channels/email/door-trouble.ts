/** What the rules want done at an SMTP door, up to the content: asked of the desk afresh at each moment. */
import { domainOf } from '../../delivery/plan.ts';
import { replies, reply } from '../../doors/smtp/reply.ts';
import type { SmtpSession } from '../../doors/smtp/session.ts';
import { noTrouble, type Trouble, type Troublemaker, type TroublePoint } from '../../doors/smtp/trouble.ts';
import { byCause, type Decision, type Facts, type RuleDesk } from '../../rules/decision.ts';
import type { WordFacts } from '../../rules/reply-text.ts';
import { delayAmong, isOf, spokenReply } from './purpose.ts';

export interface DoorTroublePorts {
  readonly desk: RuleDesk;
  /** Whose mailbox an address of that domain is. */
  readonly providerOf: (domain: string) => string;
}

export function doorTrouble(door: string, { desk, providerOf }: DoorTroublePorts): Troublemaker {
  function about(point: TroublePoint, session: SmtpSession, recipient: string | null): Facts {
    const { sender } = session;
    // Behind RCPT all that were accepted end alike: the first stands for them.
    const whose = recipient ?? (point === 'data' || point === 'midData' ? session.recipients[0] : undefined);
    return {
      channel: 'email',
      door,
      exchangeId: session.connection.exchangeId,
      tryKey:
        whose === undefined
          ? session.peer.address
          : [sender, ...(recipient === null ? session.recipients : [recipient])].join('\0'),
      ...(sender === null ? {} : { sender }),
      ...(whose === undefined ? {} : { recipient: whose, provider: providerOf(domainOf(whose)) }),
    };
  }

  /** SMTP has one answer for all recipients behind DATA: who would get another one needs a transaction of its own. */
  function endsDifferently(session: SmtpSession, recipient: string, facts: Facts): boolean {
    const [first] = session.recipients;
    if (first === undefined || first === recipient || !asksBehindRcpt(desk)) return false;
    const key = desk.endKey('door', facts);
    return key !== desk.endKey('door', about('rcpt', session, first));
  }

  return {
    asks: (point) => desk.asks('door', point) || (point === 'rcpt' && asksBehindRcpt(desk)),
    at(point, session, recipient) {
      const facts = about(point, session, recipient);
      if (recipient !== null && endsDifferently(session, recipient, facts)) return splitOff;
      if (!desk.asks('door', point)) return null;
      const decisions = desk.decide('door', point, facts);
      return decisions.length === 0 ? null : troubleOf(decisions, wordsOf(session, facts));
    },
  };
}

/** Moments at which one answer is for all recipients. */
function asksBehindRcpt(desk: RuleDesk): boolean {
  return desk.asks('door', 'endOfData') || desk.asks('door', 'data') || desk.asks('door', 'midData');
}

const splitOff: Trouble = {
  ...noTrouble,
  answer: reply(
    452,
    '4.5.3',
    'This recipient ends differently from those before it; send it in a transaction of its own',
  ),
  why: 'because rules end it differently from those before it',
};

export function wordsOf(session: SmtpSession, facts: Facts): WordFacts {
  const { hostname, messageBytesMax } = session.options;
  return {
    ip: session.peer.address,
    host: hostname,
    id: session.connection.exchangeId,
    bytesMax: messageBytesMax,
    ...(facts.sender === undefined ? {} : { sender: facts.sender }),
    ...(facts.recipient === undefined ? {} : { recipient: facts.recipient }),
  };
}

function troubleOf(decisions: readonly Decision[], words: WordFacts): Trouble {
  let trouble: Trouble = noTrouble;
  const notes: string[] = [];
  const delay = delayAmong(decisions);
  if (delay !== null) notes.push(`the answer comes ${delay.lateMs} ms late, ${delay.why}`);
  for (const one of decisions) {
    const why = byCause(one.cause);
    if (isOf(one, 'slow')) {
      trouble = { ...trouble, bytesPerSecond: one.action.bytesPerSecond };
      notes.push(`${one.action.bytesPerSecond} bytes a second from here on, ${why}`);
      continue;
    }
    if (ends(trouble)) continue;
    if (isOf(one, 'reject', 'defer', 'refuseAuth')) {
      trouble = { ...trouble, answer: spokenReply(one, words), why };
    } else if (isOf(one, 'refuseConnection')) {
      trouble =
        one.action.how === 'reset'
          ? { ...trouble, reset: true, why }
          : { ...trouble, answer: spokenReply(one, words), why };
    } else if (isOf(one, 'disconnect')) {
      trouble =
        one.action.at === 'midData'
          ? { ...trouble, cutAfterBytes: one.action.afterBytes ?? 0, why }
          : { ...trouble, answer: replies.hangUp, why };
    } else if (isOf(one, 'breakTls')) {
      trouble = { ...trouble, tls: one.action.how, why };
    }
  }
  return {
    ...trouble,
    notes,
    lateMs: delay?.lateMs ?? 0,
    why: trouble.why === '' ? (delay?.why ?? '') : trouble.why,
  };
}

function ends({ answer, reset, tls, cutAfterBytes }: Trouble): boolean {
  return answer !== null || reset || tls !== null || cutAfterBytes !== null;
}
