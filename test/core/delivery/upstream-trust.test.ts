/** Who is spoken to for real shows a certificate that is trusted, whatever the environment says. */
import { createServer as createPlainServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createPost } from '../../../core/delivery/post.ts';
import { createUpstream, type Destination } from '../../../core/delivery/upstream.ts';
import { makeCa, makeServer } from '../../../core/doors/tls/make-certificates.ts';
import { fakeClock } from '../../fake-clock.ts';

const variable = 'NODE_TLS_REJECT_UNAUTHORIZED';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Nobody trusts who signed for it. */
async function stranger(): Promise<{ readonly port: number; readonly heard: string[] }> {
  const authority = await makeCa([], Date.now());
  const { cert, key } = await makeServer(authority, ['localhost', '127.0.0.1'], Date.now());
  const heard: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    heard.push(request.headers.authorization ?? '');
    response.end();
  });
  return { port: await portOf(server), heard };
}

function send(to: Pick<Destination, 'scheme' | 'host' | 'port'>, reach?: { host: string; port: number }) {
  const upstream = createUpstream({
    clock: fakeClock(),
    isOwnPort: () => false,
    ...(reach === undefined ? {} : { reach: () => reach }),
  });
  onTestFinished(() => upstream.close());
  return upstream.send(
    { ca: null, http2: 'never', ...to },
    {
      from: 'c1',
      method: 'POST',
      target: '/',
      fields: [['Authorization', 'Bearer secret']],
      body: Buffer.from('{}'),
      mayGo: () => true,
    },
  );
}

describe('what goes out for real', () => {
  it('goes to no stranger, though the environment would have every certificate trusted', async () => {
    vi.stubEnv(variable, '0');
    const { port, heard } = await stranger();
    expect(await send({ scheme: 'https', host: '127.0.0.1', port })).toMatchObject({
      kind: 'lost',
      written: false,
    });
    const { post, close } = createPost(() => undefined);
    onTestFinished(close);
    await expect(
      post(new URL(`https://127.0.0.1:${port}/`), {
        fields: { authorization: 'Bearer secret' },
        body: Buffer.from('{}'),
        signal: new AbortController().signal,
      }),
    ).rejects.toThrow();
    expect(heard).toEqual([]);
  });

  it('goes without TLS to this machine alone, not to a name that begins like its address', async () => {
    let heard = 0;
    const server = createPlainServer((_request, response) => {
      heard++;
      response.end();
    });
    const port = await portOf(server);
    expect(
      await send({ scheme: 'http', host: '127.example.com', port }, { host: '127.0.0.1', port }),
    ).toMatchObject({ kind: 'lost', why: expect.stringContaining('without TLS'), written: false });
    expect(heard).toBe(0);
    expect(await send({ scheme: 'http', host: '127.0.0.1', port })).toMatchObject({ kind: 'answered' });
  });
});
