import { describe, expect, it } from 'vitest';
import { classify, type Stage } from '../../../core/delivery/classify.ts';
import { refusalMeaning, stepOf } from '../../../core/delivery/sms-status.ts';
import { pushProviders } from '../../../core/model/push.ts';
import { isSmsProvider, type SmsProvider, smsProviders } from '../../../core/model/sms.ts';
import { inAppReasonOf } from '../../../core/rules/inapp-reasons.ts';
import { inAppMomentsOf } from '../../../core/rules/moments.ts';
import { type Preset, type PresetKind, presetKinds, presets } from '../../../core/rules/presets/index.ts';
import type { PushAbout } from '../../../core/rules/push-facts.ts';
import { isPushProvider, pushReasons } from '../../../core/rules/push-reasons.ts';
import { readRule, readRules } from '../../../core/rules/read-rules.ts';
import { replyWords } from '../../../core/rules/reply-text.ts';
import { type Action, ruleProviders } from '../../../core/rules/schema.ts';
import { smsReasonOf, smsReportOf } from '../../../core/rules/sms-reasons.ts';
import { classOf } from './class-of-kind.ts';
import { deskWorld } from './desk-world.ts';
import { inAppDecisions } from './inapp-cases.ts';
import { ordersFor } from './push-cases.ts';
import { smsOrders } from './sms-cases.ts';

type Speaking = Extract<Action, { do: 'reject' | 'defer' | 'bounceLater' }>;

function isSpeaking(action: Action): action is Speaking {
  return action.do === 'reject' || action.do === 'defer' || action.do === 'bounceLater';
}

const stages: Readonly<Record<string, Stage>> = {
  connect: 'greeting',
  ehlo: 'ehlo',
  mail: 'mail',
  rcpt: 'rcpt',
  data: 'data',
  endOfData: 'final',
};

const facts = {
  recipient: 'jane@far.example',
  sender: 'hello@shop.example',
  ip: '192.0.2.7',
  host: 'mx1.far.example',
  id: '5b1f17b1804b1-42ca5447f93si4',
  bytesMax: 1_000_000,
};

const speaking = presets.flatMap((preset): { preset: Preset; id: string; action: Speaking }[] =>
  isSpeaking(preset.rule.then) ? [{ preset, id: preset.id, action: preset.rule.then }] : [],
);

describe('the presets', () => {
  it('are at least 46, each with an id, a title, an explanation and a source of its own', () => {
    expect(presets.length).toBeGreaterThanOrEqual(46);
    expect(new Set(presets.map(({ id }) => id)).size).toBe(presets.length);
    expect(new Set(presets.map(({ rule }) => rule.name)).size).toBe(presets.length);
    for (const { id, title, about, source } of presets) {
      expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(title, id).not.toBe('');
      expect(about.length, id).toBeGreaterThan(20);
      expect(source, id).toMatch(/https?:\/\/|RFC \d|Seen in bounces|seen in bounces/);
    }
  });

  it('are rules of the far side, all at once too', () => {
    const rules = readRules(presets.map(({ id, rule }) => ({ id, ...rule })));
    expect(rules).toEqual(presets.map(({ id, rule }) => ({ id, ...rule })));
    expect(rules.every(({ stage }) => stage === 'farSide')).toBe(true);
  });

  it.each(presets.map((preset) => ({ id: preset.id, preset })))('$id reads as a rule', ({ id, preset }) => {
    expect(readRule(preset.rule, id)).toEqual({ id, ...preset.rule });
  });

  it('ask for nothing but whose mailbox it is, and outages for their time', () => {
    for (const { id, provider, kind, rule } of presets) {
      const keys = Object.keys(rule.when).filter(
        (key) => !['outage', 'device'].includes(kind) || key !== 'time',
      );
      // Registration of numbers is for the United States and Canada.
      if (rule.when.recipient === '+1*') expect(keys, id).toEqual(['provider', 'recipient']);
      else if (id === 'smpp-throttled-rate') expect(keys, id).toEqual(['provider', 'rate']);
      // What is about one device cannot be told from another's but by how often it comes.
      else if (id === 'fcm-device-rate') expect(keys, id).toEqual(['provider', 'rate']);
      // Of an in-app client's requests a few: when, which, and how often is the story.
      else if (rule.when.channel === 'inapp') expect(keys[0], id).toBe('channel');
      else if (provider === 'any' && rule.when.channel !== undefined) expect(keys, id).toEqual(['channel']);
      else if (provider === 'any') expect(keys, id).toEqual([]);
      else expect(keys, id).toEqual([provider === 'default' ? 'domain' : 'provider']);
    }
  });

  it('have every kind, and for each of the great providers those that it has', () => {
    expect(presetKinds.filter((kind) => !presets.some((one) => one.kind === kind))).toEqual([]);
    const kindsOf = (group: string) =>
      new Set(presets.filter((one) => one.group === group).map((one) => one.kind));
    const common: readonly PresetKind[] = [
      'unauthenticated',
      'dmarc',
      'rateLimited',
      'unknownUser',
      'outage',
    ];
    for (const group of ['Gmail', 'Outlook.com and Exchange Online', 'iCloud'])
      expect([...kindsOf(group)], group).toEqual(expect.arrayContaining([...common]));
    // Yahoo refuses for DMARC under its words for policy.
    expect([...kindsOf('Yahoo and AOL')]).toEqual(
      expect.arrayContaining(['unauthenticated', 'policy', 'rateLimited', 'unknownUser', 'outage']),
    );
    const known = new Set<string>(['any', ...ruleProviders]);
    expect(presets.filter(({ provider }) => !known.has(provider))).toEqual([]);
  });

  it('have outages of two hours of virtual time', () => {
    const lasting = presets.filter(({ title, kind }) => title.includes('2 hours') && kind !== 'device');
    expect(lasting.length).toBeGreaterThanOrEqual(5);
    for (const { id, rule } of lasting) {
      const forMs = rule.then.do === 'defer' ? rule.then.forMs : rule.when.time?.forMs;
      expect(forMs, id).toBe(7_200_000);
    }
  });
});

describe('the presets for push', () => {
  const push = presets.filter(
    ({ provider, rule }) => isPushProvider(provider) || rule.when.channel === 'push',
  );

  it('are at least 30, and have every reason of every provider', () => {
    expect(push.length).toBeGreaterThanOrEqual(30);
    for (const provider of pushProviders) {
      const said = new Set(
        push.flatMap(({ provider: whose, rule }) =>
          whose === provider && rule.then.do === 'answer' ? [rule.then.reason] : [],
        ),
      );
      // Google’s NOT_FOUND without an errorCode is that of a path, which no rule is asked about.
      const wanted = Object.keys(pushReasons[provider]).filter((reason) => reason !== 'NOT_FOUND');
      expect(said, provider).toEqual(new Set(wanted));
    }
  });

  it('cite the documentation of whom they are about', () => {
    const pages = {
      apns: /developer\.apple\.com/,
      fcm: /firebase\.google\.com/,
      webpush: /rfc-editor\.org|autopush/,
    } as const;
    for (const { id, provider, source } of push)
      if (isPushProvider(provider)) expect(source, id).toMatch(pages[provider]);
  });

  it('are done to a push, by the first try', () => {
    for (const { id, rule } of push) {
      const world = deskWorld([{ id, ...rule }]);
      if (rule.when.rate !== undefined || rule.when.time?.daily !== undefined) continue;
      const [provider = null] = [rule.when.provider].flat();
      const whose: Partial<PushAbout> = isPushProvider(provider) ? { provider, door: provider } : {};
      ordersFor(world, whose);
      expect(world.hits.map(({ cause }) => cause)).toEqual([id]);
    }
  });
});

describe('the presets for SMS', () => {
  const sms = presets.filter(({ provider, rule }) => isSmsProvider(provider) || rule.when.channel === 'sms');

  it('have refusals, reports, a throttle and an outage of every provider', () => {
    expect(sms.length).toBeGreaterThanOrEqual(90);
    for (const provider of smsProviders) {
      const own = sms.filter((one) => one.provider === provider);
      const kinds = new Set(own.map(({ kind }) => kind));
      expect([...kinds], provider).toEqual(
        expect.arrayContaining([
          'badNumber',
          'sender',
          'rateLimited',
          'outage',
          'unreachable',
          'filtered',
          'expires',
        ]),
      );
      expect(new Set(own.map(({ rule }) => rule.then.do)), provider).toEqual(
        provider === 'twilio' ? new Set(['answer', 'report', 'disconnect']) : new Set(['answer', 'report']),
      );
    }
    const shared = new Set(sms.filter(({ provider }) => provider === 'any').map(({ kind }) => kind));
    expect([...shared]).toEqual(expect.arrayContaining(['handset', 'reports', 'outage', 'expires']));
  });

  it('say what the tables of reasons and reports have', () => {
    for (const { id, provider, rule } of sms) {
      if (rule.then.do === 'answer') expect(smsReasonOf(provider, rule.then.reason), id).not.toBeNull();
      if (rule.then.do === 'report')
        expect(smsReportOf(provider, rule.then.status, rule.then.code), id).not.toBeNull();
    }
  });

  it('cite the documentation of whom they are about', () => {
    const pages: Readonly<Record<SmsProvider, RegExp>> = {
      twilio: /twilio\.com/,
      vonage: /vonage\.com/,
      messagebird: /messagebird\.com|bird\.com/,
      sinch: /sinch\.com/,
      infobip: /infobip\.com/,
      telnyx: /telnyx\.com/,
      smpp: /smpp\.org/,
    };
    for (const { id, provider, source } of sms)
      if (isSmsProvider(provider)) expect(source, id).toMatch(pages[provider]);
  });

  it('are done to an SMS, by the first try', () => {
    for (const { id, rule, provider } of sms) {
      if (rule.when.rate !== undefined) continue;
      const world = deskWorld([{ id, ...rule }]);
      smsOrders(world, {
        recipient: '+12025550123',
        ...(isSmsProvider(provider) ? { provider, door: provider } : {}),
      });
      expect(world.hits.map(({ cause }) => cause)).toEqual([id]);
    }
  });

  it('mean what their kind says, where the table of statuses has the code', () => {
    for (const { id, kind, provider, rule } of sms) {
      if (!isSmsProvider(provider)) continue;
      if (rule.then.do === 'answer' && (kind === 'rateLimited' || kind === 'outage')) {
        const row = smsReasonOf(provider, rule.then.reason);
        const meaning = refusalMeaning(provider, rule.then.reason, row?.status ?? null);
        // What stands in a 200 has no HTTP status that tells.
        if (row?.status !== null || provider === 'vonage')
          expect(meaning.class, id).toBe(kind === 'outage' ? 'provider_down' : 'rate_limited');
      }
      if (rule.then.do !== 'report') continue;
      const { status, code = null } = rule.then;
      const { kind: step } = stepOf(provider, { status, code, reason: null });
      expect(step, id).toBe(kind === 'reports' ? 'unconfirm' : 'fail');
    }
  });
});

describe('the words of a preset', () => {
  it.each(speaking)(
    '$id: code and enhanced code are of one class, the text is ASCII and fits',
    ({ action }) => {
      const words = replyWords(action, facts);
      const first = String(action.code).slice(0, 1);
      expect(words.enhanced === null || words.enhanced.startsWith(`${first}.`)).toBe(true);
      expect(action.do === 'defer' ? first : '5').toBe(first);
      expect(action.text).toMatch(/^[\n -~]+$/);
      expect(words.lines.length).toBe(action.text.split('\n').length);
      for (const line of words.lines) {
        // RFC 5321 section 4.5.3.1.5: 512 octets with code and line end.
        expect(`${words.code}-${words.enhanced ?? ''} ${line}\r\n`.length).toBeLessThanOrEqual(512);
        expect(line, 'a placeholder that nothing fills').not.toMatch(/\{\w+\}/);
      }
    },
  );

  it.each(speaking)('$id means what its kind says', ({ preset, action }) => {
    const wanted = classOf[preset.kind];
    const { code, enhanced, lines } = replyWords(action, facts);
    const stage = action.do === 'bounceLater' ? null : (stages[action.at ?? 'rcpt'] ?? null);
    const found = classify({ code, enhanced, text: lines.join(' '), stage });
    expect(found, found.rule).toMatchObject({ class: wanted, permanent: code >= 500 });
    // Nobody is suppressed at once for what the sender did.
    if (!['unknownUser', 'inactive', 'bouncesLater'].includes(preset.kind))
      expect(found.suppress, found.rule).not.toBe('now');
  });

  it('ends on the wire as Gmail ends its own', () => {
    const gmail = speaking.filter(({ preset }) => preset.group === 'Gmail');
    for (const { id, action } of gmail) expect(action.text, id).toMatch(/\{id\} - gsmtp$/);
  });
});

describe('the presets for in-app messages', () => {
  const inApp = presets.filter(({ rule }) => rule.when.channel === 'inapp');

  it('are at least 12, with every action that only in-app messages have', () => {
    expect(inApp.length).toBeGreaterThanOrEqual(12);
    const kinds = new Set(inApp.map(({ rule }) => rule.then.do));
    for (const kind of ['empty', 'stale', 'shuffle', 'expire', 'duplicate', 'offline'] as const)
      expect(kinds.has(kind), kind).toBe(true);
  });

  it('are done at a moment of the door, by what comes first, by chance, or so often', () => {
    for (const { id, rule } of inApp) {
      const moments = inAppMomentsOf(rule);
      expect(moments, id).not.toEqual([]);
      const { rate, everyNth, probability, ...when } = rule.when;
      const world = deskWorld([{ id, ...rule, when }]);
      for (const moment of moments) expect(inAppDecisions(world, { moment }), id).toHaveLength(1);
    }
  });

  it('answer with reasons that the door knows', () => {
    for (const { id, rule } of inApp)
      if (rule.then.do === 'answer') expect(inAppReasonOf(rule.then.reason), id).not.toBeNull();
  });
});
