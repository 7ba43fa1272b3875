/** /v1/messages/:id/picture: a picture that a push or an MMS names, fetched because somebody asked to see it. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { AppError } from '../../model/app-error.ts';
import type { MessageRow } from '../../model/message.ts';
import type { Services } from '../services.ts';
import { binary, problems } from './responses.ts';

/** A payload has a few kilobytes; a request of FCM with all its overrides not many more. */
const payloadBytesMax = 1024 * 1024;
const urlCharsMax = 8_000;
/** How deep a payload is looked into. */
const depthMax = 64;

export function pictureRoutes(
  api: OpenAPIHono,
  { store, fetchRemote }: Pick<Services, 'store' | 'fetchRemote'>,
): void {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/v1/messages/{id}/picture',
      summary: 'A picture that a push or an MMS names, fetched by the core',
      request: {
        params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }),
        query: z.object({
          url: z
            .url({ protocol: /^https?$/ })
            .max(urlCharsMax)
            .openapi({ description: 'as the payload has it' }),
          remote: z.literal('1').openapi({ description: 'yes, it may be fetched' }),
        }),
      },
      responses: {
        200: { description: 'the picture', content: { 'image/*': { schema: binary } } },
        ...problems,
      },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const { url } = c.req.valid('query');
      const row = await store.message(id);
      if (row === null)
        throw new AppError('not_found', `There is no message ${id}; it may have been deleted.`);
      // Only what the message names: this is no way to fetch anything else.
      if (!names(await payloadOf(row), url, 0))
        throw new AppError('not_found', `The payload of ${id} does not name ${url}.`);
      const picture = pictureOf((await fetchRemote([url])).get(url));
      if (picture === null)
        throw new AppError('not_found', `${url} could not be fetched, or is no picture; the log says why.`);
      return c.body(picture.bytes, 200, {
        'content-type': picture.type,
        // A picture opened by itself (SVG has scripts) must not run in our origin.
        'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, no-store',
      });
    },
  );

  async function payloadOf(row: MessageRow): Promise<unknown> {
    const plain = row.details?.push?.plain ?? null;
    if (plain !== null) return parsed(plain);
    const media = row.details?.sms?.media ?? null;
    if (media !== null) return media;
    const raw = await store.raw(row.id);
    if (raw === null || (row.channel !== 'push' && row.channel !== 'sms') || raw.bytes > payloadBytesMax)
      return null;
    const chunks: Uint8Array[] = [];
    for await (const chunk of raw.chunks) chunks.push(chunk);
    return parsed(Buffer.concat(chunks).toString('utf8'));
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function names(value: unknown, url: string, depth: number): boolean {
  if (typeof value === 'string') return value === url;
  if (typeof value !== 'object' || value === null || depth > depthMax) return false;
  return Object.values(value).some((member) => names(member, url, depth + 1));
}

/** Of a data URL in base64. */
function pictureOf(
  dataUrl: string | undefined,
): { readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> } | null {
  const found = /^data:(image\/[\w.+-]+);base64,(.*)$/s.exec(dataUrl ?? '');
  const [, type, text] = found ?? [];
  return type === undefined || text === undefined
    ? null
    : { type, bytes: Uint8Array.from(Buffer.from(text, 'base64')) };
}
