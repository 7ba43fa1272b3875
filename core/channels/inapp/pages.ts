/** What the in-app door hands out besides messages: the client for web apps as it was built, and a demo page that uses it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderReply, ProviderRoute } from '../../doors/http/provider-request.ts';
import { codeOf } from '../../model/app-error.ts';

export interface InAppPages {
  /**
   * @param path below `/inapp`
   * @param ifNoneMatch the entity tag that the asker has, or null
   * @returns null: nothing of this is there
   */
  find(path: string, ifNoneMatch: string | null): ProviderReply | null;
}

/** What the demo page loads comes from here; only pictures may come from elsewhere on this machine. */
const demoCsp =
  "default-src 'self'; img-src 'self' data: http://localhost:* http://127.0.0.1:*; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const script = 'text/javascript; charset=utf-8';
const pages: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  '/v1/client.js': { file: 'client.js', type: script },
  '/v1/client.mjs': { file: 'client.mjs', type: script },
  '/demo': { file: 'demo.html', type: 'text/html; charset=utf-8' },
  '/demo/demo.js': { file: 'demo.js', type: script },
  '/demo/demo.css': { file: 'demo.css', type: 'text/css; charset=utf-8' },
};

/** @param folder where `npm run build` puts the client */
export function openInAppPages(folder: string): InAppPages {
  const known = new Map<string, Page>();
  return {
    find(path, ifNoneMatch) {
      const asked = Object.hasOwn(pages, path) ? pages[path] : undefined;
      if (asked === undefined) return null;
      const found = known.get(path) ?? readPage(join(folder, asked.file));
      if (found === null)
        return {
          status: 404,
          fields: [['content-type', 'text/plain; charset=utf-8']],
          body: 'The client is not built; run `npm run build`.\n',
        };
      known.set(path, found);
      const fields = [
        ['etag', found.etag],
        ['cache-control', 'no-cache'],
        ['x-content-type-options', 'nosniff'],
        // Modules are loaded by CORS, and what is here is no secret.
        ['access-control-allow-origin', '*'],
        ['cross-origin-resource-policy', 'cross-origin'],
        ...(path === '/demo' ? [['content-security-policy', demoCsp] as const] : []),
      ] as const;
      if (ifNoneMatch === found.etag) return { status: 304, fields, body: '' };
      return { status: 200, fields: [['content-type', asked.type], ...fields], body: found.bytes };
    },
  };
}

/** The route with its pages: they are answered before it is asked anything. */
export function withPages(route: ProviderRoute, own: InAppPages): ProviderRoute {
  return {
    ...route,
    handle(request) {
      const reply =
        request.method === 'GET' || request.method === 'HEAD'
          ? own.find(request.path, request.fields.get('if-none-match'))
          : null;
      return reply === null ? route.handle(request) : { reply, refused: null, quiet: true };
    },
  };
}

interface Page {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

function readPage(file: string): Page | null {
  try {
    const bytes = new Uint8Array(readFileSync(file));
    return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
