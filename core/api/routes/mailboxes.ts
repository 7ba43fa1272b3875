/** /v1/mailboxes: the simulated people, and acting as one of them. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { mailboxOf } from '../../mailboxes/address.ts';
import type { MailboxProviders } from '../../mailboxes/index.ts';
import { usualMailboxSettings } from '../../mailboxes/settings.ts';
import { AppError } from '../../model/app-error.ts';
import { providerOf } from '../../model/mail-provider.ts';
import type { CopyRow } from '../../model/mailbox-copy.ts';
import type { MailboxRow, Store } from '../../store/store.ts';
import {
  actResultSchema,
  mailboxMessageDetailSchema,
  mailboxMessageSchema,
  mailboxSchema,
  mailboxSettingsSchema,
  placementSchema,
} from '../mailbox-schema.ts';
import { presentCopy, presentCopyDetail, presentMailbox } from '../present-mailbox.ts';
import { listOf } from '../schema.ts';
import { json, problems } from './responses.ts';
import { pageQuery, presentPage, toPage } from './selection.ts';

export interface MailboxServices {
  readonly store: Pick<Store, 'mailboxes' | 'copies' | 'copy' | 'copyBytes'>;
  readonly mailboxes: MailboxProviders;
  readonly ownDomain: (domain: string) => boolean;
}

const replyCharsMax = 100_000;
const urlCharsMax = 8_000;
const addressParam = z.object({
  address: z
    .string()
    .max(320)
    .openapi({ param: { name: 'address', in: 'path' } }),
});
const copyParam = addressParam.extend({
  copyId: z.string().openapi({ param: { name: 'copyId', in: 'path' } }),
});
const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
});

export function mailboxRoutes(api: OpenAPIHono, services: MailboxServices): void {
  const { store, mailboxes } = services;

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/mailboxes',
      summary: 'List mailboxes',
      request: {
        query: z.object({
          q: z.string().optional().openapi({ description: 'part of the address' }),
          after: z.string().optional(),
          limit: pageQuery.shape.limit,
        }),
      },
      responses: { 200: json(listOf(mailboxSchema), 'a page of them'), ...problems },
    }),
    async (c) => {
      const { q, after, limit } = c.req.valid('query');
      const page = await store.mailboxes(
        { text: q === undefined || q === '' ? null : q },
        { after: after === undefined || after === '' ? null : after, limit },
      );
      return c.json(
        {
          entries: page.entries.map((row) => presentMailbox(row, mailboxes)),
          nextCursor: page.next,
          total: page.total,
        },
        200,
      );
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/mailboxes/{address}',
      summary: 'One mailbox, with its settings',
      request: { params: addressParam },
      responses: { 200: json(mailboxSchema, 'the mailbox'), ...problems },
    }),
    async (c) => c.json(presentMailbox(await rowOf(services, c.req.valid('param').address), mailboxes), 200),
  );

  api.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/mailboxes/{address}',
      summary: 'Set how a mailbox and its owner behave',
      request: { params: addressParam, body: body(mailboxSettingsSchema.partial()) },
      responses: { 200: json(mailboxSchema, 'the mailbox'), ...problems },
    }),
    async (c) => {
      const { address } = c.req.valid('param');
      const row = await rowOf(services, address);
      await mailboxes.settings.changeMailbox(row.address, c.req.valid('json'));
      return c.json(presentMailbox(row, mailboxes), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/v1/mailboxes/{address}/reset',
      summary: 'Set a mailbox and its owner back to how they usually are',
      request: { params: addressParam },
      responses: { 200: json(mailboxSchema, 'the mailbox'), ...problems },
    }),
    async (c) => {
      const row = await rowOf(services, c.req.valid('param').address);
      await mailboxes.settings.changeMailbox(row.address, usualMailboxSettings);
      return c.json(presentMailbox(row, mailboxes), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/mailboxes/{address}/messages',
      summary: 'What is in a mailbox, newest first',
      request: { params: addressParam, query: pageQuery.extend({ placement: placementSchema.optional() }) },
      responses: { 200: json(listOf(mailboxMessageSchema), 'a page of them'), ...problems },
    }),
    async (c) => {
      const query = c.req.valid('query');
      const page = await store.copies(
        {
          mailbox: mailboxOf(c.req.valid('param').address),
          placement: query.placement ?? null,
          messageId: null,
          deliveryId: null,
        },
        toPage(query),
      );
      return c.json(presentPage(page, presentCopy), 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/mailboxes/{address}/messages/{copyId}',
      summary: 'A message as its recipient has it: authentication, filter, headers',
      request: { params: copyParam },
      responses: { 200: json(mailboxMessageDetailSchema, 'the message'), ...problems },
    }),
    async (c) => {
      const copy = await find(c.req.valid('param'));
      const [raw, read] = await Promise.all([store.copyBytes(copy.id), mailboxes.actions.facts(copy.id)]);
      if (raw === null) throw new AppError('not_found', `The bytes of ${copy.id} are not kept any more.`);
      return c.json(presentCopyDetail(copy, raw, read), 200);
    },
  );

  const { actions } = mailboxes;
  act(
    'open',
    'Open it; pictures are loaded unless they are blocked',
    z.object({ showPictures: z.boolean().default(false) }),
    (id, { showPictures }) => actions.open(id, showPictures),
  );
  act(
    'click',
    'Follow a link of it',
    z.object({ url: z.string().max(urlCharsMax) }),
    async (id, { url }) => ({
      visit: await actions.click(id, url),
    }),
  );
  act('reply', 'Answer it', z.object({ text: z.string().min(1).max(replyCharsMax) }), (id, { text }) =>
    actions.reply(id, text),
  );
  act('unsubscribe', 'Leave its list, in the best way that it offers', z.object({}), async (id) => {
    const { way, why, result } = await actions.unsubscribe(id);
    return { way, why, visit: result };
  });
  act('report-spam', 'Report it as spam', z.object({}), async (id) => ({
    reported: await actions.reportSpam(id),
  }));
  act(
    'star',
    'Put a star on it, or take it off',
    z.object({ starred: z.boolean().default(true) }),
    async (id, { starred }) => {
      await actions.star(id, starred);
      return {};
    },
  );
  act('delete', 'Delete it', z.object({}), async (id) => {
    await actions.delete(id);
    return {};
  });
  act(
    'move',
    'Move it, out of the spam or into it',
    z.object({ to: placementSchema }),
    async (id, { to }) => {
      await actions.move(id, to);
      return {};
    },
  );

  /** One act of the owner, as a POST. */
  function act<T extends z.ZodObject>(
    name: string,
    summary: string,
    schema: T,
    run: (copyId: string, said: z.output<T>) => Promise<Omit<z.input<typeof actResultSchema>, 'message'>>,
  ): void {
    api.openapi(
      createRoute({
        method: 'post',
        path: `/v1/mailboxes/{address}/messages/{copyId}/${name}`,
        summary,
        request: { params: copyParam, body: { ...body(schema), required: false } },
        responses: { 200: json(actResultSchema, 'what it led to'), ...problems },
      }),
      async (c) => {
        const copy = await find(copyParam.parse(c.req.param()));
        const said = schema.safeParse((await c.req.text()) === '' ? {} : await c.req.json());
        if (!said.success)
          throw new AppError(
            'bad_request',
            said.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`).join('; '),
          );
        const result = await run(copy.id, said.data);
        return c.json({ message: presentCopy((await store.copy(copy.id)) ?? copy), ...result }, 200);
      },
    );
  }

  async function find(param: { readonly address: string; readonly copyId: string }): Promise<CopyRow> {
    const copy = await store.copy(param.copyId);
    if (copy === null || copy.mailbox !== mailboxOf(param.address))
      throw new AppError('not_found', `There is no message ${param.copyId} in the mailbox ${param.address}.`);
    return copy;
  }
}

/** Every address has a mailbox, one that nothing came to yet too. */
async function rowOf({ store, ownDomain }: MailboxServices, asked: string): Promise<MailboxRow> {
  const address = mailboxOf(asked);
  if (!/^[^\s@]+@[^\s@]+$/.test(address)) throw new AppError('bad_request', `"${asked}" is no address.`);
  const { entries } = await store.mailboxes({ text: address }, { after: null, limit: 50 });
  return (
    entries.find((row) => row.address === address) ?? {
      address,
      provider: providerOf(address.slice(address.lastIndexOf('@') + 1), ownDomain).key,
      counts: { inbox: 0, promotions: 0, updates: 0, spam: 0 },
      unseen: 0,
      lastAtMs: null,
    }
  );
}
