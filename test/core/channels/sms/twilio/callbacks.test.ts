import twilioSdk from 'twilio';
import { expect, test } from 'vitest';
import { refusalMeaning, stepOf } from '../../../../../core/delivery/sms-status.ts';
import type { HttpCallback } from '../../../../../core/model/callback.ts';
import type { SmsCause, SmsState } from '../../../../../core/model/sms.ts';
import { account, called, from, senderOf, type TwilioWorld, to, token, twilioWorld } from './twilio-world.ts';

const statusCallback = 'http://localhost:3000/status';
const inboundUrl = 'http://localhost:3000/sms';
const { MessagingResponse } = twilioSdk.twiml;

/** Answers of the app: a try, judged. */
function judged(world: TwilioWorld, callback: HttpCallback, status: number | null, number = 1, body = '') {
  const answer = status === null ? null : { status, contentType: 'text/xml', body, retryAfter: null };
  return world.habit.judge(callback, answer, { id: 'call-1', number, wallMs: 0 });
}

async function aReport(world: TwilioWorld, url = statusCallback): Promise<HttpCallback> {
  await world.client.messages.create({ to, from, body: 'Hi', statusCallback: url });
  const [first] = world.callbacks;
  if (first === undefined) throw new Error('nothing was called');
  return first;
}

function anMo(
  world: TwilioWorld,
  text = 'Hello',
  url = inboundUrl,
  method: 'GET' | 'POST' = 'POST',
): HttpCallback {
  void world.ports.secrets.seen('twilio', account, token);
  world.senders.set(from, { ...senderOf(from), inboundUrl: url, inboundMethod: method });
  const [call] = world.reply(text).calls;
  if (call === undefined) throw new Error('nothing was called');
  return call;
}

test.each<[SmsState, SmsCause | null, string, string | null]>([
  ['delivered', null, 'delivered', null],
  ['undelivered', 'unreachable', 'undelivered', '30003'],
  ['undelivered', 'blocked', 'undelivered', '30004'],
  ['undelivered', 'unknown_number', 'undelivered', '30005'],
  ['undelivered', 'landline', 'undelivered', '30006'],
  ['undelivered', 'filtered', 'undelivered', '30007'],
  ['undelivered', 'carrier_error', 'undelivered', '30008'],
  ['undelivered', 'sender_not_registered', 'undelivered', '30034'],
  ['expired', 'validity', 'undelivered', '30003'],
  ['failed', 'content', 'failed', '30019'],
  ['failed', 'opted_out', 'failed', '21610'],
  ['rejected', 'carrier_error', 'failed', '30008'],
])('%s by %s is told as %s %s, and read back so', async (state, cause, status, code) => {
  const world = await twilioWorld();
  world.fate = [
    ['sent', null],
    [state, cause],
  ];
  const message = await world.client.messages.create({ to, from, body: 'Hi', statusCallback });
  expect(message.status).toBe('queued');
  const last = world.callbacks.at(-1);
  if (last === undefined) throw new Error('nothing was called');
  const { parameters, url, signature } = await called(world, last);
  expect(twilioSdk.validateRequest(token, signature, url, parameters)).toBe(true);
  expect(parameters.MessageStatus).toBe(status);
  expect(parameters.ErrorCode).toBe(code ?? undefined);
  const read = await world.client.messages(message.sid).fetch();
  expect(read.status).toBe(status);
  expect(read.errorCode).toBe(code === null ? null : Number(code));
  if (code !== null) expect(read.errorMessage).toMatch(/\w/);
});

test('a validity period that the app gave has a code of its own', async () => {
  const world = await twilioWorld();
  world.fate = [
    ['sent', null],
    ['held', null],
    ['expired', 'validity'],
  ];
  const { sid } = await world.client.messages.create({ to, from, body: 'Hi', validityPeriod: 60 });
  expect(await world.client.messages(sid).fetch()).toMatchObject({
    status: 'undelivered',
    errorCode: 30036,
    errorMessage: 'Validity Period Expired',
  });
});

test('nothing is told of what waits at the carrier, or was lost there', async () => {
  const world = await twilioWorld();
  world.fate = [
    ['sent', null],
    ['held', null],
    ['unknown', 'lost'],
  ];
  const { sid } = await world.client.messages.create({ to, from, body: 'Hi', statusCallback });
  expect(world.callbacks.map(({ tells }) => tells)).toEqual(['sent']);
  expect((await world.client.messages(sid).fetch()).status).toBe('sent');
});

test('each word of Twilio’s is a status of the one vocabulary', () => {
  const kindOf = (status: string, code: string | null = null) => {
    const { kind, class: of } = stepOf('twilio', { status, code, reason: null });
    return of === null ? kind : `${kind} ${of}`;
  };
  expect(['queued', 'accepted', 'sending', 'sent'].map((word) => kindOf(word))).toEqual([
    'send',
    'send',
    'send',
    'send',
  ]);
  expect(kindOf('delivered')).toBe('deliver');
  expect(kindOf('canceled')).toBe('cancel');
  expect([kindOf('failed'), kindOf('undelivered')]).toEqual(['fail', 'fail']);
  expect([kindOf('undelivered', '30005'), kindOf('undelivered', '30006')]).toEqual([
    'fail bad_address',
    'fail bad_address',
  ]);
  expect([kindOf('undelivered', '30004'), kindOf('undelivered', '30007')]).toEqual([
    'fail opted_out',
    'fail opted_out',
  ]);
  const refused = (code: string, status: number): string => {
    const { kind, class: of } = refusalMeaning('twilio', code, status);
    return `${kind} ${of ?? ''}`;
  };
  expect([refused('21211', 400), refused('21614', 400)]).toEqual(['fail bad_address', 'fail bad_address']);
  expect(refused('21610', 400)).toBe('fail opted_out');
  expect(refused('20003', 401)).toBe('fail config');
  expect([refused('20429', 429), refused('21611', 429)]).toEqual([
    'defer rate_limited',
    'defer rate_limited',
  ]);
});

test('a report is tried once more where it could not be reached, and not where the app said no', async () => {
  const world = await twilioWorld();
  const call = await aReport(world);
  expect(judged(world, call, 200)).toEqual({ kind: 'done' });
  expect(judged(world, call, null, 1)).toMatchObject({ kind: 'again' });
  expect(judged(world, call, null, 2)).toMatchObject({ kind: 'over' });
  expect(judged(world, call, 500)).toMatchObject({
    kind: 'over',
    why: expect.stringContaining('11200') as string,
  });
  expect(judged(world, call, 302)).toMatchObject({
    kind: 'over',
    why: expect.stringContaining('redirects') as string,
  });
  expect(world.habit.timeoutMs).toBe(15_000);
});

test('behind the # of an address the app says how patient Twilio is', async () => {
  const world = await twilioWorld();
  const call = await aReport(world, `${statusCallback}#rc=3&rp=5xx,ct`);
  expect(judged(world, call, 503, 3)).toMatchObject({ kind: 'again' });
  expect(judged(world, call, 503, 4)).toMatchObject({ kind: 'over' });
  expect(judged(world, call, 404, 1)).toMatchObject({ kind: 'over' });
  const { url, fields } = await called(world, call, 2);
  expect(url).toBe(statusCallback);
  expect(fields['i-twilio-idempotency-token']).toBe('call-1');
});

test('credentials in an address become a field, and are not signed', async () => {
  const world = await twilioWorld();
  const call = await aReport(world, 'http://user:p%40ss@localhost:3000/status');
  const { url, fields, parameters, signature } = await called(world, call);
  expect(fields.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  expect(twilioSdk.validateRequest(token, signature, url, parameters)).toBe(true);
});

test('an answer of a handset comes signed, with the fields of a message', async () => {
  const world = await twilioWorld();
  const call = anMo(world, 'Is it “open”? 100% & more');
  const { url, signature, parameters } = await called(world, call);
  expect(twilioSdk.validateRequest(token, signature, url, parameters)).toBe(true);
  expect(parameters).toMatchObject({
    Body: 'Is it “open”? 100% & more',
    From: to,
    To: from,
    AccountSid: account,
    NumMedia: '0',
    NumSegments: '1',
    SmsStatus: 'received',
    ToCountry: 'US',
    ApiVersion: '2010-04-01',
  });
  expect(parameters.MessageSid).toMatch(/^SM/);
  expect([parameters.SmsSid, parameters.SmsMessageSid]).toEqual([
    parameters.MessageSid,
    parameters.MessageSid,
  ]);
  expect(parameters).not.toHaveProperty('OptOutType');
});

test('by GET the fields stand in the address, and are signed there', async () => {
  const world = await twilioWorld();
  const call = anMo(world, 'Hi there', `${inboundUrl}?shop=1`, 'GET');
  const { url, signature } = await called(world, call);
  expect(url).toContain('?shop=1&ToCountry=');
  expect(twilioSdk.validateRequest(token, signature, url, {})).toBe(true);
});

test('media of a handset, and STOP to a service, have fields of their own', async () => {
  const world = await twilioWorld();
  const service = 'MG0123456789abcdef0123456789abcdef';
  world.senders.set(from, { ...senderOf(from), service, inboundUrl });
  const media = [{ url: 'http://localhost:8025/m/1.jpg', contentType: 'image/jpeg' }];
  const { calls } = world.reply('Stop ', { service, media });
  const [call] = calls;
  if (call === undefined) throw new Error('nothing was called');
  expect((await called(world, call)).parameters).toMatchObject({
    OptOutType: 'STOP',
    MessagingServiceSid: service,
    NumMedia: '1',
    MediaUrl0: 'http://localhost:8025/m/1.jpg',
    MediaContentType0: 'image/jpeg',
  });
  expect(world.voice.optOut?.stop).toContain('STOPALL');
});

test('nothing is called where a number has no address', async () => {
  const world = await twilioWorld();
  world.senders.set(from, senderOf(from));
  expect(world.reply('Hello').calls).toEqual([]);
});

async function hears(
  world: TwilioWorld,
  call: HttpCallback,
  body: string,
  contentType = 'text/xml',
): Promise<void> {
  await world.habit.heard?.(call, { status: 200, contentType, body, retryAfter: null });
}

test('TwiML that the SDK writes becomes messages, once', async () => {
  const world = await twilioWorld();
  const call = anMo(world);
  const response = new MessagingResponse();
  response.message('We are open till six.');
  const second = response.message({ action: '/replied', method: 'POST' }, '');
  second.body('And here is how to find us');
  second.media('/map.png');
  for (let twice = 0; twice < 2; twice++) await hears(world, call, response.toString());
  const sent = world.rows.filter(({ direction }) => direction === 'mt');
  expect(sent.map(({ number, sender, text, media }) => ({ number, sender, text, media }))).toEqual([
    { number: to, sender: from, text: 'We are open till six.', media: [] },
    {
      number: to,
      sender: from,
      text: 'And here is how to find us',
      media: [{ url: 'http://localhost:3000/map.png', contentType: 'image/png' }],
    },
  ]);
  expect(sent[1]?.providerId).toMatch(/^MM/);
  expect(world.accepted.map(({ details }) => details?.sms?.answers)).toEqual([call.smsId, call.smsId]);
  expect(world.callbacks.map(({ url, tells }) => [url, tells])).toEqual([
    ['http://localhost:3000/replied', 'sent'],
    ['http://localhost:3000/replied', 'delivered'],
  ]);
  const [first] = await world.client.messages.list({ to, limit: 1 });
  expect(first).toMatchObject({ direction: 'outbound-reply', status: 'delivered' });
});

test('plain text is an answer too, and silence is one', async () => {
  const world = await twilioWorld();
  const call = anMo(world);
  await hears(world, call, '<Response/>');
  await hears(world, call, '');
  expect(world.accepted).toEqual([]);
  await hears(world, call, 'Thank you!', 'text/plain');
  expect(world.accepted).toMatchObject([{ details: { sms: { text: 'Thank you!' } } }]);
});

test('an answer that cannot be read is the end of the call, and sends nothing', async () => {
  const world = await twilioWorld();
  const call = anMo(world);
  const bad = '<Response><Message>Fish & chips</Message></Response>';
  await hears(world, call, bad);
  expect(world.accepted).toEqual([]);
  expect(judged(world, call, 200, 1, bad)).toEqual({
    kind: 'over',
    why: 'Twilio would log 12100: Document parse failure: a bare & stands before " chips</Me": write &amp;',
  });
  expect(judged(world, call, 200, 1, '<Response/>')).toEqual({ kind: 'done' });
});

test('who wrote STOP gets no answer, and the message that was answered says why', async () => {
  const world = await twilioWorld();
  const call = anMo(world, 'STOP');
  world.optedOut.add(`${to} ${from}`);
  await hears(world, call, '<Response><Message>Sorry to see you go</Message></Response>');
  expect(world.accepted).toEqual([]);
  expect(world.rows.find(({ id }) => id === call.smsId)?.record.faults).toEqual([
    '21610 Attempt to send to unsubscribed recipient',
  ]);
});

test('an answer that no message can be made of sends nothing, and says why', async () => {
  const world = await twilioWorld();
  const call = anMo(world);
  const long = `<Message>${'x'.repeat(1_601)}</Message>`;
  const sender = '<Message from="a name far longer than a handset shows">Hi</Message>';
  await hears(world, call, `<Response>${long}${sender}<Message to="12">Hi</Message></Response>`);
  expect(world.accepted).toEqual([]);
  expect(world.rows.find(({ id }) => id === call.smsId)?.record.faults).toEqual([
    '21617 The concatenated message body exceeds the 1600 character limit.',
    expect.stringMatching(/^14102 /),
    "14101 Message: Invalid 'To' attribute: 12",
  ]);
});

test('a Redirect is another call, once', async () => {
  const world = await twilioWorld();
  const call = anMo(world);
  const kept: string[] = [];
  const { store } = world.ports;
  const before = store.keepSms;
  Object.assign(store, {
    keepSms(...arguments_: Parameters<typeof before>) {
      kept.push(...arguments_[0].callbacks.map(({ recipient }) => recipient));
      return before(...arguments_);
    },
  });
  for (let twice = 0; twice < 2; twice++)
    await hears(world, call, '<Response><Redirect>../next</Redirect></Response>');
  expect(kept).toEqual(['http://localhost:3000/next']);
});

test('where the first address fails, the second is called, and told why', async () => {
  const world = await twilioWorld();
  world.senders.set(from, {
    ...senderOf(from),
    inboundUrl,
    inboundFailoverUrl: 'http://localhost:3000/plan-b',
  });
  const [call] = world.reply('Hello').calls;
  if (call === undefined) throw new Error('nothing was called');
  expect(judged(world, call, 500)).toMatchObject({ kind: 'again' });
  const { url, parameters, signature } = await called(world, call, 2);
  expect(url).toBe('http://localhost:3000/plan-b');
  expect(parameters).toMatchObject({ ErrorCode: '11200', ErrorUrl: inboundUrl, Body: 'Hello' });
  expect(twilioSdk.validateRequest('own-secret-of-the-sandbox', signature, url, parameters)).toBe(true);
  expect(judged(world, call, 500, 2)).toMatchObject({ kind: 'over' });
});
