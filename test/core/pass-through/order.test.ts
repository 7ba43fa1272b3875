/** In which order a request is handed on, and what becomes of it where something comes in between. */
import { describe, expect, it } from 'vitest';
import { createHandingOn, type HandOnGuard } from '../../../core/delivery/hand-on.ts';
import type { LivePass } from '../../../core/delivery/live.ts';
import type { Returned, Upstream } from '../../../core/delivery/upstream.ts';
import type { Passing, WholeRequest } from '../../../core/doors/http/handing-on.ts';
import { ownSendField } from '../../../core/doors/http/own-send-field.ts';
import type { ProviderRoute } from '../../../core/doors/http/provider-request.ts';
import { RequestFields } from '../../../core/doors/http/request-fields.ts';
import type { DeliveryRow } from '../../../core/model/delivery.ts';
import type { Relay } from '../../../core/model/live-relay.ts';
import { noDetails } from '../../../core/model/message-details.ts';
import { fakeClock } from '../../fake-clock.ts';

const said: Returned = {
  kind: 'answered',
  httpVersion: '1.1',
  status: 201,
  statusText: 'CREATED',
  fields: [['X-Own', '1']],
  body: Buffer.from('{"id":"SM1"}'),
  trailers: [],
};

const relay: Relay = {
  id: 'r1',
  name: 'real',
  settings: { kind: 'twilio', account: 'AC1', sender: null, url: null, callbackUrl: null, ca: null },
  createdAtMs: 0,
  verified: null,
};

const row: DeliveryRow = {
  seq: 1,
  id: 'd1',
  carriage: 'sms',
  messageId: 'm1',
  messageSeq: 1,
  project: 'main',
  recipient: '+447911123456',
  domain: 'api.twilio.com',
  provider: 'twilio',
  stream: 'transactional',
  status: 'queued',
  substatus: null,
  class: null,
  reason: null,
  attempts: 0,
  createdAtMs: 0,
  nextAttemptAtMs: null,
  expiresAtMs: 1,
  endedAtMs: null,
  placement: null,
  retryOf: null,
  waitsFor: null,
  heldSinceMs: null,
  heldBy: null,
  releasedAtMs: null,
  releasedFrom: [],
  mailFrom: null,
  editedFrom: null,
};

function world(over: { readonly stops?: boolean; readonly full?: boolean; readonly noLog?: boolean } = {}) {
  const steps: string[] = [];
  let valid = true;
  let given = 0;
  const pass: LivePass = {
    relay,
    channel: 'sms',
    by: 'api',
    route: { relayId: 'r1', relay: 'real', kind: 'twilio', rewrittenFrom: null },
    valid: () => valid,
    giveBack: () => {
      given++;
    },
  };
  const guard: HandOnGuard = {
    isLive: () => true,
    admit: () => ({ kind: 'forward', pass }),
    admitAsking: () => pass,
    enter: () => () => undefined,
    async audit([entry]) {
      steps.push(`log ${entry?.kind}`);
      if (over.noLog === true) throw new Error('the disk is full');
    },
  };
  const upstream: Upstream = {
    async send(_to, request) {
      steps.push('connected');
      if (over.stops === true) valid = false;
      if (!request.mayGo()) return { kind: 'withdrawn' };
      steps.push(`sent ${request.target}`);
      return said;
    },
    close: () => Promise.resolve(),
  };
  const { handOn } = createHandingOn({
    guard: () => guard,
    upstream,
    intake: {
      async accept() {
        if (over.full === true) throw new Error('the disk is full');
        steps.push('message kept');
        return 'm1';
      },
    },
    store: {
      deliveries: async () => ({ entries: [row], next: null, total: 1 }),
      async record({ evidence }) {
        steps.push(`outcome kept, by ${evidence?.live?.relay}`);
      },
    },
    clock: fakeClock(),
    virtual: { nowMs: () => 0 },
    newId: () => 'id',
    onProblem: () => undefined,
  });
  return { handOn, steps, given: () => given };
}

const unavailable = { status: 503, fields: [], body: 'later' };

const route: ProviderRoute = {
  key: 'twilio',
  prefix: '/twilio',
  hosts: [],
  bodyBytesMax: 100,
  handle: () => ({ reply: { status: 200, fields: [], body: 'sandbox' }, refused: null }),
  passing: (): Passing => ({
    channel: 'sms',
    provider: 'twilio',
    host: () => 'api.twilio.com',
    url: () => null,
    target: '/x',
    http2Only: false,
    send: {
      recipients: ['+447911123456'],
      obstacle: null,
      message: {
        user: null,
        envelopeFrom: '',
        body: Buffer.alloc(0),
        head: Buffer.alloc(0),
        details: noDetails,
      },
      read: (status) => ({ taken: status === 201, class: null, text: String(status), providerId: 'SM1' }),
    },
    unavailable: () => unavailable,
  }),
};

function request(fields: readonly (readonly [string, string])[] = []): WholeRequest {
  const connection = {
    id: 'c1',
    remoteAddress: '127.0.0.1',
    remotePort: 1,
    tls: null,
    clientCertificate: null,
    openedMs: 0,
    memory: new Map(),
    setConcurrentStreams: () => undefined,
  };
  const start = {
    id: 'e1',
    door: 'twilio',
    kind: 'http',
    startedAtMs: 0,
    remoteAddress: '127.0.0.1',
    remotePort: 1,
    clientName: null,
    user: null,
    tls: null,
  } as const;
  return {
    id: 'e1',
    door: 'providers',
    method: 'POST',
    path: '/x',
    query: '',
    host: 'localhost',
    fields: new RequestFields(fields),
    rawFields: fields,
    target: '/x',
    body: Buffer.from('x'),
    bodyTooLarge: false,
    httpVersion: '1.1',
    baseUrl: 'http://localhost',
    connection,
    startedAtMs: 0,
    own: null,
    gone: new AbortController().signal,
    begun: () => ({ start, transcript: 'C 0 POST /x HTTP/1.1\n' }),
  };
}

describe('handing a request on', () => {
  it('keeps the message, then enters it in the log, then sends; what came of it is kept before the app hears it', async () => {
    const { handOn, steps } = world();
    const answer = await handOn(request(), route, () => route.handle(request()));
    expect(steps).toEqual(['message kept', 'log passed_through', 'connected', 'sent /x', 'outcome kept, by real']);
    expect(answer).toMatchObject({
      reply: { status: 201, statusText: 'CREATED', fields: [['X-Own', '1']], body: said.body },
      refused: null,
    });
  });

  it('sends nothing once it was stopped, and the app is told to come again', async () => {
    const { handOn, steps, given } = world({ stops: true });
    const answer = await handOn(request(), route, () => route.handle(request()));
    expect(steps).not.toContain('sent /x');
    expect(answer.reply).toBe(unavailable);
    expect(given()).toBe(1);
  });

  it.each([
    ['the message cannot be kept', { full: true }],
    ['the log cannot be written', { noLog: true }],
  ])('sends nothing where %s', async (_, over) => {
    const { handOn, steps, given } = world(over);
    const answer = await handOn(request(), route, () => route.handle(request()));
    expect(steps).not.toContain('connected');
    expect(answer.reply).toBe(unavailable);
    expect(given()).toBe(1);
  });

  it('leaves the core’s own sends, and what says that it is one, in the sandbox', async () => {
    const { handOn, steps } = world();
    const own = { ...request(), own: { messageId: 'm', deliveryId: 'd' } };
    for (const one of [own, request([[ownSendField, 'of an earlier run']])])
      expect(await handOn(one, route, () => route.handle(one))).toMatchObject({ reply: { body: 'sandbox' } });
    expect(steps).toEqual([]);
  });
});
