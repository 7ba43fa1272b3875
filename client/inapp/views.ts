/** The usual markup of each kind: plain and named, for the app's own style. */
import { button, linkKind, make } from './element.ts';
import type { InAppAction, InAppEntry, InAppKind, Renderer, Tools } from './options.ts';

type Part = Pick<InAppEntry, 'title' | 'body' | 'image' | 'actions'>;

export interface ContentPorts {
  /** @param action null: the message itself @param event of a real link, which the browser follows by itself */
  choose(action: InAppAction | null, event?: Event): void;
  /** Whether something is there that the link could open. */
  opens(url: string | null): url is string;
}

/** Image, title, text and actions; each is left out where the message has none. */
export function contentOf(entry: InAppEntry, part: Part, { choose, opens }: ContentPorts): HTMLElement[] {
  const link = (label: string, className: string, url: string | null, action: InAppAction | null) => {
    if (!url || linkKind(url) !== 'web') return button(label, className, () => choose(action));
    const anchor = make('a', className, [label], { href: url, rel: 'noopener' });
    anchor.onclick = (event) => choose(action, event);
    return anchor;
  };
  const elements: HTMLElement[] = [];
  if (part.image && linkKind(part.image) === 'web') {
    const image = make('img', 'image', [], { src: part.image, alt: '' });
    image.onerror = () => image.remove();
    elements.push(image);
  }
  if (part.title)
    elements.push(
      make('h2', 'title', [
        part === entry && opens(entry.link) ? link(part.title, 'link', entry.link, null) : part.title,
      ]),
    );
  if (part.body) {
    const body = make('p', 'body', [part.body]);
    body.style.whiteSpace = 'pre-line';
    elements.push(body);
  }
  const actions = part.actions.filter(({ url }) => url === null || opens(url));
  if (actions[0])
    elements.push(
      make(
        'div',
        'actions',
        actions.map((action) => link(action.label, `action sp-inapp-${action.style}`, action.url, action)),
      ),
    );
  return elements;
}

const framed = (tag: 'dialog' | 'section', entry: InAppEntry, { content, dismiss, labels }: Tools) => {
  const close = button(labels.close, 'close', dismiss);
  return make(tag, `${entry.kind} sp-inapp`, [...content(), close], {
    'aria-label': entry.title ?? entry.body ?? entry.kind,
  });
};
const dialog: Renderer = (entry, tools) => framed('dialog', entry, tools);
const section: Renderer = (entry, tools) => framed('section', entry, tools);

/** Source: WAI-ARIA Authoring Practices, carousel pattern (https://www.w3.org/WAI/ARIA/apg/patterns/carousel/). */
const carousel: Renderer = (entry, tools) => {
  const { labels } = tools;
  const slides = entry.slides.map((slide, index) =>
    make('div', 'slide', tools.content(slide), {
      role: 'group',
      'aria-roledescription': 'slide',
      'aria-label': `${index + 1} / ${entry.slides.length}`,
    }),
  );
  let at = 0;
  const go = (by: number): void => {
    at = (at + by + slides.length) % slides.length;
    slides.forEach((slide, index) => {
      slide.hidden = index !== at;
    });
  };
  const element = section(entry, tools);
  element.setAttribute('aria-roledescription', 'carousel');
  element.lastChild?.before(
    make('div', 'slides', slides, { 'aria-live': 'polite' }),
    button(labels.previous, 'previous', () => go(-1)),
    button(labels.next, 'next', () => go(1)),
  );
  element.onkeydown = ({ key }) => {
    if (key === 'ArrowLeft') go(-1);
    if (key === 'ArrowRight') go(1);
  };
  go(0);
  return element;
};

export const views: Readonly<Record<InAppKind, Renderer>> = {
  modal: dialog,
  fullScreen: dialog,
  inbox: dialog,
  banner(entry, tools) {
    const element = section(entry, tools);
    element.role = 'status';
    return element;
  },
  inline: section,
  carousel,
};
