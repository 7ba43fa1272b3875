/**
 * What List-Unsubscribe leads to. A GET only asks, for scanners follow every link; a POST does it (RFC 8058 §3.1). Open to
 * everyone who has the address, which nobody can make up.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { UserChannel, UserPreferences } from '../../model/user.ts';
import { userChannels } from '../../model/user.ts';
import type { People } from '../../people/index.ts';
import type { UnsubscribeAbout } from '../../people/unsubscribe-link.ts';
import { preferencePage, unknownLinkPage } from '../preference-page.ts';

const formBytesMax = 64 * 1024;

export function unsubscribeRoutes(api: OpenAPIHono, people: People): void {
  api.get('/u/:token', async (c) => {
    const about = people.readUnsubscribe(c.req.param('token'));
    if (about === null) return page(c, unknownLinkPage(), 404);
    return page(c, await shown(about, null), 200);
  });

  api.post('/u/:token', async (c) => {
    const about = people.readUnsubscribe(c.req.param('token'));
    if (about === null) return page(c, unknownLinkPage(), 404);
    const form = await formOf(c);
    if (form === null) return c.text('The form is too large.', 413);
    if (form.get('action') === 'save') {
      await people.ensurePreferences(about.user, (before) => chosen(form, before));
      return page(c, await shown(about, 'Saved.'), 200);
    }
    // RFC 8058 §3.2 has mail programs say `List-Unsubscribe=One-Click`; the page's own button says `action=unsubscribe`.
    const oneClick = form.get('List-Unsubscribe') === 'One-Click';
    if (!oneClick && form.get('action') !== 'unsubscribe')
      return c.text('Send List-Unsubscribe=One-Click (RFC 8058).', 400);
    await people.unsubscribe(about, oneClick ? 'one-click' : 'page');
    // A mail program shows no page, and follows no redirect (RFC 8058 §3.1).
    return oneClick ? c.text('Unsubscribed.') : page(c, await shown(about, 'You are unsubscribed.'), 200);
  });

  async function shown(about: UnsubscribeAbout, done: string | null): Promise<string> {
    const user = await people.get(about.user);
    return preferencePage({
      user: user?.email ?? user?.name ?? about.user,
      topic: about.topic,
      topics: people.topics(),
      preferences: user?.preferences ?? null,
      done,
    });
  }

  /** Every choice of the page: what is not ticked is not in the form. */
  function chosen(form: URLSearchParams, before: UserPreferences): UserPreferences {
    const topics: Record<string, UserPreferences['topics'][string]> = { ...before.topics };
    for (const { id, required } of people.topics()) {
      if (required) continue;
      const wanted = form.has(`topic.${id}`);
      const said = topics[id];
      // What was said by channel stays where the topic stays wanted.
      if (!wanted) topics[id] = false;
      else if (said === undefined || typeof said === 'boolean') topics[id] = true;
    }
    const channels: { [channel in UserChannel]?: boolean } = { ...before.channels };
    for (const channel of userChannels) {
      if (!form.has(`channel.${channel}`)) channels[channel] = false;
      else if (channels[channel] === false) channels[channel] = true;
    }
    return { topics, channels, unsubscribed: form.has('unsubscribed') };
  }
}

async function formOf(c: Context): Promise<URLSearchParams | null> {
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > formBytesMax) return null;
  // RFC 8058 §3.2 allows multipart/form-data too.
  if (c.req.header('content-type')?.startsWith('multipart/form-data') === true) {
    const form = await new Response(bytes, {
      headers: { 'content-type': c.req.header('content-type') ?? '' },
    }).formData();
    const fields = new URLSearchParams();
    for (const [name, value] of form) if (typeof value === 'string') fields.append(name, value);
    return fields;
  }
  return new URLSearchParams(Buffer.from(bytes).toString('utf8'));
}

function page(c: Context, html: string, status: 200 | 404): Response {
  return c.body(html, status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store, private',
    'referrer-policy': 'no-referrer',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  });
}
