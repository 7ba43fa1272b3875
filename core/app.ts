/** The only wiring: opens the store, the doors and the API, hands each what it needs, and closes them in order. */
import { randomBytes, randomFillSync } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openHttpDoor } from './api/http-door.ts';
import { isoOrNull } from './api/iso-time.ts';
import type { Settings, Status } from './api/schema.ts';
import type { Services, SettingsService } from './api/services.ts';
import { type DeliveryCore, openDeliveryCore, openVirtualClock } from './app/delivery.ts';
import { openInApp } from './app/inapp.ts';
import { openInAppRealtime } from './app/inapp-realtime.ts';
import { inboundBody } from './app/inbound-body.ts';
import { withLocalNames } from './app/local-names.ts';
import { isDomainRefusal, openMail } from './app/mail.ts';
import { openMulti } from './app/multi.ts';
import { openNames } from './app/names.ts';
import { ownReports } from './app/own-reports.ts';
import { openPhoneRoom } from './app/phones.ts';
import { createProviders } from './app/providers.ts';
import { openPush } from './app/push.ts';
import { headOf } from './app/rule-reading.ts';
import { openSms } from './app/sms.ts';
import { createSubmissions, type Submissions } from './app/submissions.ts';
import { openTemplateRoom } from './app/templates.ts';
import { createBus } from './bus.ts';
import type { UnstoredMessage } from './channels/email/end-of-data.ts';
import { openSmtpDoors, type SmtpDoorKey } from './channels/email/index.ts';
import { MailThread } from './channels/email/mail-thread/mail-thread.ts';
import { openInAppPages, withPages } from './channels/inapp/pages.ts';
import { ruledLines } from './channels/inapp/ruled-lines.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { everyDelivery, loadQueueState } from './delivery/queue.ts';
import { outboundIdentity } from './dns/addresses.ts';
import type { RealDns } from './dns/real-records.ts';
import type { OtherHosts } from './doors/http/connect-proxy.ts';
import { openLocalCa } from './doors/tls/local-ca.ts';
import { bodyContent } from './inspect/content-facts.ts';
import { fetchRemote } from './inspect/fetch-remote.ts';
import { startIndexer } from './inspect/indexer.ts';
import { InspectThread } from './inspect/inspect-thread.ts';
import { createIntake } from './intake/intake.ts';
import { createLoadMeter } from './intake/load.ts';
import { type ProjectPolicy, projectName } from './intake/projects.ts';
import { AppError, messageOf } from './model/app-error.ts';
import { seededRandom } from './model/chance.ts';
import { type ProviderKey, providerOf } from './model/mail-provider.ts';
import { idMaker } from './model/new-id.ts';
import { ownDsnAct } from './model/own-dsn.ts';
import { createPeople, type People } from './people/index.ts';
import type { ContentFacts } from './rules/decision.ts';
import { dryRun } from './rules/dry-run.ts';
import { exampleScenarios } from './rules/examples/index.ts';
import type { Holding } from './rules/holding.ts';
import { openRules } from './rules/room.ts';
import { readScenario } from './rules/scenario.ts';
import { openScenarios } from './rules/scenarios.ts';
import { settingsFrom } from './settings.ts';
import { holdDataFolder } from './store/data-folder.ts';
import { openSeal } from './store/seal.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { Store } from './store/store.ts';
import { version } from './version.ts';

export interface AppPorts {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly fetch: typeof fetch;
  /** The real DNS. It is asked for what a user asks to look up there, and for nothing else. */
  readonly realDns: RealDns;
  readonly log: Log;
  /** Where messages are kept; the benchmark measures a door by a store that keeps none. */
  readonly openStore: typeof openSqliteStore;
  /** Something without which nothing works is gone; whoever runs the app ends it, to be started anew. */
  readonly onFatal: (text: string) => void;
}
export interface Log {
  info(text: string): void;
  warn(text: string): void;
}

export interface App {
  readonly url: string;
  readonly dataDir: string;
  readonly caFile: string;
  readonly token: string | null;
  readonly ports: Readonly<Record<string, number>>;
  /** Everything stored so far is indexed; for tests and the benchmark. */
  caughtUp(): Promise<void>;
  /** What POST /v1/messages does with a message that was checked. */
  readonly submissions: Submissions;
  /** Users, and links that unsubscribe them. */
  readonly people: People;
  /** Deliveries that wait for their turn or for a retry. */
  waiting(): number;
  /** Nothing is under way and nothing is due; for tests and the benchmark. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const smtpGraceMs = 5_000;
const pruneEveryMs = 5_000;
const quickInspectMsMax = 20_000;
const indexInspectMsMax = 30_000;
/** A client waits for it. */
const ruleInspectMsMax = 10_000;
const inspectIdleMsMax = 10_000;
/** Deliveries under way from which on reading what is stored takes a small share only. */
const deliveriesBusy = 8;
/** Where the providers' plain door would be, for addresses that name it while it is closed. */
const usualProvidersPort = 8026;
/** After the start: the screen and the doors come first. */
const warmAfterMs = 1_500;

export const systemPorts = (log: Log, onFatal: (text: string) => void = log.warn): AppPorts => ({
  onFatal,

  clock: systemClock,
  newId: idMaker((block) => randomFillSync(block)),
  fetch,
  realDns: systemDns(),
  log,
  openStore: openSqliteStore,
});

const realDnsMsMax = 3_000;
const realDnsTries = 2;

function systemDns(): RealDns {
  return new Resolver({ timeout: realDnsMsMax, tries: realDnsTries });
}

/** @throws AppError saying what stood in the way; whatever was opened by then is closed again */
export async function createApp(config: Config, ports: AppPorts): Promise<App> {
  const { clock, newId, log } = ports;
  const closers: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    const folder = holdDataFolder(config.data);
    closers.push(() => folder.release());
    const bus = createBus((error) => log.warn(`a listener failed: ${messageOf(error)}`));
    const store = await ports.openStore({
      file: folder.databaseFile,
      durability: config.unsafeNoSync ? 'off' : 'full',
      bus,
      clock,
      onNotice: (text) => log.warn(text),
      onFatal: ports.onFatal,
    });
    closers.push(() => store.close());
    const seal = openSeal(folder.path);
    const load = createLoadMeter(clock);
    const settings = settingsService(config, store, await store.settings());
    const intake = createIntake(
      {
        store,
        clock,
        newId,
        onProblem: (text) => log.warn(text),
        onAccepted: (door) => {
          if (door !== 'api') load.accepted();
        },
      },
      (await store.projects()).map((project) => project.name),
      policyOf(settings.current()),
    );
    bus.subscribe((events) => {
      for (const { type, project, data } of events) {
        if (type !== 'project' || project === null) continue;
        if (data.deleted === true) intake.projectDeleted(project);
        else intake.projectMade(project);
      }
    });
    for (const project of config.project) {
      const name = projectName(project);
      if (name !== null) await store.saveProject(name, { fixed: true });
    }
    const indexThread = new InspectThread(folder.databaseFile, clock, {
      silenceMsMax: indexInspectMsMax,
      idleMsMax: inspectIdleMsMax,
    });
    const viewer = new InspectThread(folder.databaseFile, clock, {
      silenceMsMax: quickInspectMsMax,
      idleMsMax: inspectIdleMsMax,
    });
    // Each needs the other: mail is delivered by the core, and what comes back of it goes there.
    const core: { delivery: DeliveryCore | null } = { delivery: null };
    const indexer = startIndexer({
      store,
      thread: indexThread,
      clock,
      othersBusy: () => (core.delivery?.engine.underWay() ?? 0) >= deliveriesBusy,
      onProblem: (text) => log.warn(text),
    });
    // What rules ask of bodies; one that keeps it busy must not keep the screen waiting.
    const ruleReader = new InspectThread(folder.databaseFile, clock, {
      silenceMsMax: ruleInspectMsMax,
      idleMsMax: inspectIdleMsMax,
    });
    closers.push(
      () => ruleReader.close(),
      () => viewer.close(),
      () => indexer.close(),
    );
    bus.subscribe((events) => {
      if (events.some((event) => event.type === 'accepted')) indexer.stored();
    });
    if (store.counts().waitingForIndex > 0) indexer.stored();
    closers.push(keepPruned(store, settings, clock, log));

    const kept = await loadQueueState(store);
    const isStrict = (asked: boolean): boolean => asked || !config.domainOnTheFly;
    const names = await openNames({
      store,
      seal,
      clock,
      realDns: ports.realDns,
      hosts: config.host,
      port: config.dnsPort,
      strict: isStrict(kept.settings.strictDomains),
      onProblem: (text) => log.warn(text),
    });
    closers.push(() => names.close());
    const virtual = await openVirtualClock(clock, store);
    const phoneRoom = await openPhoneRoom({
      store,
      bus,
      virtual,
      seal,
      newId,
      // Libraries for Web Push take https addresses alone.
      providersUrl() {
        const { tls, providers } = status.ports;
        const host = urlHost(clientHost(config.host));
        return tls === undefined
          ? `http://${host}:${providers ?? usualProvidersPort}`
          : `https://${host}:${tls}`;
      },
      onProblem: (text) => log.warn(text),
    });
    closers.push(() => phoneRoom.close());
    const { phones } = phoneRoom;
    const templates = await openTemplateRoom({ store, clock, virtual, onProblem: (text) => log.warn(text) });
    closers.push(() => templates.close());
    const people = await createPeople({
      store,
      file: folder.databaseFile,
      clock,
      virtual,
      seal,
      baseUrl: () => status.url,
    });
    closers.push(() => people.close());
    const ca = await openLocalCa(folder.path, config.tlsName, clock.wallMs());
    if (ca.madeAnewFor !== null)
      log.warn(`the local CA was made anew, for ${ca.madeAnewFor}; clients must trust ${ca.caFile} again`);
    else if (ca.made)
      log.info(`a local CA was made: ${ca.caFile}; clients that are to check certificates must trust it`);
    const deliveryCore = (): DeliveryCore => {
      if (core.delivery === null) throw new Error('the delivery core is asked before it is open');
      return core.delivery;
    };
    const chance = seededRandom(kept.settings.seed);
    const rules = await openRules({
      store,
      clock,
      virtual,
      newId,
      world: {
        speed: () => virtual.time().speed,
        async setSpeed(speed) {
          await deliveryCore().time.change({ kind: 'speed', speed });
        },
        seed: () => deliveryCore().queue.settings().seed,
        async setSeed(seed) {
          const { queue } = deliveryCore();
          await queue.change({ ...queue.settings(), seed });
          chance.reseed(seed);
        },
      },
      onProblem: (text) => log.warn(text),
    });
    const providerOfDomain = (domain: string): ProviderKey =>
      providerOf(domain, (name) => names.domains.owner(name) !== null).key;
    const storedContent = (messageId: string): Promise<ContentFacts> =>
      bodyContent(ruleReader, { messageId }, rules.desk.set);
    const doorRules = {
      desk: rules.desk,
      providerOf: providerOfDomain,
      contentOf: (message: UnstoredMessage) => bodyContent(ruleReader, message, rules.desk.set),
      onProblem: (text: string) => log.warn(text),
    };
    const scenarios = await openScenarios({
      store,
      rules,
      examples: exampleScenarios(),
      onProblem: (text) => log.warn(text),
    });
    const callbackFetch = withLocalNames(ports.fetch);
    const mailThread = new MailThread(folder.databaseFile, clock);
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
        random: () => chance.next(),
        newId,
        domains: names.domains,
        intake,
        thread: mailThread,
        fetch: callbackFetch,
        callbackHosts: config.callbackHost,
        settings: () => deliveryCore().queue.settings(),
        feedback: () => deliveryCore().feedback,
        inboundCall: (address, message) => deliveryCore().webhooks.callInbound(address, message),
        certificate: ca.server,
        rules: {
          desk: rules.desk,
          contentOf: (bytes) => bodyContent(ruleReader, { spooled: [], tail: bytes }, rules.desk.set),
        },
        onProblem: (text) => log.warn(text),
      },
    );
    closers.push(() => mail.close(smtpGraceMs));
    const reports = ownReports({
      store,
      intake,
      settings: () => deliveryCore().queue.settings(),
      providerOf: (domain) => providerOf(domain, (name) => names.domains.owner(name) !== null).key,
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
    const ownPorts: Record<string, number> = {};
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
        isOwnPort: (port) => Object.values(ownPorts).includes(port),
        onProblem: (text) => log.warn(text),
      },
    );
    closers.push(() => providers.close(smtpGraceMs));
    const push = await openPush({
      store,
      intake,
      clock,
      virtual,
      providers,
      ca: readFileSync(ca.caFile, 'utf8'),
      phones,
      seal,
      desk: rules.desk,
      newId,
      otherHosts: {
        value: otherHosts(config.proxyAllow),
        given: config.given.includes('proxyAllow'),
      },
      providersUrl() {
        const { providers: plain, tls } = status.ports;
        const host = urlHost(clientHost(config.host));
        if (plain !== undefined) return `http://${host}:${plain}`;
        return tls === undefined ? null : `https://${host}:${tls}`;
      },
      onProblem: (text) => log.warn(text),
    });
    const sms = await openSms({
      store,
      intake,
      clock,
      virtual,
      seal,
      desk: rules.desk,
      providers,
      newId,
      hosts: config.host,
      port: config.smppPort,
      retryCallbacks(domain) {
        const waiting = { ...everyDelivery, carriage: 'callback' as const, domain };
        core.delivery?.queue
          .actOnAll(waiting, 'retry', { reason: null })
          .catch((error: unknown) => log.warn(`calls to ${domain} wait: ${messageOf(error)}`));
      },
      baseUrl: () => status.url,
      ca: readFileSync(ca.caFile, 'utf8'),
      onProblem: (text) => log.warn(text),
    });
    closers.push(() => sms.close(smtpGraceMs));
    bus.subscribe((events) => {
      for (const { type, data } of events)
        if (type === 'deleted' && Array.isArray(data.ids)) sms.carriers.messagesDeleted(data.ids.map(String));
    });
    const submissionRules = {
      ...doorRules,
      questions: () => rules.desk.questions('door', 'push'),
      smsQuestions: () => rules.desk.questions('door', 'sms'),
      inAppQuestions: () => rules.desk.questions('door', 'inapp'),
      clock,
      virtualNowMs: () => virtual.nowMs(),
      hostname: config.hostname,
      messageBytesMax: config.messageBytesMax,
    };
    const delivers = (): boolean => config.deliver && deliveryCore().queue.settings().deliver;
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
      rules: submissionRules,
      onProblem: (text) => log.warn(text),
    });
    closers.push(() => inApp.close());
    const inAppLive = openInAppRealtime({
      room: inApp.room,
      settings: () => inApp.settings.door(),
      onSettings: (run) => inApp.settings.onChange(run),
      clock,
      random: Math.random,
      providers,
      rules: ruledLines(inApp.ask),
      onProblem: (text) => log.warn(text),
    });
    const inAppPages = openInAppPages(builtFolder('client'));
    const providerPorts = await providers.open(
      {
        ...push.routes,
        routes: [...push.routes.routes, ...sms.routes, withPages(inAppLive.route(inApp.route), inAppPages)],
      },
      push.otherHosts,
    );
    const oneChannel = createSubmissions({
      store,
      intake,
      domains: names.domains,
      mail,
      virtual,
      wallMs: () => clock.wallMs(),
      newId,
      baseUrl: () => status.url,
      messageBytesMax: config.messageBytesMax,
      delivers,
      lifetimeMs: () => deliveryCore().queue.settings().lifetimeMs,
      devices: {
        phone: (id) => phones.get(id),
        phonesOf: (user) => phones.phonesOf(user),
      },
      handsets: { handsetsOf: (user) => sms.carriers.handsets.of(user) },
      rules: submissionRules,
      prepareInApp: inApp.prepare,
      onProblem: (text) => log.warn(text),
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
      handsets: sms.carriers.handsets,
      unsubscribeUrl: (user, topic) => people.unsubscribeUrl({ user, topic }),
      submissions: oneChannel,
      limits: { messageBytesMax: config.messageBytesMax, recipientsMax: config.recipientsMax },
      delivers,
      lifetimeMs: () => deliveryCore().queue.settings().lifetimeMs,
      wake: () => deliveryCore().engine.wake(),
      onProblem: (text) => log.warn(text),
    });
    closers.push(() => multi.close());
    const delivery = await openDeliveryCore({
      store,
      bus,
      clock,
      virtual,
      seal,
      load,
      newId,
      fetch: callbackFetch,
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
      providerOf: providerOfDomain,
      rules: {
        desk: rules.desk,
        headOf: (messageId) => headOf(store, messageId),
        contentOf: storedContent,
        pushOf: (messageId) => push.ruleFactsOf(messageId),
        smsOf: (messageId) => sms.ruleFactsOf(messageId),
      },
      onProblem: (text) => log.warn(text),
    });
    core.delivery = delivery;
    await rules.putBackWorld();
    // What was due when Sandpost last stopped, or came due since.
    delivery.engine.wake();
    // Nobody waits for it: what it cannot do it says.
    void sms.begin();
    if (config.deliver) {
      const cancelWarming = clock.after(warmAfterMs, () => {
        mailThread.warm();
        mail.providers.warm();
      });
      closers.push(cancelWarming);
    }
    closers.push(() => delivery.close());
    // Its end puts back what it changed of the delivery core.
    closers.push(() => rules.close());
    if (config.scenario !== undefined) {
      const scenario = readScenario(scenarioFile(config.scenario));
      await rules.startScenario(scenario, null);
      log.info(`the scenario “${scenario.name}” is on: ${scenario.rules.length} rules`);
    }

    const doors = await openSmtpDoors(
      {
        hosts: config.host,
        ports: openPorts({
          smtp: config.smtpPort,
          submission: config.submissionPort,
          smtps: config.smtpsPort,
        }),
        starttlsOnPlain: config.smtpStarttls,
        auth: config.smtpAuth,
        credentials: credentialsOf(config.smtpCredentials),
        hostname: config.hostname,
        messageBytesMax: config.messageBytesMax,
        recipientsMax: config.recipientsMax,
        connectionsMax: config.connectionsMax,
        idleMsMax: config.idleMsMax,
        certificate: ca.server,
      },
      {
        store,
        intake,
        clock,
        newId,
        plan: (received) => mail.plan(received),
        rules: doorRules,
        onProblem: (text) => log.warn(text),
      },
    );
    closers.push(() => doors.close(smtpGraceMs));

    const startedAt = new Date(clock.wallMs()).toISOString();
    const shownHost = clientHost(config.host);
    const token =
      config.token ?? (config.host.every(isLoopback) ? null : randomBytes(18).toString('base64url'));
    const base: Omit<Status, 'url' | 'ports'> = {
      version,
      dataDir: folder.path,
      caFile: ca.caFile,
      startedAt,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      host: shownHost,
      mode: 'sandbox',
      limits: { messageBytesMax: config.messageBytesMax, recipientsMax: config.recipientsMax },
    };
    const openedPorts = {
      ...doors.ports,
      ...names.ports,
      ...(mail.mxPort === null ? {} : { mx: mail.mxPort }),
      ...providerPorts,
      ...(sms.smppPort === null ? {} : { smpp: sms.smppPort }),
    };
    Object.assign(ownPorts, openedPorts);
    let status: Status = { ...base, url: '', ports: openedPorts };
    const services: Services = {
      store,
      bus,
      clock,
      intake,
      viewer,
      newId,
      queue: {
        ...delivery.queue,
        async change(next) {
          const changed = await delivery.queue.change(next);
          names.domains.setOptions({ strict: isStrict(changed.strictDomains), relayInclude: null });
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
      submissions: { ...oneChannel, submitMulti: multi.submit },
      rules,
      scenarios,
      holding: {
        get: () => holdingOf(rules.holding()),
        set: async (next) => holdingOf(await rules.hold(next)),
      },
      dryRun: (request) =>
        dryRun(
          {
            desk: rules.desk,
            store,
            virtual,
            providerOf: providerOfDomain,
            headOf: (messageId) => headOf(store, messageId),
            read: (source, set) => bodyContent(ruleReader, source, set).catch(() => null),
          },
          request,
        ),
      idempotency: {
        find: (key) => store.answerOf(key),
      },
      time: delivery.time,
      webhooks: delivery.webhooks,
      domains: names.domains,
      status: () => status,
      settings: {
        ...settings,
        async change(next) {
          const changed = await settings.change(next);
          intake.setPolicy(policyOf(changed));
          return changed;
        },
      },
      sendTest: (door) => sendTest(door, shownHost, status),
      fetchRemote: (urls) => fetchRemote(urls, ports.fetch, (text) => log.warn(text)),
      onProblem: (text) => log.warn(text),
    };
    let url = '';
    if (config.httpPort !== 'off') {
      const http = await openHttpDoor(
        {
          hosts: config.host,
          port: config.httpPort,
          allowHosts: config.allowHost,
          allowOrigins: config.allowOrigin,
          token,
          basePath: config.basePath,
          version,
          screenFolder: builtFolder('renderer'),
          inAppPages,
        },
        services,
      );
      closers.push(() => http.close());
      url = `http://${urlHost(shownHost)}:${http.port}${config.basePath}`;
      status = { ...status, url, ports: { ...openedPorts, http: http.port } };
      ownPorts.http = http.port;
    }
    multi.begin();
    // Clients are told before their connections close.
    closers.push(() => inAppLive.close());
    folder.announce({ pid: process.pid, url, version, token, ports: status.ports });
    return {
      url,
      dataDir: folder.path,
      caFile: ca.caFile,
      token,
      ports: status.ports,
      caughtUp: () => indexer.caughtUp(),
      submissions: services.submissions,
      people,
      waiting: () => store.counts().queued + store.counts().deferred,
      settled: () => delivery.settle(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function holdingOf({ everything, domains, sinceMs }: Holding) {
  return { everything, domains: [...domains], since: isoOrNull(sinceMs) };
}

/** `*` is for all: then the proxy is a tunnel to wherever it is asked for. */
function otherHosts(allowed: readonly string[]): OtherHosts {
  if (allowed.includes('*')) return 'tunnel';
  return allowed.length === 0 ? 'refuse' : { list: allowed };
}

function scenarioFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('bad_configuration', `--scenario ${path}: it cannot be read: ${messageOf(error)}`);
  }
}

function openPorts(
  ports: Readonly<Record<SmtpDoorKey, number | 'off'>>,
): Partial<Record<SmtpDoorKey, number>> {
  const open: Partial<Record<SmtpDoorKey, number>> = {};
  for (const door of ['smtp', 'submission', 'smtps'] as const) {
    const port = ports[door];
    if (port !== 'off') open[door] = port;
  }
  return open;
}

function credentialsOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const colon = pair.indexOf(':');
      if (colon < 1) throw new AppError('bad_configuration', '--smtp-credentials takes USER:PASSWORD');
      return [pair.slice(0, colon), pair.slice(colon + 1)];
    }),
  );
}

function settingsService(
  config: Config,
  store: Store,
  kept: Readonly<Record<string, unknown>>,
): SettingsService {
  let current = settingsFrom(config, kept);
  return {
    current: () => current,
    retention: () => current.retention,
    async change(next) {
      await store.saveSetting('settings', next);
      current = next;
      return next;
    },
  };
}

function policyOf({ projects }: Settings): ProjectPolicy {
  return {
    rules: projects.rules,
    fromUserName: projects.fromUserName,
    header: projects.header,
    onTheFly: projects.onTheFly,
  };
}

/** Retention, a small step at a time; after a step that found something the next one comes at once. */
function keepPruned(store: Store, settings: SettingsService, clock: Clock, log: Log): () => Promise<void> {
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let cancel: () => void = () => undefined;
  const later = (): void => {
    cancel = clock.after(pruneEveryMs, () => {
      running = step();
    });
  };
  async function step(): Promise<void> {
    try {
      while (!closed && (await store.prune(settings.retention(), clock.wallMs())));
    } catch (error) {
      log.warn(`old messages could not be removed: ${messageOf(error)}`);
    }
    if (!closed) later();
  }
  later();
  return async () => {
    closed = true;
    cancel();
    await running;
  };
}

async function sendTest(door: string, host: string, status: Status): Promise<void> {
  const port = status.ports[door];
  if (port === undefined) throw new AppError('not_found', `The door ${door} is closed.`);
  // Only here: loading it at the start would make every start wait for it.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host,
    port,
    secure: door === 'smtps',
    requireTLS: door === 'submission',
    ignoreTLS: door === 'smtp',
    // To our own door, whose certificate is ours.
    tls: { rejectUnauthorized: false },
  });
  try {
    await transport.sendMail({
      from: { name: 'Sandpost', address: 'hello@sandpost.example' },
      to: 'you@example.com',
      subject: `A test message through the door ${door}`,
      text: `This message went by SMTP to ${host}:${port}.\n\nYour app's messages will show up beside it.\n`,
      html: `<p>This message went by SMTP to <b>${host}:${port}</b>.</p><p>Your app's messages will show up beside it.</p>`,
    });
  } finally {
    transport.close();
  }
}

function isLoopback(host: string): boolean {
  return host === '::1' || host === 'localhost' || /^127\./.test(host);
}

/** The address a client on this machine uses. */
function clientHost(hosts: readonly string[]): string {
  const [first = '127.0.0.1'] = hosts;
  return first === '0.0.0.0' || first === '::' || first === '' ? '127.0.0.1' : first;
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function builtFolder(name: 'renderer' | 'client'): string {
  const root = import.meta.url.endsWith('.ts') ? '../out' : '..';
  return join(fileURLToPath(new URL('.', import.meta.url)), root, name);
}
