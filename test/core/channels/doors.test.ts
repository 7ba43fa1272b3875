/** Every channel's doors under the one contract, and every channel's room with the files that rooms have. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../core/model/app-error.ts';
import type { Channel } from '../../../core/model/message.ts';
import { openSqliteStore } from '../../../core/store/sqlite/sqlite-store.ts';
import {
  type ChannelDoor,
  channelDoorContract,
  messagesOf,
  type Reached,
  rawOf,
} from '../../contract/channel-door.ts';
import { openSmtp } from '../../smtp-client.ts';
import { spawnCore } from '../../spawn-core.ts';
import { openCore, type TestCore, temporaryFolder } from '../../start-core.ts';

const startMsMax = 60_000;
const secret = 'sekrit-4f1d9a7b2c';
const number = '14155550123';
const account = 'AC0123456789abcdef0123456789abcdef';

interface HttpDoor {
  readonly name: string;
  readonly channel: Channel;
  readonly door: string;
  /** Door whose port it is at; the API's where it is left out. */
  readonly at?: string;
  readonly path: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body: (text: string) => unknown;
  readonly wrong: unknown;
  readonly refusal: RegExp;
  readonly notNow: RegExp;
  /** Its yes is in the body: HTTP says 200 to everything. */
  readonly isYes?: (words: string) => boolean;
}

const basic = (user: string): string => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

const httpDoors: readonly HttpDoor[] = [
  {
    name: 'FCM',
    channel: 'push',
    door: 'fcm',
    at: 'providers',
    path: '/fcm/v1/projects/shop/messages:send',
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
    at: 'providers',
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
    at: 'providers',
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
    at: 'providers',
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
    at: 'providers',
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
    at: 'providers',
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
    at: 'providers',
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
    at: 'providers',
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
    at: 'providers',
    path: '/inapp/v1/messages',
    fields: { authorization: `Bearer ${secret}` },
    body: (title) => ({ user: 'ann', title }),
    wrong: { title: 'x' },
    refusal: /^4\d\d .*"errors"/s,
    notNow: /^507 .*"disk_full"/s,
  },
  ...(
    [
      ['email', { from: 'shop@example.com', to: ['jane@example.com'], subject: 'x' }, 'text'],
      ['push', { to: { user: 'nobody' } }, 'title'],
      ['sms', { to: `+${number}` }, 'body'],
      ['inapp', { to: ['ann'] }, 'title'],
    ] as const
  ).map(
    ([channel, request, field]): HttpDoor => ({
      name: `the send API, ${channel}`,
      channel,
      door: 'api',
      path: '/v1/messages',
      body: (text) => ({ channel, ...request, [field]: text }),
      wrong: { channel, [field]: 'x' },
      refusal: /^4\d\d .*"code":"(?:bad_request|invalid_submission)"/s,
      notNow: /^507 .*"code":"disk_full"/s,
    }),
  ),
];

const smtp: ChannelDoor = {
  name: 'SMTP',
  channel: 'email',
  door: 'smtp',
  async send(core, text) {
    const client = await openSmtp(core.port('smtp'));
    await client.reply();
    await client.say('EHLO client.example');
    await client.say(`AUTH PLAIN ${Buffer.from(`\0shop\0${secret}`).toString('base64')}`);
    const words = await client.deliver('shop@example.com', ['jane@example.com'], mailOf(text));
    await client.quit();
    return { yes: words.startsWith('250'), words };
  },
  bytes: (text) => mailOf(text),
  async sendWrong(core) {
    const client = await openSmtp(core.port('smtp'));
    await client.reply();
    await client.say('EHLO client.example');
    await client.say('MAIL FROM:<shop@example.com>');
    const words = await client.say('RCPT TO:<jane@>');
    await client.quit();
    return { yes: words.startsWith('2'), words };
  },
  refusal: /^5\d\d 5\.1\.3/,
  notNow: /^452 4\.3\.1/,
  secret: Buffer.from(`\0shop\0${secret}`).toString('base64'),
};

const mailOf = (text: string): string =>
  `From: shop@example.com\r\nTo: jane@example.com\r\nSubject: ${text}\r\n\r\nHello\r\n`;

function httpDoor(one: HttpDoor): ChannelDoor {
  const written = (body: unknown): string =>
    body instanceof URLSearchParams ? body.toString() : JSON.stringify(body);
  const ask = async (core: Reached, body: unknown) => {
    const base = one.at === undefined ? core.url : `http://127.0.0.1:${core.port(one.at)}`;
    const type = body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'application/json';
    const answer = await fetch(`${base}${one.path}`, {
      method: 'POST',
      headers: { 'content-type': type, ...one.fields },
      body: written(body),
    });
    const words = `${answer.status} ${await answer.text()}`;
    return { yes: answer.ok && (one.isYes?.(words) ?? true), words };
  };
  const { name, channel, door, refusal, notNow } = one;
  return {
    name,
    channel,
    door,
    refusal,
    notNow,
    secret: one.fields === undefined ? null : secret,
    send: (core, text) => ask(core, one.body(text)),
    // Our own door and our own API: what is kept is what was asked for, in one order for all ways in.
    bytes: (text) => (door === 'api' ? null : written(one.body(text))),
    sendWrong: (core) => ask(core, one.wrong),
  };
}

const doors: readonly ChannelDoor[] = [smtp, ...httpDoors.map(httpDoor)];

/** Doors that speak neither SMTP nor plain HTTP: who holds them to the same. */
const elsewhere = {
  apns: 'HTTP/2 over TLS: test/core/channels/apns/endpoint.test.ts',
  webpush: 'an endpoint for each subscription, and an encrypted body: test/core/channels/webpush',
  smpp: 'a session of binary units: test/core/channels/sms/smpp',
} as const;

describe('every door', () => {
  let folder: string;
  let core: TestCore;
  let full: TestCore;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sandpost-doors-'));
    core = await openCore(join(folder, 'data'));
    full = await openCore(join(folder, 'full'), [], {
      async openStore(options) {
        const store = await openSqliteStore(options);
        const refuse = (): Promise<never> => Promise.reject(new AppError('disk_full', 'the disk is full'));
        return { ...store, accept: refuse, spool: refuse };
      },
    });
  }, startMsMax);
  afterAll(async () => {
    await core.close();
    await full.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const reached = (one: TestCore): Reached => ({ url: one.app.url, port: (door) => one.port(door) });

  describe.each(doors.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    channelDoorContract(one, { core: () => reached(core), full: () => reached(full) });
  });

  it('is under the contract, or it is said where it is tested', () => {
    const known: ReadonlySet<string> = new Set([...doors.map(({ door }) => door), ...Object.keys(elsewhere)]);
    const taking = [
      'smtp',
      'api',
      'fcm',
      'apns',
      'webpush',
      'twilio',
      'vonage',
      'messagebird',
      'sinch',
      'infobip',
      'telnyx',
      'smpp',
      'inapp',
    ];
    expect(taking.filter((door) => !known.has(door))).toEqual([]);
  });
});

it(
  'loses nothing that a door said yes to when the process is killed',
  async () => {
    const data = await temporaryFolder();
    const flags = ['--data', data, '--ports', '0', '--no-deliver'];
    const killed = await spawnCore(flags);
    const texts = new Map<ChannelDoor, string>();
    for (const [at, one] of doors.entries()) {
      const text = `kept-${at}`;
      const { yes } = await one.send(killed, text);
      if (yes) texts.set(one, text);
    }
    killed.kill();
    await killed.gone;
    const next = await spawnCore(flags);
    expect(texts.size).toBe(doors.length);
    for (const [one, text] of texts) {
      const raws = await Promise.all((await messagesOf(next, one)).map(({ id }) => rawOf(next, id)));
      expect(
        raws.filter((raw) => raw.includes(text)),
        one.name,
      ).toHaveLength(1);
    }
    await next.stop();
  },
  2 * startMsMax,
);

describe('the room of each channel', () => {
  const rooms = resolve('core/channels');
  const names = [
    ...readdirSync(rooms).filter((name) => name !== 'sms'),
    ...readdirSync(join(rooms, 'sms'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `sms/${name}`),
  ];

  it.each(names)('%s says what it is, has one way in, and is tested', (name) => {
    expect(existsSync(join(rooms, name, 'README.md'))).toBe(true);
    // `push` holds what its providers share, and is no door.
    if (name !== 'push') expect(existsSync(join(rooms, name, 'index.ts'))).toBe(true);
    if (name !== 'push') expect(existsSync(join(rooms, name, 'endpoint.ts'))).toBe(true);
    expect(existsSync(resolve('test/core/channels', name))).toBe(true);
  });
});
