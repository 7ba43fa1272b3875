import { OpenAPIHono } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../../core/api/problem.ts';
import { mailboxRoutes } from '../../../core/api/routes/mailboxes.ts';
import { providerRoutes } from '../../../core/api/routes/providers.ts';
import { deliver } from '../mailboxes/deliver.ts';
import { type FarSide, openFarSide } from '../mailboxes/far-side.ts';
import { goodZone, letter, sign } from '../mailboxes/signed-mail.ts';

async function openApi() {
  const far = await openFarSide({ zone: goodZone });
  const api = new OpenAPIHono();
  mailboxRoutes(api, { store: storeOf(far), mailboxes: far.providers, ownDomain: () => false });
  providerRoutes(api, far.providers);
  api.doc31('/v1/openapi.json', { openapi: '3.1.0', info: { title: 'x', version: '1' } });
  api.onError((error, c) => problemOf(c, error, (text) => far.problems.push(text)));
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await api.request(path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, body: await response.json() };
  };
  return { far, call };
}

/** The lists that the store would give. */
function storeOf({ copies, bytes }: FarSide): Parameters<typeof mailboxRoutes>[1]['store'] {
  return {
    copy: async (id) => copies.get(id) ?? null,
    copyBytes: async (id) => bytes.get(id) ?? null,
    async copies({ mailbox, placement }) {
      const entries = [...copies.values()].filter(
        (one) => one.mailbox === mailbox && (placement === null || one.placement === placement),
      );
      return { entries, next: null, total: entries.length };
    },
    async mailboxes() {
      const addresses = [...new Set([...copies.values()].map(({ mailbox }) => mailbox))];
      const counts = { inbox: 1, promotions: 0, updates: 0, spam: 0 };
      const entries = addresses.map((address) => ({
        address,
        provider: 'gmail',
        counts,
        unseen: 1,
        lastAtMs: 0,
      }));
      return { entries, next: null, total: entries.length };
    },
  };
}

describe('the API of the mailboxes', () => {
  it('lists them, sets them, and shows what is inside', async () => {
    const { far, call } = await openApi();
    await deliver(far, await sign(letter()));
    expect(await call('GET', '/v1/mailboxes')).toMatchObject({
      status: 200,
      body: { entries: [{ address: 'jane@gmail.com', settings: { state: 'ok' } }], total: 1 },
    });
    expect(
      await call('PATCH', '/v1/mailboxes/jane@gmail.com', { state: 'full', autoReply: 'away' }),
    ).toMatchObject({
      status: 200,
      body: {
        settings: { state: 'full', autoReply: 'away', habit: 'normal' },
        changed: ['state', 'autoReply'],
      },
    });
    expect(await call('POST', '/v1/mailboxes/jane@gmail.com/reset')).toMatchObject({
      body: { settings: { state: 'ok', autoReply: null }, changed: [] },
    });
    expect((await call('PATCH', '/v1/mailboxes/jane@gmail.com', { state: 'odd' })).status).toBe(400);
    expect(await call('GET', '/v1/mailboxes/nobody@yahoo.com')).toMatchObject({
      status: 200,
      body: { provider: 'yahoo', unseen: 0, lastAt: null },
    });
    expect((await call('GET', '/v1/mailboxes/nobody')).status).toBe(400);
    const list = await call('GET', '/v1/mailboxes/jane+x@gmail.com/messages?placement=inbox');
    expect(list.body).toMatchObject({
      total: 1,
      entries: [{ placement: 'inbox', spf: 'pass', dkim: 'pass', dmarc: 'pass' }],
    });
    expect((await call('GET', '/v1/mailboxes/jane@gmail.com/messages?placement=spam')).body).toMatchObject({
      total: 0,
    });
  });

  it('shows one message with its evidence, and acts on it', async () => {
    const { far, call } = await openApi();
    await deliver(far, await sign(letter({ text: 'See http://localhost:1/x for it' })));
    const [id = ''] = far.copies.keys();
    const at = `/v1/mailboxes/jane@gmail.com/messages/${id}`;
    expect(await call('GET', at)).toMatchObject({
      status: 200,
      body: {
        subject: 'Lunch on Friday',
        authentication: { spf: { result: 'pass' } },
        filter: { spamAt: 5 },
        stamped: [{ name: 'Return-Path' }, { name: 'Delivered-To' }, { name: 'Authentication-Results' }],
        unsubscribe: { way: null },
        links: ['http://localhost:1/x'],
        stream: 'transactional',
      },
    });
    expect(await call('POST', `${at}/open`)).toMatchObject({
      status: 200,
      body: { pictures: 0, message: { flags: { seen: true } } },
    });
    expect(await call('POST', `${at}/click`, { url: 'http://localhost:1/x' })).toMatchObject({
      body: { visit: { kind: 'answered', status: 200 } },
    });
    expect((await call('POST', `${at}/click`, {})).status).toBe(400);
    expect(await call('POST', `${at}/reply`, { text: 'Yes' })).toMatchObject({
      body: { to: 'ann@example.com' },
    });
    expect(await call('POST', `${at}/star`)).toMatchObject({
      body: { message: { flags: { starred: true } } },
    });
    expect(await call('POST', `${at}/move`, { to: 'spam' })).toMatchObject({
      body: { message: { placement: 'spam' } },
    });
    expect((await call('POST', `${at}/unsubscribe`)).status).toBe(400);
    expect(await call('POST', `${at}/report-spam`)).toMatchObject({ body: { reported: 'postmaster_page' } });
    expect(await call('POST', `${at}/delete`)).toMatchObject({
      body: { message: { flags: { deleted: true } } },
    });
    expect((await call('POST', '/v1/mailboxes/joe@gmail.com/messages/x/open')).status).toBe(404);
    expect((await call('GET', `/v1/mailboxes/joe@gmail.com/messages/${id}`)).status, "another's").toBe(404);
  });

  it('breaks providers and mends them, and shows what they think', async () => {
    const { far, call } = await openApi();
    await deliver(far, await sign(letter()));
    const down = ['mx1.gmail.sandpost.example'];
    expect(await call('PATCH', '/v1/providers/gmail', { downHosts: down })).toMatchObject({
      status: 200,
      body: {
        hosts: [{ name: down[0], up: false }, { up: true }, { up: true }],
        settings: { downHosts: down, tls: 'offered' },
      },
    });
    expect((await call('PATCH', '/v1/providers/gmail', { downHosts: ['x'] })).status).toBe(400);
    expect(await call('POST', '/v1/providers/gmail/reset')).toMatchObject({
      body: { settings: { downHosts: [] }, changed: [], rules: { bulkPerDay: 5_000 } },
    });
    expect((await call('GET', '/v1/providers/odd')).status).toBe(400);
    expect((await call('GET', '/v1/providers')).body).toMatchObject({ total: 6 });
    expect((await call('GET', '/v1/providers/gmail/postmaster')).body).toMatchObject({
      entries: [{ domain: 'example.com', days: [{ day: '2026-01-31', delivered: 1 }] }],
    });
    expect((await call('GET', '/v1/providers/yahoo/postmaster')).status).toBe(404);
    expect((await call('GET', '/v1/reputation?subject=example.com')).body).toMatchObject({ total: 2 });
    expect(await call('PATCH', '/v1/ip-pool', { neighbour: 'noisy' })).toMatchObject({
      body: { neighbour: 'noisy', drag: 0 },
    });
    const { body } = await call('GET', '/v1/openapi.json');
    expect(Object.keys(body.paths)).toContain('/v1/mailboxes/{address}/messages/{copyId}/report-spam');
  });
});
