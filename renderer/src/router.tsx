import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { basePath } from './base-path.ts';
import { Frame } from './frame/frame.tsx';
import { NotFound, RoomError } from './frame/room-states.tsx';
import { MessagesRoom } from './messages/messages-room.tsx';
import { parseSearch, readRoomSearch, stringifySearch } from './room-search.ts';

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NotFound,
  errorComponent: RoomError,
  validateSearch: readRoomSearch,
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: ({ search }) => {
    throw redirect({ to: '/messages', search, replace: true });
  },
});

// The room stays mounted when a message opens: its list must not lose its place.
const messages = createRoute({ getParentRoute: () => root, path: '/messages', component: MessagesRoom });
const message = createRoute({ getParentRoute: () => messages, path: '/$id' });
const exchanges = createRoute({
  getParentRoute: () => root,
  path: '/exchanges',
  component: lazyRouteComponent(() => import('./exchanges/exchanges-room.tsx'), 'ExchangesRoom'),
});
const exchange = createRoute({ getParentRoute: () => exchanges, path: '/$id' });
const domains = createRoute({
  getParentRoute: () => root,
  path: '/domains',
  component: lazyRouteComponent(() => import('./domains/domains-room.tsx'), 'DomainsRoom'),
});
const domain = createRoute({ getParentRoute: () => domains, path: '/$name' });
const queue = createRoute({
  getParentRoute: () => root,
  path: '/queue',
  component: lazyRouteComponent(() => import('./queue/queue-room.tsx'), 'QueueRoom'),
});
const queued = createRoute({ getParentRoute: () => queue, path: '/$id' });
const suppressions = createRoute({
  getParentRoute: () => root,
  path: '/suppressions',
  component: lazyRouteComponent(() => import('./suppressions/suppressions-room.tsx'), 'SuppressionsRoom'),
});
const mailboxes = createRoute({
  getParentRoute: () => root,
  path: '/mailboxes',
  component: lazyRouteComponent(() => import('./mailboxes/mailboxes-room.tsx'), 'MailboxesRoom'),
});
const provider = createRoute({ getParentRoute: () => mailboxes, path: '/provider/$provider' });
const standing = createRoute({ getParentRoute: () => mailboxes, path: '/standing/$domain' });
const mailbox = createRoute({ getParentRoute: () => mailboxes, path: '/$address' });
const copy = createRoute({ getParentRoute: () => mailboxes, path: '/$address/$copyId' });
const phones = createRoute({
  getParentRoute: () => root,
  path: '/phones',
  component: lazyRouteComponent(() => import('./phones/phones-room.tsx'), 'PhonesRoom'),
});
const phone = createRoute({ getParentRoute: () => phones, path: '/$phoneId' });
const handsets = createRoute({ getParentRoute: () => phones, path: '/handsets' });
const handset = createRoute({ getParentRoute: () => phones, path: '/handsets/$number' });
const inapp = createRoute({
  getParentRoute: () => root,
  path: '/inapp',
  component: lazyRouteComponent(() => import('./inapp/inapp-room.tsx'), 'InAppRoom'),
});
const inappUser = createRoute({ getParentRoute: () => inapp, path: '/$user' });
const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  component: lazyRouteComponent(() => import('./users/users-room.tsx'), 'UsersRoom'),
});
const user = createRoute({ getParentRoute: () => users, path: '/$user' });
const templates = createRoute({
  getParentRoute: () => root,
  path: '/templates',
  component: lazyRouteComponent(() => import('./templates/templates-room.tsx'), 'TemplatesRoom'),
});
const template = createRoute({ getParentRoute: () => templates, path: '/$template' });
const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  component: lazyRouteComponent(() => import('./rules/rules-room.tsx'), 'RulesRoom'),
});
const liveRelay = createRoute({
  getParentRoute: () => root,
  path: '/live-relay',
  component: lazyRouteComponent(() => import('./live-relay/live-relay-room.tsx'), 'LiveRelayRoom'),
});
const connect = createRoute({
  getParentRoute: () => root,
  path: '/connect',
  component: lazyRouteComponent(() => import('./connect/connect-room.tsx'), 'ConnectRoom'),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings/settings-room.tsx'), 'SettingsRoom'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    messages.addChildren([message]),
    queue.addChildren([queued]),
    suppressions,
    exchanges.addChildren([exchange]),
    mailboxes.addChildren([provider, standing, mailbox, copy]),
    phones.addChildren([phone, handsets, handset]),
    inapp.addChildren([inappUser]),
    users.addChildren([user]),
    templates.addChildren([template]),
    rules,
    domains.addChildren([domain]),
    liveRelay,
    connect,
    settings,
  ]),
  basepath: basePath === '' ? '/' : basePath,
  parseSearch,
  stringifySearch,
  // An address of a mailbox is read as it is.
  pathParamsAllowedCharacters: ['@', '+'],
  defaultPreload: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
