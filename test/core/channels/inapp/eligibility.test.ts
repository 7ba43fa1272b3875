import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge, type Occasion, weekMs } from '../../../../core/channels/inapp/eligibility.ts';
import { type InAppRow, inAppFrequencies, inAppKinds, inAppStates } from '../../../../core/model/inapp.ts';
import { nowMs, row } from './row.ts';

const visit: Occasion = {
  nowMs,
  url: 'https://app.example/home?tab=1',
  event: null,
  slot: null,
  session: null,
  lastShownMs: null,
};

function reason(one: InAppRow, occasion: Partial<Occasion> = {}): string | null {
  const { chosen, inline, passedOver } = judge([one], { ...visit, ...occasion });
  if (chosen === one || inline.includes(one)) return null;
  return passedOver[0]?.reason ?? 'nothing was said';
}

const day = 24 * 3_600_000;

test.each<[string, InAppRow, Partial<Occasion>, string | null]>([
  ['may be shown', row(), {}, null],
  ['held', row({ state: 'held' }), {}, 'held'],
  ['over', row({ expiresAtMs: nowMs }), {}, 'expired'],
  ['not yet over', row({ expiresAtMs: nowMs + 1 }), {}, null],
  ['to come', row({ availableAtMs: nowMs + 1 }), {}, 'scheduled'],
  ['of the inbox', row({ display: { kind: 'inbox' } }), {}, 'inbox_only'],
  ['archived', row({ archivedAtMs: nowMs - 1 }), {}, 'archived'],
  ['put off', row({ snoozedUntilMs: nowMs + 1 }), {}, 'snoozed'],
  ['put off until now', row({ snoozedUntilMs: nowMs }), {}, null],
  ['waits for an event', row({ display: { trigger: 'paid' } }), {}, 'trigger'],
  ['its event', row({ display: { trigger: 'paid' } }), { event: 'paid' }, null],
  ['another event', row({ display: { trigger: 'paid' } }), { event: 'left' }, 'trigger'],
  ['waits for a visit', row(), { event: 'paid' }, 'trigger'],
  ['once, shown', row({ impressions: 1, impressionsMs: [nowMs - 9 * day] }), {}, 'already_shown'],
  ['always, shown', row({ impressions: 1, display: { frequency: 'always' } }), {}, null],
  ['until dismissed, shown', row({ impressions: 5, display: { frequency: 'untilDismissed' } }), {}, null],
  ['dismissed', row({ dismissedAtMs: 1, display: { frequency: 'untilDismissed' } }), {}, 'dismissed'],
  ['always, dismissed before', row({ dismissedAtMs: 1, display: { frequency: 'always' } }), {}, null],
  [
    'twice a week, shown twice',
    row({
      impressions: 2,
      impressionsMs: [nowMs - weekMs + 1, nowMs - day],
      display: { frequency: 'always', maxPerWeek: 2 },
    }),
    {},
    'weekly_limit',
  ],
  [
    'twice a week, one of them longer ago',
    row({
      impressions: 2,
      impressionsMs: [nowMs - weekMs, nowMs - day],
      display: { frequency: 'always', maxPerWeek: 2 },
    }),
    {},
    null,
  ],
  ['too soon', row({ display: { minIntervalS: 60 } }), { lastShownMs: nowMs - 59_999 }, 'interval'],
  ['long enough ago', row({ display: { minIntervalS: 60 } }), { lastShownMs: nowMs - 60_000 }, null],
  ['of another slot', row({ display: { kind: 'inline', slot: 'top' } }), { slot: 'side' }, 'slot'],
  ['of any slot', row({ display: { kind: 'inline' } }), { slot: 'side' }, null],
  ['pops up, and a slot is asked for', row(), { slot: 'side' }, 'slot'],
])('a message that is %s', (_what, one, occasion, expected) => {
  expect(reason(one, occasion)).toBe(expected);
});

test('what a session has had', () => {
  const one = row({ display: { frequency: 'always', oncePerSession: true } });
  const other = row({ display: { frequency: 'always' } });
  const seen = { seen: new Set([one.id, other.id]), dismissed: new Set<string>() };
  expect(reason(one, { session: seen })).toBe('session');
  expect(reason(other, { session: seen })).toBeNull();
  expect(reason(other, { session: { ...seen, dismissed: new Set([other.id]) } })).toBe('session');
});

test.each<[string, string, string, boolean]>([
  ['equals', '/home', 'https://app.example/home?tab=1', true],
  ['equals', '/home?tab=1', 'https://app.example/home?tab=1', true],
  ['equals', 'https://app.example/home?tab=1', 'https://app.example/home?tab=1', true],
  ['equals', '/hom', 'https://app.example/home', false],
  ['equals', 'Checkout', 'Checkout', true],
  ['contains', 'tab=1', '/home?tab=1', true],
  ['startsWith', '/shop', 'https://app.example/shop/42', true],
  ['startsWith', '/shop', 'https://shop.example/other', false],
  ['matches', '/shop/*', '/shop/42', true],
  ['matches', '/shop/*', '/shop/42/cart', false],
  ['matches', '/shop/**', '/shop/42/cart', true],
  ['matches', 'https://*.example/**', 'https://app.example/a/b', true],
])('a page rule: %s %s on %s', (operator, argument, url, shown) => {
  const rule = { directive: 'show', operator, argument } as InAppRow['display']['pageRules'][number];
  const one = row({ display: { pageRules: [rule] } });
  expect(reason(one, { url })).toBe(shown ? null : 'page');
  const hidden = row({ display: { pageRules: [{ ...rule, directive: 'hide' }] } });
  expect(reason(hidden, { url })).toBe(shown ? 'page' : null);
});

test('one of the pages must hold, and no hidden one may', () => {
  const pageRules = [
    { directive: 'show', operator: 'startsWith', argument: '/a' },
    { directive: 'show', operator: 'startsWith', argument: '/b' },
    { directive: 'hide', operator: 'equals', argument: '/b/secret' },
  ] as const;
  const one = row({ display: { pageRules } });
  expect(['/a/1', '/b/2', '/b/secret', '/c', null].map((url) => reason(one, { url }))).toEqual([
    null,
    null,
    'page',
    'page',
    'page',
  ]);
});

test('the highest priority is chosen, of equal ones the oldest, and the others know by whom they were beaten', () => {
  const low = row({ priority: 1 });
  const older = row({ priority: 9, createdAtMs: 1, content: { ...row().content, title: 'The older' } });
  const newer = row({ priority: 9, createdAtMs: 2 });
  const banner = row({ priority: 8, display: { kind: 'banner' } });
  const { chosen, passedOver } = judge([low, newer, banner, older], visit);
  expect(chosen).toBe(older);
  expect(passedOver.map(({ reason: why }) => why)).toEqual([
    'lower_priority',
    'lower_priority',
    'lower_priority',
  ]);
  expect(passedOver.find((one) => one.row === newer)?.detail).toBe(
    '“The older” has the same priority, 9, and is older.',
  );
});

test('each slot of a page has its own', () => {
  const top = row({ priority: 1, display: { kind: 'inline', slot: 'top' } });
  const better = row({ priority: 2, display: { kind: 'carousel', slot: 'top' } });
  const side = row({ display: { kind: 'inline', slot: 'side' } });
  const modal = row();
  const judged = judge([top, better, side, modal], visit);
  expect(judged.chosen).toBe(modal);
  expect(judged.inline).toEqual([better, side]);
  expect(judged.passedOver).toMatchObject([{ row: top, reason: 'lower_priority' }]);
});

const someTime = fc.option(fc.integer({ min: nowMs - 2 * weekMs, max: nowMs + weekMs }), { nil: null });
const anyRow = fc
  .record({
    state: fc.constantFrom(...inAppStates),
    priority: fc.integer({ min: 0, max: 3 }),
    createdAtMs: fc.integer({ min: nowMs - weekMs, max: nowMs }),
    availableAtMs: fc.integer({ min: nowMs - weekMs, max: nowMs + 1_000 }),
    expiresAtMs: someTime,
    archivedAtMs: fc.option(fc.constant(nowMs - 1), { nil: null, freq: 1 }),
    dismissedAtMs: fc.option(fc.constant(nowMs - 1), { nil: null }),
    snoozedUntilMs: someTime,
    impressionsMs: fc.array(fc.integer({ min: nowMs - 2 * weekMs, max: nowMs }), { maxLength: 5 }),
    display: fc.record({
      kind: fc.constantFrom(...inAppKinds),
      slot: fc.constantFrom(null, 'a', 'b'),
      frequency: fc.constantFrom(...inAppFrequencies),
      maxPerWeek: fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
      minIntervalS: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: null }),
      trigger: fc.constantFrom(null, 'paid'),
    }),
  })
  .map((said) => row({ ...said, impressions: said.impressionsMs.length }));

test('every message that is not canceled is shown or passed over, and never both', () => {
  fc.assert(
    fc.property(
      fc.array(anyRow, { maxLength: 12 }),
      fc.constantFrom(null, 'paid'),
      fc.constantFrom(null, 'a'),
      someTime,
      (rows, event, slot, lastShownMs) => {
        const { chosen, inline, passedOver } = judge(rows, { ...visit, event, slot, lastShownMs });
        const named = [chosen, ...inline, ...passedOver.map((one) => one.row)].filter((one) => one !== null);
        expect(new Set(named).size).toBe(named.length);
        expect(new Set(named)).toEqual(new Set(rows.filter(({ state }) => state !== 'canceled')));
        for (const one of [chosen, ...inline]) {
          if (one === null) continue;
          expect(one.impressions === 0 || one.display.frequency !== 'once').toBe(true);
          expect(one.expiresAtMs === null || one.expiresAtMs > nowMs).toBe(true);
          expect(one.display.trigger).toBe(event);
          const lately = one.impressionsMs.filter((atMs) => atMs > nowMs - weekMs).length;
          expect(lately < (one.display.maxPerWeek ?? Number.POSITIVE_INFINITY)).toBe(true);
        }
      },
    ),
  );
});

test('in whatever order they come, the same is chosen', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 8 }), (rows) => {
      expect(judge([...rows].reverse(), visit).chosen).toBe(judge(rows, visit).chosen);
    }),
  );
});
