/** What tracked messages lead back to: the open pixel and the click redirect. Open to everyone who has the address. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { trackedId } from '../../channels/email/tracking.ts';
import { messageOf } from '../../model/app-error.ts';
import type { EventType } from '../../model/message.ts';
import { problem } from '../problem.ts';
import type { Services } from '../services.ts';

/** A transparent GIF of one pixel. */
const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

/**
 * Who fetches ahead of, or instead of, the reader. A hit of theirs says nothing about an eye. The bare `Mozilla/5.0` is
 * Apple's Mail Privacy Protection: browsers say more.
 */
const prefetchers =
  /^Mozilla\/5\.0$|GoogleImageProxy|YahooMailProxy|ggpht|Mail-Privacy|Barracuda|Mimecast|Proofpoint|SafeLinks|LinkScanner|Sandpost-Scanner|Sandpost-Prefetch|bot\b|crawler|spider/i;
const userAgentCharsMax = 300;

export function trackRoutes(api: OpenAPIHono, services: Services): void {
  const { store } = services;

  api.get('/t/o/:file', async (c) => {
    await hit(c, c.req.param('file').replace(/\.gif$/, ''), 'opened', {});
    c.header('cache-control', 'no-store, private');
    return c.body(pixel, 200, { 'content-type': 'image/gif' });
  });

  api.get('/t/c/:token/:n', async (c) => {
    const token = c.req.param('token');
    const id = trackedId(token);
    const found = id === null ? null : await messageOfToken(id);
    const link = found?.details?.links[Number(c.req.param('n'))];
    if (link === undefined)
      return problem(c, 'not_found', 'This link belongs to no message that is still here.');
    await hit(c, token, 'clicked', { url: link });
    c.header('cache-control', 'no-store, private');
    return c.redirect(link, 302);
  });

  async function messageOfToken(id: string) {
    const delivery = await store.delivery(id);
    return store.message(delivery?.delivery.messageId ?? id);
  }

  /** A reader must see the picture or the page whatever becomes of the event. */
  async function hit(
    c: Context,
    token: string,
    type: EventType,
    data: Record<string, unknown>,
  ): Promise<void> {
    const id = trackedId(token);
    if (id === null) return;
    try {
      const deliveryId = (await store.delivery(id)) === null ? await onlyDeliveryOf(id) : id;
      if (deliveryId === null) return;
      const userAgent = (c.req.header('user-agent') ?? '').slice(0, userAgentCharsMax);
      await store.note([
        {
          deliveryId,
          type,
          nowMs: services.time.nowMs(),
          data: { ...data, userAgent, prefetch: prefetchers.test(userAgent) },
          change: null,
        },
      ]);
    } catch (error) {
      services.onProblem(`a hit could not be kept: ${messageOf(error)}`);
    }
  }

  /** The message's own token, which a recipient's did not take the place of: with one recipient it is plain whose. */
  async function onlyDeliveryOf(messageId: string): Promise<string | null> {
    const deliveries = (await store.message(messageId))?.deliveries ?? [];
    return deliveries.length === 1 ? (deliveries[0]?.id ?? null) : null;
  }
}
