/** Checks an in-app message before it is accepted: every fault at once, each naming its field. Pure. */
import {
  checkMetadata,
  checkSendAt,
  checkTags,
  Faults,
  hasControls,
} from '../../intake/submission-faults.ts';
import type { FieldError } from '../../model/app-error.ts';
import {
  type InAppAction,
  type InAppContent,
  type InAppDisplay,
  type InAppFrequency,
  type InAppKind,
  type InAppSlide,
  impressionsKept,
  type PageRule,
  usualDisplay,
} from '../../model/inapp.ts';
import { type InAppSubmission, usualPriority } from '../../model/inapp-submission.ts';

/** As the API takes it: of the right shape, and nothing more known of it. */
export interface InAppSubmissionInput {
  readonly to?: UsersInput | undefined;
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly image?: string | undefined;
  readonly link?: string | undefined;
  readonly actions?: readonly ActionInput[] | undefined;
  readonly slides?: readonly SlideInput[] | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly priority?: number | undefined;
  readonly ttlSeconds?: number | undefined;
  readonly expiresAt?: string | undefined;
  readonly display?: DisplayInput | undefined;
  readonly saveToInbox?: boolean | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly stream?: 'transactional' | 'marketing' | undefined;
  readonly sendAt?: string | undefined;
  readonly project?: string | undefined;
}

export type UserInput = string | { readonly user: string };
export type UsersInput = UserInput | readonly UserInput[];

interface ActionInput {
  readonly id?: string | undefined;
  readonly label: string;
  readonly url?: string | undefined;
  readonly style?: 'primary' | 'secondary' | undefined;
  readonly dismisses?: boolean | undefined;
}

interface SlideInput {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly image?: string | undefined;
  readonly actions?: readonly ActionInput[] | undefined;
}

interface DisplayInput {
  readonly kind?: InAppKind | undefined;
  readonly slot?: string | undefined;
  readonly pageRules?: readonly PageRule[] | undefined;
  readonly frequency?: InAppFrequency | undefined;
  readonly maxPerWeek?: number | undefined;
  readonly minIntervalS?: number | undefined;
  readonly trigger?: string | undefined;
  readonly oncePerSession?: boolean | undefined;
}

export type InAppValidation =
  | { readonly ok: true; readonly submission: InAppSubmission }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

const recipientsMax = 10_000;
/** Ids are the app's own: an address, a number of its database. */
const userCharsMax = 256;
const titleCharsMax = 500;
const bodyCharsMax = 20_000;
const urlCharsMax = 2_000;
/** A picture that is in the message itself. */
const dataUrlCharsMax = 256 * 1024;
const actionsMax = 8;
const actionIdCharsMax = 64;
const labelCharsMax = 100;
const slidesMax = 20;
const dataBytesMax = 64 * 1024;
const pageRulesMax = 50;
const argumentCharsMax = 500;
const nameCharsMax = 100;
const priorityMax = 1_000;
const secondsMax = 10 * 365 * 86_400;
const intervalSecondsMax = 30 * 86_400;

/** @param nowMs wall time: what an app writes is its own clock's */
export function validateInApp(input: InAppSubmissionInput, nowMs: number): InAppValidation {
  const faults = new Faults();
  const display = checkDisplay(faults, input.display ?? {});
  const content = checkContent(faults, input);
  const sendAtMs = checkSendAt(faults, input.sendAt, nowMs);
  const submission: InAppSubmission = {
    to: checkRecipients(faults, input.to),
    content,
    display,
    priority: checkWhole(faults, 'priority', input.priority, 0, priorityMax) ?? usualPriority,
    saveToInbox: input.saveToInbox ?? display.kind === 'inbox',
    ttlSeconds: checkWhole(faults, 'ttlSeconds', input.ttlSeconds, 1, secondsMax),
    expiresAtMs: checkExpiry(faults, input, sendAtMs ?? nowMs),
    tags: checkTags(faults, input.tags ?? []),
    metadata: checkMetadata(faults, input.metadata ?? {}),
    stream: input.stream ?? null,
    sendAtMs,
    project: input.project ?? null,
  };
  checkTogether(faults, submission);
  return faults.errors.length === 0 ? { ok: true, submission } : { ok: false, errors: faults.errors };
}

function checkRecipients(faults: Faults, input: UsersInput | undefined): readonly string[] {
  const list: readonly UserInput[] = input === undefined ? [] : isOne(input) ? [input] : input;
  if (list.length === 0)
    faults.add('to', 'empty', 'Name whom it is for: the id of a user, or a list of them.');
  if (list.length > recipientsMax) {
    faults.add('to', 'too_many_recipients', `At most ${recipientsMax} users; send the rest by itself.`);
    return [];
  }
  const users = list.map((one) => (typeof one === 'string' ? one : one.user).trim());
  users.forEach((user, at) => {
    if (user === '' || user.length > userCharsMax || hasControls(user))
      faults.add(`to[${at}]`, 'bad_user', `The id of a user has 1 to ${userCharsMax} characters.`);
  });
  return [...new Set(users)];
}

function isOne(input: UsersInput): input is UserInput {
  return !Array.isArray(input);
}

function checkContent(faults: Faults, input: InAppSubmissionInput): InAppContent {
  const slides = (input.slides ?? []).slice(0, slidesMax);
  if ((input.slides?.length ?? 0) > slidesMax)
    faults.add('slides', 'too_many', `At most ${slidesMax} slides.`);
  const known = new Set<string>();
  return {
    title: checkText(faults, 'title', input.title, titleCharsMax),
    body: checkText(faults, 'body', input.body, bodyCharsMax),
    image: checkImage(faults, 'image', input.image),
    link: checkLink(faults, 'link', input.link),
    actions: checkActions(faults, 'actions', input.actions, known),
    slides: slides.map((slide, at): InAppSlide => {
      const field = `slides[${at}]`;
      return {
        title: checkText(faults, `${field}.title`, slide.title, titleCharsMax),
        body: checkText(faults, `${field}.body`, slide.body, bodyCharsMax),
        image: checkImage(faults, `${field}.image`, slide.image),
        actions: checkActions(faults, `${field}.actions`, slide.actions, known),
      };
    }),
    data: checkData(faults, input.data),
  };
}

function checkText(faults: Faults, field: string, text: string | undefined, max: number): string | null {
  if (text === undefined || text === '') return null;
  if (text.length > max) faults.add(field, 'too_long', `At most ${max} characters.`);
  return text;
}

/** Web addresses, and pictures that the message has in it. */
function checkImage(faults: Faults, field: string, url: string | undefined): string | null {
  if (url === undefined || url === '') return null;
  const isData = /^data:image\/[a-z+.-]+[;,]/i.test(url);
  if (isData ? url.length > dataUrlCharsMax : !isWeb(url) || url.length > urlCharsMax)
    faults.add(
      field,
      'bad_url',
      `An http or https address of at most ${urlCharsMax} characters, or a data:image/… of at most ${dataUrlCharsMax}, is expected.`,
    );
  return url;
}

function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

/** Also a deep link, or a path of the app; but nothing that is run in its page. */
function checkLink(faults: Faults, field: string, url: string | undefined): string | null {
  if (url === undefined || url === '') return null;
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? null;
  if (url.length > urlCharsMax || hasControls(url) || (scheme === null && !/^[/?#]/.test(url)))
    faults.add(
      field,
      'bad_url',
      `An address (https://…, myapp://…) or a path (/…) of at most ${urlCharsMax} characters is expected.`,
    );
  else if (scheme !== null && ['javascript', 'data', 'vbscript', 'blob', 'file'].includes(scheme))
    faults.add(
      field,
      'bad_url',
      `${scheme}: is run or read in the app’s own page; give an address or a path.`,
    );
  return url;
}

function checkActions(
  faults: Faults,
  field: string,
  input: readonly ActionInput[] | undefined,
  known: Set<string>,
): readonly InAppAction[] {
  const list = input ?? [];
  if (list.length > actionsMax) faults.add(field, 'too_many', `At most ${actionsMax} actions.`);
  return list.slice(0, actionsMax).map((one, at) => {
    const here = `${field}[${at}]`;
    const label = one.label.trim();
    if (label === '' || label.length > labelCharsMax)
      faults.add(`${here}.label`, 'bad_label', `A label has 1 to ${labelCharsMax} characters.`);
    return {
      id: actionId(faults, here, one.id, label, known),
      label,
      url: checkLink(faults, `${here}.url`, one.url),
      style: one.style ?? (at === 0 ? 'primary' : 'secondary'),
      dismisses: one.dismisses ?? true,
    };
  });
}

/** One that was given must be the only one of its name; one that is made is. */
function actionId(
  faults: Faults,
  field: string,
  given: string | undefined,
  label: string,
  known: Set<string>,
): string {
  if (given !== undefined) {
    if (given === '' || given.length > actionIdCharsMax || hasControls(given))
      faults.add(`${field}.id`, 'bad_id', `An id has 1 to ${actionIdCharsMax} characters.`);
    if (known.has(given)) faults.add(`${field}.id`, 'taken', `Another action is “${given}” already.`);
    known.add(given);
    return given;
  }
  const word = label
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
  const base = word.slice(0, actionIdCharsMax - 4) || 'action';
  let id = base;
  for (let number = 2; known.has(id); number++) id = `${base}-${number}`;
  known.add(id);
  return id;
}

function checkData(faults: Faults, data: InAppSubmissionInput['data']): InAppContent['data'] {
  if (data === undefined) return {};
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes > dataBytesMax)
    faults.add('data', 'too_large', `It is ${bytes} bytes as JSON; at most ${dataBytesMax}.`);
  return data;
}

function checkDisplay(faults: Faults, input: DisplayInput): InAppDisplay {
  const kind = input.kind ?? usualDisplay.kind;
  const isOfPage = kind === 'inline' || kind === 'carousel';
  if (input.slot !== undefined && !isOfPage)
    faults.add('display.slot', 'not_with', `A slot is for inline and carousel; this is ${kind}.`);
  const rules = (input.pageRules ?? []).slice(0, pageRulesMax);
  if ((input.pageRules?.length ?? 0) > pageRulesMax)
    faults.add('display.pageRules', 'too_many', `At most ${pageRulesMax} page rules.`);
  rules.forEach(({ argument }, at) => {
    if (argument === '' || argument.length > argumentCharsMax)
      faults.add(
        `display.pageRules[${at}].argument`,
        'bad_argument',
        `An argument has 1 to ${argumentCharsMax} characters.`,
      );
  });
  return {
    kind,
    slot: checkName(faults, 'display.slot', input.slot),
    pageRules: rules,
    frequency: input.frequency ?? usualDisplay.frequency,
    maxPerWeek: checkWhole(faults, 'display.maxPerWeek', input.maxPerWeek, 1, impressionsKept),
    minIntervalS: checkWhole(faults, 'display.minIntervalS', input.minIntervalS, 1, intervalSecondsMax),
    trigger: checkName(faults, 'display.trigger', input.trigger),
    oncePerSession: input.oncePerSession ?? usualDisplay.oncePerSession,
  };
}

function checkName(faults: Faults, field: string, name: string | undefined): string | null {
  if (name === undefined) return null;
  if (name.trim() === '' || name.length > nameCharsMax || hasControls(name))
    faults.add(field, 'bad_name', `A name has 1 to ${nameCharsMax} characters.`);
  return name.trim();
}

function checkWhole(
  faults: Faults,
  field: string,
  value: number | undefined,
  min: number,
  max: number,
): number | null {
  if (value === undefined) return null;
  if (!Number.isInteger(value) || value < min || value > max)
    faults.add(field, 'bad_number', `A whole number from ${min} to ${max} is expected.`);
  return value;
}

function checkExpiry(faults: Faults, input: InAppSubmissionInput, fromMs: number): number | null {
  const { expiresAt, ttlSeconds } = input;
  if (expiresAt === undefined) return null;
  if (ttlSeconds !== undefined) faults.add('expiresAt', 'not_with', 'Give ttlSeconds, or expiresAt.');
  const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/.test(expiresAt);
  const atMs = iso ? Date.parse(expiresAt) : Number.NaN;
  if (Number.isNaN(atMs)) {
    faults.add(
      'expiresAt',
      'bad_time',
      'Write the time as 2026-01-31T10:00:00Z, or with an offset as +01:00.',
    );
    return null;
  }
  if (atMs <= fromMs) faults.add('expiresAt', 'in_the_past', 'It is over before it is to be had.');
  if (atMs > fromMs + secondsMax * 1000) faults.add('expiresAt', 'too_far', 'At most ten years ahead.');
  return atMs;
}

function checkTogether(faults: Faults, { content, display }: InAppSubmission): void {
  const { title, body, image, slides, data } = content;
  if (
    title === null &&
    body === null &&
    image === null &&
    slides.length === 0 &&
    Object.keys(data).length === 0
  )
    faults.add('title', 'empty', 'There is nothing in it: give a title, a body, an image, slides or data.');
  if (slides.length > 0 && display.kind !== 'carousel' && display.kind !== 'inbox')
    faults.add('slides', 'not_with', `Slides are for a carousel; this is ${display.kind}.`);
  if (display.kind === 'carousel' && slides.length === 0)
    faults.add('slides', 'empty', 'A carousel has slides: give one at least.');
}
