/** An app that sends SMS, as far as the screen's tests need it: to the real door of a core, over the wire. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningCore } from './start-core.ts';

const account = 'AC0123456789abcdef0123456789abcdef';

/** @returns status and body of Twilio's answer */
export async function sendByTwilio(
  core: RunningCore,
  fields: Readonly<Record<string, string>>,
): Promise<readonly [number, string]> {
  const url = `http://127.0.0.1:${core.facts.ports.providers}/twilio/2010-04-01/Accounts/${account}/Messages.json`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${account}:any-token`).toString('base64')}` },
    body: new URLSearchParams(fields),
  });
  return [response.status, await response.text()];
}

export interface App {
  readonly url: string;
  close(): Promise<void>;
}

/** What is called: `/inbound` answers by TwiML, with a verb too many; `/broken` fails; all else is well. */
export async function startApp(): Promise<App> {
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/inbound')
      response
        .setHeader('content-type', 'text/xml')
        .end('<Response><Message>Noted, thank you</Message><Say>Hello</Say></Response>');
    else if (request.url === '/broken') response.writeHead(500).end('out of order');
    else response.end('fine');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
