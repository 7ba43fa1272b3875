import { describe, expect, it } from 'vitest';
import { detailOfPush, type MessageAbout, readPush, summarizePush } from '../../../core/inspect/read-push.ts';
import { noDetails } from '../../../core/model/message-details.ts';
import type { PushDetails } from '../../../core/model/push.ts';

const details = (said: Partial<PushDetails>): MessageAbout => ({
  channel: 'push',
  envelopeFrom: 'com.example.shop',
  envelopeTo: ['abcd'],
  details: {
    ...noDetails,
    push: {
      provider: 'apns',
      target: { kind: 'token', value: 'abcd' },
      app: 'com.example.shop',
      environment: 'production',
      pushType: 'alert',
      priority: '10',
      collapseKey: null,
      expiresAtMs: null,
      nowOrNever: false,
      providerId: 'id-1',
      headers: [['apns-topic', 'com.example.shop']],
      credentials: null,
      plain: null,
      ...said,
    },
  },
});
const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

describe('reading a push', () => {
  it('finds subject, words, links and codes', () => {
    const about = details({});
    const raw = json({
      aps: { alert: { title: 'Sign in', body: 'Your code is 482913\nhttps://shop.example/in' }, badge: 'x' },
      link: 'shop://sign-in',
    });
    expect(summarizePush(about, raw)).toMatchObject({
      subject: 'Sign in',
      from: { address: 'com.example.shop' },
      to: [{ address: 'abcd' }],
      messageId: 'id-1',
      snippet: 'Your code is 482913 https://shop.example/in',
      problems: [{ code: 'wrong_type', detail: expect.stringMatching(/^aps\.badge: /) }],
    });
    const detail = detailOfPush(about, raw);
    expect(detail.links.map(({ url }) => url)).toEqual(['shop://sign-in', 'https://shop.example/in']);
    expect(detail.codes.map(({ code }) => code)).toEqual(['482913']);
    expect(detail.headers).toEqual([
      { name: 'apns-topic', value: 'com.example.shop', raw: 'com.example.shop' },
    ]);
  });

  it('reads each provider as its devices do', () => {
    const fcm = json({ message: { token: 'a', notification: { title: 'For all' }, apns: { payload: {} } } });
    expect(readPush(details({ provider: 'fcm' }), fcm).content.title).toBe('For all');
    const web = readPush(details({ provider: 'webpush', plain: '{"title":"Inside"}' }), Buffer.from([1, 2]));
    expect(web.content.title).toBe('Inside');
    const own = { ...details({}), details: noDetails };
    expect(readPush(own, json({ channel: 'push', to: [], title: 'Ours' })).content.title).toBe('Ours');
  });

  it.each([
    ['no JSON', details({}), Buffer.from('{')],
    ['JSON that is no object', details({}), json([1])],
    ['a body without a message', details({ provider: 'fcm' }), json({})],
    ['what is encrypted and cannot be read', details({ provider: 'webpush' }), Buffer.from([1])],
    ['what is no submission', { ...details({}), details: null }, json({ title: 'x' })],
  ])('says what is wrong with %s, and never throws', (_name, about, raw) => {
    expect(readPush(about, raw).problems).toMatchObject([{ code: 'unreadable' }]);
    expect(summarizePush(about, raw).problems).toHaveLength(1);
  });

  it('has the data for a snippet where nothing is shown', () => {
    const raw = json({ message: { token: 'a', data: { sync: 'now' } } });
    expect(summarizePush(details({ provider: 'fcm' }), raw)).toMatchObject({
      subject: '',
      snippet: '{"sync":"now"}',
    });
  });
});
