import { describe, expect, it } from 'vitest';
import type { PhoneApp, PhonePush } from '../../core/api/phones-schema.ts';
import { noContent } from '../../core/model/push-content.ts';
import { appName, iconColour, iconColours } from '../../renderer/src/phones/app-names.ts';
import { agoWords, type LockNote, noteTitle, stacksOf } from '../../renderer/src/phones/lock-stacks.ts';
import {
  goneWords,
  onlineWords,
  placeOf,
  pushLine,
  sentence,
  tapWords,
} from '../../renderer/src/phones/phone-words.ts';
import { pushRecipient, shortToken } from '../../renderer/src/status/recipient-name.ts';
import { iso, startMs } from './delivery.ts';

let notes = 0;
function note(about: Partial<LockNote> & { readonly group?: string } = {}): LockNote {
  notes += 1;
  const { group = null, ...rest } = about;
  return {
    id: `note-${notes}`,
    app: 'com.example.shop',
    at: iso(notes * 60_000),
    content: { ...noContent, title: `Title ${notes}`, group, silent: false },
    messageId: 'message-1',
    ...rest,
  };
}

function push(about: Partial<PhonePush> = {}): PhonePush {
  return {
    id: 'push-1',
    seq: 1,
    phoneId: 'phone-1',
    app: 'com.example.shop',
    provider: 'apns',
    messageId: 'message-1',
    deliveryId: 'delivery-1',
    state: 'delivered',
    shown: true,
    reason: null,
    collapseKey: null,
    priority: null,
    receivedAt: iso(0),
    expiresAt: null,
    deliveredAt: iso(0),
    dismissed: false,
    opened: false,
    content: { ...noContent, title: 'Hello', actions: [], data: {}, silent: false },
    ...about,
  };
}

const app = (about: Partial<PhoneApp> = {}): PhoneApp => ({
  app: 'com.example.shop',
  provider: 'apns',
  token: 'a1b2',
  environment: 'development',
  permission: 'granted',
  installed: true,
  uninstalledAt: null,
  tellAfterSends: null,
  tellAt: null,
  formerTokens: [],
  topics: [],
  badge: 0,
  subscription: null,
  applicationServerKey: null,
  linkSchemes: [],
  linkDomains: [],
  project: null,
  dropped: null,
  waiting: 0,
  ...about,
});

describe('a lock screen', () => {
  it('stacks by app and group on phones, the newest on top, and never in a browser', () => {
    const first = note({ group: 'orders' });
    const other = note({ app: 'com.example.bank' });
    const plain = note();
    const last = note({ group: 'orders' });
    const all = [plain, first, other, last];
    const ids = (platform: 'ios' | 'android' | 'browser') =>
      stacksOf(all, platform).map(({ newest, older }) => [newest.id, ...older.map(({ id }) => id)]);
    expect(ids('ios')).toEqual([[last.id, first.id], [plain.id], [other.id]]);
    expect(ids('android')).toEqual(ids('ios'));
    expect(ids('browser')).toEqual([[last.id], [plain.id], [other.id], [first.id]]);
    expect(stacksOf([], 'ios')).toEqual([]);
  });

  it.each([
    [0, 'now'],
    [59_000, 'now'],
    [5 * 60_000, '5m ago'],
    [3 * 3_600_000, '3h ago'],
    [30 * 3_600_000, 'yesterday'],
    [100 * 3_600_000, '4d ago'],
    // The clock was set back.
    [-60_000, 'now'],
  ])('says of %i ms that it was %s', (ms, words) => {
    expect(agoWords(iso(0), startMs + ms)).toBe(words);
  });

  it('has a name for what has no title', () => {
    expect(noteTitle({ ...noContent, body: 'Only words', silent: false })).toBe('Only words');
    expect(noteTitle(noContent)).toBe('Nothing to show (silent)');
  });
});

describe('an app', () => {
  it.each([
    ['com.example.birch-bean', 'Birch Bean'],
    ['com.ledger.app', 'Ledger'],
    ['com.shop.ios.dev', 'Shop'],
    ['https://shop.example', 'shop.example'],
    ['http://127.0.0.1:8080/path', '127.0.0.1:8080'],
    ['app', 'App'],
    ['', 'An app'],
  ])('%s is called %s', (id, name) => {
    expect(appName(id)).toBe(name);
  });

  it('keeps its colour', () => {
    expect(iconColour('com.example.shop')).toBe(iconColour('com.example.shop'));
    for (const id of ['', 'a', 'com.example.shop', '日本語']) {
      expect(iconColour(id)).toBeGreaterThanOrEqual(0);
      expect(iconColour(id)).toBeLessThan(iconColours);
    }
  });

  it('says what the provider knows of its being gone', () => {
    expect(goneWords(app())).toBeNull();
    const gone = { installed: false, uninstalledAt: iso(0) };
    expect(goneWords(app(gone))).toMatch(/the provider says that the token is gone\.$/);
    expect(goneWords(app({ ...gone, tellAfterSends: 2 }))).toMatch(/still says yes, 2 times more\.$/);
    expect(goneWords(app({ ...gone, tellAfterSends: 1 }))).toMatch(/still says yes, once more\.$/);
    expect(goneWords(app({ ...gone, tellAt: iso(60_000) }))).toMatch(/says so from .* on\.$/);
  });
});

describe('a push on a phone', () => {
  it('has one place', () => {
    expect(placeOf(push())).toBe('shown');
    expect(placeOf(push({ opened: true }))).toBe('done');
    expect(placeOf(push({ dismissed: true }))).toBe('done');
    expect(placeOf(push({ shown: false }))).toBe('unseen');
    expect(placeOf(push({ state: 'stored', shown: false }))).toBe('waiting');
    for (const state of ['expired', 'collapsed', 'discarded', 'lost'] as const)
      expect(placeOf(push({ state, shown: false }))).toBe('lost');
  });

  it('says why it is where it is', () => {
    const stored = push({
      state: 'stored',
      shown: false,
      reason: 'the device is off',
      collapseKey: 'score',
      expiresAt: iso(3_600_000),
    });
    expect(pushLine(stored, startMs)).toBe(
      'The device is off. Kept for 1 h more. A later one with the collapse key score takes its place.',
    );
    expect(pushLine(stored, startMs + 3_600_001)).toContain('Its time is over.');
    expect(pushLine(push({ state: 'expired', reason: 'its time was over' }), startMs)).toBe(
      'Expired: Its time was over.',
    );
    expect(pushLine(push({ shown: false }), startMs)).toBe('It was not shown.');
    expect(pushLine(push({ opened: true }), startMs)).toBe('Opened.');
  });

  it('says what a tap opened', () => {
    const tapped = {
      push: push(),
      link: 'shop://orders/1',
      app: 'com.example.shop',
      detail: 'it has the scheme',
    };
    expect(tapWords('Hello', { ...tapped, opens: 'customScheme' })).toBe(
      '“Hello” was tapped. Shop opens shop://orders/1. It has the scheme.',
    );
    expect(tapWords('Hello', { ...tapped, opens: 'page', app: null })).toContain(
      'The browser opens shop://orders/1.',
    );
    expect(tapWords('Hello', { ...tapped, opens: 'nowhere', app: null })).toContain('Nothing opens.');
    expect(tapWords('Hello', { ...tapped, opens: 'app', link: null })).toContain('Shop opens at its start.');
  });
});

describe('words', () => {
  it('make a sentence of a reason', () => {
    expect(sentence('')).toBe('');
    expect(sentence('the device is off')).toBe('The device is off.');
    expect(sentence('Is it?')).toBe('Is it?');
  });

  it('say how long a device is off', () => {
    expect(onlineWords({ online: true, offlineUntil: null }, startMs)).toBe('online');
    expect(onlineWords({ online: false, offlineUntil: null }, startMs)).toBe('offline');
    expect(onlineWords({ online: false, offlineUntil: iso(7_200_000) }, startMs)).toBe(
      'offline, back in 2 h',
    );
    expect(onlineWords({ online: false, offlineUntil: iso(-1) }, startMs)).toBe('offline, coming back');
  });

  it('shorten a token to its ends, and leave a topic whole', () => {
    const token = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
    expect(shortToken(token)).toBe('a1b2c3d4…7e8f90');
    expect(shortToken('unregistered-1')).toBe('unregistered-1');
    expect(shortToken('/topics/news-of-all-our-shops')).toBe('/topics/news-of-all-our-shops');
    expect(pushRecipient({ recipient: token, provider: 'webpush' })).toBe('a1b2c3d4…7e8f90 (Web Push)');
    expect(pushRecipient({ recipient: token, provider: null })).toBe('a1b2c3d4…7e8f90');
  });
});
