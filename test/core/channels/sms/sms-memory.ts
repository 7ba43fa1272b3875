/**
 * What the worlds of the SMS providers' doors share: what is accepted is kept in memory, whoever has a number or sends by one
 * is known, and the door is on a real listener. What becomes of a message is each world's own.
 */
import { onTestFinished } from 'vitest';
import type { SmsDoorPorts, SmsRoom } from '../../../../core/channels/sms/room.ts';
import type { Clock } from '../../../../core/clock.ts';
import type { AcceptedSms, SmsFarSide, SmsVoice } from '../../../../core/delivery/sms-far-side.ts';
import type { Handover } from '../../../../core/intake/intake.ts';
import type { Handset, SmsSender } from '../../../../core/model/handset.ts';
import type { KeptSms } from '../../../../core/model/message.ts';
import type { PhoneNumber } from '../../../../core/model/phone-number.ts';
import type { NewSms, SmsCause, SmsChange, SmsRow, SmsState, SmsStep } from '../../../../core/model/sms.ts';
import { Desk } from '../../../../core/rules/desk.ts';
import { readRules } from '../../../../core/rules/read-rules.ts';
import type { RuleInput } from '../../../../core/rules/schema.ts';
import type { SmsFilter } from '../../../../core/store/store.ts';
import { startDoors, type TestDoors } from '../../doors/http/doors.ts';

/** As long as carriers try: 72 hours. */
const carriersTryMs = 259_200_000;

export interface SmsMemory {
  /** Oldest first. */
  readonly rows: SmsRow[];
  readonly accepted: Handover[];
  /** What every write fails with; null: none does. */
  storeError: Error | null;
  readonly intake: SmsDoorPorts['intake'];
  readonly store: SmsDoorPorts['store'];
  put(sms: NewSms): SmsRow;
  row(id: string): SmsRow | null;
  /** @returns it as it is then */
  change(change: Omit<SmsChange, 'nowMs'>): SmsRow;
  drop(id: string): void;
}

export function smsMemory(): SmsMemory {
  const documents = new Map<string, unknown>();
  let lastSeq = 0;
  const keepDocument = (kind: string, key: string, value: unknown): void => {
    if (value === null) documents.delete(`${kind} ${key}`);
    else documents.set(`${kind} ${key}`, value);
  };
  const written = (write: () => void): Promise<void> => {
    if (memory.storeError !== null) return Promise.reject(memory.storeError);
    write();
    return Promise.resolve();
  };
  const keep = ({ puts, changes, documents: kept = [] }: KeptSms): void => {
    puts.forEach(memory.put);
    changes.forEach(memory.change);
    for (const { kind, key, value } of kept) keepDocument(kind, key, value);
  };
  const memory: SmsMemory = {
    rows: [],
    accepted: [],
    storeError: null,
    put(sms) {
      const row = { ...sms, seq: ++lastSeq };
      memory.rows.push(row);
      return row;
    },
    row: (id) => memory.rows.find((one) => one.id === id) ?? null,
    change({ id, steps = [], record, text, media, expiresAtMs }) {
      const at = memory.rows.findIndex((one) => one.id === id);
      const row = memory.rows[at];
      if (row === undefined) throw new Error(`there is no SMS ${id}`);
      const changed: SmsRow = {
        ...row,
        steps: [...row.steps, ...steps],
        record: { ...row.record, ...record },
        text: text ?? row.text,
        media: media ?? row.media,
        expiresAtMs: expiresAtMs ?? row.expiresAtMs,
      };
      memory.rows[at] = changed;
      return changed;
    },
    drop(id) {
      const at = memory.rows.findIndex((one) => one.id === id);
      if (at >= 0) memory.rows.splice(at, 1);
    },
    intake: {
      async accept(handover) {
        await written(() => {
          if (handover.sms != null) keep(handover.sms);
          memory.accepted.push(handover);
        });
        return handover.id ?? '';
      },
    },
    store: {
      keepSms: (kept) => written(() => keep(kept)),
      sms: (id) => Promise.resolve(memory.row(id)),
      smsOf: (provider, providerId) =>
        Promise.resolve(
          memory.rows.findLast((row) => row.provider === provider && row.providerId === providerId) ?? null,
        ),
      smses(filter, { after, limit }) {
        const found = memory.rows.filter((row) => fits(row, filter)).toReversed();
        const rest = after === null ? found : found.filter(({ seq }) => seq < after);
        const entries = rest.slice(0, limit);
        const next = rest.length > limit ? (entries.at(-1)?.seq ?? null) : null;
        return Promise.resolve({ entries, next, total: found.length });
      },
      smsThreads: () => Promise.resolve([]),
      documents: (kind) =>
        Promise.resolve(
          [...documents].flatMap(([key, value]) =>
            key.startsWith(`${kind} `) ? [{ key: key.slice(kind.length + 1), value }] : [],
          ),
        ),
      saveDocument: (kind, key, value) => written(() => keepDocument(kind, key, value)),
      deleteDocument: (kind, key) => written(() => keepDocument(kind, key, null)),
    },
  };
  return memory;
}

function fits(row: SmsRow, filter: SmsFilter): boolean {
  return (
    (filter.provider === undefined || row.provider === filter.provider) &&
    (filter.account === undefined || row.account === filter.account) &&
    (filter.batchId === undefined || row.batchId === filter.batchId) &&
    (filter.number === undefined || row.number === filter.number) &&
    (filter.sender === undefined || row.sender === filter.sender) &&
    (filter.direction === undefined || row.direction === filter.direction) &&
    (filter.fromMs === undefined || row.receivedAtMs >= filter.fromMs) &&
    (filter.untilMs === undefined || row.receivedAtMs < filter.untilMs)
  );
}

/** What all of these carriers do alike: they take any number, know the senders that a test names, and change what is kept. */
export function carriersOn(
  memory: SmsMemory,
  senders: ReadonlyMap<string, SmsSender>,
): Pick<SmsFarSide, 'prepare' | 'handset' | 'sender' | 'settled' | 'redact' | 'forget'> {
  return {
    prepare: () => undefined,
    handset: handsetOf,
    sender: (_, sender) => senders.get(sender) ?? null,
    settled: () => undefined,
    redact: ({ id }) => Promise.resolve(memory.change({ id, text: '' })),
    forget: ({ id }) => Promise.resolve(memory.drop(id)),
  };
}

function handsetOf({ e164, country, line }: PhoneNumber): Handset {
  return {
    number: e164,
    name: e164,
    user: null,
    country,
    line,
    carrier: { name: 'Alder Mobile', network: '00101' },
    portedFrom: null,
    online: true,
    offlineUntilMs: null,
    blocked: false,
    unreachable: false,
    optOuts: [],
    onTheFly: true,
    createdAtMs: 0,
  };
}

/** A sender as it is made on the fly, but for what is said of it. */
export function senderOf(
  provider: SmsSender['provider'],
  sender: string,
  about: Partial<SmsSender> = {},
): SmsSender {
  return {
    sender,
    provider,
    account: null,
    countries: ['*'],
    service: null,
    inboundUrl: null,
    inboundMethod: 'POST',
    statusUrl: null,
    onTheFly: true,
    ...about,
  };
}

/** What was accepted, as carriers write it down; nothing has become of it. */
export function smsOf(accepted: AcceptedSms, price: NewSms['price'], nowMs: number): NewSms {
  const { sendAtMs, validityMs, after: _, refusal: __, ...rest } = accepted;
  const expiresAtMs = (sendAtMs ?? nowMs) + (validityMs ?? carriersTryMs);
  return { ...rest, direction: 'mt', price, receivedAtMs: nowMs, expiresAtMs, steps: [] };
}

/** What the owner of a handset wrote. */
export function answerOf(
  voice: SmsVoice,
  about: Pick<NewSms, 'id' | 'account' | 'number' | 'sender' | 'text'> & Partial<NewSms>,
  nowMs: number,
): NewSms {
  const base = { direction: 'mo', record: {}, media: [], ...about } as const;
  return {
    provider: voice.provider,
    providerId: voice.newProviderId(),
    batchId: null,
    service: null,
    messageId: null,
    deliveryId: null,
    own: false,
    encoding: 'GSM-7',
    parts: 1,
    price: null,
    receivedAtMs: nowMs,
    expiresAtMs: nowMs,
    steps: [stepOf(voice, base, 'received', null, nowMs)],
    ...base,
  };
}

export function stepOf(
  voice: SmsVoice,
  sms: Parameters<SmsVoice['say']>[0],
  state: SmsState,
  cause: SmsCause | null,
  atMs: number,
): SmsStep {
  return { state, atMs, cause, reason: null, ...voice.say(sms, state, cause) };
}

/** Real rules, none at first. */
export function ruleDesk(
  clock: Clock,
  virtualMs: () => number,
): { readonly desk: Desk; rules(...rules: readonly RuleInput[]): void } {
  const hit = (): void => undefined;
  const desk = new Desk(
    { wallMs: () => clock.wallMs(), virtualMs, monotonicMs: () => clock.monotonicMs(), hit },
    { rules: [], magic: true, seed: 1 },
  );
  return { desk, rules: (...given) => desk.replace({ rules: readRules(given), magic: true, seed: 1 }) };
}

/** @returns where the provider is, with its prefix */
export async function openDoor(
  room: SmsRoom,
  ports: SmsDoorPorts,
): Promise<{ readonly url: string; readonly doors: TestDoors }> {
  const doors = await startDoors({ routes: room.routes(ports) });
  onTestFinished(() => doors.close());
  return { url: `http://127.0.0.1:${doors.ports.providers}/${room.provider}`, doors };
}
