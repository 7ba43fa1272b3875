import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { RunningCore } from './start-core.ts';

/** Sends by SMTP, as an app would. */
export async function sendMail(core: RunningCore, mail: SendMailOptions, user?: string): Promise<void> {
  const transport = createTransport({
    host: '127.0.0.1',
    port: Number(core.facts.ports.smtp),
    ...(user === undefined ? {} : { auth: { user, pass: 'any' } }),
  });
  try {
    await transport.sendMail({
      from: 'App <app@example.com>',
      to: 'jane@example.com',
      text: 'Hello',
      ...mail,
    });
  } finally {
    transport.close();
  }
}

/** Stands for the rest of the world: whoever reaches it has left the sandbox. */
export interface Outside {
  readonly url: string;
  readonly visits: readonly string[];
  readonly close: () => void;
}

export async function startOutside(): Promise<Outside> {
  const visits: string[] = [];
  const server = createServer((request, response) => {
    visits.push(request.url ?? '');
    response.end('outside');
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const { port }: AddressInfo = addressOf(server.address());
  return { url: `http://127.0.0.1:${port}`, visits, close: () => server.close() };
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address;
}

/** HTML that tries every way out: script, image, style, refresh, frames, a form, links that take the whole window. */
export const escapingHtml = (outside: string): string => `<!doctype html><html><head>
<meta http-equiv="refresh" content="0; url=${outside}/refresh">
<base href="${outside}/base/" target="_top">
<link rel="stylesheet" href="${outside}/style.css">
<link rel="prefetch" href="${outside}/prefetch">
<script>top.location = '${outside}/script'; fetch('${outside}/fetch')</script>
<style>body { background: url(${outside}/background.png) }</style>
</head><body onload="top.location='${outside}/onload'">
<h1>Way out</h1>
<img src="${outside}/pixel.png" alt=""><img src="x" onerror="top.location='${outside}/onerror'" alt="">
<iframe src="${outside}/frame"></iframe><object data="${outside}/object"></object>
<form action="${outside}/form" method="post" target="_top"><button>Send</button></form>
<a href="${outside}/link" target="_top">Leave by link</a>
<a href="${outside}/plain">Leave in the frame</a>
</body></html>`;
