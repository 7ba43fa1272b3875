import { describe, expect, it } from 'vitest';
import type { Mailbox, MailProvider } from '../../core/api/mailbox-schema.ts';
import { usualMailboxSettings, usualProviderSettings } from '../../core/mailboxes/settings.ts';
import {
  countsInWords,
  groupByProvider,
  tabsOf,
  typedAddress,
} from '../../renderer/src/mailboxes/mailbox-groups.ts';
import { outcomeOf } from '../../renderer/src/mailboxes/outcome-words.ts';
import { numberOf } from '../../renderer/src/mailboxes/setting-fields.tsx';
import { profileInWords, rateInWords } from '../../renderer/src/mailboxes/setting-words.ts';
import { harmOf, worstFirst } from '../../renderer/src/mailboxes/standing-words.ts';

const nothing = { inbox: 0, promotions: 0, updates: 0, spam: 0 };
const mailbox = (address: string, provider: string): Mailbox => ({
  address,
  provider,
  counts: nothing,
  unseen: 0,
  lastAt: null,
  settings: usualMailboxSettings,
  changed: [],
});
const provider = (key: MailProvider['key'], change: Partial<MailProvider> = {}): MailProvider => ({
  key,
  title: key,
  domains: [],
  hosts: [],
  settings: usualProviderSettings,
  complaints: 'postmaster',
  tabs: true,
  pictures: 'prefetched',
  messageBytesMax: 1,
  spamAt: 5,
  refuseAt: 14,
  rules: {
    authentication: 'all',
    ptr: true,
    bulkPerDay: 5_000,
    noOneClick: 'spam',
    complaintRateWarned: 0.001,
    complaintRateThrottled: 0.003,
  },
  changed: [],
  ...change,
});

describe('the list of mailboxes', () => {
  const mailboxes = [mailbox('a@gmail.com', 'gmail'), mailbox('b@yahoo.com', 'yahoo')];
  const providers = [provider('yahoo'), provider('gmail'), provider('corporate')];

  it('puts each under its provider, and keeps the order of the providers', () => {
    expect(groupByProvider(providers, mailboxes, false).map((row) => row.id)).toEqual([
      'provider/yahoo',
      'b@yahoo.com',
      'provider/gmail',
      'a@gmail.com',
      'provider/corporate',
    ]);
  });

  it('leaves out providers without a match while a search is on', () => {
    expect(groupByProvider(providers, mailboxes.slice(0, 1), true).map((row) => row.id)).toEqual([
      'provider/gmail',
      'a@gmail.com',
    ]);
  });

  it('says what lies where', () => {
    expect(countsInWords(nothing)).toBe('empty');
    expect(countsInWords({ ...nothing, inbox: 2, spam: 1 })).toBe('Inbox 2 · Spam 1');
  });

  it('shows the tabs of the provider, and any other in which something lies', () => {
    expect(tabsOf(provider('gmail'), nothing)).toEqual(['inbox', 'promotions', 'updates', 'spam']);
    const plain = provider('outlook', { tabs: false });
    expect(tabsOf(plain, nothing)).toEqual(['inbox', 'spam']);
    expect(tabsOf(plain, { ...nothing, updates: 1 })).toEqual(['inbox', 'updates', 'spam']);
  });

  it('offers to open an address that has no mailbox yet', () => {
    expect(typedAddress(' New@Gmail.com ', mailboxes)).toBe('new@gmail.com');
    expect(typedAddress('a@gmail.com', mailboxes)).toBeNull();
    expect(typedAddress('gmail', mailboxes)).toBeNull();
  });
});

describe('what an act led to', () => {
  const unread = {
    flags: {
      seen: false,
      starred: false,
      answered: false,
      reportedSpam: false,
      unsubscribed: false,
      deleted: false,
    },
    placement: 'inbox',
  } as const;
  const read = { ...unread, flags: { ...unread.flags, seen: true } };

  it('counts an open once, and says what a pixel saw', () => {
    const act = { act: 'open', showPictures: false } as const;
    expect(outcomeOf(act, unread, { pictures: 0 }, 'shop.example').said).toContain(
      'a tracking pixel saw nothing',
    );
    expect(outcomeOf(act, unread, { pictures: 2 }, 'shop.example').signal).toContain('counts an open');
    expect(outcomeOf(act, read, { pictures: 2 }, 'shop.example').signal).toContain('nothing new');
  });

  it('tells a message that was deleted unread from one that was read', () => {
    expect(outcomeOf({ act: 'delete' }, unread, {}, 'shop.example').tone).toBe('bad');
    expect(outcomeOf({ act: 'delete' }, read, {}, 'shop.example').tone).toBe('quiet');
  });

  it('says by which way one unsubscribed, and whether it worked', () => {
    const way = (result: Parameters<typeof outcomeOf>[2]) =>
      outcomeOf({ act: 'unsubscribe' }, unread, result, 'shop.example');
    expect(way({ way: 'one_click', why: 'x', visit: { kind: 'answered', status: 200 } })).toMatchObject({
      tone: 'good',
      said: 'By one click: a POST (RFC 8058). It answered 200.',
    });
    expect(way({ way: 'link', why: 'No POST.', visit: { kind: 'answered', status: 500 } })).toMatchObject({
      tone: 'bad',
      said: expect.stringContaining('No POST. It answered 500: the person is still on the list.'),
    });
    expect(way({ way: 'one_click', why: 'x', visit: { kind: 'answered', status: 302 } }).said).toContain(
      'still on the list',
    );
    expect(
      way({ way: 'one_click', why: 'x', visit: { kind: 'not_made', why: 'Not local.' } }).said,
    ).toContain('It was not made: Not local.');
  });

  it('says how the sender hears of a complaint', () => {
    const act = { act: 'report-spam' } as const;
    expect(outcomeOf(act, unread, { reported: 'postmaster_page' }, 'shop.example').signal).toContain('rate');
    expect(outcomeOf(act, unread, { reported: 'report_to_abuse' }, 'shop.example').signal).toContain(
      'abuse@',
    );
  });

  it('tells a rescue from the spam from a mere move', () => {
    const spam = { ...unread, placement: 'spam' } as const;
    const move = (to: 'inbox' | 'spam' | 'updates') => ({ act: 'move', to }) as const;
    expect(outcomeOf(move('inbox'), spam, {}, 'shop.example').tone).toBe('good');
    expect(outcomeOf(move('spam'), unread, {}, 'shop.example').tone).toBe('bad');
    expect(outcomeOf(move('updates'), unread, {}, 'shop.example').tone).toBe('quiet');
  });
});

describe('providers and standings in words', () => {
  it('says what a provider is like', () => {
    expect(profileInWords(provider('gmail')).join(' ')).toMatch(
      /550 5\.7\.26.*550 5\.7\.25.*5000 messages a day.*0\.1 %.*0\.3 %.*Promotions.*refused from 14/,
    );
    expect(profileInWords(provider('own'))).toHaveLength(1);
    expect(rateInWords(null)).toBe('too few to tell');
    expect(rateInWords(0.0025)).toBe('0.25 %');
  });

  it('takes whole numbers within limits, and nothing only where that means something', () => {
    expect(numberOf(' 12 ', 0, 20, false)).toBe(12);
    expect(numberOf('21', 0, 20, false)).toBe('wrong');
    expect(numberOf('1.5', 0, 20, false)).toBe('wrong');
    expect(numberOf('', 0, 20, true)).toBeNull();
    expect(numberOf('', 0, 20, false)).toBe('wrong');
  });

  it('puts the worst stage first, and of two as bad the one that comes first in the line', () => {
    const stage = (name: 'dns' | 'filter' | 'engagement', harm: number) => ({
      stage: name,
      harm,
      summary: '',
      findings: [],
      example: null,
    });
    expect(
      worstFirst([stage('dns', 40), stage('filter', 40), stage('engagement', 0)]).map((one) => one.stage),
    ).toEqual(['dns', 'filter']);
    expect([harmOf(0).word, harmOf(5).word, harmOf(40).word]).toEqual(['no harm', 'some harm', 'much harm']);
  });
});
