import { describe, expect, it } from 'vitest';
import type { RuleEntry, RuleHit, RulesPage } from '../../core/api/rules-schema.ts';
import { mailProviders } from '../../core/model/mail-provider.ts';
import { pushProviders } from '../../core/model/push.ts';
import { smsProviderNames, smsProviders } from '../../core/model/sms.ts';
import { presets } from '../../core/rules/presets/index.ts';
import { pushReasons } from '../../core/rules/push-reasons.ts';
import { readRule } from '../../core/rules/read-rules.ts';
import {
  channelsOf,
  conditionsSchema,
  disconnectPoints,
  replyPoints,
  ruleProviders,
} from '../../core/rules/schema.ts';
import { smsReasonOf, smsReasons, smsReportOf, smsReports } from '../../core/rules/sms-reasons.ts';
import type { RuleBody } from '../../renderer/src/api/rules.ts';
import { makersOf } from '../../renderer/src/journey/made-by.ts';
import type { Stage, StageKind } from '../../renderer/src/journey/stage.ts';
import {
  draftFaults,
  emptyDraft,
  faultAt,
  homelessFaults,
  newAction,
  newCondition,
  readBytes,
  whoseOf,
  writeBytes,
} from '../../renderer/src/rules/draft.ts';
import { readHeaderLines } from '../../renderer/src/rules/header-lines.ts';
import { presetGroups } from '../../renderer/src/rules/preset-groups.ts';
import { replyLines } from '../../renderer/src/rules/reply-preview.ts';
import { ordinal, plainSentence, ruleSentence, spanWords } from '../../renderer/src/rules/rule-sentence.ts';
import {
  type ActionKind,
  actionWords,
  type ConditionKey,
  conditionWords,
  disconnectPoints as disconnectPointsShown,
  farSideKinds,
  providerKeys,
  providerWords,
  type Stage as RuleStage,
  pushReasons as reasonsShown,
  replyPoints as replyPointsShown,
} from '../../renderer/src/rules/rule-words.ts';
import {
  beforeOfGap,
  matching,
  moved,
  withCounts,
  withoutRule,
  withRule,
} from '../../renderer/src/rules/rules-page.ts';
import {
  smsReasons as smsReasonsShown,
  smsReports as smsReportsShown,
} from '../../renderer/src/rules/sms-words.ts';
import { failingRule, failureAt, scopesOf } from '../../renderer/src/rules/what-if.ts';
import { attempt, delivery, deliveryDetail, iso } from './delivery.ts';

const isCondition = (key: string): key is ConditionKey => key in conditionWords;
const isAction = (key: string): key is ActionKind => key in actionWords;
const conditions = Object.keys(conditionWords).filter(isCondition);
const actions = Object.keys(actionWords).filter(isAction);

const body = (about: Partial<RuleBody> = {}): RuleBody => ({
  name: '',
  enabled: true,
  stage: 'farSide',
  when: {},
  then: { do: 'blackHole' },
  ...about,
});
const said = (about: Partial<RuleBody>): string => plainSentence(ruleSentence(body(about)));

describe('a rule as a sentence', () => {
  it('tells what is done to pushes', () => {
    expect(
      said({
        when: { provider: 'apns', sender: 'com.shop.app', subject: 'sale' },
        then: { do: 'answer', reason: 'TooManyRequests', status: 429, retryAfterS: 30, times: 2 },
      }),
    ).toBe(
      'When a push notification from com.shop.app by APNs with a subject containing sale reaches the far side, answer 429 TooManyRequests and ask for a new try after 30 s, 2 times.',
    );
    expect(
      said({ when: { provider: 'apns' }, then: { do: 'goAway', reason: 'Shutdown', answered: false } }),
    ).toBe('When a push notification by APNs reaches the far side, end the connection with Shutdown.');
    expect(said({ when: { channel: 'push' }, then: { do: 'delay', ms: 600_000 } })).toBe(
      'When a push notification reaches the far side, bring it to the device 10 min late.',
    );
    expect(said({ when: { channel: 'push' }, then: { do: 'disconnect', at: 'endOfData', keep: true } })).toBe(
      'When a push notification reaches the far side, cut the connection in place of the answer, and keep the push all the same.',
    );
    expect(said({ then: { do: 'uninstall', tellAfterSends: 3 } })).toBe(
      'When a message reaches the far side, uninstall the app, which the provider says after 3 more.',
    );
  });

  it('tells what is done to SMS', () => {
    expect(
      said({
        when: { provider: 'twilio', recipient: '+1*', body: 'code' },
        then: { do: 'report', status: 'undelivered', code: '30007', afterMs: 60_000 },
      }),
    ).toBe(
      'When an SMS to +1* by Twilio with a body containing code reaches the far side, accept it, and report undelivered 30007 1 min later.',
    );
    expect(said({ when: { channel: 'sms' }, then: { do: 'offline', forMs: 71 * 3_600_000 } })).toBe(
      'When an SMS reaches the far side, switch the handset off for 71 h.',
    );
    expect(said({ when: { provider: 'smpp' }, then: { do: 'delay', ms: 600_000 } })).toBe(
      'When an SMS by SMPP reaches the far side, bring it to the handset 10 min late.',
    );
    expect(said({ when: { channel: 'sms' }, then: { do: 'disconnect', at: 'endOfData', keep: true } })).toBe(
      'When an SMS reaches the far side, cut the connection in place of the answer, and keep the SMS all the same.',
    );
    const reports = (how: 'lose' | 'repeat' | 'late' | 'shuffle') =>
      said({ when: { channel: 'sms' }, then: { do: 'reports', how, times: 3, ms: 60_000 } });
    expect([reports('lose'), reports('repeat'), reports('late'), reports('shuffle')]).toEqual([
      'When an SMS reaches the far side, lose its delivery reports.',
      'When an SMS reaches the far side, send each of its delivery reports 3 times.',
      'When an SMS reaches the far side, send its delivery reports 1 min late.',
      'When an SMS reaches the far side, send its delivery reports out of order.',
    ]);
  });

  it('reads as one says it', () => {
    expect(
      said({
        when: { recipient: 'jane@gmail.com', subject: 'invoice' },
        then: { do: 'defer', code: 451, enhanced: '4.7.1', text: 'Try\nlater', times: 2 },
      }),
    ).toBe(
      'When a message to jane@gmail.com with a subject containing invoice reaches the far side, defer it 2 times with 451 4.7.1 Try later.',
    );
    expect(
      said({ stage: 'door', then: { do: 'refuseConnection', how: 'reset', code: 554, text: 'No' } }),
    ).toBe('When anyone connects to our door, reset the connection.');
    expect(
      said({
        stage: 'door',
        when: { channel: 'email', rate: { moreThan: 10, perMs: 60_000 }, atMost: 1 },
        then: { do: 'delay', ms: 500 },
      }),
    ).toBe(
      'When an email comes to our door more than 10 times in 1 min, the next time only, answer 500 ms late.',
    );
  });

  it('names a few of many', () => {
    expect(said({ when: { recipient: ['a@x.example', 'b@x.example', 'c@x.example'] } })).toContain(
      'to a@x.example, b@x.example or 1 more',
    );
    expect(said({ when: { domain: ['x.example', 'y.example'] } })).toContain('x.example or y.example');
    expect(said({ when: { sender: '' } })).toContain('from nobody (the null sender)');
  });

  it.each(conditions)('has words for the condition %s', (key) => {
    const plain = said({});
    const asked = { ...newCondition(key), ...filled(key) };
    expect(said({ when: asked })).not.toBe(plain);
    expect(said({ when: asked })).not.toMatch(/undefined|NaN|\[object/);
  });

  it.each(actions)('has words for the action %s', (kind) => {
    for (const stage of ['door', 'farSide'] as const)
      expect(said({ stage, then: newAction(kind, stage, null) })).not.toMatch(/undefined|NaN|, \.$/);
  });

  it('says what an in-app client meets', () => {
    const sentence = (when: RuleBody['when'], then: RuleBody['then']) =>
      plainSentence(ruleSentence({ stage: 'farSide', when, then }));
    expect(sentence({ recipient: 'anna', moment: 'pull' }, { do: 'stale' })).toBe(
      'When an in-app message to anna is pulled, answer as before, though something is new.',
    );
    expect(sentence({ channel: 'inapp', moment: ['pull', 'display'], atMost: 1 }, { do: 'empty' })).toBe(
      'When an in-app message is pulled or is asked for to display, the next time only, hand out nothing.',
    );
    expect(
      sentence({ channel: 'inapp', moment: 'realtime' }, { do: 'disconnect', at: 'midData', afterEvents: 3 }),
    ).toBe(
      'When an in-app message is waited for on a realtime connection, cut the connection in the middle of the answer, a realtime one after 3 events.',
    );
    expect(sentence({ channel: 'inapp' }, { do: 'offline', forMs: 60_000 })).toBe(
      'When an in-app message reaches the far side, take the user out of the net for 1 min.',
    );
  });

  it('has words for every preset', () => {
    for (const { rule } of presets)
      expect(plainSentence(ruleSentence(rule))).toMatch(
        /^When .+ (door|far side|handed in|pulled|display|told of|connection).*, .+\.$/,
      );
  });

  it('counts and measures', () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 112].map(ordinal).join(' ')).toBe(
      '1st 2nd 3rd 4th 11th 12th 13th 21st 112th',
    );
    expect([500, 30_000, 90_000, 3_600_000, 86_400_000].map(spanWords)).toEqual([
      '500 ms',
      '30 s',
      '90 s',
      '1 h',
      '1 d',
    ]);
  });
});

/** What a person fills in where a new condition is empty. */
function filled(key: ConditionKey): RuleBody['when'] {
  switch (key) {
    case 'nth':
      return { nth: [2, 3] };
    case 'subject':
    case 'body':
      return { [key]: [{ like: 'Invoice *' }] };
    case 'header':
      return { header: [{ name: 'X-Campaign', text: { startsWith: 'spring' } }] };
    case 'door':
    case 'recipient':
    case 'sender':
    case 'domain':
    case 'tag':
      return { [key]: ['one'] };
    default:
      return {};
  }
}

function stagesOf(kind: ActionKind): readonly RuleStage[] {
  if (kind === 'refuseAuth') return ['door'];
  return farSideKinds.has(kind) ? ['farSide'] : ['door', 'farSide'];
}

describe('the editor', () => {
  it('knows every condition, action, moment and provider of the core', () => {
    expect(new Set<string>(conditions)).toEqual(new Set(Object.keys(conditionsSchema.shape)));
    expect(replyPointsShown).toEqual(replyPoints);
    expect(disconnectPointsShown).toEqual(disconnectPoints);
    expect(providerWords).toEqual({
      ...Object.fromEntries(mailProviders.map(({ key, title }) => [key, title])),
      apns: 'APNs',
      fcm: 'FCM',
      webpush: 'Web Push',
      ...smsProviderNames,
    });
    expect(new Set(providerKeys)).toEqual(new Set(ruleProviders));
    expect(actions.filter((kind) => channelsOf[kind].door.length === 0)).toEqual([...farSideKinds]);
  });

  it('offers every reason that a push provider is known to say', () => {
    for (const provider of pushProviders)
      expect(new Set(reasonsShown[provider])).toEqual(new Set(Object.keys(pushReasons[provider])));
  });

  it('offers every reason and every end that an SMS provider is known to say', () => {
    for (const provider of smsProviders) {
      expect(smsReasonsShown[provider]).toEqual(
        smsReasons[provider].map(({ code, means }) => ({ code, means })),
      );
      expect(smsReportsShown[provider]).toEqual(smsReports[provider]);
    }
  });

  it('begins an action in the words of whom the rule is about', () => {
    const begun = (when: RuleBody['when'], kind: ActionKind) =>
      newAction(kind, 'farSide', null, whoseOf(when));
    expect(begun({ provider: 'fcm' }, 'answer')).toMatchObject({ reason: 'UNREGISTERED' });
    expect(begun({ provider: ['smpp', 'twilio'] }, 'answer')).toMatchObject({ reason: 'ESME_RTHROTTLED' });
    expect(begun({ channel: 'sms' }, 'answer')).toMatchObject({ reason: '21211' });
    expect(begun({ provider: 'gmail' }, 'answer')).toMatchObject({ reason: 'Unregistered' });
    expect(begun({ provider: 'infobip' }, 'report')).toEqual({
      do: 'report',
      status: 'UNDELIVERABLE_NOT_DELIVERED',
      code: '27',
      afterMs: 0,
    });
    for (const provider of smsProviders)
      for (const kind of ['answer', 'report'] as const) {
        const rule = body({ when: { provider }, then: begun({ provider }, kind) });
        expect(readRule(rule, 'tried').then).toEqual(rule.then);
      }
  });

  it.each(conditions)('begins the condition %s as the core takes it, once it is filled in', (key) => {
    const when = { ...newCondition(key), ...filled(key) };
    const rule = body(key === 'moment' ? { when, then: { do: 'empty' } } : { when });
    expect(draftFaults(rule)).toEqual([]);
    expect(readRule(rule, 'tried').when).toEqual(when);
  });

  it.each(actions)('begins the action %s as the core takes it', (kind) => {
    for (const stage of stagesOf(kind)) {
      const rule = body({ stage, then: newAction(kind, stage, null) });
      expect(draftFaults(rule)).toEqual([]);
      expect(readRule(rule, 'tried').then).toEqual(rule.then);
    }
  });

  it('says what is missing before the core has to', () => {
    expect(draftFaults(emptyDraft).map(({ field }) => field)).toEqual(['when.recipient']);
    const rule = body({
      when: { rate: { moreThan: 3, perMs: Number.NaN }, header: [{ name: '' }] },
      then: { do: 'duplicate', copies: Number.NaN },
    });
    expect(draftFaults(rule).map(({ field }) => field)).toEqual(['when.rate', 'when.header', 'then.copies']);
  });

  it('finds the field that a fault of the core is about', () => {
    const faults = [
      { field: 'when.header[1].name', detail: 'A header name has no spaces.' },
      { field: 'then.code', detail: 'Too small.' },
      { field: 'rules', detail: 'There are too many.' },
    ];
    const rule = body({ when: { header: [{ name: 'a b' }] }, then: newAction('reject', 'door', null) });
    expect(faultAt(faults, 'when.header')).toBe('A header name has no spaces.');
    expect(faultAt(faults, 'then.code')).toBe('Too small.');
    expect(faultAt(faults, 'then.text')).toBeNull();
    expect(homelessFaults(faults, rule).map(({ field }) => field)).toEqual(['rules']);
  });

  it('keeps the words of a reply when another action is chosen', () => {
    const reject = newAction('reject', 'farSide', { do: 'defer', code: 451, text: 'My own words' });
    expect(reject).toMatchObject({ do: 'reject', text: 'My own words' });
  });

  it('reads sizes and headers as people write them', () => {
    expect(['10 MB', '500kB', '16', '1.5 kb', 'much'].map(readBytes)).toEqual([
      10 * 1024 ** 2,
      500 * 1024,
      16,
      1536,
      null,
    ]);
    expect([10 * 1024 ** 2, 1536, 1024].map(writeBytes)).toEqual(['10 MB', '1536 B', '1 kB']);
    expect(readHeaderLines('X-A: one\nnonsense\n X-B : two: three')).toEqual({
      'X-A': 'one',
      'X-B': 'two: three',
    });
  });

  it('previews a reply as it stands on the wire', () => {
    expect(replyLines({ code: 550, enhanced: '5.1.1', text: 'No {recipient} here\nby {nobody}' })).toEqual([
      '550-5.1.1 No jane@gmail.com here',
      '550 5.1.1 by {nobody}',
    ]);
  });
});

function entry(id: string, position: number, about: Partial<RuleEntry> = {}): RuleEntry {
  return {
    id,
    ...body(),
    position,
    decidedAt: 'rcpt',
    matches: 0,
    hits: 0,
    lastHitAt: null,
    since: iso(0),
    ...about,
  };
}

function page(ids: readonly string[], about: Partial<RulesPage> = {}): RulesPage {
  return {
    entries: ids.map((id, position) => entry(id, position)),
    nextCursor: null,
    total: ids.length,
    magicAddresses: true,
    seed: 1,
    scenario: null,
    undo: null,
    ...about,
  };
}
const order = ({ entries }: RulesPage): string =>
  entries.map(({ id, position }) => `${id}${position}`).join(' ');

describe('the list of rules', () => {
  it('takes changes in before the core has answered', () => {
    const three = page(['a', 'b', 'c']);
    expect(order(moved(three, 'c', 'a'))).toBe('c0 a1 b2');
    expect(order(moved(three, 'a', null))).toBe('b0 c1 a2');
    expect(order(moved(three, 'a', 'a'))).toBe('a0 b1 c2');
    expect(order(withoutRule(three, 'b'))).toBe('a0 c1');
    expect(order(withRule(three, entry('d', 1)))).toBe('a0 d1 b2 c3');
  });

  it('finds the rule that one is dropped before', () => {
    const ids = ['a', 'b', 'c'];
    expect(beforeOfGap(ids, 'a', 0)).toBe('same');
    expect(beforeOfGap(ids, 'a', 1)).toBe('same');
    expect(beforeOfGap(ids, 'a', 2)).toBe('c');
    expect(beforeOfGap(ids, 'a', 3)).toBeNull();
    expect(beforeOfGap(ids, 'c', 0)).toBe('a');
  });

  it('takes fresh counts, and sees that the set is another one', () => {
    const three = page(['a', 'b', 'c']);
    const part = page([], { total: 3, entries: [entry('b', 1, { hits: 5, matches: 5 })] });
    const fresh = withCounts(three, part, true);
    expect(fresh).not.toBe('stale');
    if (fresh === 'stale') return;
    expect(fresh.entries.map(({ hits }) => hits)).toEqual([0, 5, 0]);
    expect(fresh.entries[0]).toBe(three.entries[0]);
    expect(withCounts(three, page([], { total: 3, entries: [entry('c', 1)] }), true)).toBe('stale');
    expect(withCounts(three, page([], { total: 4 }), true)).toBe('stale');
    expect(withCounts(three, page([], { total: 1, undo: 'the new rule' }), false)).toBe('stale');
    expect(withCounts(three, page([], { total: 1 }), false)).toBe(three);
  });

  it('is searched in all that a rule says', () => {
    const { entries } = page(['a', 'b']);
    const spam = entry('c', 2, { then: { do: 'place', in: 'spam' } });
    expect(matching([...entries, spam], ' SPAM ').map(({ id }) => id)).toEqual(['c']);
    expect(matching(entries, '')).toBe(entries);
  });

  it('finds presets by all the words, in groups', () => {
    const groups = presetGroups(presets, '421 rate');
    expect(groups.length).toBeGreaterThan(0);
    for (const preset of groups.flatMap((group) => group.presets))
      expect(JSON.stringify(preset).toLowerCase()).toMatch(/421.*rate|rate.*421/s);
    expect(presetGroups(presets, '').flatMap((group) => group.presets)).toHaveLength(presets.length);
  });
});

describe('what if', () => {
  const kinds: readonly StageKind[] = [
    'submitted',
    'queued',
    'signed',
    'routed',
    'attempt',
    'interrupted',
    'held',
    'released',
    'authenticated',
    'filtered',
    'placed',
    'ended',
    'suppressed',
    'answered',
    'waiting',
    'rendered',
    'stored',
    'delivered',
    'permission',
    'shown',
    'tapped',
    'lost',
  ];
  const subject = {
    recipient: 'jane@gmail.com',
    domain: 'gmail.com',
    sender: 'hello@shop.example',
    provider: 'gmail',
  };

  it.each(kinds)('writes a rule that the core takes for the stage %s', (kind) => {
    const failure = failureAt(kind);
    for (const scope of scopesOf(subject))
      for (const often of ['once', 'always'] as const) {
        const rule = failingRule(failure, scope, often);
        expect(readRule(rule, 'tried')).toMatchObject({ when: scope.when, then: failure.then });
        expect(rule.when.atMost).toBe(often === 'once' ? 1 : undefined);
      }
  });

  it.each(kinds)('writes a rule that the core takes for the stage %s of a push', (kind) => {
    for (const provider of pushProviders) {
      const push = { recipient: 'unregistered-1', domain: 'x', sender: 'com.shop.app', provider };
      const { stage, then } = failureAt(kind, provider);
      expect(channelsOf[then.do][stage]).toContain('push');
      expect(scopesOf(push).map(({ key }) => key)).toEqual(['recipient', 'sender', 'provider']);
      for (const scope of scopesOf(push)) {
        const rule = failingRule({ stage, then }, scope, 'once');
        expect(readRule(rule, 'tried')).toMatchObject({ when: scope.when, then });
      }
    }
  });

  it.each(kinds)('writes a rule that the core takes for the stage %s of an SMS', (kind) => {
    for (const provider of smsProviders) {
      const sms = { recipient: '+4915112345678', domain: 'api.twilio.com', sender: 'Shop', provider };
      const { stage, then } = failureAt(kind, provider);
      expect(channelsOf[then.do][stage]).toContain('sms');
      expect(scopesOf(sms).map(({ key }) => key)).toEqual(['recipient', 'sender', 'provider']);
      if (then.do === 'answer') expect(smsReasonOf(provider, then.reason)).not.toBeNull();
      if (then.do === 'report') expect(smsReportOf(provider, then.status, then.code)).not.toBeNull();
      for (const scope of scopesOf(sms)) {
        const rule = failingRule({ stage, then }, scope, 'once');
        expect(readRule(rule, 'tried')).toMatchObject({ when: scope.when, then });
      }
    }
  });

  it.each(kinds)('writes a rule that the core takes for the stage %s of an in-app message', (kind) => {
    const inApp = { recipient: 'anna', domain: '', sender: '', provider: null, channel: 'inapp' };
    const failure = failureAt(kind, null, 'inapp');
    expect(channelsOf[failure.then.do][failure.stage]).toContain('inapp');
    expect(scopesOf(inApp).map(({ key }) => key)).toEqual(['recipient', 'channel']);
    for (const scope of scopesOf(inApp)) {
      const rule = failingRule(failure, scope, 'once');
      expect(readRule(rule, 'tried')).toMatchObject({
        when: { ...scope.when, ...failure.when },
        then: failure.then,
      });
    }
  });

  it('offers only whom it knows', () => {
    expect(scopesOf({ ...subject, sender: '', provider: null }).map(({ key }) => key)).toEqual([
      'recipient',
      'domain',
    ]);
  });
});

describe('the rules that made a stage', () => {
  const stage = (id: string, kind: StageKind, afterMs: number, word = kind): Stage => ({
    id,
    kind,
    word,
    line: '',
    tone: 'quiet',
    at: iso(afterMs),
    wallAt: null,
    evidence: null,
  });
  const stages = [
    stage('submitted', 'submitted', 0),
    stage('attempt-1', 'attempt', 60_000),
    stage('attempt-2', 'attempt', 120_000),
    stage('placed', 'placed', 121_000),
    stage('event-9', 'answered', 700_000, 'answered'),
  ];
  const hit = (about: Partial<RuleHit>): RuleHit => ({
    seq: 1,
    ruleId: 'rule-1',
    label: 'One',
    at: iso(0),
    virtualAt: iso(0),
    stage: 'farSide',
    point: 'rcpt',
    action: 'defer',
    recipient: 'jane@example.com',
    sender: null,
    messageId: 'message-1',
    deliveryId: 'delivery-x',
    exchangeId: null,
    ...about,
  });
  const jane = deliveryDetail({ ...delivery(), id: 'delivery-x' });

  it('are told at the attempt they were met in', () => {
    const makers = makersOf(stages, jane, [
      hit({ virtualAt: iso(60_200) }),
      hit({ virtualAt: iso(120_300), ruleId: null, label: '+defer-421' }),
    ]);
    expect([...makers]).toEqual([
      ['attempt-1', [{ rule: 'rule-1', label: 'One' }]],
      ['attempt-2', [{ rule: null, label: '+defer-421' }]],
    ]);
  });

  it('are told at the door and at the place, and not of others', () => {
    const makers = makersOf(stages, jane, [
      hit({ stage: 'door', action: 'delay', deliveryId: null, recipient: null }),
      hit({ action: 'place', point: 'accepted', virtualAt: iso(121_000), ruleId: 'rule-2', label: 'Two' }),
      hit({ deliveryId: 'delivery-y' }),
      hit({ stage: 'door', deliveryId: null, recipient: 'bob@example.com' }),
    ]);
    expect([...makers.keys()]).toEqual(['submitted', 'placed']);
  });

  it('are known by the evidence of an attempt, each once', () => {
    const evidence = {
      routing: [],
      changes: [],
      authentication: null,
      signatures: [],
      identity: null,
      transcript: [],
      rules: [{ recipient: null, ruleId: 'rule-1', label: 'One', action: 'defer', point: 'rcpt' }],
      live: null,
    };
    const tried = deliveryDetail({ ...jane, attemptLog: [attempt(1, { evidence })] });
    const makers = makersOf(stages, tried, [hit({ virtualAt: iso(60_000) })]);
    expect([...makers]).toEqual([['attempt-1', [{ rule: 'rule-1', label: 'One' }]]]);
  });
});
