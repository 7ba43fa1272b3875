/** What the form of a new in-app message holds, and the request that it makes. Pure. */
import type { InAppMessage, NewInApp } from '../api/inapp.ts';

type Display = InAppMessage['display'];

export interface MessageForm {
  readonly user: string;
  readonly kind: Display['kind'];
  readonly title: string;
  /** Of a carousel a slide for each paragraph. */
  readonly body: string;
  readonly action: string;
  readonly link: string;
  readonly directive: 'any' | 'show' | 'hide';
  readonly operator: Display['pageRules'][number]['operator'];
  readonly page: string;
  readonly frequency: Display['frequency'];
  readonly trigger: string;
  readonly slot: string;
  readonly priority: number;
  readonly saveToInbox: boolean;
}

export const newForm = (user: string): MessageForm => ({
  user,
  kind: 'modal',
  title: 'Welcome back',
  body: 'Have a look at what is new.',
  action: 'Show me',
  link: '',
  directive: 'any',
  operator: 'startsWith',
  page: '/cart',
  frequency: 'once',
  trigger: '',
  slot: '',
  priority: 500,
  saveToInbox: false,
});

/** What is empty is left out, as the API has it. */
export function readForm(form: MessageForm): NewInApp {
  const { kind, title, body, directive, operator } = form;
  const [action, link, trigger, slot] = [form.action, form.link, form.trigger, form.slot].map((one) =>
    one.trim(),
  );
  const paragraphs = body.split(/\n\s*\n/).filter((one) => one.trim() !== '');
  const isCarousel = kind === 'carousel';
  return {
    ...(title.trim() === '' ? {} : { title: title.trim() }),
    ...(isCarousel
      ? { slides: paragraphs.map((one) => ({ body: one.trim() })) }
      : body.trim() === ''
        ? {}
        : { body }),
    ...(link === undefined || link === '' ? {} : { link }),
    ...(action === undefined || action === ''
      ? {}
      : { actions: [{ label: action, ...(link === undefined || link === '' ? {} : { url: link }) }] }),
    priority: form.priority,
    ...(kind === 'inbox' ? {} : { saveToInbox: form.saveToInbox }),
    display: {
      kind,
      frequency: form.frequency,
      ...(directive === 'any' ? {} : { pageRules: [{ directive, operator, argument: form.page.trim() }] }),
      ...(trigger === undefined || trigger === '' ? {} : { trigger }),
      ...(slot === undefined || slot === '' || (kind !== 'inline' && !isCarousel) ? {} : { slot }),
    },
  };
}
