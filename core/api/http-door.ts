/** The HTTP door: API, WebSocket and screen on one port. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createAdaptorServer, upgradeWebSocket, type WebSocketServerLike } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { WebSocketServer } from 'ws';
import type { InAppPages } from '../channels/inapp/pages.ts';
import { listen } from '../doors/listen.ts';
import { guard } from './guard.ts';
import { inAppDoor } from './inapp-door.ts';
import { inAppPageRoutes } from './inapp-pages.ts';
import { type LiveClient, LiveFeed } from './live.ts';
import { createMetrics } from './metrics.ts';
import { wholeDocument } from './openapi-document.ts';
import { problem, problemOf } from './problem.ts';
import { clockRoutes } from './routes/clock.ts';
import { connectRoutes } from './routes/connect.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { deliveryLogRoutes } from './routes/delivery-log.ts';
import { domainStandingRoutes } from './routes/domain-standing.ts';
import { domainRoutes } from './routes/domains.ts';
import { eventRoutes } from './routes/events.ts';
import { exchangeRoutes } from './routes/exchanges.ts';
import { handsetRoutes } from './routes/handsets.ts';
import { inAppRoutes } from './routes/inapp.ts';
import { liveRelayRoutes } from './routes/live-relay.ts';
import { mailboxRoutes } from './routes/mailboxes.ts';
import { oneMessageRoutes } from './routes/message.ts';
import { messageRoutes } from './routes/messages.ts';
import { partRoutes } from './routes/parts.ts';
import { phoneRoutes } from './routes/phones.ts';
import { pictureRoutes } from './routes/picture.ts';
import { projectRoutes } from './routes/projects.ts';
import { providerRoutes } from './routes/providers.ts';
import { pushRoutes } from './routes/push.ts';
import { queueRoutes } from './routes/queues.ts';
import { returnMailboxRoutes } from './routes/return-mailbox.ts';
import { ruleRoutes } from './routes/rules.ts';
import { scenarioRoutes } from './routes/scenarios.ts';
import { segmentRoutes } from './routes/segments.ts';
import { toCursor } from './routes/selection.ts';
import { sendRoutes } from './routes/send.ts';
import { smsReportRoutes } from './routes/sms-reports.ts';
import { smsSecretRoutes } from './routes/sms-secrets.ts';
import { statsRoutes } from './routes/stats.ts';
import { suppressionRoutes } from './routes/suppressions.ts';
import { templateRoutes } from './routes/templates.ts';
import { topicRoutes } from './routes/topics.ts';
import { trackRoutes } from './routes/track.ts';
import { unsubscribeRoutes } from './routes/unsubscribe.ts';
import { userRoutes } from './routes/users.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { workspaceRoutes } from './routes/workspace.ts';
import type { Services } from './services.ts';
import { staticFiles } from './static-files.ts';

export interface HttpDoorOptions {
  readonly hosts: readonly string[];
  readonly port: number;
  readonly allowHosts: readonly string[];
  readonly allowOrigins: readonly string[];
  readonly token: string | null;
  readonly basePath: string;
  readonly version: string;
  /** Folder of the built renderer. */
  readonly screenFolder: string;
  /** The client for web apps, and its demo page. */
  readonly inAppPages: InAppPages;
}

export interface HttpDoor {
  readonly port: number;
  close(): Promise<void>;
}

const preflightSecondsMax = 600;
/** WebSocket frames from clients carry nothing; larger ones are refused. */
const frameBytesMax = 64 * 1024;
/** How long WebSocket clients may take to say goodbye. */
const goodbyeMsMax = 1_000;

export async function openHttpDoor(options: HttpDoorOptions, services: Services): Promise<HttpDoor> {
  const live = new LiveFeed(services, options.version);
  const app = createApi(options, services, live);
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const make = (): Server => {
    const server = createAdaptorServer({ fetch: app.fetch, websocket: { server: webSockets() } }) as Server;
    // A wait may last five minutes, an import may be slow; idle connections are let go by keepAliveTimeout.
    server.requestTimeout = 600_000;
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    servers.push(server);
    return server;
  };
  const port = await listen(make, 'http', options.hosts, options.port);
  return {
    port,
    async close() {
      live.close();
      // A WebSocket is none of the server's connections any more, and its client may be asleep.
      const cancel = services.clock.after(goodbyeMsMax, () => {
        for (const socket of sockets) socket.destroy();
      });
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
      cancel();
    },
  };
}

/** ws fits what the adapter asks for, but for how the two write their optional parameters. */
function webSockets(): WebSocketServerLike {
  const sockets: unknown = new WebSocketServer({ noServer: true, maxPayload: frameBytesMax });
  if (!isWebSocketServer(sockets)) throw new Error('ws made no WebSocket server');
  return sockets;
}

function isWebSocketServer(value: unknown): value is WebSocketServerLike {
  return value instanceof WebSocketServer;
}

function createApi(options: HttpDoorOptions, services: Services, live: LiveFeed): Hono {
  const api = new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return;
      const errors = result.error.issues.map((issue) => ({
        field: issue.path.join('.'),
        code: issue.code,
        detail: issue.message,
      }));
      const said = errors.map(({ field, detail }) => (field === '' ? detail : `${field}: ${detail}`));
      return problem(c, 'bad_request', said.join('; '), errors);
    },
  });
  messageRoutes(api, services);
  sendRoutes(api, services);
  oneMessageRoutes(api, services);
  partRoutes(api, services);
  pictureRoutes(api, services);
  deliveryRoutes(api, services);
  deliveryLogRoutes(api, services);
  statsRoutes(api, services);
  queueRoutes(api, services);
  ruleRoutes(api, services);
  scenarioRoutes(api, services);
  workspaceRoutes(api, services);
  clockRoutes(api, services);
  suppressionRoutes(api, services);
  webhookRoutes(api, services);
  exchangeRoutes(api, services);
  eventRoutes(api, services);
  projectRoutes(api, services);
  connectRoutes(api, services);
  trackRoutes(api, services);
  inAppPageRoutes(api, options.inAppPages);
  domainRoutes(api, services);
  const { mailboxes, people, phones, handsets, push, domains, store } = services;
  if (people !== undefined) {
    userRoutes(api, people, services);
    topicRoutes(api, people);
    segmentRoutes(api, people, services);
    unsubscribeRoutes(api, people);
  }
  if (phones !== undefined) phoneRoutes(api, phones);
  if (handsets !== undefined) handsetRoutes(api, { carriers: handsets, store });
  if (services.live !== undefined) {
    liveRelayRoutes(api, services.live);
    returnMailboxRoutes(api, services.live.returns);
  }
  if (push !== undefined) pushRoutes(api, push);
  if (services.inApp !== undefined) inAppRoutes(api, { store, settings: services.inApp });
  if (services.templates !== undefined)
    templateRoutes(api, { room: services.templates, store, submissions: services.submissions });
  if (services.smsSecrets !== undefined) smsSecretRoutes(api, services.smsSecrets);
  if (services.smsFeedback !== undefined)
    smsReportRoutes(api, services.smsFeedback, { ...services, baseUrl: () => services.status().url });
  if (mailboxes !== undefined) {
    mailboxRoutes(api, { store, mailboxes, ownDomain: (domain) => domains.owner(domain) !== null });
    providerRoutes(api, mailboxes);
    domainStandingRoutes(api, services);
  }
  if (services.inAppDoor !== undefined) api.route('/', inAppDoor(services.inAppDoor));
  serveDocument(api, options);
  const metrics = createMetrics(services, () => live.clients);
  api.get('/livez', (c) => c.text('ok'));
  api.get('/readyz', (c) => {
    const failure = services.store.failure();
    return failure === null ? c.text('ok') : c.text(failure, 503);
  });
  api.get('/metrics', async (c) =>
    metrics().then(({ text, contentType }) => c.body(text, 200, { 'content-type': contentType })),
  );
  api.get(
    '/v1/live',
    (c, next) => {
      afterOf(c.req.query('after'));
      return next();
    },
    upgradeWebSocket((c) => liveSocket(live, afterOf(c.req.query('after')))),
  );

  const app = new Hono();
  app.onError((error, c) => problemOf(c, error, services.onProblem));
  if (options.allowOrigins.length > 0) {
    app.use('*', cors({ origin: [...options.allowOrigins], credentials: true, maxAge: preflightSecondsMax }));
  }
  app.use('*', guard(options));
  if (options.basePath === '') {
    app.route('/', api);
  } else {
    app.route(options.basePath, api);
    app.get('/', (c) => c.redirect(`${options.basePath}/`));
  }
  app.all(`${options.basePath}/v1/*`, (c) =>
    problem(
      c,
      'not_found',
      `There is nothing at ${c.req.method} ${c.req.path}; /v1/openapi.json lists what is.`,
    ),
  );
  staticFiles(app, options.screenFolder, options.basePath);
  app.notFound((c) => problem(c, 'not_found', `There is nothing at ${c.req.path}.`));
  return app;
}

/** Made when it is first asked for: a document of all routes takes a while. */
function serveDocument(api: OpenAPIHono, { version, basePath }: HttpDoorOptions): void {
  let made: ReturnType<typeof wholeDocument> | null = null;
  api.get('/v1/openapi.json', (c) => {
    made ??= wholeDocument(
      api.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Sandpost',
          version,
          description: 'The local sandbox for everything an app sends.',
        },
        servers: [{ url: basePath === '' ? '/' : basePath }],
      }),
      '/v1',
    );
    return c.json(made);
  });
}

function afterOf(after: string | undefined): number | null {
  return after === undefined || after === '' ? null : toCursor(after);
}

function liveSocket(live: LiveFeed, after: number | null) {
  let client: LiveClient | null = null;
  return {
    onOpen(_event: unknown, socket: Parameters<LiveFeed['join']>[0]) {
      client = live.join(socket, after);
    },
    onClose() {
      if (client !== null) live.leave(client);
    },
  };
}
