/** Serves the screen: the built renderer, from the folder it was built into. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { Context, Hono } from 'hono';
import { codeOf } from '../model/app-error.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.map': 'application/json',
};

/** Seen to work with Mantine and the WebSocket; see design §4. */
const appCsp =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface StaticFile {
  readonly path: string;
  readonly type: string;
  readonly etag: string;
}

/** Every file is known at the start: no request decides what is read. */
export function staticFiles(app: Hono, folder: string, basePath: string): void {
  const files = new Map(
    listFiles(folder).map((path) => [`/${relative(folder, path).replaceAll('\\', '/')}`, describe(path)]),
  );
  const index = files.has('/index.html') ? indexPage(join(folder, 'index.html'), basePath) : null;

  app.get('*', (c: Context) => {
    if (!`${c.req.path}/`.startsWith(`${basePath}/`)) return c.notFound();
    const path = c.req.path.slice(basePath.length) || '/';
    const file = path === '/index.html' ? undefined : files.get(path);
    if (file !== undefined) {
      if (c.req.header('if-none-match') === file.etag) return c.body(null, 304);
      // Names under /assets carry a hash of their content.
      const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      const bytes = contentOf(file.path);
      // Built anew while we run: what the page asks for is gone, and a reload finds the new names.
      if (bytes === null) return c.notFound();
      return c.body(bytes, 200, {
        'content-type': file.type,
        etag: file.etag,
        'cache-control': cache,
        ...plain,
      });
    }
    // A room may be opened on a name with a dot in it: only what looks like a file of the screen is missing.
    if (extname(path) in types || path.startsWith('/v1/')) return c.notFound();
    if (index === null)
      return c.text('The screen is not built; run `npm run build`. The API is at /v1.', 200, plain);
    return c.body(index, 200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': appCsp,
      'cache-control': 'no-cache',
      ...plain,
    });
  });
}

function contentOf(path: string): Uint8Array<ArrayBuffer> | null {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

const plain = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-dns-prefetch-control': 'off',
} as const;

/** The page may be opened on a deep path: its assets are named from the root, and the script learns the base path. */
function indexPage(file: string, basePath: string): string {
  return readFileSync(file, 'utf8')
    .replaceAll('"./', `"${basePath}/`)
    .replace('</head>', `<meta name="sandpost-base" content="${basePath}"></head>`);
}

function describe(path: string): StaticFile {
  const etag = `"${createHash('sha256').update(readFileSync(path)).digest('base64url').slice(0, 22)}"`;
  return { path, type: types[extname(path)] ?? 'application/octet-stream', etag };
}

function listFiles(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    // Not built: the API works without a screen.
    return [];
  }
  return names.flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? listFiles(path) : [path];
  });
}
