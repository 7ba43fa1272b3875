import { describe, expect, it } from 'vitest';
import { mergePatch, readMembers } from '../../renderer/src/users/merge-patch.ts';
import {
  choiceOf,
  topicChoiceOf,
  withChoice,
  withTopicChoice,
} from '../../renderer/src/users/preference-choices.ts';
import { writtenContent } from '../../renderer/src/users/written-content.ts';

describe('what is changed of attributes', () => {
  it('names what is new or other, and takes away what went, at any depth', () => {
    const before = { plan: 'pro', address: { city: 'Graz', zip: '8010' }, tags: [1] };
    const after = { plan: 'pro', address: { city: 'Wien' }, tags: [1, 2] };
    expect(mergePatch(before, after)).toEqual({ address: { city: 'Wien', zip: null }, tags: [1, 2] });
    expect(mergePatch(before, before)).toEqual({});
  });

  it('says what is wrong with what is no object', () => {
    expect(readMembers('[1]')).toHaveProperty('problem');
    expect(readMembers('{')).toHaveProperty('problem');
    expect(readMembers('')).toEqual({ members: {} });
  });
});

describe('preferences', () => {
  const none = { channels: {}, topics: {}, unsubscribed: false };

  it('keeps a word about a whole topic for the channels that are not meant', () => {
    const off = withTopicChoice(none, 'news', 'no');
    expect(topicChoiceOf(off, 'news')).toBe('no');
    const mixed = withChoice(off, 'news', 'email', 'yes');
    expect(mixed.topics.news).toEqual({ email: true, push: false, sms: false, inapp: false });
    expect(topicChoiceOf(mixed, 'news')).toBe('mixed');
  });

  it('says nothing of a topic when nothing is left to say', () => {
    const one = withChoice(none, 'news', 'sms', 'no');
    expect(choiceOf(one, 'news', 'sms')).toBe('no');
    expect(withChoice(one, 'news', 'sms', 'usual').topics).toEqual({});
    expect(withChoice(none, null, 'push', 'no').channels).toEqual({ push: false });
  });
});

describe('a few words as each channel takes them', () => {
  it('makes HTML of the text for mail, and leaves its Liquid alone', () => {
    const content = writtenContent(['email', 'sms'], {
      title: '',
      text: 'a < b {{ user.name | append: "<" }}',
    });
    expect(content).toEqual({
      email: {
        subject: 'a < b {{ user.name | append: "<" }}',
        html: '<p>a &lt; b {{ user.name | append: "<" }}</p>',
        text: 'a < b {{ user.name | append: "<" }}',
      },
      sms: { body: 'a < b {{ user.name | append: "<" }}' },
    });
  });
});
