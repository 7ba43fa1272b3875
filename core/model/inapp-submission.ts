/**
 * An in-app message as the send API and the in-app door take it. What comes by the door is stored as it came, what comes by
 * the send API as JSON with its members in a fixed order. Pure.
 */
import { type InAppAction, type InAppContent, type InAppDisplay, usualDisplay } from './inapp.ts';
import type { TemplateContent } from './template.ts';

export interface InAppSubmission {
  /** Ids of users. */
  readonly to: readonly string[];
  readonly content: InAppContent;
  readonly display: InAppDisplay;
  /** 0 to 1000. */
  readonly priority: number;
  readonly saveToInbox: boolean;
  /** How long from when it is to be had; null: `expiresAtMs` says it, or it stays. */
  readonly ttlSeconds: number | null;
  /** As the app's clock has it. */
  readonly expiresAtMs: number | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly stream: 'transactional' | 'marketing' | null;
  /** As the app's clock has it; null: at once. */
  readonly sendAtMs: number | null;
  readonly project: string | null;
}

/** What a template says, as a request says it: what is null there is left out here. */
export function requestOfTemplate({ display, ...said }: NonNullable<TemplateContent['inapp']>) {
  if (display === undefined) return said;
  const { slot, trigger, maxPerWeek, minIntervalS, ...rest } = display;
  return {
    ...said,
    display: {
      ...rest,
      slot: slot ?? undefined,
      trigger: trigger ?? undefined,
      maxPerWeek: maxPerWeek ?? undefined,
      minIntervalS: minIntervalS ?? undefined,
    },
  };
}

export const emptyContent: InAppContent = {
  title: null,
  body: null,
  image: null,
  link: null,
  actions: [],
  slides: [],
  data: {},
};

/** Where nothing is said of it. */
export const usualPriority = 500;

const emptySubmission: InAppSubmission = {
  to: [],
  content: emptyContent,
  display: usualDisplay,
  priority: usualPriority,
  saveToInbox: false,
  ttlSeconds: null,
  expiresAtMs: null,
  tags: [],
  metadata: {},
  stream: null,
  sendAtMs: null,
  project: null,
};
const members = Object.keys(emptySubmission) as readonly (keyof InAppSubmission)[];

/** What is stored of it: JSON in UTF-8, members in their fixed order. */
export function inAppSubmissionBytes(submission: InAppSubmission): Uint8Array {
  const said = members.map((name) => [name, submission[name]] as const);
  return Buffer.from(JSON.stringify(Object.fromEntries([['channel', 'inapp'], ...said])));
}

/** @param bytes as `inAppSubmissionBytes` made them, or a request of the in-app door as it came; null: something else */
export function readInAppSubmission(bytes: Uint8Array): InAppSubmission | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // No JSON: not ours.
    return null;
  }
  if (!isSaid(parsed)) return readRequest(parsed);
  const { channel: _channel, ...said } = parsed;
  return {
    ...emptySubmission,
    ...said,
    content: { ...emptyContent, ...said.content },
    display: { ...usualDisplay, ...said.display },
  };
}

function isSaid(value: unknown): value is Partial<InAppSubmission> & { readonly channel: 'inapp' } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'channel' in value &&
    value.channel === 'inapp' &&
    'to' in value &&
    Array.isArray(value.to)
  );
}

/** What the door took was checked then: what is not as expected here is left out. */
function readRequest(parsed: unknown): InAppSubmission | null {
  if (!isObject(parsed)) return null;
  const users = ['user', 'users', 'to'].flatMap((name) => usersIn(parsed[name]));
  if (users.length === 0) return null;
  const display = isObject(parsed.display) ? { ...usualDisplay, ...parsed.display } : usualDisplay;
  const { title, body, image, link, data, slides } = parsed;
  return {
    ...emptySubmission,
    to: [...new Set(users)],
    content: {
      title: textOr(title),
      body: textOr(body),
      image: textOr(image),
      link: textOr(link),
      actions: actionsIn(parsed.actions),
      slides: listIn(slides).map((slide) => ({
        title: textOr(slide.title),
        body: textOr(slide.body),
        image: textOr(slide.image),
        actions: actionsIn(slide.actions),
      })),
      data: isObject(data) ? data : {},
    },
    display,
    priority: numberOr(parsed.priority) ?? usualPriority,
    saveToInbox: typeof parsed.saveToInbox === 'boolean' ? parsed.saveToInbox : display.kind === 'inbox',
    ttlSeconds: numberOr(parsed.ttlSeconds),
    expiresAtMs: timeOr(parsed.expiresAt),
    sendAtMs: timeOr(parsed.sendAt),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function usersIn(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list
    .map((one) => (isObject(one) ? one.user : one))
    .filter((one) => typeof one === 'string')
    .map((one) => one.trim());
}

function actionsIn(value: unknown): readonly InAppAction[] {
  return listIn(value).map((one, at) => {
    const label = (textOr(one.label) ?? '').trim();
    return {
      id: textOr(one.id) ?? label,
      label,
      url: textOr(one.url),
      style: one.style === 'primary' || (one.style === undefined && at === 0) ? 'primary' : 'secondary',
      dismisses: one.dismisses !== false,
    };
  });
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function timeOr(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** Its words, one piece a line: title, body, slides, labels. */
export function inAppWords({ title, body, slides, actions }: InAppContent): string {
  const pieces = [
    title,
    body,
    ...slides.flatMap((slide) => [slide.title, slide.body, ...slide.actions.map(({ label }) => label)]),
    ...actions.map(({ label }) => label),
  ];
  return pieces.filter((piece) => piece !== null && piece !== '').join('\n');
}

/** Where it leads, and the pictures that it shows. */
export function inAppLinks({ link, image, actions, slides }: InAppContent): {
  readonly links: readonly { readonly url: string; readonly text: string }[];
  readonly pictures: readonly string[];
} {
  const all = [...actions, ...slides.flatMap((slide) => slide.actions)];
  return {
    links: [
      ...(link === null ? [] : [{ url: link, text: link }]),
      ...all.flatMap(({ url, label }) => (url === null ? [] : [{ url, text: label }])),
    ],
    pictures: [image, ...slides.map((slide) => slide.image)].filter((one) => one !== null),
  };
}
