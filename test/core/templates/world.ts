/** A templates' room for a test: its documents in memory, its threads real. */
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { openTemplates, type TemplatesRoom } from '../../../core/templates/room.ts';
import type { DraftContent } from '../../../core/templates/schema.ts';

export interface TemplateWorld {
  readonly room: TemplatesRoom;
  readonly problems: readonly string[];
  /** Opens it anew on what was kept. */
  again(): Promise<TemplatesRoom>;
  /** Makes one and publishes it. @returns its id */
  publish(draft: Partial<DraftContent>, locale?: string | null): Promise<string>;
}

export const nowMs = Date.UTC(2026, 2, 1, 10, 30);

/** One for all tests of a file: to start its threads takes longer than any of them. */
export function sharedRoom(): () => TemplatesRoom {
  let opened: TemplatesRoom | null = null;
  beforeAll(async () => {
    opened = await openRoom(new Map(), []);
  });
  afterAll(() => opened?.close());
  return () => {
    if (opened === null) throw new Error('the room is open in tests alone');
    return opened;
  };
}

export async function templateWorld(): Promise<TemplateWorld> {
  const documents = new Map<string, string>();
  const problems: string[] = [];
  const open = async (): Promise<TemplatesRoom> => {
    const room = await openRoom(documents, problems);
    onTestFinished(() => room.close());
    return room;
  };
  const room = await open();
  return {
    room,
    problems,
    again: open,
    async publish(draft, locale = null) {
      const head = { name: 'Test', description: null, topic: null, locale };
      const { id } = await room.make(null, head, { content: {}, locales: {}, variables: [], ...draft });
      await room.publish(id, null);
      return id;
    },
  };
}

function openRoom(documents: Map<string, string>, problems: string[]): Promise<TemplatesRoom> {
  return openTemplates({
    store: {
      documents: async (kind) =>
        [...documents].flatMap(([key, value]) =>
          key.startsWith(`${kind} `) ? [{ key: key.slice(kind.length + 1), value: JSON.parse(value) }] : [],
        ),
      saveDocument: async (kind, key, value) => {
        documents.set(`${kind} ${key}`, JSON.stringify(value));
      },
      deleteDocument: async (kind, key) => {
        documents.delete(`${kind} ${key}`);
      },
    },
    clock: systemClock,
    nowMs: () => nowMs,
    pushSizes: ({ body }) => [{ provider: 'apns', bytes: body.length, bytesMax: 20 }],
    inAppFaults: ({ link }) =>
      link === 'nowhere' ? [{ field: 'link', code: 'bad_url', detail: 'It leads nowhere.' }] : [],
    onProblem: (text) => problems.push(text),
  });
}
