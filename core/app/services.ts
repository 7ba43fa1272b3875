/** What the API's routes work with, put together from the parts. */
import type { Status } from '../api/schema.ts';
import type { Services } from '../api/services.ts';
import { fetchRemote } from '../inspect/fetch-remote.ts';
import type { Channels } from './channels.ts';
import type { DeliveryCore } from './delivery.ts';
import type { Ground } from './ground.ts';
import type { Live } from './live.ts';
import type { OwnAddress } from './own-address.ts';
import type { Reading } from './reading.ts';
import type { Rooms } from './rooms.ts';
import type { RuleRoom } from './rules.ts';
import type { Sending } from './sending.ts';
import { withIntake } from './settings.ts';
import { sendTest } from './test-message.ts';
import { openWorkspace } from './workspace.ts';

export interface ServicesParts {
  readonly ground: Ground;
  readonly reading: Reading;
  readonly rooms: Rooms;
  readonly ruleRoom: RuleRoom;
  readonly channels: Channels;
  readonly sending: Sending;
  readonly delivery: DeliveryCore;
  readonly live: Live;
  readonly address: OwnAddress;
  readonly status: () => Status;
}

export function servicesOf(parts: ServicesParts): Services {
  const { ground, rooms, ruleRoom, channels, sending, delivery } = parts;
  const { store, bus, clock, intake, newId, onProblem } = ground;
  const { phones, people, templates } = rooms;
  const { mail, push, sms, inApp, inAppLive } = channels;
  const services: Services = {
    store,
    bus,
    clock,
    intake,
    viewer: parts.reading.viewer,
    newId,
    queue: {
      ...delivery.queue,
      async change(next) {
        const changed = await delivery.queue.change(next);
        rooms.setStrictDomains(changed.strictDomains);
        return changed;
      },
    },
    mailboxes: mail.providers,
    phones,
    people,
    push: push.settings,
    handsets: sms.carriers,
    templates,
    smsSecrets: sms.secrets,
    smsFeedback: sms.feedback,
    inApp: { ...inApp.settings, expire: (id) => inApp.room.expireNow(id) },
    inAppDoor: inAppLive.apiDoor,
    submissions: { ...sending.one, submitMulti: sending.multi.submit },
    rules: ruleRoom.rules,
    scenarios: ruleRoom.scenarios,
    holding: ruleRoom.holding,
    dryRun: ruleRoom.dryRun,
    idempotency: {
      find: (key) => store.answerOf(key),
    },
    live: parts.live.service,
    time: {
      ...delivery.time,
      change(change) {
        parts.live.guard.mayChangeClock();
        return delivery.time.change(change);
      },
    },
    webhooks: delivery.webhooks,
    domains: rooms.names.domains,
    status: parts.status,
    settings: withIntake(ground.settings, intake),
    sendTest: (door) => sendTest(door, parts.address),
    fetchRemote: (urls) => fetchRemote(urls, ground.fetch, onProblem),
    onProblem,
  };
  return {
    ...services,
    workspace: openWorkspace({
      ground,
      rooms,
      settings: services.settings,
      queue: services.queue,
      push: push.settings,
      inApp: inApp.settings,
      domains: services.domains,
      mailboxes: mail.providers,
      phones,
      carriers: sms.carriers,
      rules: services.rules,
      scenarios: services.scenarios,
      webhooks: services.webhooks,
      intake,
    }),
  };
}
