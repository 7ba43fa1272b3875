/** Templates: named, versioned, one version published. Their text is Liquid; mail is MJML or HTML. */
import type { InAppAction, InAppDisplay } from './inapp.ts';
import type { UserChannel } from './user.ts';

export const variableTypes = ['string', 'number', 'boolean', 'date', 'list', 'object'] as const;

export interface TemplateVariable {
  /** As `order.total`. */
  readonly name: string;
  readonly type: (typeof variableTypes)[number];
  readonly required: boolean;
  /** What a preview shows. */
  readonly sample: unknown;
}

/** What stands in a template for each channel: Liquid in every text. */
export interface TemplateContent {
  readonly email?: {
    readonly subject: string;
    readonly preheader?: string;
    readonly format: 'mjml' | 'html';
    readonly body: string;
    /** Made of the body where it is left out. */
    readonly text?: string;
    readonly from?: string;
  };
  readonly push?: {
    readonly title?: string;
    readonly body: string;
    readonly image?: string;
    readonly link?: string;
    readonly data?: Readonly<Record<string, string>>;
  };
  readonly sms?: { readonly body: string; readonly from?: string };
  readonly inapp?: {
    readonly title?: string;
    readonly body: string;
    readonly image?: string;
    readonly link?: string;
    readonly actions?: readonly TemplateAction[];
    /** Of a carousel. */
    readonly slides?: readonly TemplateSlide[];
    readonly data?: Readonly<Record<string, unknown>>;
    readonly display?: Partial<InAppDisplay>;
    readonly priority?: number;
    readonly saveToInbox?: boolean;
  };
}

/** A button of an in-app message; what is left out is as the in-app channel has it. */
export interface TemplateAction {
  readonly id?: string;
  readonly label: string;
  readonly url?: string;
  readonly style?: InAppAction['style'];
  readonly dismisses?: boolean;
}

export interface TemplateSlide {
  readonly title?: string;
  readonly body?: string;
  readonly image?: string;
  readonly actions?: readonly TemplateAction[];
}

/** The same where members may be left out: they are then as they are elsewhere. */
export type TemplateChanges = {
  readonly [C in keyof TemplateContent]?: Partial<NonNullable<TemplateContent[C]>>;
};

export interface TemplateVersion {
  readonly version: number;
  readonly content: TemplateContent;
  /** By locale (BCP 47): what differs there; a language stands for its regions. */
  readonly locales: Readonly<Record<string, TemplateChanges>>;
  readonly variables: readonly TemplateVariable[];
  readonly publishedAtMs: number | null;
  readonly changedAtMs: number;
}

export interface Template {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly topic: string | null;
  /** BCP 47, of the texts that stand in `content`; null: nobody said. */
  readonly locale: string | null;
  /** Goes up with each change: who changes it by what they read a while ago is told so. */
  readonly revision: number;
  /** Published ones, the newest last; never changed. */
  readonly versions: readonly TemplateVersion[];
  /** What is being worked on; null: nothing differs from the newest version. */
  readonly draft: TemplateVersion | null;
  /** The one that sends go by; null: none is published. */
  readonly published: number | null;
  readonly createdAtMs: number;
}

/** What a template says on each channel, for one user. */
export interface RenderedTemplate {
  readonly version: number;
  readonly locale: string | null;
  /** MJML is HTML by now; every text is filled in. */
  readonly content: TemplateContent & { readonly email?: { readonly html: string; readonly text: string } };
  /** Variables that have no value; a required one is an error before. */
  readonly missing: readonly string[];
}

/** What is to be rendered for one user. */
export interface TemplateUse {
  /** Null: only what `content` says. */
  readonly id: string | null;
  /** Null: the published one. */
  readonly version: number | 'draft' | null;
  /** Liquid too; what it says stands in place of what the template says, member by member. */
  readonly content?: TemplateChanges;
  readonly locale: string | null;
  /** IANA, for dates; null: that of `variables.user`, or UTC. */
  readonly timezone?: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly channels: readonly UserChannel[];
}

/** What sends ask of the templates' room. */
export interface TemplateBook {
  get(id: string): Template | null;
  /**
   * @throws AppError `unpublished`, `not_found`, `invalid_submission` with the variables at fault, `invalid_template` where
   * its text cannot be rendered
   */
  render(use: TemplateUse): Promise<RenderedTemplate>;
}
