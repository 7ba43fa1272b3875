/** What the room is handed. */
import type { VirtualClock } from '../clock.ts';
import type { MessageDetails } from '../model/message.ts';
import type { MultiSubmission } from '../model/multi-submission.ts';
import type { TemplateBook } from '../model/template.ts';
import type { User, UserBook, UserChannel } from '../model/user.ts';
import type { Store } from '../store/store.ts';

export interface ConductorPorts {
  readonly store: Pick<Store, 'raw' | 'deliveries' | 'multiSteps' | 'keepSteps' | 'countEvents'>;
  readonly virtual: Pick<VirtualClock, 'nowMs'>;
  readonly users: Pick<UserBook, 'byIds' | 'refusalOf'>;
  readonly templates: Pick<TemplateBook, 'render'>;
  readonly reach: Reach;
  /**
   * Hands a message over, as an app's own request would be.
   *
   * @param request what the channel's request of the send API would say
   * @throws AppError, as the send API does
   */
  submit(
    channel: UserChannel,
    request: Readonly<Record<string, unknown>>,
    about: ChildAbout,
  ): Promise<unknown>;
  /** Gives the event loop to others. */
  readonly pause: () => Promise<void>;
  readonly onProblem: (text: string) => void;
}

export interface ChildAbout {
  readonly id: string;
  readonly partOf: NonNullable<MessageDetails['partOf']>;
  readonly user: string;
  readonly template?: NonNullable<MessageDetails['template']>;
  readonly topic?: string;
}

/** Where a user can be reached, besides what their profile says. */
export interface Reach {
  /** Apps with a token on devices of the Phones room that name the user. */
  devicesOf(user: string): number;
  handsetsOf(user: string): number;
  /** Why nothing can go by that channel at all; null: it can. */
  noProvider(channel: UserChannel): string | null;
  /** One click takes the user off the topic (RFC 8058); null: there is no such address. */
  unsubscribeUrl(user: string, topic: string): string | null;
}

/** Whose way it is, and what is sent. */
export interface StepAbout {
  readonly send: MultiSubmission;
  readonly user: User;
  readonly project: string;
}
