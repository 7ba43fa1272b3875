/** The in-app client and its demo page on the API's own port, so that the screen's frames have one origin with it. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { InAppPages } from '../channels/inapp/pages.ts';

export function inAppPageRoutes(api: OpenAPIHono, pages: InAppPages): void {
  for (const path of ['/inapp/demo', '/inapp/demo/:file', '/inapp/v1/client.js', '/inapp/v1/client.mjs'])
    api.get(path, (c, next) => {
      const below = c.req.path.slice(c.req.path.indexOf('/inapp/') + '/inapp'.length);
      const reply = pages.find(below, c.req.header('if-none-match') ?? null);
      if (reply === null) return next();
      const body = typeof reply.body === 'string' ? reply.body : new Uint8Array(reply.body);
      return new Response(reply.status === 304 ? null : body, {
        status: reply.status,
        headers: Object.fromEntries(reply.fields),
      });
    });
}
