/** Every door that takes plain HTTP: the providers', the in-app door, and the send API for each channel. */
import type { Channel } from '../../../../core/model/message.ts';
import type { ChannelDoor, Said } from '../../../contract/channel-door.ts';
import type { Reached } from '../../../contract/reached.ts';

const secret = 'sekrit-4f1d9a7b2c';
const number = '14155550123';
const account = 'AC0123456789abcdef0123456789abcdef';

interface HttpDoor {
  readonly name: string;
  readonly channel: Channel;
  readonly door: string;
  /** The API's port; where it is left out, that of the providers. */
  readonly at?: 'http';
  readonly path: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body: (text: string) => Body;
  readonly wrong: Body;
  readonly refusal: RegExp;
  readonly notNow: RegExp;
  /** Its yes is in the body: HTTP says 200 to everything. */
  readonly isYes?: (words: string) => boolean;
}

/** A form, a mail, or what becomes JSON. */
type Body = URLSearchParams | string | Readonly<Record<string, unknown>>;

const basic = (user: string): string => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

const providers: readonly HttpDoor[] = [
  {
    name: 'FCM',
    channel: 'push',
    door: 'fcm',
    path: '/fcm/v1/projects/shop/messages:send',
    fields: { authorization: `Bearer ${secret}` },
    body: (title) => ({ message: { token: 'jane-1', notification: { title } } }),
    wrong: { message: { token: 'jane-1', data: { a: 1 } } },
    refusal: /^400 .*INVALID_ARGUMENT/s,
    notNow: /^503 .*UNAVAILABLE/s,
  },
  {
    name: 'FCM, without its prefix',
    channel: 'push',
    door: 'fcm',
    path: '/v1/projects/shop/messages:send',
    fields: { authorization: `Bearer ${secret}` },
    body: (title) => ({ message: { token: 'jane-1', notification: { title } } }),
    wrong: { message: { token: 'jane-1', data: { a: 1 } } },
    refusal: /^400 .*INVALID_ARGUMENT/s,
    notNow: /^503 .*UNAVAILABLE/s,
  },
  {
    name: 'Twilio',
    channel: 'sms',
    door: 'twilio',
    path: `/twilio/2010-04-01/Accounts/${account}/Messages.json`,
    fields: { authorization: basic(account) },
    body: (Body) => new URLSearchParams({ To: `+${number}`, From: '+447700900001', Body }),
    wrong: new URLSearchParams({ From: '+447700900001', Body: 'x' }),
    refusal: /^400 .*21604/s,
    notNow: /^50\d /,
  },
  {
    name: 'Vonage SMS',
    channel: 'sms',
    door: 'vonage',
    path: '/vonage/sms/json',
    fields: { authorization: basic('abcd1234') },
    body: (text) => ({ to: number, from: '447700900001', text }),
    wrong: { from: '447700900001', text: 'x' },
    refusal: /"status": ?"2"/,
    notNow: /"status": ?"(?:5|1)"|^50\d /,
    isYes: (words) => /"status": ?"0"/.test(words),
  },
  {
    name: 'Vonage Messages',
    channel: 'sms',
    door: 'vonage',
    path: '/vonage/v1/messages',
    fields: { authorization: basic('abcd1234') },
    body: (text) => ({ channel: 'sms', message_type: 'text', to: number, from: '447700900001', text }),
    wrong: { channel: 'sms', message_type: 'text', from: '447700900001', text: 'x' },
    refusal: /^4\d\d .*"title"/s,
    notNow: /^50\d /,
  },
  {
    name: 'MessageBird',
    channel: 'sms',
    door: 'messagebird',
    path: '/messagebird/messages',
    fields: { authorization: `AccessKey ${secret}` },
    body: (body) => ({ originator: '447700900001', recipients: [number], body }),
    wrong: { originator: '447700900001', body: 'x' },
    refusal: /^422 .*"errors"/s,
    notNow: /^50\d .*"errors"/s,
  },
  {
    name: 'Sinch',
    channel: 'sms',
    door: 'sinch',
    path: '/sinch/xms/v1/plan/batches',
    fields: { authorization: `Bearer ${secret}` },
    body: (body) => ({ to: [number], from: '447700900001', body }),
    wrong: { from: '447700900001', body: 'x' },
    refusal: /^400 .*"code"/s,
    notNow: /^50\d /,
  },
  {
    name: 'Infobip',
    channel: 'sms',
    door: 'infobip',
    path: '/infobip/sms/3/messages',
    fields: { authorization: `App ${secret}` },
    body: (text) => ({
      messages: [{ sender: '447700900001', destinations: [{ to: number }], content: { text } }],
    }),
    wrong: { messages: [] },
    refusal: /^400 /,
    notNow: /^50\d /,
  },
  {
    name: 'Telnyx',
    channel: 'sms',
    door: 'telnyx',
    path: '/telnyx/v2/messages',
    fields: { authorization: `Bearer ${secret}` },
    body: (text) => ({ to: `+${number}`, from: '+447700900001', text }),
    wrong: { from: '+447700900001', text: 'x' },
    refusal: /^4\d\d .*"errors"/s,
    notNow: /^50\d .*"errors"/s,
  },
  {
    name: 'the in-app door',
    channel: 'inapp',
    door: 'inapp',
    path: '/inapp/v1/messages',
    fields: { authorization: `Bearer ${secret}` },
    body: (title) => ({ user: 'ann', title }),
    wrong: { title: 'x' },
    refusal: /^4\d\d .*"errors"/s,
    notNow: /^507 .*"disk_full"/s,
  },
];

/** What a send by each channel is, but for whom it goes to. */
const contents: Readonly<Record<Channel, (text: string) => Readonly<Record<string, unknown>>>> = {
  email: (text) => ({ from: 'shop@example.com', subject: 'x', text }),
  push: (title) => ({ title }),
  sms: (body) => ({ body }),
  inapp: (title) => ({ title }),
  multi: (body) => ({ channels: ['inapp'], content: { inapp: { body } } }),
};
const receivers: Readonly<Record<Channel, unknown>> = {
  email: ['jane@example.com'],
  push: { user: 'nobody' },
  sms: `+${number}`,
  inapp: ['ann'],
  multi: { user: 'ann' },
};

const sendApi = (Object.keys(contents) as readonly Channel[]).map(
  (channel): HttpDoor => ({
    name: `the send API, ${channel}`,
    channel,
    door: 'api',
    at: 'http',
    path: '/v1/messages',
    body: (text) => ({ channel, to: receivers[channel], ...contents[channel](text) }),
    wrong: { channel, ...contents[channel]('x') },
    refusal: /^4\d\d .*"code":"(?:bad_request|invalid_submission)"/s,
    notNow: /^507 .*"code":"disk_full"/s,
  }),
);

const importOf: HttpDoor = {
  name: 'the import',
  channel: 'email',
  door: 'import',
  at: 'http',
  path: '/v1/messages/import',
  body: (text) => `From: shop@example.com\r\nTo: jane@example.com\r\nSubject: ${text}\r\n\r\nHello\r\n`,
  wrong: '',
  refusal: /^400 .*"code":"bad_request"/s,
  notNow: /^507 .*"code":"disk_full"/s,
};

export const httpDoors: readonly ChannelDoor[] = [...providers, ...sendApi, importOf].map(httpDoor);

function httpDoor(one: HttpDoor): ChannelDoor {
  const { name, channel, door, path, refusal, notNow } = one;
  const ask = async (core: Reached, body: Body): Promise<Said> => {
    const base = one.at === undefined ? `http://127.0.0.1:${core.port('providers')}` : core.url;
    const answer = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { 'content-type': typeOf(body), ...one.fields },
      body: written(body),
    });
    const words = `${answer.status} ${await answer.text()}`;
    return { yes: answer.ok && (one.isYes?.(words) ?? true), words };
  };
  return {
    name,
    channel,
    door,
    way: one.at ?? `/${path.split('/')[1]}`,
    exchanges: one.at === undefined,
    refusal,
    notNow,
    async send(core, text) {
      const body = one.body(text);
      // The send API keeps what was asked for, in one order for all ways in.
      const bytes = door === 'api' ? null : Buffer.from(written(body));
      return { ...(await ask(core, body)), bytes, secrets: [secret] };
    },
    sendWrong: (core) => ask(core, one.wrong),
  };
}

function written(body: Body): string {
  if (typeof body === 'string') return body;
  return body instanceof URLSearchParams ? body.toString() : JSON.stringify(body);
}

function typeOf(body: Body): string {
  if (typeof body === 'string') return 'message/rfc822';
  return body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'application/json';
}
