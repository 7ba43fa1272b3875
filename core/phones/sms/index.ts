/** Carriers and handsets: what is on them, what waits for them, and acting as their owners. */
import type { SmsFarSide } from '../../delivery/sms-far-side.ts';
import type { Act } from '../../model/delivery.ts';
import { createFarSide } from './far-side.ts';
import { createHandsetService, type HandsetService } from './handsets.ts';
import { loadCarriers } from './load.ts';
import { createMemory } from './memory.ts';
import { carrierActs, performAct } from './perform-act.ts';
import type { CarrierPorts } from './ports.ts';
import { createReplies, type ReplyService } from './replies.ts';
import { createSettingsService, type SmsSettingsService } from './settings-service.ts';

export interface Carriers {
  readonly farSide: SmsFarSide;
  readonly handsets: HandsetService;
  readonly replies: ReplyService;
  readonly settings: SmsSettingsService;
  performs(kind: string): boolean;
  perform(act: Act): Promise<void>;
  /** Messages were deleted, and with them what waits of them. */
  messagesDeleted(ids: readonly string[]): void;
  /** Settles when nothing that nobody waits for is under way. */
  idle(): Promise<void>;
}

/** @throws AppError where what is kept cannot be read */
export async function openCarriers(ports: CarrierPorts): Promise<Carriers> {
  const memory = createMemory(ports);
  await loadCarriers(memory);
  const settings = createSettingsService(memory);
  return {
    farSide: {
      ...createFarSide(memory),
      // What an app sets up through its provider's interface is the same as what a person sets up here.
      async putSender(sender) {
        await settings.saveSender(sender);
      },
      async dropSender(provider, sender) {
        if (memory.senders.kept(provider, sender) !== null) await settings.removeSender(provider, sender);
      },
      senders: (provider, account) =>
        settings
          .senders()
          .filter((one) => one.provider === provider && (one.account === null || one.account === account))
          .sort((a, b) => (a.sender < b.sender ? -1 : 1)),
    },
    handsets: createHandsetService(memory),
    replies: createReplies(memory),
    settings,
    performs: (kind) => carrierActs.includes(kind),
    perform: (act) => performAct(memory, act),
    messagesDeleted(ids) {
      if (memory.waiting.size === 0) return;
      for (const waiting of memory.waiting.ofMessages(new Set(ids))) {
        waiting.never = true;
        memory.waiting.remove(waiting);
        memory.batches.drop(waiting.sms);
      }
    },
    idle: () => memory.background.idle(),
  };
}
