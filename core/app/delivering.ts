/** Opens the delivery core, with the channels as its carriers: where an act, an outcome or a question belongs. */
import { ownDsnAct } from '../model/own-dsn.ts';
import type { Channels } from './channels.ts';
import { type DeliveryCore, openDeliveryCore } from './delivery.ts';
import type { Ground } from './ground.ts';
import { inboundBody } from './inbound-body.ts';
import type { Live } from './live.ts';
import type { CallbackFetch } from './local-names.ts';
import type { Multi } from './multi.ts';
import type { Reading } from './reading.ts';
import type { Rooms } from './rooms.ts';
import type { RuleRoom } from './rules.ts';

export interface DeliveringPorts {
  readonly ground: Ground;
  readonly reading: Pick<Reading, 'viewer'>;
  readonly rooms: Rooms;
  readonly ruleRoom: RuleRoom;
  readonly channels: Channels;
  readonly multi: Multi;
  readonly callbackFetch: CallbackFetch;
  readonly live: Live;
}

export function openDelivering(ports: DeliveringPorts): Promise<DeliveryCore> {
  const { ground, rooms, ruleRoom } = ports;
  const { config, store, bus, clock, seal, load, newId, onProblem } = ground;
  const { virtual, phones } = rooms;
  const { mail, push, sms, inApp, reports } = ports.channels;
  const { multi } = ports;
  const { viewer } = ports.reading;
  const { desk } = ruleRoom.rules;
  return openDeliveryCore({
    store,
    bus,
    clock,
    virtual,
    seal,
    load,
    newId,
    fetch: ports.callbackFetch,
    callbackHosts: config.callbackHost,
    email: mail.carrier,
    push: push.carrier,
    sms: sms.carrier,
    callbacks: { habits: sms.habits, smpp: () => sms.smpp() },
    inboundBody: (messageId, recipient) => inboundBody(messageId, recipient, store, viewer),
    perform: (act) => {
      if (act.kind === ownDsnAct) return reports.perform(act);
      if (inApp.room.performs(act.kind)) return inApp.room.perform(act);
      if (multi.performs(act.kind)) return multi.perform(act);
      if (sms.carriers.performs(act.kind)) return sms.carriers.perform(act);
      return phones.performs(act.kind) ? phones.perform(act) : mail.providers.perform(act);
    },
    owed: (ended) => reports.owed(ended),
    async settled(ended) {
      await mail.passedOn(ended);
      await push.passedOn(ended);
      sms.passedOn(ended);
    },
    providerOf: ruleRoom.providerOf,
    rules: {
      desk,
      headOf: ruleRoom.headOf,
      contentOf: ruleRoom.storedContent,
      pushOf: (messageId) => push.ruleFactsOf(messageId),
      smsOf: (messageId) => sms.ruleFactsOf(messageId),
    },
    live: { guard: ports.live.guard, carrier: ports.live.carrier },
    onProblem,
  });
}
