import { describe, expect, it } from 'vitest';
import {
  type PushSubmissionInput,
  validatePush,
} from '../../../../core/channels/push/validate-submission.ts';
import { readSubmission, submissionBytes } from '../../../../core/model/push-submission.ts';

const nowMs = Date.UTC(2026, 0, 31, 12);
const good: PushSubmissionInput = { to: { user: 'jane' }, title: 'Hello', body: 'There is news.' };

function nested(depth: number): Readonly<Record<string, unknown>> {
  let value: Readonly<Record<string, unknown>> = {};
  for (let i = 0; i < depth; i++) value = { a: value };
  return value;
}

function faultsOf(change: PushSubmissionInput): readonly string[] {
  const validation = validatePush({ ...good, ...change }, nowMs);
  return validation.ok ? [] : validation.errors.map(({ field, code }) => `${field} ${code}`);
}

describe('a push that is submitted', () => {
  it('is taken as it is meant, and stored with its members in a fixed order', () => {
    const validation = validatePush(
      {
        body: 'There is news.',
        title: 'Hello',
        to: [{ user: 'jane', app: 'com.example.shop' }, { topic: '/topics/news' }],
        ttlSeconds: 0,
        silent: false,
        data: { order: '7' },
      },
      nowMs,
    );
    if (!validation.ok) throw new Error(JSON.stringify(validation.errors));
    const bytes = submissionBytes(validation.submission);
    expect(Buffer.from(bytes).toString()).toBe(
      '{"channel":"push","to":[{"user":"jane","app":"com.example.shop"},{"topic":"news"}],"title":"Hello","body":"There is news.","data":{"order":"7"},"ttlSeconds":0}',
    );
    expect(readSubmission(bytes)).toEqual(validation.submission);
  });

  it.each<[string, PushSubmissionInput, readonly string[]]>([
    ['nobody', { to: [] }, ['to no_recipients']],
    ['two at once', { to: [{ user: 'jane', topic: 'news' }] }, ['to[0] bad_recipient']],
    ['no kind', { to: { app: 'com.example.shop' } }, ['to bad_recipient']],
    ['an empty user', { to: { user: '' } }, ['to.user bad_recipient']],
    ['a provider of a user', { to: { user: 'jane', provider: 'fcm' } }, ['to.provider not_with']],
    ['a topic with a space', { to: { topic: 'big news' } }, ['to.topic bad_topic']],
    [
      'an app that would be two header fields',
      { to: { user: 'jane', app: 'com.example\r\nx: y' } },
      ['to.app bad_app'],
    ],
    ['a piece that is nested too deep', { ios: nested(20_000) }, ['ios too_deep']],
    [
      'a priority that is no text',
      { android: { priority: { toString: 1, valueOf: 1 } } },
      ['android.priority wrong_value'],
    ],
    ['a token of nobody', { to: { token: 'abc' } }, ['to.provider missing']],
    ['a token without its app', { to: { token: 'abc', provider: 'apns' } }, ['to.app missing']],
    [
      'a token that is not hexadecimal',
      { to: [{ token: 'xyz', provider: 'apns', app: 'com.example.shop' }] },
      ['to[0].token bad_token'],
    ],
    [
      'an environment of FCM',
      { to: { token: 'abc', provider: 'fcm', environment: 'production' } },
      ['to.environment not_with'],
    ],
  ])('is refused for %s', (_name, change, faults) => {
    expect(faultsOf(change)).toEqual(faults);
  });

  it.each<[string, PushSubmissionInput, readonly string[]]>([
    ['nothing in it', { title: undefined, body: undefined }, ['body empty']],
    ['a picture off the web', { image: 'file:///etc/passwd' }, ['image bad_url']],
    ['a link without a scheme', { link: 'orders/7' }, ['link bad_url']],
    ['a link that runs', { link: 'javascript:alert(1)' }, ['link bad_scheme']],
    ['a badge below zero', { badge: -1 }, ['badge bad_number']],
    ['half a second to live', { ttlSeconds: 0.5 }, ['ttlSeconds bad_number']],
    ['more than four weeks', { ttlSeconds: 2_419_201 }, ['ttlSeconds bad_number']],
    ['a long collapse key', { collapseKey: 'k'.repeat(65) }, ['collapseKey bad_collapse_key']],
    [
      'a reserved name',
      { data: { 'google.x': '1', aps: '2' } },
      ['data.google.x reserved_key', 'data.aps reserved_key'],
    ],
    ['a silent title', { silent: true, body: undefined }, ['title not_with_silent']],
    [
      'a silent push in a hurry',
      { silent: true, title: undefined, body: undefined, priority: 'high' },
      ['priority not_with_silent'],
    ],
    ['a time that is none', { sendAt: 'tomorrow' }, ['sendAt bad_time']],
    ['a tag that is none', { tags: [''] }, ['tags[0] bad_tag']],
    ['a NUL', { title: 'a\0b' }, ['title control_character']],
  ])('is refused for %s', (_name, change, faults) => {
    expect(faultsOf(change)).toEqual(faults);
  });

  it('has the pieces of a platform looked at as the provider would', () => {
    expect(faultsOf({ ios: { aps: { alert: { title: 7 }, badge: 'three' } } })).toEqual([
      'ios.aps.alert.title wrong_type',
      'ios.aps.badge wrong_type',
    ]);
    expect(faultsOf({ ios: { aps: 'no' } })).toEqual(['ios.aps not_an_object']);
    expect(faultsOf({ android: { colour: 'red', ttl: 5, priority: 'urgent', data: { n: 1 } } })).toEqual([
      'android.colour unknown_member',
      'android.priority wrong_value',
      'android.ttl wrong_value',
      'android.data wrong_type',
    ]);
    expect(faultsOf({ web: { title: 5 } })).toEqual(['web.title wrong_type']);
    expect(
      faultsOf({
        ios: { aps: { 'thread-id': 'a' } },
        android: { ttl: '3.5s' },
        web: { requireInteraction: true },
      }),
    ).toEqual([]);
  });

  it('has every fault told at once', () => {
    expect(faultsOf({ to: [], badge: 0.5, link: 'x', ttlSeconds: -1 })).toHaveLength(4);
  });
});
