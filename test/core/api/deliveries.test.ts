import { describe, expect, it } from 'vitest';
import type { Delivery, DeliveryDetail, Event, Message, Receipt } from '../../../core/api/schema.ts';
import { deferred, refused, sent, startMs } from '../delivery/world.ts';
import { type Listed, startQueueWorld } from './queue-world.ts';
import { copyOf } from './receipt.ts';

const minuteMs = 60_000;
const iso = (afterStartMs: number): string => new Date(startMs + afterStartMs).toISOString();

describe('deliveries', () => {
  it('have the shape that scripts rely on, in messages too', async () => {
    const core = await startQueueWorld();
    core.copy = (delivery) => copyOf(delivery, { placement: 'promotions' });
    const [id = ''] = await core.world.send(['jane@gmail.example'], { stream: 'marketing' });
    await core.idle();
    const { entries } = await core.get<Listed<Message>>('/v1/messages');
    expect(entries[0]).toMatchObject({ stream: 'marketing' });
    expect(entries[0]?.deliveries).toEqual([
      {
        id,
        seq: 1,
        messageId: entries[0]?.id ?? '',
        carriage: 'email',
        project: 'main',
        recipient: 'jane@gmail.example',
        domain: 'gmail.example',
        provider: 'default',
        stream: 'marketing',
        status: 'delivered',
        substatus: null,
        class: null,
        reason: null,
        attempts: 1,
        nextAttemptAt: null,
        expiresAt: iso(48 * 60 * minuteMs),
        placement: 'promotions',
        retryOf: null,
        waitsFor: null,
        heldSince: null,
        heldBy: null,
        releasedAt: null,
        mailFrom: null,
        envelopeBefore: null,
        user: null,
        live: null,
        createdAt: iso(0),
        endedAt: iso(0),
      } satisfies Delivery,
    ]);
    expect((await core.get<Message>(`/v1/messages/${entries[0]?.id}`)).deliveries).toHaveLength(1);
    expect((await core.get<Listed<Message>>('/v1/messages?status=delivered')).total).toBe(1);
    expect((await core.get<Listed<Message>>('/v1/messages?q=status:undeliverable')).total).toBe(0);
  });

  it('are filtered and come in pages, newest first', async () => {
    const core = await startQueueWorld();
    core.world.answer = (recipient) => (recipient.startsWith('slow') ? deferred() : sent);
    const [one = ''] = await core.world.send(['slow@a.example'], { tags: ['spring'] });
    const [two = ''] = await core.world.send(['quick@b.example'], { stream: 'marketing' });
    const [three = ''] = await core.world.send(['slow@b.example']);
    await core.idle();
    const ids = async (query: string): Promise<readonly string[]> =>
      (await core.get<Listed<Delivery>>(`/v1/deliveries?${query}`)).entries.map((entry) => entry.id);
    expect(await ids('')).toEqual([three, two, one]);
    expect(await ids('status=sent')).toEqual([two]);
    expect(await ids('substatus=deferred')).toEqual([three, one]);
    expect(await ids('domain=B.example')).toEqual([three, two]);
    expect(await ids('stream=marketing')).toEqual([two]);
    expect(await ids('tag=spring')).toEqual([one]);
    expect(await ids('recipient=slow@')).toEqual([three, one]);
    expect(await ids('provider=nobody')).toEqual([]);
    const { entries } = await core.get<Listed<Delivery>>(`/v1/deliveries?recipient=quick`);
    expect(await ids(`messageId=${entries[0]?.messageId}`)).toEqual([two]);
    const page = await core.get<Listed<Delivery>>('/v1/deliveries?limit=2');
    expect(page.total).toBe(3);
    expect(await ids(`limit=2&after=${page.nextCursor}`)).toEqual([one]);
    expect(await core.refusal('GET', '/v1/deliveries?status=lost')).toMatchObject({ code: 'bad_request' });
  });

  it('show their attempts with what these rest on', async () => {
    const core = await startQueueWorld();
    core.world.answer = (_, attempt) => (attempt === 1 ? deferred(10 * minuteMs) : sent);
    core.evidence = (attempt) => ({
      routing: [{ atMs: 1, question: 'MX b.example', answer: '10 mx1.b.example' }],
      changes: [{ code: 'received_added', detail: 'Received was added.' }],
      signatures: [
        {
          domain: 'example.com',
          selector: 's1',
          algorithm: 'rsa-sha256',
          header: 'DKIM-Signature: v=1',
          headersSigned: ['from'],
          bodyHash: 'abc=',
        },
      ],
      identity: { ip: '192.0.2.10', helo: 'out.example.com', ptr: null },
      transcript: [
        { by: 'C', atMs: 2, text: 'EHLO out.example.com' },
        { by: 'S', atMs: 3, text: attempt === 1 ? '451 4.7.1 Try again later' : '250 2.0.0 OK' },
      ],
    });
    const [id] = await core.world.send(['jane@b.example']);
    await core.idle();
    await core.done('POST', '/v1/clock', { advanceMs: 10 * minuteMs });
    const detail = await core.get<DeliveryDetail>(`/v1/deliveries/${id}`);
    expect(detail).toMatchObject({ status: 'sent', attempts: 2, parameters: null });
    expect(detail.attemptLog).toMatchObject([
      {
        number: 1,
        startedAt: iso(0),
        outcome: 'deferred',
        code: 451,
        enhanced: '4.7.1',
        class: 'rate_limited',
        nextHop: 'mx1.default.sandpost.example',
      },
      { number: 2, startedAt: iso(10 * minuteMs), outcome: 'sent', class: null },
    ]);
    expect(detail.attemptLog[0]?.evidence).toMatchObject({
      routing: [{ question: 'MX b.example', answer: '10 mx1.b.example' }],
      changes: [{ code: 'received_added' }],
      signatures: [{ selector: 's1', headersSigned: ['from'] }],
      identity: { ip: '192.0.2.10', ptr: null },
      transcript: [
        { by: 'client', atMs: 2, text: 'EHLO out.example.com' },
        { by: 'server', text: '451 4.7.1 Try again later' },
      ],
    });
    expect(await core.refusal('GET', '/v1/deliveries/none')).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });

  it('are held, released, tried, canceled and bounced by hand', async () => {
    const core = await startQueueWorld();
    core.world.answer = () => deferred();
    const [id = ''] = await core.world.send(['jane@b.example']);
    await core.idle();
    const order = (action: string, body: unknown = {}): Promise<DeliveryDetail> =>
      core.done('POST', `/v1/deliveries/${id}/${action}`, body);

    expect(await order('hold', { reason: 'wait for legal' })).toMatchObject({
      status: 'queued',
      substatus: 'held',
      reason: 'wait for legal',
      nextAttemptAt: null,
    });
    expect(await core.refusal('POST', `/v1/deliveries/${id}/hold`)).toMatchObject({
      status: 409,
      code: 'not_possible',
    });
    expect(await order('release')).toMatchObject({ status: 'queued' });
    await core.idle();
    expect(core.world.jobs).toHaveLength(2);
    await order('retry');
    await core.idle();
    expect(core.world.jobs).toHaveLength(3);
    expect(await order('cancel')).toMatchObject({ status: 'canceled', endedAt: iso(0) });

    const again = await order('retry');
    expect(again).toMatchObject({ retryOf: id, status: 'queued', attempts: 0 });
    expect(again.id).not.toBe(id);
    await core.idle();
    const bounced = await core.done<DeliveryDetail>('POST', `/v1/deliveries/${again.id}/bounce`, {
      reason: 'wrong person',
    });
    expect(bounced).toMatchObject({ status: 'undeliverable', reason: 'wrong person' });
    expect(await core.refusal('POST', '/v1/deliveries/none/hold')).toMatchObject({ status: 404 });
  });

  it('are not tried again while a provider has them, and that is said', async () => {
    const core = await startQueueWorld();
    const [id] = await core.world.send(['jane@b.example']);
    await core.idle();
    const path = `/v1/deliveries/${id}/retry`;
    expect((await core.refusal('POST', path)).detail).toMatch(/is sent; a provider took it.*send it twice/);
    await core.done('POST', `/v1/deliveries/${id}/hold`);
    expect((await core.refusal('POST', path)).detail).toMatch(/is sent \(held\); a provider took it/);
  });

  it('take an order without a body', async () => {
    const core = await startQueueWorld();
    const [id] = await core.world.send(['jane@b.example']);
    const response = await core.ask('POST', `/v1/deliveries/${id}/hold`);
    expect(response.status).toBe(200);
  });
});

describe('what happened', () => {
  it('is told per message, with delivery and virtual time, in pages', async () => {
    const core = await startQueueWorld();
    const ids = await core.world.send(['a@b.example', 'b@b.example']);
    await core.idle();
    const { entries } = await core.get<Listed<Delivery>>('/v1/deliveries');
    const path = `/v1/messages/${entries[0]?.messageId}/events`;
    const all = await core.get<Listed<Event>>(path);
    expect(all.entries.map((event) => event.type)).toEqual([
      'accepted',
      'queued',
      'queued',
      'attempted',
      'sent',
      'attempted',
      'sent',
    ]);
    expect(all.entries[3]).toMatchObject({
      deliveryId: ids[0],
      virtualAt: iso(0),
      data: { outcome: 'sent' },
    });
    const page = await core.get<Listed<Event>>(`${path}?limit=3`);
    const rest = await core.get<Listed<Event>>(`${path}?limit=100&after=${page.nextCursor}`);
    expect([...page.entries, ...rest.entries]).toEqual(all.entries);
    expect(rest.nextCursor).toBeNull();
  });

  it('is found by type and by delivery', async () => {
    const core = await startQueueWorld();
    core.world.answer = (recipient) => (recipient.startsWith('dead') ? refused() : sent);
    const [good, dead] = await core.world.send(['a@b.example', 'dead@b.example']);
    await core.world.send(['c@b.example']);
    await core.idle();
    const types = async (query: string) =>
      (await core.get<Listed<Event>>(`/v1/events?${query}`)).entries.map((event) => event.type);
    expect(await types(`delivery=${good}`)).toEqual(['queued', 'attempted', 'sent']);
    expect(await types(`delivery=${dead}&type=undeliverable,attempted`)).toEqual([
      'attempted',
      'undeliverable',
    ]);
    const total = async (query: string) => (await core.get<Listed<Event>>(`/v1/events?${query}`)).total;
    expect(await total('limit=1')).toBe(core.world.store.lastEventSeq());
    expect(await total('type=sent&limit=1')).toBe(2);
    expect(await total('type=sent,accepted')).toBe(4);
    expect(await total(`delivery=${good}`)).toBe(3);
    expect(await total(`delivery=${dead}&type=undeliverable,sent`)).toBe(1);
    const first = await core.get<Listed<Event>>('/v1/events?type=sent&limit=1');
    expect(first.entries).toHaveLength(1);
    const second = await core.get<Listed<Event>>(`/v1/events?type=sent&limit=1&after=${first.nextCursor}`);
    expect(second.entries).toHaveLength(1);
    expect(second.nextCursor).toBeNull();
    expect(await core.refusal('GET', '/v1/events?type=lost')).toMatchObject({ code: 'bad_request' });
    expect(await core.refusal('GET', '/v1/events?delivery=none')).toMatchObject({ code: 'not_found' });
  });

  it('lets a wait for a status end when it comes true', async () => {
    const core = await startQueueWorld();
    core.world.answer = (_, attempt) => (attempt === 1 ? deferred() : sent);
    const [id] = await core.world.send(['a@b.example']);
    await core.idle();
    const waiting = core.get<Message>('/v1/messages/wait?q=status:sent&timeoutMs=10000');
    await core.done('POST', `/v1/deliveries/${id}/retry`);
    expect((await waiting).deliveries[0]).toMatchObject({ id, status: 'sent' });
  });

  it('tells what each receiver found out about who sent it', async () => {
    const core = await startQueueWorld();
    core.copy = (delivery) => copyOf(delivery);
    await core.world.send(['a@b.example', 'b@c.example']);
    await core.idle();
    const { entries } = await core.get<Listed<Delivery>>('/v1/deliveries');
    const found = await core.get<Listed<Receipt>>(`/v1/messages/${entries[0]?.messageId}/auth`);
    expect(found.entries.map((one) => one.mailbox).sort()).toEqual(['a@b.example', 'b@c.example']);
    expect(found.entries[0]).toMatchObject({
      placement: 'inbox',
      authentication: { spf: { result: 'pass' }, dmarc: { spfAligned: true } },
      filter: { spamAt: 5, reasons: [{ code: 'caps', points: 2 }, { code: 'aligned' }] },
    });
    expect(await core.refusal('GET', '/v1/messages/none/auth')).toMatchObject({ status: 404 });
  });
});
