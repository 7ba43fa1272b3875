import { OpenAPIHono } from '@hono/zod-openapi';
import { describe, expect, it } from 'vitest';
import { problem, problemOf } from '../../../core/api/problem.ts';
import { sendRoutes } from '../../../core/api/routes/send.ts';
import type { ProblemDocument, Status } from '../../../core/api/schema.ts';
import type { SendAnswer } from '../../../core/api/send-schema.ts';
import type { Submitted } from '../../../core/api/services.ts';
import type { EmailSubmission } from '../../../core/channels/email/submission.ts';
import { AppError } from '../../../core/model/app-error.ts';
import { fakeClock } from '../../fake-clock.ts';

const status: Status = {
  version: '0',
  url: '',
  dataDir: '',
  caFile: '',
  startedAt: '',
  node: '',
  sqlite: '3.50.0',
  platform: '',
  host: '',
  ports: {},
  mode: 'sandbox',
  limits: { messageBytesMax: 100_000, recipientsMax: 10 },
};

function sendApi(submit?: (submission: EmailSubmission) => Promise<Submitted>) {
  const submitted: EmailSubmission[] = [];
  const kept = new Map<string, { readonly hash: string; readonly answer: unknown }>();
  const api = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (!result.success) return problem(c, 'bad_request', result.error.message);
    },
  });
  api.onError((error, c) => problemOf(c, error, () => undefined));
  sendRoutes(api, {
    clock: fakeClock(),
    status: () => status,
    idempotency: {
      find: (key) => Promise.resolve(kept.get(key) ?? null),
    },
    submissions: {
      submit: async (submission, keep) => {
        submitted.push(submission);
        const answer = await made(submission);
        if (keep !== undefined) kept.set(keep.key, { hash: keep.hash, answer: keep.answer(answer) });
        return answer;
      },
      submitPush: () => Promise.reject(new Error('these are about mail')),
      submitSms: () => Promise.reject(new Error('these are about mail')),
      submitInApp: () => Promise.reject(new Error('these are about mail')),
      submitMulti: () => Promise.reject(new Error('these are about mail')),
    },
  });
  function made(submission: EmailSubmission): Promise<Submitted> {
    if (submit !== undefined) return submit(submission);
    const deliveries = submission.envelopeTo.map((recipient, at) => ({
      id: `delivery-${at}`,
      recipient,
      status: 'queued' as const,
      substatus: null,
      class: null,
      reason: null,
    }));
    return Promise.resolve({ id: `message-${submitted.length}`, deliveries });
  }
  const post = (body: unknown, key?: string): Promise<Response> =>
    Promise.resolve(
      api.request('/v1/messages', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
  return { api, post, submitted };
}

const message = {
  channel: 'email',
  from: 'shop@shop.example',
  to: ['jane@far.example'],
  subject: 'Hello',
  text: 'Hello',
};

async function refusal(response: Response): Promise<ProblemDocument> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const document: ProblemDocument = await response.json();
  expect(document.status).toBe(response.status);
  return document;
}

describe('POST /v1/messages', () => {
  it('answers 202 with the id and a delivery for each recipient', async () => {
    const { post, submitted } = sendApi();
    const response = await post({ ...message, bcc: 'max@far.example', tags: ['a', 'a'] });
    expect(response.status).toBe(202);
    const answer: SendAnswer = await response.json();
    expect(answer).toEqual({
      id: 'message-1',
      deliveries: ['jane@far.example', 'max@far.example'].map((recipient, at) => ({
        id: `delivery-${at}`,
        recipient,
        status: 'queued',
        substatus: null,
        class: null,
        reason: null,
      })),
    });
    expect(submitted).toMatchObject([
      { subject: 'Hello', tags: ['a'], envelopeTo: ['jane@far.example', 'max@far.example'] },
    ]);
  });

  it('names every field that is wrong, and stores nothing', async () => {
    const { post, submitted } = sendApi();
    const document = await refusal(await post({ ...message, from: 'nobody', to: [], text: 'Dear {{name}}' }));
    expect(document).toMatchObject({ status: 422, code: 'invalid_submission' });
    expect(document.errors.map(({ field, code }) => `${field}: ${code}`)).toEqual([
      'from: malformed_address',
      'to: no_recipients',
      'text: missing_variable',
    ]);
    expect(submitted).toEqual([]);
  });

  it.each([
    ['a member that is not known', { ...message, Subject: 'x' }],
    ['a wrong type', { ...message, to: 5 }],
    ['another channel', { ...message, channel: 'pigeon' }],
    ['no JSON', '{'],
  ])('refuses %s', async (_name, body) => {
    expect(await refusal(await sendApi().post(body))).toMatchObject({ status: 400, code: 'bad_request' });
  });

  it('refuses what is larger than any message, by what it says and by what it is', async () => {
    const { post } = sendApi();
    expect(await refusal(await post({ ...message, text: 'x'.repeat(100_001) }))).toMatchObject({
      status: 422,
      errors: [{ field: 'text', code: 'too_large' }],
    });
    const { api } = sendApi();
    const response = await api.request('/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': '900000000' },
      body: '{}',
    });
    expect(await refusal(response)).toMatchObject({ status: 413, code: 'too_large' });
  });

  it('tells who comes too much to come back, and takes them when the others are done', async () => {
    const finish: (() => void)[] = [];
    let full: () => void = () => undefined;
    const allBegun = new Promise<void>((resolve) => {
      full = resolve;
    });
    let holding = true;
    const { api } = sendApi(
      () =>
        new Promise((resolve) => {
          const done = (): void => resolve({ id: 'message-1', deliveries: [] });
          if (!holding) return done();
          finish.push(done);
          if (finish.length === 33) full();
        }),
    );
    // What a request says of its length counts: 33 of these are under 128 MiB.
    const send = async (): Promise<Response> =>
      api.request('/v1/messages', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': '4000000' },
        body: JSON.stringify(message),
      });
    const sent = Array.from({ length: 40 }, send);
    const refused = await Promise.all(sent.slice(33));
    for (const response of refused) {
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await refusal(response)).toMatchObject({ status: 503, code: 'store_busy' });
    }
    await allBegun;
    holding = false;
    for (const done of finish) done();
    for (const response of await Promise.all(sent.slice(0, 33))) expect(response.status).toBe(202);
    expect((await send()).status).toBe(202);
  });

  it('passes on what the core refuses, with its fields', async () => {
    const errors = [{ field: 'to[0]', code: 'suppressed', detail: 'jane@far.example bounced' }];
    const { post } = sendApi(() =>
      Promise.reject(new AppError('invalid_submission', 'suppressed', { errors })),
    );
    expect(await refusal(await post(message))).toMatchObject({ status: 422, errors });
  });
});

describe('an Idempotency-Key', () => {
  it('gives the same answer to the same request, and sends once', async () => {
    const { post, submitted } = sendApi();
    const first = await post(message, 'key-1');
    const second = await post(JSON.stringify(message, null, 2), '"key-1"');
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await second.json()).toEqual(await first.json());
    expect(submitted).toHaveLength(1);
  });

  it('is refused for another request', async () => {
    const { post, submitted } = sendApi();
    await post(message, 'key-1');
    expect(await refusal(await post({ ...message, subject: 'Other' }, 'key-1'))).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
    expect(submitted).toHaveLength(1);
  });

  it('is refused while the first is under way', async () => {
    let finish: (submitted: Submitted) => void = () => undefined;
    const { post } = sendApi(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const first = post(message, 'key-1');
    const second = await post(message, 'key-1');
    expect(await refusal(second)).toMatchObject({ status: 409, code: 'idempotency_in_progress' });
    finish({ id: 'message-1', deliveries: [] });
    expect((await first).status).toBe(202);
  });

  it('is free again after a refusal', async () => {
    const { post } = sendApi();
    expect((await post({ ...message, to: [] }, 'key-1')).status).toBe(422);
    expect((await post(message, 'key-1')).status).toBe(202);
  });
});
