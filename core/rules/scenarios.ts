/** The scenarios that are known: those that come with Sandpost, and those that were saved. */
import { AppError } from '../model/app-error.ts';
import type { Store } from '../store/store.ts';
import type { RulesRoom } from './room.ts';
import { readScenario, type Scenario, writeScenario } from './scenario.ts';

export interface KnownScenario {
  readonly id: string;
  readonly scenario: Scenario;
  readonly example: boolean;
}

export interface ScenariosRoom {
  list(): readonly KnownScenario[];
  /** The file, as it was handed in where it was. @throws AppError `not_found` */
  file(id: string): string;
  /** Saves one under its name, in place of one of the same. @throws AppError `invalid_scenario`, `not_possible` */
  save(text: string): Promise<KnownScenario>;
  /** Saves what is in force. */
  saveCurrent(name: string, description: string): Promise<KnownScenario>;
  remove(id: string): Promise<void>;
  start(id: string): Promise<void>;
  stop(): Promise<void>;
}

const documentKind = 'scenario';
const scenariosMax = 200;

interface Saved {
  readonly scenario: Scenario;
  readonly text: string;
}

export async function openScenarios(ports: {
  readonly store: Pick<Store, 'documents' | 'saveDocument' | 'deleteDocument'>;
  readonly rules: RulesRoom;
  readonly examples: readonly Scenario[];
  readonly onProblem: (text: string) => void;
}): Promise<ScenariosRoom> {
  const { store, rules } = ports;
  const examples = new Map(ports.examples.map((scenario) => [idOf(scenario.name), scenario]));
  const saved = new Map<string, Saved>();
  for (const { key, value } of await store.documents(documentKind)) {
    try {
      const text = typeof value === 'object' && value !== null && 'text' in value ? String(value.text) : '';
      saved.set(key, { scenario: readScenario(text), text });
    } catch (error) {
      ports.onProblem(`the scenario ${key} cannot be read any more: ${String(error)}`);
    }
  }

  function find(id: string): KnownScenario & { readonly text: string } {
    const own = saved.get(id);
    if (own !== undefined) return { id, ...own, example: false };
    const example = examples.get(id);
    if (example !== undefined) return { id, scenario: example, text: writeScenario(example), example: true };
    throw new AppError('not_found', `There is no scenario ${id}.`);
  }

  async function keep(text: string): Promise<KnownScenario> {
    const scenario = readScenario(text);
    const id = idOf(scenario.name);
    if (examples.has(id) && !saved.has(id))
      throw new AppError('not_possible', `“${scenario.name}” comes with Sandpost; give yours another name.`);
    if (!saved.has(id) && saved.size >= scenariosMax)
      throw new AppError('not_possible', `There are ${scenariosMax} scenarios; remove some first.`);
    await store.saveDocument(documentKind, id, { text });
    saved.set(id, { scenario, text });
    return { id, scenario, example: false };
  }

  return {
    list: () => [
      ...[...saved].map(([id, { scenario }]) => ({ id, scenario, example: false })),
      ...[...examples].flatMap(([id, scenario]) => (saved.has(id) ? [] : [{ id, scenario, example: true }])),
    ],
    file: (id) => find(id).text,
    save: keep,
    saveCurrent: (name, description) => keep(writeScenario(rules.asScenario(name, description))),
    async remove(id) {
      if (find(id).example) throw new AppError('not_possible', 'It comes with Sandpost and stays.');
      await store.deleteDocument(documentKind, id);
      saved.delete(id);
    },
    start: (id) => rules.startScenario(find(id).scenario, id),
    stop: () => rules.stopScenario(),
  };
}

/** The name as it stands in an address: small letters, digits and dashes. */
export function idOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return plain === '' ? 'scenario' : plain;
}
