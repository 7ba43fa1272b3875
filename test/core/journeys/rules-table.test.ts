/**
 * Every action by every condition, on the wire. Of each pair there are two rules: one whose condition is the case, one
 * whose condition is not. The same message goes to a recipient of each, and only the first may meet its rule.
 */
import { describe, expect, it } from 'vitest';
import { channelFault } from '../../../core/rules/channel-fault.ts';
import { decidedAt, momentFault } from '../../../core/rules/moments.ts';
import type { Action, ConditionKey, Conditions, Point, Rule } from '../../../core/rules/schema.ts';
import { openSmtp } from '../../smtp-client.ts';
import { type ActionCase, actionCases } from '../rules/cases.ts';
import { hourMs, startWorld, type World } from './journey.ts';

interface Pair {
  readonly key: ConditionKey;
  readonly met: Conditions;
  readonly not: Conditions;
}

const pairs = (door: string): readonly Pair[] => [
  { key: 'channel', met: { channel: 'email' }, not: { channel: 'push' } },
  { key: 'door', met: { door }, not: { door: 'smtps' } },
  { key: 'provider', met: { provider: 'gmail' }, not: { provider: 'yahoo' } },
  { key: 'recipient', met: { recipient: '*@gmail.com' }, not: { recipient: 'nobody@gmail.com' } },
  { key: 'sender', met: { sender: 'hello@*' }, not: { sender: 'shop.invalid' } },
  { key: 'domain', met: { domain: ['gmail.com'] }, not: { domain: '*.gmail.com' } },
  { key: 'subject', met: { subject: { endsWith: 'INVOICE 42' } }, not: { subject: { equals: 'invoice' } } },
  {
    key: 'header',
    met: { header: { name: 'x-kind', text: 'receipt' } },
    not: { header: { name: 'X-Kind', absent: true } },
  },
  { key: 'body', met: { body: 'on its way' }, not: { body: { matches: '^on its way$' } } },
  { key: 'attachment', met: { attachment: { name: '*.pdf' } }, not: { attachment: { type: 'image/*' } } },
  { key: 'size', met: { size: { bytesMax: 50_000 } }, not: { size: { bytesMin: 50_000 } } },
  { key: 'tag', met: { tag: 'billing' }, not: { tag: 'news' } },
  { key: 'time', met: { time: { forMs: hourMs } }, not: { time: { afterMs: hourMs } } },
  { key: 'nth', met: { nth: 1 }, not: { nth: 2 } },
  { key: 'everyNth', met: { everyNth: 1 }, not: { everyNth: 2 } },
  {
    key: 'rate',
    met: { rate: { moreThan: 0, perMs: hourMs } },
    not: { rate: { moreThan: 1, perMs: hourMs } },
  },
  { key: 'probability', met: { probability: 1 }, not: { probability: 0 } },
  { key: 'atMost', met: { atMost: 1 }, not: { probability: 0, atMost: 1 } },
];

const message = (from: string, to: string): string =>
  [
    `From: Shop <${from}>`,
    `To: ${to}`,
    'Subject: Your invoice 42',
    'X-Kind: receipt',
    'X-Tags: billing, paid',
    'Date: Sat, 31 Jan 2026 12:00:00 +0000',
    `Message-ID: <${to.replace('@', '.')}>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Hello Jane, your order is on its way and will be with you on Tuesday.',
    '--b',
    'Content-Type: application/pdf; name=invoice.pdf',
    'Content-Disposition: attachment; filename=invoice.pdf',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('%PDF-1.4 a bill').toString('base64'),
    '--b--',
    '',
  ].join('\r\n');

async function hitsById(world: World): Promise<ReadonlyMap<string, number>> {
  const { entries } = await world.call<{ entries: readonly { id: string; hits: number }[] }>(
    'GET',
    '/v1/rules?limit=20000',
  );
  return new Map(entries.map(({ id, hits }) => [id, hits]));
}

interface Shown {
  readonly recipient: string;
  readonly status: string;
  readonly substatus: string | null;
  readonly placement: string | null;
  readonly reason: string | null;
  readonly attempts: number;
}

async function allDeliveries(world: World): Promise<readonly Shown[]> {
  const found: Shown[] = [];
  for (let after = ''; ; ) {
    const page = await world.call<{ entries: readonly Shown[]; nextCursor: string | null }>(
      'GET',
      `/v1/deliveries?limit=500&after=${after}`,
    );
    found.push(...page.entries);
    if (page.nextCursor === null) return found;
    after = page.nextCursor;
  }
}

/** What a delivery looks like right after its first attempt, when the action was done to it. */
function doneTo({ action, name }: ActionCase, shown: Shown): string | null {
  const is = (wanted: Partial<Shown>): string | null => {
    const wrong = (Object.keys(wanted) as (keyof Shown)[]).find((key) => shown[key] !== wanted[key]);
    return wrong === undefined ? null : `${name}: ${wrong} is ${shown[wrong]}, not ${wanted[wrong]}`;
  };
  switch (action.do) {
    case 'reject':
      return is({ status: 'undeliverable', attempts: 1 });
    case 'refuseConnection':
      // 554 in place of the greeting is for good (RFC 5321 §3.1).
      return is(action.how === 'reply' ? { status: 'undeliverable' } : { substatus: 'deferred' });
    case 'defer':
    case 'disconnect':
      return is({ status: 'queued', substatus: 'deferred', attempts: 1 });
    case 'hold':
      return is({ substatus: 'held', attempts: 0 });
    case 'delay':
    case 'bounceLater':
      return is({ status: 'sent', substatus: null });
    case 'blackHole':
      return is({ status: 'sent', substatus: 'unconfirmed' });
    case 'place':
      return is({ status: 'delivered', placement: action.in });
    // What becomes of the rest depends on more than the rule: that it was done is in the hits.
    default:
      return shown.attempts === 1 ? null : `${name}: ${shown.attempts} attempts`;
  }
}

describe('every action by every condition', () => {
  it('is done by the far side to what meets it, and to nothing else', { timeout: 300_000 }, async () => {
    const world = await startWorld();
    // A mailbox provider that has seen all of it would judge by it.
    const actions = actionCases.filter(({ action }) => action.do !== 'refuseAuth');
    const cases = actions.flatMap((action, at) =>
      pairs('queue').flatMap((pair) =>
        (['met', 'not'] as const).map((which) => ({
          id: `${at}.${pair.key}.${which}`,
          recipient: `r${at}-${pair.key}-${which}@gmail.com`.toLowerCase(),
          from: `hello@shop${at}.example`,
          action,
          pair,
          which,
        })),
      ),
    );
    const rules = cases.map(
      ({ id, recipient, action, pair, which }): Rule => ({
        id,
        name: '',
        enabled: true,
        stage: 'farSide',
        // Each rule is for one recipient only; a rule about recipients says so itself.
        when: {
          ...pair[which],
          ...(pair.key === 'recipient' ? (which === 'met' ? { recipient } : {}) : { recipient }),
        },
        then: action.action,
      }),
    );
    // What is done to mail alone cannot be asked for another channel.
    const refused = rules.filter((rule) => channelFault(rule) !== null);
    expect(refused.map(({ when }) => when.channel)).toEqual(refused.map(() => 'push'));
    await world.call('PUT', '/v1/rules', { rules: rules.filter((rule) => channelFault(rule) === null) });
    for (const { from, recipient } of cases)
      await world.core.send(message(from, recipient), from, [recipient]);
    await world.core.app.settled();

    const hits = await hitsById(world);
    const wrongHits = cases
      .filter(({ id, which }) => (hits.get(id) ?? 0) !== (which === 'met' ? 1 : 0))
      .map(({ id }) => `${id}: ${hits.get(id)}`);
    expect(wrongHits).toEqual([]);
    const deliveries = new Map((await allDeliveries(world)).map((one) => [one.recipient, one]));
    const wrong = cases.flatMap(({ recipient, action, which }) => {
      const shown = deliveries.get(recipient);
      if (shown === undefined) return [`${recipient}: no delivery`];
      if (which === 'met') return doneTo(action, shown) ?? [];
      return shown.status === 'delivered' && shown.attempts === 1
        ? []
        : [`${recipient}: ${shown.status} ${shown.reason}`];
    });
    expect(wrong).toEqual([]);
  });

  it('is done by our own door to what meets it, and to nothing else', { timeout: 300_000 }, async () => {
    const world = await startWorld();
    const wrong: string[] = [];
    for (const one of actionCases) {
      for (const pair of pairs('submission')) {
        for (const which of ['met', 'not'] as const) {
          const rule: Rule = {
            id: 'one',
            name: '',
            enabled: true,
            stage: 'door',
            when: pair[which],
            then: atOnce(one.action),
          };
          if (momentFault(rule) !== null) continue;
          const replaced = await world.core.get('/v1/rules', {
            method: 'PUT',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ rules: [rule] }),
          });
          if (channelFault(rule) !== null) {
            expect([pair.key, which, replaced.status]).toEqual(['channel', 'not', 422]);
            continue;
          }
          expect(replaced.status).toBe(200);
          await world.call('POST', '/v1/rules/start-over');
          const seen = await session(world, one.action, which);
          const wanted = which === 'met' ? outcomeOf(rule) : 'taken';
          if (seen !== wanted) wrong.push(`${one.name} by ${pair.key}, ${which}: ${seen}, not ${wanted}`);
          const hits = (await hitsById(world)).get('one');
          if (hits !== (which === 'met' ? 1 : 0))
            wrong.push(`${one.name} by ${pair.key}, ${which}: ${hits} hits`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** Nobody waits in a test. */
function atOnce(action: Action): Action {
  return action.do === 'delay' ? { do: 'delay', ms: 1 } : action;
}

const steps = ['connect', 'ehlo', 'starttls', 'auth', 'mail', 'rcpt', 'data', 'content'] as const;
type Step = (typeof steps)[number];

/** Where a session ends, and how: `taken`, or the step with the code, or with `cut`. */
function outcomeOf(rule: Rule): string {
  const { then: action } = rule;
  const at = stepAt[decidedAt(rule)];
  switch (action.do) {
    case 'reject':
    case 'defer':
      return `${at} ${action.code}`;
    case 'disconnect':
      return `${at} cut`;
    case 'refuseConnection':
      return action.how === 'reset' ? 'connect cut' : `connect ${action.code}`;
    case 'breakTls':
      return action.how === 'notOffered'
        ? 'starttls 502'
        : action.how === 'refuse'
          ? 'starttls 454'
          : 'starttls cut';
    case 'refuseAuth':
      return `auth ${action.code}`;
    default:
      return 'taken';
  }
}

const stepAt: Readonly<Record<Point, Step>> = {
  queue: 'connect',
  connect: 'connect',
  ehlo: 'ehlo',
  tls: 'starttls',
  auth: 'auth',
  mail: 'mail',
  rcpt: 'rcpt',
  data: 'data',
  midData: 'content',
  endOfData: 'content',
  accepted: 'content',
  // No session of SMTP comes to these.
  send: 'content',
  pull: 'content',
  display: 'content',
  track: 'content',
  realtime: 'content',
};

let sent = 0;

async function session(world: World, action: Action, which: 'met' | 'not'): Promise<string> {
  const from = 'hello@shop.example';
  const to = `jane${++sent}@gmail.com`;
  const client = await openSmtp(world.core.port('submission')).catch(() => null);
  if (client === null) return 'connect cut';
  const say: Readonly<Record<Step, () => Promise<string>>> = {
    connect: () => client.reply(),
    ehlo: () => client.say('EHLO app.shop.example'),
    starttls: () => client.say('STARTTLS'),
    auth: () => client.say(`AUTH PLAIN ${Buffer.from('\0app\0secret').toString('base64')}`),
    mail: () => client.say(`MAIL FROM:<${from}>`),
    rcpt: () => client.say(`RCPT TO:<${to}>`),
    data: () => client.say('DATA'),
    content: () => client.say(`${message(from, to)}\r\n.`),
  };
  try {
    for (const step of steps) {
      // A handshake is only begun where it is about the handshake.
      if (step === 'starttls' && action.do !== 'breakTls') continue;
      if (step === 'auth' && action.do !== 'refuseAuth') continue;
      const answer = await say[step]().catch(() => '');
      const code = Number(answer.slice(0, 3));
      if (answer === '') return `${step} cut`;
      if (code >= 400) return `${step} ${code}`;
      if (step === 'starttls') {
        // After the 220 there would be the handshake.
        if (which === 'not') return 'taken';
        await client.closed;
        return 'starttls cut';
      }
    }
    return 'taken';
  } finally {
    client.destroy();
  }
}
