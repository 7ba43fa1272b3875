import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCore } from '../../start-core.ts';

const pixel = Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAA=', 'base64');

/** A picture on this machine, and how often it was asked for. */
async function gallery(): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.setHeader('content-type', request.url === '/pixel.gif' ? 'image/gif' : 'text/html');
    response.end(request.url === '/pixel.gif' ? pixel : '<p>no picture</p>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, asked };
}

describe('/v1/messages/:id/picture', () => {
  it('fetches what the payload names, when it is asked for, and nothing else', async () => {
    const pictures = await gallery();
    const core = await startCore();
    const image = `${pictures.url}/pixel.gif`;
    const page = `${pictures.url}/page.html`;
    const sent = await fetch(
      `http://127.0.0.1:${core.port('providers')}/fcm/v1/projects/shop/messages:send`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer ya29.any' },
        body: JSON.stringify({
          message: { token: 'token-of-jane', notification: { title: 'New', image }, data: { page } },
        }),
      },
    );
    expect(sent.status).toBe(200);
    const { entries } = await core.json<{ entries: readonly { id: string }[] }>('/v1/messages');
    const path = `/v1/messages/${entries[0]?.id}/picture`;
    expect(pictures.asked).toEqual([]);

    const picture = await core.get(`${path}?remote=1&url=${encodeURIComponent(image)}`);
    expect(picture.status).toBe(200);
    expect(picture.headers.get('content-type')).toBe('image/gif');
    expect(picture.headers.get('content-security-policy')).toContain('sandbox');
    expect(Buffer.from(await picture.arrayBuffer())).toEqual(pixel);

    const refused = async (query: string) => (await core.get(`${path}?${query}`)).status;
    expect(await refused(`url=${encodeURIComponent(image)}`)).toBe(400);
    expect(await refused(`remote=1&url=${encodeURIComponent(`${image}?other`)}`)).toBe(404);
    expect(await refused(`remote=1&url=${encodeURIComponent('file:///etc/passwd')}`)).toBe(400);
    expect(await refused(`remote=1&url=${encodeURIComponent(page)}`)).toBe(404);
    expect(pictures.asked).toEqual(['/pixel.gif', '/page.html']);
  });
});
