/** Opens the channels: mail, and behind the doors of the providers push, SMS and in-app messages. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { MailThread } from '../channels/email/index.ts';
import { type InAppPages, openInAppPages, withPages } from '../channels/inapp/pages.ts';
import { ruledLines } from '../channels/inapp/ruled-lines.ts';
import { createHandingOn } from '../delivery/hand-on.ts';
import { everyDelivery } from '../delivery/queue.ts';
import { createUpstream } from '../delivery/upstream.ts';
import { outboundIdentity } from '../dns/addresses.ts';
import type { OtherHosts } from '../doors/http/connect-proxy.ts';
import { messageOf } from '../model/app-error.ts';
import { builtFolder } from './built-folder.ts';
import type { DeliveryCore } from './delivery.ts';
import type { Ground } from './ground.ts';
import { type InApp, openInApp } from './inapp.ts';
import { type InAppRealtime, openInAppRealtime } from './inapp-realtime.ts';
import type { Late } from './late.ts';
import type { Live } from './live.ts';
import type { CallbackFetch } from './local-names.ts';
import { isDomainRefusal, type Mail, openMail } from './mail.ts';
import type { OwnAddress } from './own-address.ts';
import { type OwnReports, ownReports } from './own-reports.ts';
import { createProviders } from './providers.ts';
import { openPush, type Push } from './push.ts';
import type { Rooms } from './rooms.ts';
import type { RuleRoom } from './rules.ts';
import { openSms, type Sms } from './sms.ts';

export interface Channels {
  readonly mail: Mail;
  /** Our own MTA's notices. */
  readonly reports: OwnReports;
  readonly push: Push;
  readonly sms: Sms;
  readonly inApp: InApp;
  readonly inAppLive: InAppRealtime;
  readonly inAppPages: InAppPages;
  /** Of the doors that are open: those of the providers, the MX, SMPP. */
  readonly ports: Readonly<Record<string, number>>;
  /** Deliveries are made, not only kept. */
  delivers(): boolean;
  /** Has ready what the first delivery would else wait for. */
  warm(): void;
}

export interface ChannelsPorts {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly ruleRoom: RuleRoom;
  readonly address: OwnAddress;
  readonly delivery: Late<DeliveryCore>;
  readonly live: Late<Live>;
  readonly callbackFetch: CallbackFetch;
}

export const doorGraceMs = 5_000;

export async function openChannels(ports: ChannelsPorts): Promise<Channels> {
  const { ground, rooms, ruleRoom, address, delivery } = ports;
  const { config, closing, store, bus, seal, clock, newId, folder, intake, onProblem } = ground;
  const { names, virtual, phones, ca } = rooms;
  const { desk: ruleDesk } = ruleRoom.rules;
  const thread = new MailThread(folder.databaseFile, clock);
  const mail = await openMail(
    {
      hosts: config.host,
      mxPort: config.mxPort,
      deliver: config.deliver,
      hostname: `mx.${config.hostname}`,
      messageBytesMax: config.messageBytesMax,
      recipientsMax: config.recipientsMax,
      connectionsMax: config.connectionsMax,
      idleMsMax: config.idleMsMax,
    },
    {
      store,
      clock,
      virtual,
      random: ruleRoom.random,
      newId,
      domains: names.domains,
      intake,
      thread,
      fetch: ports.callbackFetch,
      callbackHosts: config.callbackHost,
      settings: () => delivery.get().queue.settings(),
      feedback: () => delivery.get().feedback,
      inboundCall: (url, message) => delivery.get().webhooks.callInbound(url, message),
      certificate: ca.server,
      rules: { desk: ruleDesk, contentOf: ruleRoom.bytesContent },
      onProblem,
    },
  );
  closing.add(() => mail.close(doorGraceMs));
  const reports = ownReports({
    store,
    intake,
    settings: () => delivery.get().queue.settings(),
    providerOf: ruleRoom.providerOf,
    async heloOf(domain) {
      try {
        return outboundIdentity(await names.domains.onTheFly(domain)).helo;
      } catch (error) {
        if (!isDomainRefusal(error)) throw error;
        return `mta.${domain}`;
      }
    },
    newId,
    nowMs: () => virtual.nowMs(),
    wallMs: () => clock.wallMs(),
  });
  const upstream = createUpstream({
    clock,
    isOwnPort: address.isOwnPort,
    ...(ground.reach === undefined ? {} : { reach: ground.reach }),
  });
  const handingOn = createHandingOn({
    guard: () => ports.live.ifOpen()?.guard ?? null,
    upstream,
    intake,
    store,
    clock,
    virtual,
    newId,
    onProblem,
  });
  const desk = handingOn.holding(ruleDesk);
  const providers = createProviders(
    {
      hosts: config.host,
      ports: {
        providers: config.providersPort,
        tls: config.tlsPort,
        proxy: config.proxyPort,
        apns: config.apnsPort,
        apnsManage: config.apnsManagePort,
        metadata: config.metadataPort,
      },
      certificate: ca.server,
    },
    {
      store,
      clock,
      newId,
      handOn: handingOn.handOn,
      isOwnPort: address.isOwnPort,
      onProblem,
    },
  );
  closing.add(() => upstream.close());
  closing.add(() => providers.close(doorGraceMs));
  const caPem = readFileSync(ca.caFile, 'utf8');
  const push = await openPush({
    store,
    intake,
    clock,
    virtual,
    providers,
    ca: caPem,
    phones,
    seal,
    desk,
    newId,
    otherHosts: {
      value: otherHosts(config.proxyAllow),
      given: config.given.includes('proxyAllow'),
    },
    providersUrl: address.providersUrl,
    onProblem,
  });
  const sms = await openSms({
    store,
    intake,
    clock,
    virtual,
    seal,
    desk,
    providers,
    newId,
    hosts: config.host,
    port: config.smppPort,
    retryCallbacks(domain) {
      const waiting = { ...everyDelivery, carriage: 'callback' as const, domain };
      delivery
        .ifOpen()
        ?.queue.actOnAll(waiting, 'retry', { reason: null })
        .catch((error: unknown) => onProblem(`calls to ${domain} wait: ${messageOf(error)}`));
    },
    baseUrl: address.url,
    ca: caPem,
    onProblem,
  });
  closing.add(() => sms.close(doorGraceMs));
  bus.subscribe((events) => {
    for (const { type, data } of events)
      if (type === 'deleted' && Array.isArray(data.ids)) sms.carriers.messagesDeleted(data.ids.map(String));
  });
  const delivers = (): boolean => config.deliver && delivery.get().queue.settings().deliver;
  const inApp = await openInApp({
    store,
    bus,
    intake,
    clock,
    virtual,
    seal,
    newId,
    random: (count) => randomBytes(count),
    basePath: config.basePath,
    delivers,
    rules: ruleRoom.submissions,
    onProblem,
  });
  closing.add(() => inApp.close());
  const inAppLive = openInAppRealtime({
    room: inApp.room,
    settings: () => inApp.settings.door(),
    onSettings: (run) => inApp.settings.onChange(run),
    clock,
    random: Math.random,
    providers,
    rules: ruledLines(inApp.ask),
    onProblem,
  });
  const inAppPages = openInAppPages(builtFolder('client'));
  const providerPorts = await providers.open(
    {
      ...push.routes,
      routes: [...push.routes.routes, ...sms.routes, withPages(inAppLive.route(inApp.route), inAppPages)],
    },
    push.otherHosts,
  );
  return {
    mail,
    reports,
    push,
    sms,
    inApp,
    inAppLive,
    inAppPages,
    ports: {
      ...(mail.mxPort === null ? {} : { mx: mail.mxPort }),
      ...providerPorts,
      ...(sms.smppPort === null ? {} : { smpp: sms.smppPort }),
    },
    delivers,
    warm() {
      thread.warm();
      mail.providers.warm();
    },
  };
}

/** `*` is for all: then the proxy is a tunnel to wherever it is asked for. */
function otherHosts(allowed: readonly string[]): OtherHosts {
  if (allowed.includes('*')) return 'tunnel';
  return allowed.length === 0 ? 'refuse' : { list: allowed };
}
