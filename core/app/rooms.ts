/** The rooms that the channels share: names, virtual time, phones, templates, users, and the local CA. */
import type { AdjustableClock } from '../clock.ts';
import type { DeliverySettings } from '../delivery/settings.ts';
import { type LocalCa, openLocalCa } from '../doors/tls/local-ca.ts';
import { createPeople, type People } from '../people/index.ts';
import type { Phones } from '../phones/index.ts';
import type { TemplatesRoom } from '../templates/room.ts';
import { openVirtualClock } from './delivery.ts';
import type { Ground } from './ground.ts';
import { type Names, openNames } from './names.ts';
import type { OwnAddress } from './own-address.ts';
import { openPhoneRoom } from './phones.ts';
import { openTemplateRoom } from './templates.ts';

export interface Rooms {
  readonly names: Names;
  readonly virtual: AdjustableClock;
  readonly phones: Phones;
  readonly templates: TemplatesRoom;
  readonly people: People;
  readonly ca: LocalCa;
  /** Whether senders' domains must be there before they are sent from, as the queue's settings ask for. */
  setStrictDomains(asked: boolean): void;
}

export async function openRooms(
  ground: Ground,
  address: OwnAddress,
  kept: Pick<DeliverySettings, 'strictDomains'>,
): Promise<Rooms> {
  const { config, closing, store, bus, seal, clock, newId, folder, onInfo, onProblem } = ground;
  const isStrict = (asked: boolean): boolean => asked || !config.domainOnTheFly;
  const names = await openNames({
    store,
    seal,
    clock,
    realDns: ground.realDns,
    hosts: config.host,
    port: config.dnsPort,
    strict: isStrict(kept.strictDomains),
    onProblem,
  });
  closing.add(() => names.close());
  const virtual = await openVirtualClock(clock, store);
  const phoneRoom = await openPhoneRoom({
    store,
    bus,
    virtual,
    seal,
    newId,
    providersUrl: address.pushEndpointsUrl,
    onProblem,
  });
  closing.add(() => phoneRoom.close());
  const templates = await openTemplateRoom({ store, clock, virtual, onProblem });
  closing.add(() => templates.close());
  const people = await createPeople({
    store,
    file: folder.databaseFile,
    clock,
    virtual,
    seal,
    baseUrl: address.url,
  });
  closing.add(() => people.close());
  const ca = await openLocalCa(folder.path, config.tlsName, clock.wallMs());
  if (ca.madeAnewFor !== null)
    onProblem(`the local CA was made anew, for ${ca.madeAnewFor}; clients must trust ${ca.caFile} again`);
  else if (ca.made)
    onInfo(`a local CA was made: ${ca.caFile}; clients that are to check certificates must trust it`);
  return {
    names,
    virtual,
    phones: phoneRoom.phones,
    templates,
    people,
    ca,
    setStrictDomains: (asked) => names.domains.setOptions({ strict: isStrict(asked), relayInclude: null }),
  };
}
