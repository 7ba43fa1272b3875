/** Puts the parts of the workspace together, and does one import at a time. */
import type { Services, WorkspaceService } from '../api/services.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import { version } from '../version.ts';
import { exportWorkspace } from '../workspace/export.ts';
import { importWorkspace } from '../workspace/import.ts';
import { openUpload } from '../workspace/upload.ts';
import type { Ground } from './ground.ts';
import type { Rooms } from './rooms.ts';
import { deviceSections } from './workspace/devices.ts';
import { domainSection } from './workspace/domains.ts';
import { peopleSections } from './workspace/people.ts';
import {
  projectSection,
  ruleSection,
  scenarioSection,
  suppressionSection,
  templateSection,
  webhookSection,
} from './workspace/sending.ts';
import { mailboxSection, type SettingsParts, settingsSection } from './workspace/settings.ts';

export interface WorkspaceParts
  extends SettingsParts,
    Pick<Services, 'rules' | 'scenarios' | 'webhooks' | 'intake'> {
  readonly ground: Ground;
  readonly rooms: Pick<Rooms, 'people' | 'templates' | 'virtual'>;
}

export function openWorkspace(parts: WorkspaceParts): WorkspaceService {
  const { ground, rooms } = parts;
  const { store, clock, config, folder } = ground;
  // What others refer to comes before them: topics before users, projects before messages.
  const sections = [
    settingsSection(parts),
    projectSection(store),
    domainSection(parts.domains),
    scenarioSection(parts.scenarios),
    ruleSection(parts.rules),
    ...peopleSections(rooms.people, store),
    templateSection(rooms.templates),
    suppressionSection(store, () => rooms.virtual.nowMs()),
    mailboxSection(parts.mailboxes),
    ...deviceSections(parts.phones, parts.carriers),
    webhookSection(parts.webhooks),
  ];
  let importing = false;
  return {
    async export(request) {
      const ports = { store, sections, version, nowMs: () => clock.wallMs() };
      return told(await exportWorkspace(ports, request), ground.onProblem);
    },
    async import(body, request) {
      if (importing)
        throw new AppError('store_busy', 'Another import is under way; try again when it is over.');
      importing = true;
      try {
        const upload = await openUpload(folder.path, body);
        try {
          const report = await importWorkspace(
            upload.source,
            {
              store,
              sections,
              accept: (handover) => parts.intake.accept(handover),
              messageBytesMax: config.messageBytesMax,
              nowMs: () => clock.wallMs(),
            },
            request,
          );
          return { ...report, notes: retentionNotes(parts, report) };
        } finally {
          await upload.close();
        }
      } finally {
        importing = false;
      }
    },
  };
}

/** The answer has begun: whoever reads it only sees that it ends too early. */
async function* told(
  chunks: AsyncGenerator<Uint8Array>,
  onProblem: (text: string) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    onProblem(`the export ended before it was whole: ${messageOf(error)}`);
    throw error;
  }
}

/** What comes in and goes again soon is no loss that anybody should have to find out. */
function retentionNotes(
  { ground, settings }: WorkspaceParts,
  { messages, dryRun }: Awaited<ReturnType<typeof importWorkspace>>,
): readonly string[] {
  const { countMax, ageMaxMs } = settings.retention();
  const notes: string[] = [];
  const here = ground.store.counts().messages + (dryRun ? messages.added : 0);
  if (messages.added > 0 && countMax !== null && here > countMax)
    notes.push(
      `${here} messages are more than the ${countMax} that are kept: the oldest go. Keep more under Settings, Retention.`,
    );
  const ageMs = messages.oldestAtMs === null ? 0 : ground.clock.wallMs() - messages.oldestAtMs;
  if (ageMaxMs !== null && ageMs > ageMaxMs)
    notes.push(
      'Some of the messages are older than messages are kept here: they go. Keep them longer under Settings, Retention.',
    );
  return notes;
}
