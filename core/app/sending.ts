/** The send API's ways in: for one channel each, and over several of them. */
import type { Channels } from './channels.ts';
import type { DeliveryCore } from './delivery.ts';
import type { Ground } from './ground.ts';
import type { Late } from './late.ts';
import { type Multi, openMulti } from './multi.ts';
import { isLoopback, type OwnAddress } from './own-address.ts';
import type { Rooms } from './rooms.ts';
import type { RuleRoom } from './rules.ts';
import { createSubmissions, type Submissions } from './submissions.ts';

export interface Sending {
  readonly one: Submissions;
  readonly multi: Multi;
}

export interface SendingPorts {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly ruleRoom: Pick<RuleRoom, 'submissions'>;
  readonly channels: Channels;
  readonly address: OwnAddress;
  readonly delivery: Late<DeliveryCore>;
}

export function openSending({ ground, rooms, ruleRoom, channels, address, delivery }: SendingPorts): Sending {
  const { config, closing, store, bus, clock, newId, intake, onProblem } = ground;
  const { names, virtual, phones, people, templates } = rooms;
  const one = createSubmissions({
    store,
    intake,
    domains: names.domains,
    mail: channels.mail,
    virtual,
    wallMs: () => clock.wallMs(),
    newId,
    baseUrl: address.url,
    messageBytesMax: config.messageBytesMax,
    delivers: channels.delivers,
    lifetimeMs: () => delivery.get().queue.settings().lifetimeMs,
    devices: {
      phone: (id) => phones.get(id),
      phonesOf: (user) => phones.phonesOf(user),
      ownSubscription: (endpoint) => ownSubscription(endpoint, address),
    },
    handsets: { handsetsOf: (user) => channels.sms.carriers.handsets.of(user) },
    rules: ruleRoom.submissions,
    prepareInApp: channels.inApp.prepare,
    onProblem,
  });
  const multi = openMulti({
    store,
    bus,
    intake,
    virtual,
    wallMs: () => clock.wallMs(),
    newId,
    users: people,
    templates,
    phones,
    handsets: channels.sms.carriers.handsets,
    unsubscribeUrl: (user, topic) => people.unsubscribeUrl({ user, topic }),
    submissions: one,
    limits: { messageBytesMax: config.messageBytesMax, recipientsMax: config.recipientsMax },
    delivers: channels.delivers,
    lifetimeMs: () => delivery.get().queue.settings().lifetimeMs,
    wake: () => delivery.get().engine.wake(),
    onProblem,
  });
  closing.add(() => multi.close());
  return { one, multi };
}

/** As this core's own push service gives them out. */
function ownSubscription(endpoint: string, address: Pick<OwnAddress, 'host' | 'isOwnPort'>): string | null {
  const { hostname, port, pathname } = new URL(endpoint);
  const here = hostname === address.host || isLoopback(hostname) || hostname.endsWith('.localhost');
  const id = /^\/webpush\/v1\/([\w-]+)$/.exec(pathname)?.[1] ?? null;
  return here && address.isOwnPort(Number(port)) ? id : null;
}
