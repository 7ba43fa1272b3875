/**
 * What the rules are told by the in-app door: of a message that an app hands in or that a client tells about, of a request for
 * a queue, of one message among those that are handed out. Words are short, and are read only where a rule asks.
 */
import type { InAppContent } from '../model/inapp.ts';
import type { ContentFacts, Facts, RuleDesk } from './decision.ts';
import { answersTo, type Question } from './questions.ts';
import { pictureAt, requestHeaders, withTryKey } from './request-facts.ts';
import type { InAppMoment } from './schema.ts';

export interface InAppRequestAbout {
  readonly moment: InAppMoment;
  /** `inapp`; `api` for the send API. */
  readonly door: string;
  readonly user: string;
  /** Key that the request was made with; empty where it names none. */
  readonly key: string;
  /** The request's header fields in their order. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
  /** Of the request's body. */
  readonly bytes?: number;
  readonly messageId?: string | null;
  readonly deliveryId?: string | null;
  readonly exchangeId?: string | null;
  /** What tries of the same have in common, beside the user and the moment. */
  readonly same?: string;
}

export interface InAppMessageAbout {
  readonly content: InAppContent;
  readonly tags: readonly string[];
}

/** @param message null: it is about a whole queue */
export function inAppFacts(
  desk: Pick<RuleDesk, 'needs' | 'questions'>,
  request: InAppRequestAbout,
  message: InAppMessageAbout | null,
): Facts {
  const { user, key, fields, same = '', ...rest } = request;
  const facts: Facts = {
    channel: 'inapp',
    sender: key,
    recipient: user,
    provider: null,
    ...rest,
    ...(message === null ? {} : { tags: message.tags }),
  };
  const needs = desk.needs('farSide', facts);
  const known = needs.headers || needs.content ? { ...facts, ...read(message, fields, desk) } : facts;
  return withTryKey(known, `inapp ${request.moment} ${user}`, same);
}

function read(
  message: InAppMessageAbout | null,
  fields: InAppRequestAbout['fields'],
  desk: Pick<RuleDesk, 'questions'>,
): Pick<Facts, 'headers' | 'content'> {
  const headers = requestHeaders(message?.content.title ?? null, fields);
  return message === null
    ? { headers }
    : { headers, content: inAppWords(message.content, headers, desk.questions?.('farSide', 'inapp') ?? []) };
}

/** As a header block: the title stands as the subject. */
export function inAppHeaders(
  { title }: Pick<InAppContent, 'title'>,
  fields: Iterable<readonly [name: string, value: string]>,
): string {
  return requestHeaders(title ?? '', fields);
}

/** The words of its title, its body, its slides and its buttons. */
export function inAppWords(
  content: InAppContent,
  headers: string,
  questions: readonly Question[],
): ContentFacts {
  const { title, body, image, actions, slides } = content;
  const text = [
    title,
    body,
    ...actions.map(({ label }) => label),
    ...slides.flatMap((slide) => [slide.title, slide.body, ...slide.actions.map(({ label }) => label)]),
  ]
    .filter((one) => one !== null && one !== '')
    .join('\n');
  const pictures = [image, ...slides.map((slide) => slide.image)].filter((one) => one !== null);
  return {
    text,
    answers: questions.length === 0 ? noAnswers : answersTo(questions, { headers, text }),
    attachments: pictures.map((address) => pictureAt(address)),
  };
}

const noAnswers: NonNullable<ContentFacts['answers']> = new Map();
