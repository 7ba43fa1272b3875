/** /v1/handsets and /v1/sms: numbers and the carriers behind them, acting as their owners, and what can be set about SMS. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { everyDelivery } from '../../delivery/queue.ts';
import { AppError } from '../../model/app-error.ts';
import type { Handset, SmsSender } from '../../model/handset.ts';
import { phoneNumber } from '../../model/phone-number.ts';
import { type SmsProvider, type SmsRow, smsProviders } from '../../model/sms.ts';
import { anatomyOf, smartEncoded } from '../../model/sms-text.ts';
import { filteredBecause } from '../../phones/sms/content-filter.ts';
import type { Carriers } from '../../phones/sms/index.ts';
import { senderKindOf, senderName } from '../../phones/sms/sender-rules.ts';
import { anyOfProvider } from '../../phones/sms/senders.ts';
import type { SmsThread, Store } from '../../store/store.ts';
import {
  type CallAbout,
  presentCallback,
  presentHandset,
  presentSender,
  presentSms,
  presentThread,
} from '../present-sms.ts';
import { listOf } from '../schema.ts';
import {
  carrierSchema,
  handsetChangeSchema,
  handsetOfflineSchema,
  handsetSchema,
  newHandsetSchema,
  repliedSchema,
  replySchema,
  type SmsSettingsView,
  smsPreviewRequestSchema,
  smsPreviewSchema,
  smsSchema,
  smsSenderChangeSchema,
  smsSenderSchema,
  smsSettingsChangeSchema,
  smsSettingsSchema,
  smsThreadSchema,
} from '../sms-schema.ts';
import { conflict, json, problems } from './responses.ts';
import { pageQuery, presentPage, toPage } from './selection.ts';

/** Callbacks that are shown with a page of messages. */
const callbacksMax = 1_000;
/** Rows of one message: one for each of its recipients. */
const rowsMax = 500;
const threadsMax = 500;

const numberParam = z.object({
  number: z.string().openapi({ param: { name: 'number', in: 'path' }, example: '+14155550123' }),
});
const senderParam = z.object({
  provider: z.enum(smsProviders).openapi({ param: { name: 'provider', in: 'path' } }),
  sender: z
    .string()
    .min(1)
    .max(64)
    .openapi({
      param: { name: 'sender', in: 'path' },
      description: 'number, short code, name, messaging service; *: for all that say nothing themselves',
    }),
});
const body = <T extends z.ZodType>(schema: T, required = true) => ({
  required,
  content: { 'application/json': { schema } },
});

export interface HandsetRoutePorts {
  readonly carriers: Carriers;
  readonly store: Pick<Store, 'deliveries' | 'delivery' | 'message'>;
}

export function handsetRoutes(api: OpenAPIHono, { carriers, store }: HandsetRoutePorts): void {
  const { handsets, replies, settings } = carriers;
  const shown = (handset: Handset) => presentHandset(handset, handsets.waiting(handset.number));

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/handsets',
      summary: 'List handsets, newest first',
      request: {
        query: z.object({
          q: z.string().max(400).optional().openapi({ description: 'part of a number, name or user' }),
          user: z.string().optional(),
          after: z.string().optional().openapi({ description: 'nextCursor of the page before' }),
          limit: pageQuery.shape.limit,
        }),
      },
      responses: { 200: json(listOf(handsetSchema), 'a page of them'), ...problems },
    }),
    (c) => {
      const { q = '', user, after = '', limit } = c.req.valid('query');
      const text = q.trim().toLowerCase();
      const all = (user === undefined ? handsets.list() : handsets.of(user)).toReversed();
      const matching = text === '' ? all : all.filter((handset) => has(handset, text));
      const from = after === '' ? 0 : matching.findIndex(({ number }) => number === after) + 1;
      if (after !== '' && from === 0)
        throw new AppError('bad_request', `"${after}" is no cursor; use nextCursor of the page before`);
      const page = matching.slice(from, from + limit);
      return c.json(
        {
          entries: page.map(shown),
          nextCursor: from + limit < matching.length ? (page.at(-1)?.number ?? null) : null,
          total: matching.length,
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/handsets',
      summary: 'Make a handset; one that is sent to is made by itself',
      request: { body: body(newHandsetSchema) },
      responses: { 201: json(handsetSchema, 'the handset'), ...problems, ...conflict },
    }),
    async (c) => c.json(shown(await handsets.create(c.req.valid('json'))), 201),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/handsets/{number}',
      summary: 'One handset',
      request: { params: numberParam },
      responses: { 200: json(handsetSchema, 'the handset'), ...problems },
    }),
    (c) => c.json(shown(existing(c.req.valid('param').number)), 200),
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/handsets/{number}',
      summary: 'Change a handset: its owner, its line, its carrier, whether it is on',
      request: { params: numberParam, body: body(handsetChangeSchema) },
      responses: { 200: json(handsetSchema, 'the handset'), ...problems, ...conflict },
    }),
    async (c) => {
      const { number } = c.req.valid('param');
      const { online, forMs, optOuts, ...wanted } = c.req.valid('json');
      existing(number);
      if (Object.keys(wanted).length > 0 || optOuts !== undefined)
        await handsets.change(number, { ...wanted, ...(optOuts === undefined ? {} : { optOuts: [] }) });
      if (online === true) await handsets.switchOn(number);
      if (online === false) await handsets.switchOff(number, forMs ?? null);
      return c.json(shown(existing(number)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/handsets/{number}',
      summary: 'Delete a handset; what waits for it is undelivered',
      request: { params: numberParam },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      await handsets.remove(c.req.valid('param').number);
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/handsets/{number}/online',
      summary: 'Switch it on; what waits gets there',
      request: { params: numberParam },
      responses: { 200: json(handsetSchema, 'the handset'), ...problems },
    }),
    async (c) => c.json(shown(await handsets.switchOn(c.req.valid('param').number)), 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/handsets/{number}/offline',
      summary: 'Switch it off, for a while of virtual time or until it is switched on',
      request: { params: numberParam, body: body(handsetOfflineSchema, false) },
      responses: { 200: json(handsetSchema, 'the handset'), ...problems },
    }),
    async (c) => {
      const { forMs = null } = c.req.valid('json');
      return c.json(shown(await handsets.switchOff(c.req.valid('param').number, forMs)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/handsets/{number}/threads',
      summary: 'Who wrote to it, and to whom it wrote: newest first',
      request: { params: numberParam, query: z.object({ limit: pageQuery.shape.limit }) },
      responses: { 200: json(z.object({ entries: z.array(smsThreadSchema) }), 'its threads'), ...problems },
    }),
    async (c) => {
      const threads = await handsets.threads(c.req.valid('param').number, c.req.valid('query').limit);
      return c.json({ entries: threads.map(thread) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sms/threads',
      summary: 'The threads of all handsets, newest first',
      request: { query: z.object({ limit: z.coerce.number().int().min(1).max(threadsMax).default(100) }) },
      responses: { 200: json(z.object({ entries: z.array(smsThreadSchema) }), 'the threads'), ...problems },
    }),
    async (c) => {
      const threads = await handsets.threads(null, c.req.valid('query').limit);
      return c.json({ entries: threads.map(thread) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/handsets/{number}/messages',
      summary: 'What came to it and went from it, newest first, with what the app was told',
      request: { params: numberParam, query: pageQuery.extend({ sender: z.string().optional() }) },
      responses: { 200: json(listOf(smsSchema), 'a page of them'), ...problems },
    }),
    async (c) => {
      const { sender = null, ...page } = c.req.valid('query');
      const found = await handsets.messages(c.req.valid('param').number, sender, toPage(page));
      const calls = await callsAbout(found.entries);
      return c.json(
        presentPage(found, (sms) => presentSms(sms, calls)),
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/handsets/{number}/replies',
      summary: 'Answer as its owner: the provider hears it, and tells the app',
      description: 'STOP, START, HELP and their sister words are seen to as the provider does.',
      request: { params: numberParam, body: body(replySchema) },
      responses: { 201: json(repliedSchema, 'what became of it'), ...problems, ...conflict },
    }),
    async (c) => {
      const { sms, outcome, detail } = await replies.reply(c.req.valid('param').number, c.req.valid('json'));
      const { id, providerId, provider } = sms;
      return c.json({ id, providerId, provider, outcome, detail }, 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/messages/{id}/sms',
      summary: 'What became of an SMS at its provider and its handsets, and what the app was told',
      request: { params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }) },
      responses: { 200: json(z.object({ entries: z.array(smsSchema) }), 'one for each number'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { entries } = await handsets.ofMessage(id, { after: null, limit: rowsMax });
      if (entries.length === 0 && (await store.message(id)) === null)
        throw new AppError('not_found', `There is no message ${id}.`);
      const calls = await callsAbout(entries);
      return c.json({ entries: entries.toReversed().map((sms) => presentSms(sms, calls)) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sms/settings',
      summary: 'How SMS providers and carriers behave, and what they cost',
      responses: { 200: json(smsSettingsSchema, 'the settings'), ...problems },
    }),
    (c) => c.json(shownSettings(), 200),
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/sms/settings',
      summary: 'Set how SMS providers and carriers behave; what is left out stays',
      request: { body: body(smsSettingsChangeSchema) },
      responses: { 200: json(smsSettingsSchema, 'the settings'), ...problems },
    }),
    async (c) => {
      const { credentials, ...wanted } = c.req.valid('json');
      if (credentials !== undefined) await settings.setCredentials(credentials);
      await settings.change(withoutUndefined(wanted));
      return c.json(shownSettings(), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sms/carriers',
      summary: 'The carriers that there are',
      responses: { 200: json(z.object({ entries: z.array(carrierSchema) }), 'the carriers'), ...problems },
    }),
    (c) => c.json({ entries: handsets.carriers().map((one) => ({ ...one })) }, 200),
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sms/senders',
      summary: 'The senders that providers know',
      request: { query: z.object({ provider: z.enum(smsProviders).optional() }) },
      responses: { 200: json(listOf(smsSenderSchema), 'all of them'), ...problems },
    }),
    (c) => {
      const { provider } = c.req.valid('query');
      const all = settings
        .senders()
        .filter((one) => provider === undefined || one.provider === provider)
        .toReversed();
      return c.json({ entries: all.map(presentSender), nextCursor: null, total: all.length }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'put',
      path: '/v1/sms/senders/{provider}/{sender}',
      summary:
        'Register a sender, or change it: where answers and reports go, which countries it is registered in',
      request: { params: senderParam, body: body(smsSenderChangeSchema, false) },
      responses: { 200: json(smsSenderSchema, 'the sender'), ...problems, ...conflict },
    }),
    async (c) => {
      const { provider, sender } = c.req.valid('param');
      const wanted = withoutUndefined(c.req.valid('json'));
      const before = settings
        .senders()
        .find((one) => one.provider === provider && one.sender === senderName(sender));
      const next: SmsSender = { ...(before ?? newSender(provider, sender)), ...wanted, onTheFly: false };
      return c.json(presentSender(await settings.saveSender(next)), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/sms/senders/{provider}/{sender}',
      summary: 'Forget a sender',
      request: { params: senderParam },
      responses: { 204: { description: 'done' }, ...problems },
    }),
    async (c) => {
      const { provider, sender } = c.req.valid('param');
      await settings.removeSender(provider, sender);
      return c.body(null, 204);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/sms/preview',
      summary: 'How a text would be cut into parts, what made it Unicode, and what it costs',
      request: { body: body(smsPreviewRequestSchema) },
      responses: { 200: json(smsPreviewSchema, 'its parts'), ...problems },
    }),
    (c) => {
      const { text, provider, number } = c.req.valid('json');
      const { texts, unicode, ...counted } = anatomyOf(text);
      const country = number === undefined ? null : (phoneNumber(number)?.country ?? null);
      const { filter } = settings.settings();
      const plain = counted.encoding === 'UCS-2' ? smartEncoded(text) : text;
      return c.json(
        {
          ...counted,
          partTexts: [...texts],
          unicode: unicode.map((one) => ({ ...one })),
          price: settings.price({ provider, country, parts: counted.parts }),
          plain: plain !== text && anatomyOf(plain).encoding === 'GSM-7' ? plain : null,
          filtered: filter.on ? filteredBecause(text, filter.words) : null,
        },
        200,
      );
    },
  );

  function existing(number: string): Handset {
    const handset = handsets.get(number);
    if (handset === null)
      throw new AppError('not_found', `There is no handset ${number}; make one with POST /v1/handsets.`);
    return handset;
  }

  function thread(one: SmsThread) {
    const { provider, account, service } = one.last;
    return presentThread(one, {
      optedOut: carriers.farSide.optedOut({
        provider,
        account,
        service,
        sender: one.sender,
        number: one.number,
      }),
      canReply: one.sender !== '' && senderKindOf(one.sender) !== 'alphanumeric',
    });
  }

  function shownSettings(): SmsSettingsView {
    const credentials = Object.fromEntries(
      Object.entries(settings.accounts()).map(([provider, accounts]) => [provider, [...accounts]]),
    );
    return { ...settings.settings(), credentials };
  }

  /** Of a whole page at once: callbacks are about the message, or the SMS where there is none. */
  async function callsAbout(rows: readonly SmsRow[]): Promise<readonly CallAbout[]> {
    const about = [...new Set(rows.map(({ id, messageId }) => messageId ?? id))];
    if (about.length === 0) return [];
    const { entries } = await store.deliveries(
      { ...everyDelivery, carriage: 'callback', about },
      { after: null, limit: callbacksMax },
    );
    const details = await Promise.all(entries.toReversed().map(({ id }) => store.delivery(id)));
    return details.flatMap((detail) => (detail === null ? [] : (presentCallback(detail) ?? [])));
  }
}

function newSender(provider: SmsProvider, sender: string): SmsSender {
  return {
    sender: sender === anyOfProvider ? sender : senderName(sender),
    provider,
    account: null,
    countries: ['*'],
    service: null,
    inboundUrl: null,
    inboundMethod: 'POST',
    statusUrl: null,
    onTheFly: false,
  };
}

function has({ number, name, user }: Handset, text: string): boolean {
  return [number, name, user].some((value) => value?.toLowerCase().includes(text) ?? false);
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** What was left out of a request is not in the change. */
function withoutUndefined<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<
    Defined<T>
  >;
}
