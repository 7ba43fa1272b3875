import dns from 'node:dns';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { firstFault, withLocalNames } from '../../../core/app/local-names.ts';

interface Asked {
  readonly method: string | undefined;
  readonly host: string | undefined;
  readonly body: string;
}

async function startApp(status: number): Promise<{ readonly port: number; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      asked.push({ method: request.method, host: request.headers.host, body });
      response.writeHead(status, { 'retry-after': '7' }).end(status === 204 ? undefined : 'said');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.address() as AddressInfo).port, asked };
}

// The guard of the tests throws where the system is asked for a name that is not `localhost`.
it.each([200, 204, 503])(
  'a name under .localhost is called on this machine, unasked for (%i)',
  async (status) => {
    const app = await startApp(status);
    const response = await withLocalNames(fetch)(`http://shop.localhost:${app.port}/hooks`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'Grüße',
      redirect: 'manual',
      signal: AbortSignal.timeout(5_000),
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await response.text()).toBe(status === 204 ? '' : 'said');
    expect(app.asked).toEqual([{ method: 'POST', host: `shop.localhost:${app.port}`, body: 'Grüße' }]);
  },
);

it('every other name is asked for as before', async () => {
  const asked: string[] = [];
  const outer = (url: string | URL | Request): Promise<Response> => {
    asked.push(String(url));
    return Promise.resolve(new Response('outer'));
  };
  const response = await withLocalNames(outer)('http://192.0.2.1:1/x', {});
  expect(await response.text()).toBe('outer');
  expect(asked).toEqual(['http://192.0.2.1:1/x']);
});

it('an address of this machine is called by a plain request, one after the other on one connection', async () => {
  const app = await startApp(200);
  const call = withLocalNames(() => Promise.reject(new Error('fetch is not asked')));
  for (const body of ['one', 'two']) {
    const response = await call(`http://127.0.0.1:${app.port}/hooks`, { method: 'POST', body });
    expect(await response.text()).toBe('said');
  }
  expect(app.asked.map(({ body }) => body)).toEqual(['one', 'two']);
});

it.each([999, 600])('an answer that is none is a fault, and no more (%i)', async (status) => {
  const app = await startApp(status);
  await expect(withLocalNames(fetch)(`http://127.0.0.1:${app.port}/hooks`, {})).rejects.toThrow();
});

it('the system is not asked for `localhost` either, wherever its hosts file may lead that', async () => {
  const lookup = vi.spyOn(dns, 'lookup');
  onTestFinished(() => lookup.mockRestore());
  const app = await startApp(200);
  const response = await withLocalNames(fetch)(`http://localhost:${app.port}/hooks`, {});
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('said');
  expect(lookup.mock.calls.map(([name]) => name)).not.toContain('localhost');
});

it('says of two addresses that were tried what the first one said', async () => {
  const asked = withLocalNames(fetch)('http://localhost:1/hooks', {});
  await expect(asked).rejects.toThrow('connect ECONNREFUSED 127.0.0.1:1');
  const other = new Error('alone');
  expect(firstFault(other)).toBe(other);
});
