/** Web Push: web-push encrypts and signs for a browser that has subscribed here. */
import { once } from 'node:events';
import { request } from 'node:https';
import webpush, { type PushSubscription } from 'web-push';
import type { Phone, PhoneApp } from '../../../../core/api/phones-schema.ts';
import type { List } from '../../../../core/api/schema.ts';
import type { ChannelDoor, Said } from '../../../contract/channel-door.ts';
import { caOf, type Reached } from '../../../contract/reached.ts';

const page = 'https://shop.example';
const vapidDetails = { subject: 'mailto:push@shop.example', ...webpush.generateVAPIDKeys() };

type Details = ReturnType<typeof webpush.generateRequestDetails>;

export const webPushDoor: ChannelDoor = {
  name: 'Web Push',
  channel: 'push',
  door: 'webpush',
  way: '/webpush',
  exchanges: true,
  async ready(core) {
    await subscribed(core);
  },
  async send(core, title) {
    const subscription = await subscribed(core);
    const details = webpush.generateRequestDetails(subscription, JSON.stringify({ title }), { vapidDetails });
    // `vapid t=<header>.<claims>.<signature>, k=<public key>`
    const signature = /\.([\w-]+),/.exec(String(details.headers.Authorization))?.[1];
    if (signature === undefined) throw new Error('web-push signed nothing');
    const said = await ask(core, subscription, details);
    return { ...said, bytes: details.body ?? Buffer.alloc(0), secrets: [signature] };
  },
  async sendWrong(core) {
    const subscription = await subscribed(core);
    const details = webpush.generateRequestDetails(subscription, 'Hello', { vapidDetails });
    const { TTL: _, ...headers } = details.headers;
    return ask(core, subscription, { ...details, headers });
  },
  refusal: /^400 .*"Missing TTL value"/,
  notNow: /^503 .*"errno":201/,
};

/** The browser of this core that has subscribed; made where there is none. */
async function subscribed(core: Reached): Promise<PushSubscription> {
  const { entries } = await call<List<Phone>>(core, 'GET', '/v1/phones');
  const known = entries.flatMap(({ apps }) => apps).find((one) => one.app === page);
  const { subscription } = known ?? (await subscribe(core));
  if (subscription === null) throw new Error('the browser has no subscription');
  return subscription;
}

async function subscribe(core: Reached): Promise<PhoneApp> {
  const { id } = await call<Phone>(core, 'POST', '/v1/phones', { platform: 'browser' });
  const applicationServerKey = vapidDetails.publicKey;
  return call<PhoneApp>(core, 'POST', `/v1/phones/${id}/register`, { app: page, applicationServerKey });
}

async function call<T>(core: Reached, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${core.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  const value: T = await answer.json();
  return value;
}

async function ask(core: Reached, { endpoint }: PushSubscription, { headers, body }: Details): Promise<Said> {
  const asked = request(endpoint, { method: 'POST', ca: await caOf(core), headers });
  asked.end(body ?? '');
  const [answer] = await once(asked, 'response');
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part);
  return { yes: answer.statusCode === 201, words: `${answer.statusCode} ${Buffer.concat(parts).toString()}` };
}
