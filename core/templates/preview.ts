/** What each channel would show of a template: rendered for a user or with samples, and what is odd about it. */

import { AppError } from '../model/app-error.ts';
import { type InAppAction, type InAppContent, type InAppDisplay, usualDisplay } from '../model/inapp.ts';
import { usualPriority } from '../model/inapp-submission.ts';
import { anatomyOf, type SmsAnatomy } from '../model/sms-text.ts';
import type { TemplateAction, TemplateContent, TemplateUse } from '../model/template.ts';
import { type User, type UserChannel, userChannels } from '../model/user.ts';
import { userVariables } from '../model/user-variables.ts';
import { sampleUser } from './check.ts';
import type { TemplatesRoom } from './room.ts';
import { textsOf } from './texts.ts';
import { valueAt, withSamples } from './variables.ts';

export interface PreviewRequest {
  readonly version: TemplateUse['version'];
  readonly locale: string | null;
  readonly channels: readonly UserChannel[];
  /** Over the samples. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Null: a user made up. */
  readonly user: User | null;
}

export interface PreviewWarning {
  /** `email.subject`; `variables.total`. */
  readonly field: string;
  readonly code: 'missing' | 'sample' | 'unescaped' | 'mjml' | 'too_long' | 'unicode' | 'too_large' | 'empty';
  readonly detail: string;
}

export interface TemplatePreview {
  readonly version: number;
  readonly locale: string | null;
  readonly dir: 'ltr' | 'rtl';
  readonly email: {
    readonly subject: string;
    readonly preheader: string | null;
    readonly from: string | null;
    readonly html: string;
    readonly text: string;
    readonly bytes: number;
  } | null;
  readonly push: {
    readonly title: string | null;
    readonly body: string;
    readonly image: string | null;
    readonly link: string | null;
    readonly data: Readonly<Record<string, string>>;
    readonly sizes: readonly PushSize[];
  } | null;
  readonly sms: ({ readonly text: string; readonly from: string | null } & Omit<SmsAnatomy, 'texts'>) | null;
  readonly inapp: {
    readonly content: InAppContent;
    readonly display: InAppDisplay;
    readonly priority: number;
    readonly saveToInbox: boolean;
  } | null;
  readonly warnings: readonly PreviewWarning[];
}

export interface PushSize {
  readonly provider: 'apns' | 'fcm' | 'webpush';
  readonly bytes: number;
  readonly bytesMax: number;
}

/** How large a push becomes with each provider; the room itself knows no channel. */
export type PushSizes = (push: NonNullable<TemplateContent['push']>) => readonly PushSize[];

/** What a mail client shows of a subject on a phone. */
const subjectCharsShown = 70;
/** RFC 5322 §2.1.1, of a line. */
const subjectCharsMax = 998;
/** Gmail cuts longer mail off and links to the rest: https://support.google.com/mail/answer/6594 */
const gmailBytesMax = 102 * 1_024;
/** One of several parts may be lost; each costs. */
const smsPartsMany = 3;

/** @throws AppError as a render does */
export async function previewTemplate(
  room: TemplatesRoom,
  id: string,
  request: PreviewRequest,
  sizesOf: PushSizes,
): Promise<TemplatePreview> {
  const version = room.version(id, request.version);
  const user = request.user ?? sampleUser;
  const given = { user: userVariables(user), ...request.variables };
  const variables = withSamples(version.variables, given);
  const rendered = await room.renderMore({
    id,
    version: request.version,
    locale: request.locale ?? user.locale,
    timezone: user.timezone,
    variables,
    channels: request.channels,
  });
  const { email, push, sms, inapp } = rendered.content;
  const html = email === undefined ? null : email.html;
  const anatomy = sms === undefined ? null : anatomyOf(sms.body);
  const sizes = push === undefined ? [] : sizesOf(push);
  const { unescaped } = await room.renderer.analyze(
    textsOf(version.content).filter(({ mode }) => mode === 'html'),
  );
  return {
    version: rendered.version,
    locale: rendered.locale,
    dir: rendered.dir,
    email:
      email === undefined || html === null
        ? null
        : {
            subject: email.subject,
            preheader: email.preheader ?? null,
            from: email.from ?? null,
            html,
            text: email.text,
            bytes: Buffer.byteLength(html),
          },
    push:
      push === undefined
        ? null
        : {
            title: push.title ?? null,
            body: push.body,
            image: push.image ?? null,
            link: push.link ?? null,
            data: push.data ?? {},
            sizes,
          },
    sms: sms === undefined || anatomy === null ? null : smsOf(sms, anatomy),
    inapp: inapp === undefined ? null : inAppOf(inapp),
    warnings: [
      ...rendered.missing.map((name) => ({
        field: `variables.${name}`,
        code: 'missing' as const,
        detail: `“${name}” has no value; nothing stands in its place.`,
      })),
      ...version.variables
        .filter(({ name }) => valueAt(given, name) === undefined && valueAt(variables, name) !== undefined)
        .map(({ name }) => ({
          field: `variables.${name}`,
          code: 'sample' as const,
          detail: `“${name}” is the sample.`,
        })),
      ...(html === null ? [] : unescaped).map(({ field, detail }) => ({
        field,
        code: 'unescaped' as const,
        detail: `${detail} goes into the HTML as it is.`,
      })),
      ...rendered.warnings.map(({ detail }) => ({
        field: 'email.body',
        code: 'mjml' as const,
        detail: `${detail}.`,
      })),
      ...(email === undefined ? [] : mailWarnings(email.subject, email.html)),
      ...sizes
        .filter(({ bytes, bytesMax }) => bytes > bytesMax)
        .map(({ provider, bytes, bytesMax }) => ({
          field: 'push',
          code: 'too_large' as const,
          detail: `With ${providerNames[provider]} it has ${bytes} bytes; ${bytesMax} are the limit.`,
        })),
      ...(anatomy === null ? [] : smsWarnings(anatomy)),
    ],
  };
}

const providerNames = { apns: 'APNs', fcm: 'FCM', webpush: 'Web Push' } as const;

function smsOf(
  { body, from }: NonNullable<TemplateContent['sms']>,
  anatomy: SmsAnatomy,
): NonNullable<TemplatePreview['sms']> {
  const { texts: _, ...counts } = anatomy;
  return { text: body, from: from ?? null, ...counts };
}

/** As the room of in-app messages would keep it. */
function inAppOf(inapp: NonNullable<TemplateContent['inapp']>): NonNullable<TemplatePreview['inapp']> {
  const {
    title,
    body,
    image,
    link,
    actions = [],
    slides = [],
    data = {},
    display: said = {},
    priority = usualPriority,
  } = inapp;
  const display = { ...usualDisplay, ...said };
  return {
    content: {
      title: title ?? null,
      body: body === '' ? null : body,
      image: image ?? null,
      link: link ?? null,
      actions: actionsOf(actions),
      slides: slides.map((slide) => ({
        title: slide.title ?? null,
        body: slide.body ?? null,
        image: slide.image ?? null,
        actions: actionsOf(slide.actions ?? []),
      })),
      data,
    },
    display,
    priority,
    saveToInbox: inapp.saveToInbox ?? display.kind === 'inbox',
  };
}

function actionsOf(actions: readonly TemplateAction[]): readonly InAppAction[] {
  return actions.map(({ id, label, url, style, dismisses }, at) => ({
    id: id ?? `action-${at + 1}`,
    label,
    url: url ?? null,
    style: style ?? (at === 0 ? 'primary' : 'secondary'),
    dismisses: dismisses ?? true,
  }));
}

function mailWarnings(subject: string, html: string): readonly PreviewWarning[] {
  const { length } = subject;
  const bytes = Buffer.byteLength(html);
  return [
    ...(length === 0
      ? [{ field: 'email.subject', code: 'empty' as const, detail: 'The subject is empty.' }]
      : []),
    ...(length > subjectCharsShown
      ? [
          {
            field: 'email.subject',
            code: 'too_long' as const,
            detail:
              length > subjectCharsMax
                ? `The subject has ${length} characters; a line of mail has ${subjectCharsMax} at most.`
                : `The subject has ${length} characters; a phone shows about ${subjectCharsShown}.`,
          },
        ]
      : []),
    ...(bytes > gmailBytesMax
      ? [
          {
            field: 'email.body',
            code: 'too_large' as const,
            detail: `The HTML has ${bytes} bytes; Gmail cuts it off at ${gmailBytesMax}.`,
          },
        ]
      : []),
  ];
}

function smsWarnings({ parts, unicode, characters }: SmsAnatomy): readonly PreviewWarning[] {
  return [
    ...(unicode.length === 0
      ? []
      : [
          {
            field: 'sms.body',
            code: 'unicode' as const,
            detail: `It goes as Unicode, 70 characters a part, because of ${unicode
              .slice(0, unicodeShown)
              .map(({ character, instead }) =>
                instead === null ? `“${character}”` : `“${character}” (could be “${instead}”)`,
              )
              .join(', ')}.`,
          },
        ]),
    ...(parts > smsPartsMany
      ? [
          {
            field: 'sms.body',
            code: 'too_long' as const,
            detail: `${characters} characters make ${parts} parts.`,
          },
        ]
      : []),
  ];
}
const unicodeShown = 5;

/** @throws AppError `bad_request` for one that is none */
export function channelsOf(names: readonly string[]): readonly UserChannel[] {
  return names.map((name) => {
    const channel = userChannels.find((one) => one === name);
    if (channel === undefined)
      throw new AppError('bad_request', `There is no channel “${name}”: ${userChannels.join(', ')}.`);
    return channel;
  });
}
