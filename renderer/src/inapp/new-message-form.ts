/** What the form of a new in-app message holds, and the request that it makes. Pure. */
import type { InAppMessage, NewInApp } from '../api/inapp.ts';
import { type DisplayDraft, readDisplay } from './display-draft.ts';

export interface MessageForm {
  readonly user: string;
  readonly title: string;
  /** Of a carousel a slide for each paragraph. */
  readonly body: string;
  readonly action: string;
  readonly link: string;
  readonly display: DisplayDraft & { readonly kind: InAppMessage['display']['kind'] };
  readonly priority: number;
  readonly saveToInbox: boolean;
}

export const newForm = (user: string): MessageForm => ({
  user,
  title: 'Welcome back',
  body: 'Have a look at what is new.',
  action: 'Show me',
  link: '',
  display: { kind: 'modal', frequency: 'once' },
  priority: 500,
  saveToInbox: false,
});

/** What is empty is left out, as the API has it. */
export function readForm(form: MessageForm): NewInApp {
  const { display, title, body } = form;
  const [action, link] = [form.action.trim(), form.link.trim()];
  const paragraphs = body.split(/\n\s*\n/).filter((one) => one.trim() !== '');
  return {
    ...(title.trim() === '' ? {} : { title: title.trim() }),
    ...(display.kind === 'carousel'
      ? { slides: paragraphs.map((one) => ({ body: one.trim() })) }
      : body.trim() === ''
        ? {}
        : { body }),
    ...(link === '' ? {} : { link }),
    ...(action === '' ? {} : { actions: [{ label: action, ...(link === '' ? {} : { url: link }) }] }),
    priority: form.priority,
    ...(display.kind === 'inbox' ? {} : { saveToInbox: form.saveToInbox }),
    display: readDisplay(display),
  };
}
