/** The SMTP doors on a real store, with a desk whose answers a test writes down. */
import { randomFillSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createBus } from '../../../../core/bus.ts';
import type { EndOfDataPorts } from '../../../../core/channels/email/end-of-data.ts';
import { openSmtpDoors, type SmtpDoorKey, type SmtpDoors } from '../../../../core/channels/email/endpoint.ts';
import { systemClock } from '../../../../core/clock.ts';
import { planDeliveries } from '../../../../core/delivery/plan.ts';
import { openLocalCa } from '../../../../core/doors/tls/local-ca.ts';
import { bodyContent } from '../../../../core/inspect/content-facts.ts';
import { InspectThread } from '../../../../core/inspect/inspect-thread.ts';
import { createIntake } from '../../../../core/intake/intake.ts';
import { headerBlock } from '../../../../core/model/header-block.ts';
import { providerOf } from '../../../../core/model/mail-provider.ts';
import type { ExchangeRow, MessageRow } from '../../../../core/model/message.ts';
import { noDetails } from '../../../../core/model/message-details.ts';
import { tagsOf } from '../../../../core/model/message-tags.ts';
import { idMaker } from '../../../../core/model/new-id.ts';
import { type Decision, type Facts, noOrders, type RuleDesk } from '../../../../core/rules/decision.ts';
import type { Action, Point } from '../../../../core/rules/schema.ts';
import { openSqliteStore } from '../../../../core/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../../core/store/store.ts';
import { type FakeClock, fakeClock } from '../../../fake-clock.ts';
import { openSmtp, openSmtps, type SmtpClient } from '../../../smtp-client.ts';

/** One line of a test's script: at this point, for whom it is met, this is done. */
export interface Scripted {
  readonly point: Point;
  readonly action: Action;
  readonly when?: (facts: Facts) => boolean;
  readonly label?: string;
  readonly magic?: boolean;
  readonly chance?: number;
}

export interface ScriptedDesk extends RuleDesk {
  /** In force from the next question on. */
  script: readonly Scripted[];
  asksContent: boolean;
  readonly asked: { readonly point: Point; readonly facts: Facts }[];
}

export function scriptedDesk(...script: readonly Scripted[]): ScriptedDesk {
  const met = (one: Scripted, facts: Facts): boolean => one.when?.(facts) ?? true;
  const desk: ScriptedDesk = {
    script,
    asksContent: false,
    asked: [],
    decide(_stage, point, facts) {
      desk.asked.push({ point, facts });
      return desk.script
        .filter((one) => one.point === point && met(one, facts))
        .map(
          ({ action, label, magic, chance }): Decision => ({
            cause: { ruleId: magic === true ? null : 'rule-1', label: label ?? 'test' },
            action,
            point,
            chance: chance ?? 0,
          }),
        );
    },
    orders: () => noOrders,
    endKey: (_stage, facts) =>
      desk.script
        .filter(({ point }) => ['data', 'midData', 'endOfData'].includes(point))
        .map((one) => (met(one, facts) ? '1' : '0'))
        .join(''),
    needs: () => ({ headers: true, content: desk.asksContent }),
    asks: (_stage, point) => desk.script.some((one) => one.point === point),
  };
  return desk;
}

export interface DoorWorld {
  readonly desk: ScriptedDesk;
  readonly store: Store;
  readonly doors: SmtpDoors;
  readonly clock: FakeClock;
  readonly problems: readonly string[];
  readonly ca: string;
  port(door: SmtpDoorKey): number;
  /** Greeted and welcomed. */
  smtp(door?: 'smtp' | 'submission'): Promise<SmtpClient>;
  /** Not greeted yet. */
  connect(door?: 'smtp' | 'submission'): Promise<SmtpClient>;
  smtps(): Promise<SmtpClient>;
  /** The next exchange that ended. */
  exchange(): Promise<ExchangeRow & { readonly transcript: string }>;
  messages(): Promise<readonly MessageRow[]>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly deliver?: boolean;
  readonly idleMsMax?: number;
  /** Of the doors; else one that stands still. */
  readonly realTime?: boolean;
  readonly contentMsMax?: number;
  readonly messageBytesMax?: number;
  readonly contentOf?: EndOfDataPorts['contentOf'];
}

/** Keys take a moment to make: one authority for all tests of a file. */
let made: Promise<{
  readonly server: { readonly key: string; readonly cert: string };
  readonly authority: string;
}> | null = null;
function theCa() {
  made ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandpost-ca-'));
    const { server, caFile } = await openLocalCa(folder, [], Date.now());
    const authority = readFileSync(caFile, 'utf8');
    rmSync(folder, { recursive: true, force: true });
    return { server, authority };
  })();
  return made;
}

const virtualMs = Date.UTC(2026, 0, 31, 12);
export const lifetimeMs = 48 * 3_600_000;

export async function openDoorWorld(desk: ScriptedDesk, options: WorldOptions = {}): Promise<DoorWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'sandpost-door-'));
  const file = join(folder, 'sandpost.db');
  const clock = fakeClock();
  const problems: string[] = [];
  const newId = idMaker((block) => randomFillSync(block));
  const ended: string[] = [];
  const seen = new Set<string>();
  let heard: () => void = () => undefined;
  const bus = createBus((error) => {
    throw error;
  });
  const store = await openSqliteStore({
    file,
    durability: 'off',
    bus,
    clock: systemClock,
    onNotice: (text) => problems.push(text),
    onFatal: (text) => problems.push(text),
  });
  const ca = await theCa();
  const thread = new InspectThread(file, systemClock, {
    silenceMsMax: options.contentMsMax ?? 20_000,
    idleMsMax: 20_000,
  });
  const onProblem = (text: string): void => {
    problems.push(text);
  };
  const intake = createIntake({ store, clock: systemClock, newId, onProblem }, [], {
    rules: [],
    fromUserName: false,
    header: null,
    onTheFly: true,
  });
  bus.subscribe((events) => {
    for (const { type, exchangeId } of events) {
      if (type !== 'exchange' || exchangeId === null || seen.has(exchangeId)) continue;
      seen.add(exchangeId);
      ended.push(exchangeId);
      heard();
    }
  });
  const doors = await openSmtpDoors(
    {
      hosts: ['127.0.0.1'],
      ports: { smtp: 0, submission: 0, smtps: 0 },
      starttlsOnPlain: 'off',
      auth: 'optional',
      credentials: new Map(),
      hostname: 'mx.test',
      messageBytesMax: options.messageBytesMax ?? 10_000_000,
      recipientsMax: 100,
      connectionsMax: 20,
      idleMsMax: options.idleMsMax ?? 60_000,
      certificate: ca.server,
    },
    {
      store,
      intake,
      clock: options.realTime === true ? systemClock : clock,
      newId,
      plan(received) {
        const tags = tagsOf(headerBlock(received.content.head));
        if (options.deliver === false) return { delivery: null, details: noDetails, tags };
        return {
          delivery: planDeliveries({
            recipients: received.envelope.to,
            parameters: received.envelope.parameters,
            stream: 'transactional',
            nowMs: virtualMs,
            sendAtMs: null,
            lifetimeMs,
            newId,
            providerOf: (domain) => providerOf(domain, () => false).key,
          }),
          details: noDetails,
          tags,
        };
      },
      rules: {
        desk,
        providerOf: (domain) => providerOf(domain, () => false).key,
        contentOf: options.contentOf ?? ((message) => bodyContent(thread, message)),
        onProblem,
      },
      onProblem,
    },
  );
  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    const closed = doors.close(0);
    clock.advance(0);
    await closed;
    await thread.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const world: DoorWorld = {
    desk,
    store,
    doors,
    clock,
    problems,
    ca: ca.authority,
    port(door) {
      const port = doors.ports[door];
      if (port === undefined) throw new Error(`the door ${door} is closed`);
      return port;
    },
    connect: (door = 'smtp') => openSmtp(world.port(door)),
    async smtp(door = 'smtp') {
      const client = await world.connect(door);
      await client.reply();
      await client.say('EHLO client.example');
      return client;
    },
    smtps: () => openSmtps(world.port('smtps'), world.ca),
    async exchange() {
      if (ended.length === 0)
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      const found = await store.exchange(ended.shift() ?? '', null);
      if (found === null) throw new Error('the exchange is not there');
      return { ...found.row, transcript: found.segments.map(({ text }) => text).join('') };
    },
    async messages() {
      const { entries } = await store.messages({ query: [], project: null }, { after: null, limit: 100 });
      return entries;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
  onTestFinished(() => world.close());
  return world;
}
