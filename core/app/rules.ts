/** Wires the rules: what they may change, what they are asked by the doors, scenarios, and the dry run. */
import { readFileSync } from 'node:fs';
import { isoOrNull } from '../api/iso-time.ts';
import type { HoldingService } from '../api/services.ts';
import type { EndOfDataPorts, UnstoredMessage } from '../channels/email/end-of-data.ts';
import { bodyContent } from '../inspect/content-facts.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import { seededRandom } from '../model/chance.ts';
import { type ProviderKey, providerOf } from '../model/mail-provider.ts';
import type { ContentFacts } from '../rules/decision.ts';
import { type DryRunFor, type DryRunRequest, dryRun } from '../rules/dry-run.ts';
import { exampleScenarios } from '../rules/examples/index.ts';
import type { Holding } from '../rules/holding.ts';
import { openRules, type RulesRoom } from '../rules/room.ts';
import { readScenario } from '../rules/scenario.ts';
import { openScenarios, type ScenariosRoom } from '../rules/scenarios.ts';
import type { DeliveryCore } from './delivery.ts';
import type { Ground } from './ground.ts';
import type { InAppPorts } from './inapp.ts';
import type { Late } from './late.ts';
import type { Reading } from './reading.ts';
import type { Rooms } from './rooms.ts';
import { headOf } from './rule-reading.ts';
import type { SubmissionsPorts } from './submissions.ts';

export interface RuleRoom {
  readonly rules: RulesRoom;
  readonly scenarios: ScenariosRoom;
  readonly holding: HoldingService;
  /** Drawn from the seed of the settings: the same in every run. */
  readonly random: () => number;
  /** Whose mailboxes a domain's are. */
  providerOf(domain: string): ProviderKey;
  /** What rules may ask of a message that is stored, or of bytes that are not yet. */
  storedContent(messageId: string): Promise<ContentFacts>;
  bytesContent(bytes: Uint8Array): Promise<ContentFacts>;
  headOf(messageId: string): Promise<string | null>;
  /** What the doors that take mail ask. */
  readonly doors: EndOfDataPorts;
  /** What the send API asks, and the in-app door. */
  readonly submissions: NonNullable<SubmissionsPorts['rules']> & InAppPorts['rules'];
  dryRun(request: DryRunRequest): Promise<readonly DryRunFor[]>;
  /** What the start names. @throws AppError `bad_configuration` */
  startScenarioFile(path: string): Promise<void>;
}

export async function openRuleRoom(
  ground: Pick<Ground, 'config' | 'store' | 'clock' | 'newId' | 'onInfo' | 'onProblem'>,
  { ruleReader }: Pick<Reading, 'ruleReader'>,
  { names, virtual }: Pick<Rooms, 'names' | 'virtual'>,
  delivery: Late<DeliveryCore>,
  seed: number,
): Promise<RuleRoom> {
  const { config, store, clock, newId, onInfo, onProblem } = ground;
  const chance = seededRandom(seed);
  const rules = await openRules({
    store,
    clock,
    virtual,
    newId,
    world: {
      speed: () => virtual.time().speed,
      async setSpeed(speed) {
        await delivery.get().time.change({ kind: 'speed', speed });
      },
      seed: () => delivery.get().queue.settings().seed,
      async setSeed(next) {
        const { queue } = delivery.get();
        await queue.change({ ...queue.settings(), seed: next });
        chance.reseed(next);
      },
    },
    onProblem,
  });
  const scenarios = await openScenarios({ store, rules, examples: exampleScenarios(), onProblem });
  const { desk } = rules;
  const providerOfDomain = (domain: string): ProviderKey =>
    providerOf(domain, (name) => names.domains.owner(name) !== null).key;
  const head = (messageId: string): Promise<string | null> => headOf(store, messageId);
  const doors = {
    desk,
    providerOf: providerOfDomain,
    contentOf: (message: UnstoredMessage) => bodyContent(ruleReader, message, desk.set),
    onProblem,
  };
  return {
    rules,
    scenarios,
    holding: {
      get: () => holdingOf(rules.holding()),
      set: async (next) => holdingOf(await rules.hold(next)),
    },
    random: () => chance.next(),
    providerOf: providerOfDomain,
    storedContent: (messageId) => bodyContent(ruleReader, { messageId }, desk.set),
    bytesContent: (bytes) => bodyContent(ruleReader, { spooled: [], tail: bytes }, desk.set),
    headOf: head,
    doors,
    submissions: {
      ...doors,
      questions: () => desk.questions('door', 'push'),
      smsQuestions: () => desk.questions('door', 'sms'),
      inAppQuestions: () => desk.questions('door', 'inapp'),
      clock,
      virtualNowMs: () => virtual.nowMs(),
      hostname: config.hostname,
      messageBytesMax: config.messageBytesMax,
    },
    dryRun: (request) =>
      dryRun(
        {
          desk,
          store,
          virtual,
          providerOf: providerOfDomain,
          headOf: head,
          read: (source, set) => bodyContent(ruleReader, source, set).catch(() => null),
        },
        request,
      ),
    async startScenarioFile(path) {
      const scenario = readScenario(scenarioFile(path));
      await rules.startScenario(scenario, null);
      onInfo(`the scenario “${scenario.name}” is on: ${scenario.rules.length} rules`);
    },
  };
}

function holdingOf({ everything, domains, sinceMs }: Holding) {
  return { everything, domains: [...domains], since: isoOrNull(sinceMs) };
}

function scenarioFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('bad_configuration', `--scenario ${path}: it cannot be read: ${messageOf(error)}`);
  }
}
