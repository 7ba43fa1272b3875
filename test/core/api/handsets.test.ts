/** /v1/handsets and /v1/sms on real carriers and a real store, without a socket. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { problem, problemOf } from '../../../core/api/problem.ts';
import { handsetRoutes } from '../../../core/api/routes/handsets.ts';
import type {
  HandsetView,
  RepliedView,
  SmsPreviewView,
  SmsSenderView,
  SmsSettingsView,
  SmsThreadView,
  SmsView,
} from '../../../core/api/sms-schema.ts';
import { type CarrierWorld, carrierWorld, hourMs, mobile, sender } from '../phones/sms/world.ts';

const at = `/v1/handsets/${encodeURIComponent(mobile)}`;

async function served() {
  const world = await carrierWorld();
  const { get } = apiOf(world);
  return { world, get };
}

function apiOf(world: CarrierWorld) {
  const api = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return;
      const errors = result.error.issues.map((issue) => ({
        field: issue.path.join('.'),
        code: issue.code,
        detail: issue.message,
      }));
      return problem(c, 'bad_request', errors.map((one) => one.detail).join('; '), errors);
    },
  });
  handsetRoutes(api, { carriers: world.carriers, store: world.store });
  const app = new Hono();
  app.onError((error, c) => problemOf(c, error, () => undefined));
  app.route('/', api);
  return {
    async get<T>(path: string, method = 'GET', body?: unknown): Promise<{ status: number; body: T }> {
      const response = await app.request(path, {
        method,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as T };
    },
  };
}

interface Refusal {
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly { readonly field: string }[];
}

describe('/v1/handsets', () => {
  it('makes, lists, finds, changes and deletes handsets', async () => {
    const { get } = await served();
    const made = await get<HandsetView>('/v1/handsets', 'POST', { number: '33612345678', user: 'jane' });
    expect(made).toMatchObject({
      status: 201,
      body: { number: mobile, user: 'jane', country: 'FR', line: 'mobile', online: true, onTheFly: false },
    });
    await get('/v1/handsets', 'POST', { number: '+442071234567', name: 'Office' });
    const list = await get<{ entries: HandsetView[]; nextCursor: string; total: number }>(
      '/v1/handsets?limit=1',
    );
    expect([list.body.entries[0]?.name, list.body.entries[0]?.line, list.body.total]).toEqual([
      'Office',
      'landline',
      2,
    ]);
    const next = await get<{ entries: HandsetView[]; nextCursor: null }>(
      `/v1/handsets?limit=1&after=${encodeURIComponent(list.body.nextCursor)}`,
    );
    expect([next.body.entries[0]?.number, next.body.nextCursor]).toEqual([mobile, null]);
    expect((await get<{ total: number }>('/v1/handsets?user=jane')).body.total).toBe(1);
    expect((await get<{ total: number }>('/v1/handsets?q=OFFICE')).body.total).toBe(1);
    const changed = await get<HandsetView>(at, 'PATCH', {
      name: 'Jane',
      blocked: true,
      portedTo: '00105',
      online: false,
      forMs: hourMs,
    });
    expect(changed.body).toMatchObject({
      name: 'Jane',
      blocked: true,
      online: false,
      carrier: { network: '00105' },
      offlineUntil: '2026-01-31T11:00:00.000Z',
    });
    expect((await get<HandsetView>(at, 'PATCH', { online: true })).body.online).toBe(true);
    expect((await get<HandsetView>(`${at}/offline`, 'POST')).body).toMatchObject({
      online: false,
      offlineUntil: null,
    });
    expect((await get<HandsetView>(`${at}/online`, 'POST')).body.online).toBe(true);
    expect((await get(at, 'DELETE')).status).toBe(204);
    expect((await get<Refusal>(at)).body.code).toBe('not_found');
  });

  it('says which field is at fault', async () => {
    const { get } = await served();
    const refused = async (path: string, method: string, body: unknown) => {
      const { status, body: found } = await get<Refusal>(path, method, body);
      return [status, found.code, found.errors.map(({ field }) => field)];
    };
    expect(await refused('/v1/handsets', 'POST', { number: 'Jane' })).toEqual([
      400,
      'bad_request',
      ['number'],
    ]);
    await get('/v1/handsets', 'POST', { number: mobile });
    expect(await refused('/v1/handsets', 'POST', { number: mobile })).toEqual([
      409,
      'not_possible',
      ['number'],
    ]);
    expect(await refused(at, 'PATCH', { portedTo: 'Nobody' })).toEqual([400, 'bad_request', ['portedTo']]);
    expect(await refused(at, 'PATCH', { line: 'fibre' })).toEqual([400, 'bad_request', ['line']]);
    expect(await refused(`${at}/offline`, 'POST', { forMs: -1 })).toEqual([400, 'bad_request', ['forMs']]);
    expect(await refused(`${at}/replies`, 'POST', { to: sender, text: '' })).toEqual([
      400,
      'bad_request',
      ['text'],
    ]);
    expect(await refused(`${at}/replies`, 'POST', { to: '+33799999999', text: 'x' })).toEqual([
      404,
      'not_found',
      ['to'],
    ]);
  });

  it('shows threads and messages with their parts, steps, price and what the app was told', async () => {
    const { world, get } = await served();
    const sms = await world.send({ text: `“Hello” ${'x'.repeat(70)}` });
    await world.send({ sender: 'Shop' });
    const threads = await get<{ entries: SmsThreadView[] }>(`${at}/threads`);
    expect(threads.body.entries).toMatchObject([
      { sender: 'Shop', messages: 1, canReply: false, optedOut: false, last: { state: 'delivered' } },
      { sender, messages: 1, canReply: true },
    ]);
    expect((await get<{ entries: unknown[] }>('/v1/sms/threads')).body.entries).toHaveLength(2);
    const page = await get<{ entries: SmsView[]; total: number }>(
      `${at}/messages?sender=${encodeURIComponent(sender)}`,
    );
    const [shown] = page.body.entries;
    expect(shown).toMatchObject({
      id: sms.id,
      state: 'delivered',
      encoding: 'UCS-2',
      parts: 2,
      unicode: [
        { character: '“', at: 0, instead: '"' },
        { character: '”', at: 6, instead: '"' },
      ],
      price: { amount: '0.1596', currency: 'USD' },
      copies: 1,
      receivedAt: '2026-01-31T10:00:00.000Z',
    });
    expect(shown?.partTexts.join('')).toBe(sms.text);
    expect(shown?.steps.map(({ state, status }) => [state, status])).toEqual([
      ['accepted', 'queued'],
      ['sent', 'sent'],
      ['delivered', 'delivered'],
    ]);
    expect(shown?.callbacks).toMatchObject([
      {
        purpose: 'report',
        tells: 'sent',
        status: 'queued',
        attempts: 0,
        url: 'http://127.0.0.1:9/hook',
        answer: null,
      },
      { tells: 'delivered' },
    ]);
    const of = await get<{ entries: SmsView[] }>(`/v1/messages/${sms.messageId}/sms`);
    expect(of.body.entries.map(({ id }) => id)).toEqual([sms.id]);
    expect((await get<Refusal>('/v1/messages/nobody/sms')).body.code).toBe('not_found');
  });

  it('answers as its owner, and takes back what STOP did', async () => {
    const { world, get } = await served();
    await world.send();
    await get(`/v1/sms/senders/twilio/${encodeURIComponent(sender)}`, 'PUT', {
      inboundUrl: 'http://127.0.0.1:9/mo',
    });
    const told = await get<RepliedView>(`${at}/replies`, 'POST', { to: sender, text: 'Hi' });
    expect([told.status, told.body.outcome, told.body.provider]).toEqual([201, 'told', 'twilio']);
    const page = await get<{ entries: SmsView[] }>(`${at}/messages?limit=1`);
    expect(page.body.entries[0]).toMatchObject({
      id: told.body.id,
      direction: 'mo',
      state: 'received',
      callbacks: [{ purpose: 'inbound', tells: 'message' }],
    });
    const stop = await get<RepliedView>(`${at}/replies`, 'POST', { to: sender, text: 'STOP' });
    expect(stop.body.outcome).toBe('opted_out');
    expect((await get<HandsetView>(at)).body.optOuts).toMatchObject([{ provider: 'twilio', word: 'STOP' }]);
    const threads = await get<{ entries: SmsThreadView[] }>(`${at}/threads`);
    expect(threads.body.entries[0]).toMatchObject({ optedOut: true, last: { text: 'You are out.' } });
    expect((await get<HandsetView>(at, 'PATCH', { optOuts: [] })).body.optOuts).toEqual([]);
    await get(`${at}/offline`, 'POST');
    const off = await get<Refusal>(`${at}/replies`, 'POST', { to: sender, text: 'Hi' });
    expect([off.status, off.body.code]).toEqual([409, 'not_possible']);
  });
});

describe('/v1/sms', () => {
  it('has settings, whose secrets it never shows', async () => {
    const { world, get } = await served();
    const before = await get<SmsSettingsView>('/v1/sms/settings');
    expect(before.body).toMatchObject({
      strictNumbers: false,
      latencyMs: 0,
      unknownSenders: 'register',
      credentials: {},
    });
    const changed = await get<SmsSettingsView>('/v1/sms/settings', 'PUT', {
      latencyMs: 5,
      prices: { ...before.body.prices, countries: { FR: '1.5' } },
      credentials: { twilio: [{ account: 'AC1', secret: 'hush' }] },
    });
    expect(changed.body).toMatchObject({ latencyMs: 5, credentials: { twilio: ['AC1'] } });
    expect(JSON.stringify(changed.body)).not.toContain('hush');
    await world.restart();
    const again = apiOf(world);
    expect((await again.get<SmsSettingsView>('/v1/sms/settings')).body).toEqual(changed.body);
    expect(world.carriers.farSide.settings().credentials.twilio).toEqual([
      { account: 'AC1', secret: 'hush' },
    ]);
    expect(JSON.stringify(await world.store.documents('sms_settings'))).not.toContain('hush');
    // Without a secret the known one stays; a new account needs one.
    const kept = await again.get('/v1/sms/settings', 'PUT', {
      credentials: { twilio: [{ account: 'AC1' }] },
    });
    expect(kept.status).toBe(200);
    expect(world.carriers.farSide.settings().credentials.twilio).toEqual([
      { account: 'AC1', secret: 'hush' },
    ]);
    const refused = await again.get<Refusal>('/v1/sms/settings', 'PUT', {
      credentials: { vonage: [{ account: 'key' }] },
    });
    expect([refused.status, refused.body.errors[0]?.field]).toEqual([400, 'credentials.vonage']);
    expect((await again.get('/v1/sms/settings', 'PUT', { storeMs: 1e12 })).status).toBe(400);
  });

  it('registers senders, changes and forgets them', async () => {
    const { world, get } = await served();
    const put = await get<SmsSenderView>('/v1/sms/senders/vonage/447700900001', 'PUT', {
      statusUrl: 'http://127.0.0.1:9/status',
    });
    expect(put.body).toMatchObject({
      sender: '+447700900001',
      provider: 'vonage',
      countries: ['*'],
      statusUrl: 'http://127.0.0.1:9/status',
      onTheFly: false,
    });
    const more = await get<SmsSenderView>('/v1/sms/senders/vonage/447700900001', 'PUT', { service: 'app-1' });
    expect(more.body).toMatchObject({ service: 'app-1', statusUrl: 'http://127.0.0.1:9/status' });
    await world.restart();
    const again = apiOf(world);
    const list = await again.get<{ entries: SmsSenderView[] }>('/v1/sms/senders?provider=vonage');
    expect(list.body.entries).toEqual([more.body]);
    expect((await again.get('/v1/sms/senders/vonage/%2B447700900001', 'DELETE')).status).toBe(204);
    expect((await again.get('/v1/sms/senders/vonage/%2B447700900001', 'DELETE')).status).toBe(404);
    const wrong = await again.get<Refusal>('/v1/sms/senders/twilio/Shop', 'PUT', { inboundUrl: 'ftp://x' });
    expect([wrong.status, wrong.body.errors[0]?.field]).toEqual([400, 'inboundUrl']);
  });

  it('shows beforehand what a text would be cut into and cost', async () => {
    const { get } = await served();
    const text = 'It’s cannabis';
    const preview = await get<SmsPreviewView>('/v1/sms/preview', 'POST', { text, number: '+14155550123' });
    expect(preview.body).toMatchObject({
      encoding: 'UCS-2',
      parts: 1,
      unitsLeft: 57,
      unicode: [{ character: '’', at: 2, instead: "'" }],
      plain: "It's cannabis",
      price: { amount: '0.0083', currency: 'USD' },
    });
    expect(preview.body.filtered).toContain('cannabis');
  });
});
