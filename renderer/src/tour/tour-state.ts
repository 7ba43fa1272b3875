import type { Recipe } from '../../../core/connect/recipes.ts';
import type { TestDoor } from '../api/core.ts';

/** Whether the first start is to be met with the tour. */
export interface TourFacts {
  /** Null while the host was not asked yet. */
  readonly taken: boolean | null;
  /** Messages that the core holds; null while nobody knows. */
  readonly messages: number | null;
  /** A program drives this browser: nobody is there to be shown anything, and a dialog would be in its way. */
  readonly driven: boolean;
}

export function meetsFirstStart({ taken, messages, driven }: TourFacts): boolean {
  return taken === false && messages === 0 && !driven;
}

const mailGroups = new Set(['framework', 'language', 'tool']);

/** Those for mail: a first message is the quickest by it. */
export function mailRecipes(recipes: readonly Recipe[]): readonly Recipe[] {
  return recipes.filter(({ group }) => mailGroups.has(group));
}

const testDoors: readonly TestDoor[] = ['smtp', 'submission', 'smtps'];

/** @returns a door that is open for a test message, or null */
export function testDoorOf(ports: Readonly<Record<string, number>>): TestDoor | null {
  return testDoors.find((door) => ports[door] !== undefined) ?? null;
}
