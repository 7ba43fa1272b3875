import { describe, expect, it } from 'vitest';
import { createPeople } from '../../../core/people/index.ts';
import { openSeal } from '../../../core/store/seal.ts';
import { startCore, type TestCore } from '../../start-core.ts';

const send = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const form = (body: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body,
});
const oneClick = form('List-Unsubscribe=One-Click');

/** As a mail has it: sealed with the key of the core's data folder. */
async function linkOf(core: TestCore, about: { readonly user: string; readonly topic: string | null }) {
  const nothing = async (): Promise<never> => {
    throw new Error('a link needs no store');
  };
  const people = await createPeople({
    store: {
      documents: async () => [],
      saveDocument: nothing,
      deleteDocument: nothing,
      putUsers: nothing,
      deleteUsers: nothing,
      addUserEvents: nothing,
      user: nothing,
      usersByIds: nothing,
      users: nothing,
      userEvents: nothing,
      note: nothing,
    },
    file: '',
    clock: { after: () => () => undefined, wallMs: () => 0 },
    virtual: { nowMs: () => 0 },
    seal: openSeal(core.dataDir),
    baseUrl: () => '',
  });
  return people.unsubscribeUrl(about);
}

async function preferences(core: TestCore, user: string): Promise<unknown> {
  const { effective: _effective, ...said } = await core.json<{ readonly effective: unknown }>(
    `/v1/users/${user}/preferences`,
  );
  return said;
}

describe('an unsubscribe link', () => {
  it('takes the user off its topic at one click (RFC 8058), and asks where it is only followed', async () => {
    const core = await startCore();
    await core.get('/v1/users', send('POST', { id: 'jane', email: 'jane@example.com' }));
    await core.get('/v1/topics', send('POST', { id: 'news', name: 'News & <views>' }));
    const link = await linkOf(core, { user: 'jane', topic: 'news' });
    expect(link).not.toContain('jane');

    const asked = await core.get(link);
    expect(asked.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await asked.text()).toContain('Stop getting “News &amp; &lt;views&gt;”?');
    expect(await preferences(core, 'jane')).toMatchObject({ topics: {} });

    const done = await core.get(link, oneClick);
    expect([done.status, done.redirected]).toEqual([200, false]);
    expect(await preferences(core, 'jane')).toMatchObject({ topics: { news: false }, unsubscribed: false });
    expect(await (await core.get(link)).text()).toContain('You do not get “News &amp; &lt;views&gt;”.');
  });

  it('tells webhooks and the feed who left what', async () => {
    const core = await startCore();
    const hook = await core.json(
      '/v1/webhooks',
      send('POST', { url: 'http://127.0.0.1:9/', events: ['user'] }),
    );
    expect(hook).toMatchObject({ events: ['user'] });
    await core.get(await linkOf(core, { user: 'jane', topic: 'news' }), oneClick);
    const { entries } = await core.json<{ readonly entries: readonly { readonly type: string }[] }>(
      '/v1/events?after=0',
    );
    expect(entries.filter(({ type }) => type === 'user')).toMatchObject([
      { data: { ids: ['jane'], what: 'unsubscribed', topic: 'news', how: 'one-click' } },
    ]);
  });

  it('takes the form as multipart/form-data too (RFC 8058 §3.2)', async () => {
    const core = await startCore();
    await core.get('/v1/users', send('POST', { id: 'jane' }));
    const body = new FormData();
    body.set('List-Unsubscribe', 'One-Click');
    expect(
      (await core.get(await linkOf(core, { user: 'jane', topic: 'news' }), { method: 'POST', body })).status,
    ).toBe(200);
    expect(await preferences(core, 'jane')).toMatchObject({ topics: { news: false } });
  });

  it('of no topic takes the user off everything that is not required', async () => {
    const core = await startCore();
    await core.get(await linkOf(core, { user: 'stranger', topic: null }), form('action=unsubscribe'));
    expect(await preferences(core, 'stranger')).toMatchObject({ unsubscribed: true });
  });

  it('leads to the choices of its reader', async () => {
    const core = await startCore();
    await core.get(
      '/v1/users',
      send('POST', { id: 'jane', preferences: { topics: { tips: { sms: false } } } }),
    );
    for (const id of ['news', 'tips', 'offers'])
      await core.get('/v1/topics', send('POST', { id, name: id, usual: id === 'offers' ? 'out' : 'in' }));
    await core.get('/v1/topics', send('POST', { id: 'receipts', name: 'Receipts', required: true }));
    const link = await linkOf(core, { user: 'jane', topic: 'news' });
    const page = await (await core.get(link)).text();
    expect(page).toContain('name="topic.news" checked');
    expect(page).not.toContain('name="topic.offers" checked');
    expect(page).not.toContain('Receipts');
    const saved = await core.get(
      link,
      form('action=save&topic.tips=on&topic.offers=on&channel.email=on&channel.push=on&channel.inapp=on'),
    );
    expect(await saved.text()).toContain('Saved.');
    expect(await preferences(core, 'jane')).toEqual({
      channels: { sms: false },
      topics: { news: false, tips: { sms: false }, offers: true },
      unsubscribed: false,
    });
  });

  it('that was not made here leads nowhere', async () => {
    const core = await startCore();
    for (const token of ['x', Buffer.from('v1:AAAA').toString('base64url')]) {
      expect((await core.get(`/u/${token}`)).status).toBe(404);
      expect((await core.get(`/u/${token}`, oneClick)).status).toBe(404);
    }
    // Sealed here, for something else.
    const other = Buffer.from(openSeal(core.dataDir).seal('{"u":"jane","t":null,"d":null}'));
    expect((await core.get(`/u/${other.toString('base64url')}`, oneClick)).status).toBe(404);
  });

  it('needs no token of the core, and another form does nothing', async () => {
    const core = await startCore(['--token', 'secret-enough']);
    const link = await linkOf(core, { user: 'jane', topic: 'news' });
    expect((await core.get('/v1/users')).status).toBe(401);
    expect((await core.get(link)).status).toBe(200);
    expect((await core.get(link, form('x=1'))).status).toBe(400);
    expect((await core.get(link, oneClick)).status).toBe(200);
    expect((await core.get(link, { method: 'DELETE' })).status).toBe(401);
  });
});
