import { describe, expect, it } from 'vitest';
import { noPreferences, type Topic, type UserPreferences } from '../../../core/model/user.ts';
import { type About, refusalOf } from '../../../core/people/refusal.ts';

const topic: Topic = {
  id: 'news',
  name: 'News',
  description: null,
  required: false,
  usual: 'in',
  channels: {},
};
const news: About = { topic: 'news', transactional: false };
const about = (said: Partial<UserPreferences>, of: About = news, its: Partial<Topic> | null = {}) =>
  refusalOf(
    { id: 'jane', preferences: { ...noPreferences, ...said } },
    'sms',
    of,
    its === null ? null : { ...topic, ...its },
  )?.reason ?? null;

const everythingOff: Partial<UserPreferences> = {
  unsubscribed: true,
  channels: { sms: false },
  topics: { news: false },
};

describe('a user', () => {
  it.each([
    ['wants what nothing was said of', about({}), null],
    [
      'wants what nothing was said of, of no topic',
      about({}, { topic: null, transactional: false }, null),
      null,
    ],
    ['gets a required topic whatever was said', about(everythingOff, news, { required: true }), null],
    [
      'gets what is transactional and of no topic whatever was said',
      about(everythingOff, { topic: null, transactional: true }, null),
      null,
    ],
    [
      'who unsubscribed from everything gets nothing of a topic, transactional or not',
      about({ unsubscribed: true }, { topic: 'news', transactional: true }),
      'unsubscribed',
    ],
    [
      'who unsubscribed from the topic gets nothing of it',
      about({ topics: { news: false } }),
      'unsubscribed',
    ],
    [
      'who unsubscribed from a topic that is not known here gets nothing of it',
      about({ topics: { news: false } }, news, null),
      'unsubscribed',
    ],
    ['who turned the channel off for the topic', about({ topics: { news: { sms: false } } }), 'filtered'],
    ['who turned another channel off for the topic', about({ topics: { news: { email: false } } }), null],
    ['of a topic that does not go by the channel', about({}, news, { channels: { sms: false } }), 'filtered'],
    [
      'who asked for the channel that the topic does not go by',
      about({ topics: { news: { sms: true } } }, news, { channels: { sms: false } }),
      null,
    ],
    ['who turned the channel off', about({ channels: { sms: false } }), 'filtered'],
    [
      'who turned the channel off, of no topic',
      about({ channels: { sms: false } }, { topic: null, transactional: false }, null),
      'filtered',
    ],
    ['who did not opt in', about({}, news, { usual: 'out' }), 'filtered'],
    ['who opted in', about({ topics: { news: true } }, news, { usual: 'out' }), null],
    ['who opted in by the channel', about({ topics: { news: { sms: true } } }, news, { usual: 'out' }), null],
    [
      'who opted in by another channel',
      about({ topics: { news: { email: true } } }, news, { usual: 'out' }),
      'filtered',
    ],
  ])('%s', (_what, reason, expected) => {
    expect(reason).toBe(expected);
  });

  it('is told which preference it is, and how to change it', () => {
    const preferences = { ...noPreferences, topics: { news: { sms: false } } };
    expect(refusalOf({ id: 'a/b', preferences }, 'sms', news, topic)?.detail).toBe(
      'a/b does not want the topic News by sms; set "topics.news.sms" to true (PUT /v1/users/a%2Fb/preferences).',
    );
  });

  it('may be called as what every object has', () => {
    const of = { topic: 'constructor', transactional: false };
    expect(refusalOf({ id: 'a', preferences: noPreferences }, 'sms', of, null)).toBeNull();
  });
});
