/**
 * A small app that uses the client as any app would. In a frame of Sandpost's screen it says what it shows, and why not the
 * others; the screen says where the user goes.
 */
import type { createInApp as CreateInApp, Eligible, InAppEntry } from '../index.ts';

declare const SandpostInApp: { readonly createInApp: typeof CreateInApp };

/** To the page around this one, after each change. */
export interface DemoState {
  readonly type: 'sandpost-inapp';
  readonly user: string;
  readonly url: string;
  readonly connection: 'live' | 'polling' | 'refused' | 'stopped';
  readonly unread: number;
  /** Ids of what is on display. */
  readonly shown: readonly string[];
  readonly passedOver: Eligible['ineligible'];
  /** What the door would show next: it is not on display yet where something else is. */
  readonly chosen: string | null;
  /** What it last told or did, in a few words. */
  readonly told: string;
}

/** From the page around this one. */
export interface DemoOrder {
  readonly type: 'sandpost-inapp-do';
  readonly page?: string;
  readonly event?: string;
  /** False: the page's network is gone until it is true again. */
  readonly online?: boolean;
}

const asked = new URLSearchParams(location.search);
const user = asked.get('user') ?? 'demo-user';
const key = asked.get('key');
const hash = asked.get('hash');
const theme = asked.get('theme');
const surface = asked.get('surface') ?? 'browser';
const session = asked.get('session');
const pages = [
  ['/', 'Home'],
  ['/products', 'Products'],
  ['/cart', 'Cart'],
  ['/account', 'Account'],
] as const;

const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no ${id}`);
  return element;
};

let page = asked.get('url') ?? '/';
let passedOver: Eligible['ineligible'] = [];
let chosen: string | null = null;
let told = '';
let connection: DemoState['connection'] = 'polling';
const shown = new Map<string, InAppEntry>();
const slots = new Set<string>();

const app = SandpostInApp.createInApp({
  url: doorUrl(),
  user,
  ...(session === null ? {} : { session }),
  ...(key === null ? {} : { key }),
  ...(hash === null ? {} : { userHash: hash }),
  followHistory: false,
  // Nothing leaves this page: where a link would lead is said.
  onLink(url) {
    if (/^\/(?!\/)/.test(url)) goTo(url);
    else tell(`opens ${url}`);
    return true;
  },
});

const realFetch = window.fetch.bind(window);
const networkFetch = askAndTell;
window.fetch = networkFetch;
const root = document.documentElement;
root.dataset.surface = surface;
// The page around it fires events, and says how it is connected.
if (parent !== window) {
  root.dataset.framed = '';
  leaveFocusOutside();
}
if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
byId('who').textContent = user;

for (const [path, name] of pages) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = name;
  button.dataset.page = path;
  button.onclick = () => goTo(path);
  byId('pages').append(button);
}

const inbox = byId('inbox');
const bell = byId('bell');
let unmount: (() => void) | null = null;
function openInbox(open: boolean): void {
  unmount?.();
  unmount = null;
  inbox.hidden = !open;
  bell.ariaExpanded = String(open);
  if (open) unmount = app.mountInbox(inbox);
}
bell.onclick = () => openInbox(unmount === null);
inbox.onkeydown = ({ key: pressed }) => {
  if (pressed !== 'Escape') return;
  openInbox(false);
  bell.focus();
};

byId('event').onsubmit = (event) => {
  event.preventDefault();
  fire(new FormData(event.target instanceof HTMLFormElement ? event.target : undefined).get('name'));
};

app.on('change', ({ unread }) => {
  const count = byId('count');
  count.hidden = unread === 0;
  count.textContent = unread > 99 ? '99+' : String(unread);
  bell.ariaLabel = `Messages, ${unread} unread`;
  post();
});
app.on('connection', (state) => {
  connection = state;
  byId('connection').textContent = state;
  post();
});
app.on('eligible', (eligible) => {
  passedOver = eligible.ineligible;
  chosen = eligible.chosen?.id ?? null;
  // A real app has its slots where it wants them; this one has any that are asked for.
  for (const { slot } of eligible.inline) if (slot !== null && !slots.has(slot)) addSlot(slot);
  post();
});
app.on('shown', (entry) => {
  shown.set(entry.id, entry);
  post();
});
app.on('closed', ({ id }) => {
  shown.delete(id);
  post();
});
app.on('seen', (entry) => tell(`seen: ${entry.title ?? entry.id}`));
app.on('clicked', ({ entry, action }) => tell(`clicked: ${action ?? entry.title ?? entry.id}`));

addEventListener('message', ({ origin, source, data }: MessageEvent<DemoOrder>) => {
  if (origin !== location.origin || source !== parent || data?.type !== 'sandpost-inapp-do') return;
  if (data.page !== undefined) goTo(data.page);
  if (data.event !== undefined) fire(data.event);
  if (data.online !== undefined) setOnline(data.online);
});

bell.ariaLabel = 'Messages';
addSlot('');
goTo(page);
app.start();
fire(asked.get('event'));

/**
 * A phone is another device than the browser beside it: what it shows the other one may show as well. The client tells
 * devices apart by their storage, which frames of one page share; so the address that its storage is named by differs.
 */
function doorUrl(): string {
  const { href } = new URL('..', location.href);
  return surface === 'phone' ? `${href}.` : href;
}

/** The client goes on asking when it is refused; whoever looks at this page is to know why nothing comes. */
async function askAndTell(...asked: Parameters<typeof fetch>): Promise<Response> {
  const response = await realFetch(...asked);
  if (response.status === 401 || response.status === 403) void explain(response.clone());
  return response;
}

async function explain(refusal: Response): Promise<void> {
  // A rule may have it answered with anything, and cut off.
  const { detail }: { readonly detail?: string } = await refusal.json().catch(() => ({}));
  tell(`refused with ${refusal.status}${detail === undefined ? '' : `: ${detail}`}`);
}

/** As when the device loses its network: no request goes out, and what was open is gone. */
function setOnline(online: boolean): void {
  Object.defineProperty(navigator, 'onLine', { configurable: true, value: online });
  window.fetch = online ? networkFetch : () => Promise.reject(new TypeError('The network is gone'));
  dispatchEvent(new Event(online ? 'online' : 'offline'));
  tell(online ? 'online again' : 'offline');
}

/** A pop-up takes the focus of its own page, not that of the page around it: somebody may be writing there. */
function leaveFocusOutside(): void {
  const { showModal } = HTMLDialogElement.prototype;
  HTMLDialogElement.prototype.showModal = function () {
    const outer = parent.document.activeElement;
    showModal.call(this);
    if (outer === frameElement) return;
    if (outer === null || outer === parent.document.body) parent.focus();
    else if ('focus' in outer && typeof outer.focus === 'function') outer.focus({ preventScroll: true });
  };
}

function addSlot(slot: string): void {
  const element = document.createElement('div');
  element.dataset.slot = slot;
  byId('slots').append(element);
  slots.add(slot);
  app.mountSlot(element, slot);
}

function goTo(next: string): void {
  page = next;
  byId('page').textContent = pages.find(([path]) => path === next)?.[1] ?? next;
  for (const button of byId('pages').querySelectorAll('button'))
    button.ariaCurrent = button.dataset.page === next ? 'page' : null;
  app.page(next);
  post();
}

function fire(name: FormDataEntryValue | null): void {
  if (typeof name !== 'string' || name === '') return;
  app.track(name);
  tell(`event: ${name}`);
}

function tell(text: string): void {
  byId('told').textContent = text;
  told = text;
  post();
}

function post(): void {
  if (parent === window) return;
  const state: DemoState = {
    type: 'sandpost-inapp',
    user,
    url: page,
    connection,
    unread: app.counts().unread,
    shown: [...shown.keys()],
    passedOver,
    chosen,
    told,
  };
  parent.postMessage(state, location.origin);
}
