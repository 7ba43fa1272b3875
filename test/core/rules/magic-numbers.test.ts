import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phoneNumber } from '../../../core/model/phone-number.ts';
import { smsProviders } from '../../../core/model/sms.ts';
import { byCause } from '../../../core/rules/decision.ts';
import { explain } from '../../../core/rules/explain.ts';
import { magicCard } from '../../../core/rules/magic-card.ts';
import {
  magicNumberBegins,
  magicNumberOf,
  magicNumberPrefix,
  magicNumberWords,
} from '../../../core/rules/magic-numbers.ts';
import { readRule } from '../../../core/rules/read-rules.ts';
import { smsFacts } from '../../../core/rules/sms-facts.ts';
import { smsReasonOf, smsReportOf } from '../../../core/rules/sms-reasons.ts';
import { deskWorld, startMs } from './desk-world.ts';
import { base, smsOrders } from './sms-cases.ts';

const german = (end: string) => `+4915112${magicNumberPrefix}${end}`;

/** In short: `21610`, `undelivered 30003`, or the kind. */
function ofEach(end: string): readonly string[] {
  return smsProviders.map((provider) => {
    const [only] = magicNumberOf(german(end), provider);
    if (only?.action.do === 'answer') return only.action.reason;
    if (only?.action.do === 'report') return `${only.action.status} ${only.action.code ?? ''}`.trim();
    return only?.action.do ?? 'nothing';
  });
}

describe('magic numbers', () => {
  it.each<readonly [end: string, said: readonly string[]]>([
    // Twilio, Vonage, MessageBird, Sinch, Infobip, Telnyx, SMPP
    [
      '01',
      [
        '21211',
        '3',
        '9',
        'syntax_invalid_parameter_format',
        'REJECTED_DESTINATION',
        '10002',
        'ESME_RINVDSTADR',
      ],
    ],
    ['04', ['21610', '7', 'delivery_failed 103', 'Deleted 997', 'REJECTED_DND', '40300', 'REJECTD']],
    ['12', ['20429', '1', '429', 'too_many_requests', 'TOO_MANY_REQUESTS', '10011', 'ESME_RTHROTTLED']],
    [
      '33',
      [
        'undelivered 30003',
        'failed 2',
        'delivery_failed 27',
        'Failed 29',
        'UNDELIVERABLE_NOT_DELIVERED 27',
        'delivery_failed 40006',
        'UNDELIV 006',
      ],
    ],
    [
      '39',
      ['failed 30036', 'expired 1', 'expired', 'Expired 996', 'EXPIRED_EXPIRED', 'expired 40005', 'EXPIRED'],
    ],
    ['52', Array.from({ length: 7 }, () => 'offline')],
  ])('…7263%s is told in each provider’s own words', (end, said) => {
    expect(ofEach(end)).toEqual(said);
  });

  it('say nothing but what the tables of reasons and reports have', () => {
    for (const provider of smsProviders)
      for (const { end } of magicNumberWords) {
        const [tag] = magicNumberOf(german(end), provider);
        if (tag?.action.do === 'answer')
          expect(smsReasonOf(provider, tag.action.reason), `${provider} ${end}`).not.toBeNull();
        if (tag?.action.do === 'report')
          expect(
            smsReportOf(provider, tag.action.status, tag.action.code),
            `${provider} ${end}`,
          ).not.toBeNull();
      }
  });

  it('are valid mobile numbers wherever the card has an example', () => {
    for (const { country, begin } of magicNumberBegins)
      for (const { end } of magicNumberWords)
        expect(phoneNumber(`${begin}${magicNumberPrefix}${end}`), `${country} ${end}`).toMatchObject({
          country,
          valid: true,
          line: 'mobile',
        });
  });

  it('do on the card what they say, once each', () => {
    const lines = magicCard.filter(({ of }) => of === 'number');
    expect(lines.length).toBe(magicNumberWords.length);
    expect(new Set(lines.map(({ form }) => form)).size).toBe(lines.length);
    for (const { form, example, kind, countries } of lines) {
      expect(example.endsWith(form)).toBe(true);
      for (const one of [{ example }, ...countries])
        expect(magicNumberOf(one.example, 'twilio').map(({ action, label }) => [action.do, label])).toEqual([
          [kind, `…${form}`],
        ]);
    }
  });

  it.each([
    // Twilio's own test numbers are the Twilio door's.
    ...Array.from({ length: 10 }, (_, at) => `+1500555000${at}`),
    '+15005557263',
    '+4915112726300',
    '+4915112726399',
    '+4915100000001',
    '+15550000033',
    '4915112726301',
    '+726301',
    '726301',
    '+4915112726301 ',
    '',
  ])('leave %s alone', (number) => {
    for (const provider of smsProviders) expect(magicNumberOf(number, provider)).toEqual([]);
  });

  it('leave numbers alone that are counted up', () => {
    for (let at = 0; at < 20_000; at++)
      expect(magicNumberOf(`+1555${String(at).padStart(7, '0')}`, 'twilio')).toEqual([]);
  });

  it('never throw, and ask for nothing that a rule could not', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.stringMatching(/^\+?\d{0,12}$/), fc.integer({ min: 0, max: 99 })),
        fc.constantFrom(...smsProviders, null, 'gmail'),
        ([begin, end], provider) => {
          const number = `${begin}7263${String(end).padStart(2, '0')}`;
          for (const { action, stage } of magicNumberOf(number, provider))
            expect(readRule({ stage, then: action }, 'one').then).toEqual(action);
        },
      ),
    );
  });
});

describe('a desk with magic numbers', () => {
  it('carries them out, and says by what', () => {
    const world = deskWorld();
    const { answer } = smsOrders(world, { recipient: german('04') });
    expect(answer).toMatchObject({ action: { do: 'answer', reason: '21610' }, cause: { ruleId: null } });
    expect(answer === null ? '' : byCause(answer.cause)).toBe('by the magic number …726304');
    expect(smsOrders(world, { recipient: german('71') }).after).toMatchObject([
      { action: { do: 'reports', how: 'lose' } },
    ]);
    expect(world.hits.map(({ cause }) => cause)).toEqual(['…726304', '…726371']);
  });

  it('asks them of our own too, by its attempts', () => {
    const world = deskWorld();
    const own = { door: 'queue', tryKey: 'd', recipient: german('11') } as const;
    const orders = [0, 1, 2].map((triesBefore) => smsOrders(world, { ...own, triesBefore }));
    expect(orders.map(({ answer }) => answer?.action.do ?? null)).toEqual(['answer', null, null]);
  });

  it('counts the tries of the same message of a stranger', () => {
    const world = deskWorld();
    const about = { recipient: german('13'), same: 'a' };
    const seen = [about, about, { ...about, same: 'b' }, about].map(
      (one) => smsOrders(world, one).answer !== null,
    );
    expect(seen).toEqual([true, false, true, true]);
  });

  it('holds no more what was released', () => {
    const world = deskWorld();
    const own = { door: 'queue', tryKey: 'd', recipient: german('61') } as const;
    expect(smsOrders(world, own).hold).toMatchObject({ cause: { label: '…726361' } });
    expect(smsOrders(world, { ...own, releasedFrom: ['…726361'] }).hold).toBeNull();
  });

  it('can be told to do without them', () => {
    const world = deskWorld();
    world.set([], { magic: false });
    expect(smsOrders(world, { recipient: german('04') }).answer).toBeNull();
    const explained = explain(
      world.desk,
      'farSide',
      smsFacts(world.desk, { ...base, recipient: german('04') }),
      { nowMs: startMs, othersMax: 10 },
    );
    expect(explained.others).toMatchObject([
      { label: '…726304', verdict: 'off', why: ['magic numbers are switched off'] },
    ]);
  });

  it('foretells them', () => {
    const world = deskWorld([{ id: 'lose', stage: 'farSide', then: { do: 'reports', how: 'lose' } }]);
    const { met, others } = explain(
      world.desk,
      'farSide',
      smsFacts(world.desk, { ...base, recipient: german('12') }),
      { nowMs: startMs, othersMax: 10 },
    );
    expect(met.map(({ label, point }) => [label, point])).toEqual([['…726312', 'endOfData']]);
    expect(others).toMatchObject([{ label: 'lose', verdict: 'not_reached' }]);
  });
});
