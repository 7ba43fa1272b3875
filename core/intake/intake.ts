/**
 * Every door ends here: a submission gets its id and its project, and is stored. Whoever waits for the promise may
 * tell its client yes.
 */
import type { Clock } from '../clock.ts';
import { headerBlock } from '../model/header-block.ts';
import type { KeptInApps } from '../model/inapp.ts';
import type {
  Channel,
  EnvelopeParameters,
  ExchangePart,
  KeptAnswer,
  KeptPushes,
  KeptSms,
  MessageDetails,
  Submission,
} from '../model/message.ts';
import type { Store } from '../store/store.ts';
import { mainProject, type ProjectPolicy, projectName, projectOf, projectsMax } from './projects.ts';

export interface Handover {
  /** Given when it had to be known beforehand; else one is made. */
  readonly id?: string;
  readonly channel: Channel;
  readonly door: string;
  readonly user: string | null;
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly envelopeParameters: EnvelopeParameters | null;
  readonly spooled: readonly number[];
  readonly tail: Uint8Array;
  /** The first bytes of the message, at least its header block up to the limit. */
  readonly head: Uint8Array;
  readonly bytes: number;
  readonly exchange: ExchangePart | null;
  /** Where it is to be delivered to; null: captured only. */
  readonly delivery?: Submission['delivery'];
  readonly details?: MessageDetails | null;
  readonly tags?: readonly string[];
  readonly answer?: KeptAnswer | null;
  /** What becomes of it on devices. */
  readonly pushes?: KeptPushes | null;
  /** Of SMS: what becomes of it at its provider and its handset. */
  readonly sms?: KeptSms | null;
  readonly inapp?: KeptInApps | null;
  /** Overrides every rule. */
  readonly project?: string | null;
  /** Of one that came before, elsewhere say; left out: it comes now. */
  readonly receivedAtMs?: number;
}

export interface Intake {
  /** @returns the message's id, once it is on disk. @throws AppError `disk_full`, `store_failed`, `store_busy` */
  accept(handover: Handover): Promise<string>;
  policy(): ProjectPolicy;
  setPolicy(policy: ProjectPolicy): void;
  /** A project was made or deleted elsewhere: by a setting, by the API. */
  projectMade(name: string): void;
  projectDeleted(name: string): void;
}

export interface IntakePorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly onProblem: (text: string) => void;
  /** A message came in by that door. */
  readonly onAccepted?: (door: string) => void;
}

export function createIntake(
  ports: IntakePorts,
  knownProjects: readonly string[],
  initial: ProjectPolicy,
): Intake {
  const known = new Set(knownProjects);
  let policy = initial;
  let told = false;

  function admitted(name: string): string {
    if (known.has(name) || name === mainProject) return name;
    if (!policy.onTheFly) return mainProject;
    if (known.size >= projectsMax) {
      if (!told)
        ports.onProblem(`there are ${projectsMax} projects: messages for new ones land in ${mainProject}`);
      told = true;
      return mainProject;
    }
    known.add(name);
    return name;
  }

  return {
    policy: () => policy,
    setPolicy(next) {
      policy = next;
    },
    projectMade: (name) => known.add(name),
    projectDeleted: (name) => known.delete(name),
    async accept(handover) {
      let block: string | null = null;
      const wanted =
        projectName(handover.project ?? '') ??
        projectOf(policy, {
          door: handover.door,
          user: handover.user,
          isMail: handover.channel === 'email',
          recipients: handover.envelopeTo,
          headerBlock: () => {
            block ??= headerBlock(handover.head);
            return block;
          },
        });
      const id = handover.id ?? ports.newId();
      await ports.store.accept({
        id,
        receivedAtMs: handover.receivedAtMs ?? ports.clock.wallMs(),
        channel: handover.channel,
        door: handover.door,
        project: admitted(wanted),
        user: handover.user,
        envelopeFrom: handover.envelopeFrom,
        envelopeTo: handover.envelopeTo,
        envelopeParameters: handover.envelopeParameters,
        spooled: handover.spooled,
        tail: handover.tail,
        bytes: handover.bytes,
        exchange: handover.exchange,
        delivery: handover.delivery ?? null,
        details: handover.details ?? null,
        tags: handover.tags ?? [],
        answer: handover.answer ?? null,
        pushes: handover.pushes ?? null,
        sms: handover.sms ?? null,
        inapp: handover.inapp ?? null,
      });
      ports.onAccepted?.(handover.door);
      return id;
    },
  };
}
