/** Every text of a template that is Liquid, in one order: to be looked at, and to be replaced by what became of it. Pure. */
import type { TemplateAction, TemplateContent, TemplateSlide } from '../model/template.ts';
import { dataDepthMax } from './limits.ts';
import type { SourceText, TextMode } from './thread/requests.ts';

type Visit = (field: string, mode: TextMode, source: string) => string;

export function textsOf(content: TemplateContent, prefix = ''): readonly SourceText[] {
  const texts: SourceText[] = [];
  mapTexts(content, (field, mode, source) => {
    texts.push({ field: `${prefix}${field}`, mode, source });
    return source;
  });
  return texts;
}

/** The same with other texts. */
export function mapTexts(content: TemplateContent, visit: Visit): TemplateContent {
  const { email, push, sms, inapp } = content;
  return {
    ...(email === undefined ? {} : { email: mapEmail(email, visit) }),
    ...(push === undefined ? {} : { push: mapPush(push, visit) }),
    ...(sms === undefined ? {} : { sms: mapSms(sms, visit) }),
    ...(inapp === undefined ? {} : { inapp: mapInApp(inapp, visit) }),
  };
}

function mapEmail(email: NonNullable<TemplateContent['email']>, visit: Visit): typeof email {
  return {
    ...email,
    subject: visit('email.subject', 'line', email.subject),
    ...(email.preheader === undefined
      ? {}
      : { preheader: visit('email.preheader', 'line', email.preheader) }),
    body: visit('email.body', 'html', email.body),
    ...(email.text === undefined ? {} : { text: visit('email.text', 'text', email.text) }),
    ...(email.from === undefined ? {} : { from: visit('email.from', 'line', email.from) }),
  };
}

function mapPush(push: NonNullable<TemplateContent['push']>, visit: Visit): typeof push {
  const { title, image, link, data } = push;
  return {
    ...push,
    ...(title === undefined ? {} : { title: visit('push.title', 'line', title) }),
    body: visit('push.body', 'text', push.body),
    ...(image === undefined ? {} : { image: visit('push.image', 'line', image) }),
    ...(link === undefined ? {} : { link: visit('push.link', 'line', link) }),
    ...(data === undefined
      ? {}
      : {
          data: Object.fromEntries(
            Object.entries(data).map(([name, value]) => [name, visit(`push.data.${name}`, 'text', value)]),
          ),
        }),
  };
}

function mapSms(sms: NonNullable<TemplateContent['sms']>, visit: Visit): typeof sms {
  return {
    ...sms,
    body: visit('sms.body', 'text', sms.body),
    ...(sms.from === undefined ? {} : { from: visit('sms.from', 'line', sms.from) }),
  };
}

function mapInApp(inapp: NonNullable<TemplateContent['inapp']>, visit: Visit): typeof inapp {
  const { title, image, link, actions, slides, data } = inapp;
  return {
    ...inapp,
    ...(title === undefined ? {} : { title: visit('inapp.title', 'line', title) }),
    body: visit('inapp.body', 'text', inapp.body),
    ...(image === undefined ? {} : { image: visit('inapp.image', 'line', image) }),
    ...(link === undefined ? {} : { link: visit('inapp.link', 'line', link) }),
    ...(actions === undefined ? {} : { actions: mapActions(actions, 'inapp.actions', visit) }),
    ...(slides === undefined ? {} : { slides: slides.map((slide, at) => mapSlide(slide, at, visit)) }),
    ...(data === undefined
      ? {}
      : {
          data: Object.fromEntries(
            Object.entries(data).map(([name, value]) => [
              name,
              mapData(value, `inapp.data.${name}`, visit, 1),
            ]),
          ),
        }),
  };
}

function mapActions(actions: readonly TemplateAction[], field: string, visit: Visit) {
  return actions.map((action, at) => ({
    ...action,
    label: visit(`${field}[${at}].label`, 'line', action.label),
    ...(action.url === undefined ? {} : { url: visit(`${field}[${at}].url`, 'line', action.url) }),
  }));
}

function mapSlide(slide: TemplateSlide, at: number, visit: Visit): TemplateSlide {
  const { title, body, image, actions } = slide;
  const field = `inapp.slides[${at}]`;
  return {
    ...slide,
    ...(title === undefined ? {} : { title: visit(`${field}.title`, 'line', title) }),
    ...(body === undefined ? {} : { body: visit(`${field}.body`, 'text', body) }),
    ...(image === undefined ? {} : { image: visit(`${field}.image`, 'line', image) }),
    ...(actions === undefined ? {} : { actions: mapActions(actions, `${field}.actions`, visit) }),
  };
}

/** The app's own: every text in it, however deep, up to a limit. */
function mapData(value: unknown, field: string, visit: Visit, depth: number): unknown {
  if (typeof value === 'string') return visit(field, 'text', value);
  if (depth >= dataDepthMax || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one, at) => mapData(one, `${field}[${at}]`, visit, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, mapData(one, `${field}.${name}`, visit, depth + 1)]),
  );
}
