/**
 * What silence.test.ts runs where there is no network but loopback: a core gets messages full of remote content, and
 * they are listed and opened by the API and, given a browser, on the screen. Prints what it saw, as JSON.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import type { ReadyLine } from '../../core/serve.ts';
import { appWindowArguments } from '../../scripts/launch/app-window.mjs';
import { openSmtp } from '../smtp-client.ts';

const [bin = '', dataDir = '', browserPath] = process.argv.slice(2);

const html = `<html><head><link rel="stylesheet" href="https://remote.example/style.css">
<style>@import url(https://remote.example/import.css); body { background: url(http://192.0.2.1/background.png) }
@font-face { font-family: x; src: url(https://remote.example/font.woff) }</style>
<link rel="dns-prefetch" href="//prefetch.example"><link rel="preconnect" href="https://192.0.2.2">
<meta http-equiv="refresh" content="0; url=https://remote.example/refresh"></head>
<body><p>Remote everywhere</p><img src="https://remote.example/pixel.gif"><img srcset="http://192.0.2.3/a.png 2x">
<iframe src="https://remote.example/frame"></iframe><video src="http://192.0.2.4/v.mp4" autoplay></video>
<script src="https://remote.example/script.js"></script><a href="https://remote.example/link" ping="http://192.0.2.5/">a</a>
<object data="http://192.0.2.6/o"></object><form action="http://192.0.2.7/"><input type="submit"></form></body></html>`;
const message = [
  'From: a@remote.example',
  'To: b@remote.example',
  'Subject: Remote',
  'List-Unsubscribe: <https://remote.example/unsubscribe>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  'Disposition-Notification-To: receipt@remote.example',
  'DKIM-Signature: v=1; a=rsa-sha256; d=remote.example; s=key; h=From; bh=x; b=y',
  'MIME-Version: 1.0',
  'Content-Type: text/html; charset=utf-8',
  '',
  html.replaceAll('\n', '\r\n'),
  '',
].join('\r\n');

const core = spawn(process.execPath, [bin, 'serve', '--data', dataDir, '--ports', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
for await (const line of createInterface({ input: core.stdout })) {
  const ready: ReadyLine = JSON.parse(line);
  const ids = await send(ready.ports.smtp ?? 0);
  const visited = await readAll(ready.url, ids);
  const shown = browserPath === undefined ? null : await look(ready.url, browserPath);
  process.stdout.write(`${JSON.stringify({ messages: ids.length, visited, shown })}\n`);
  core.kill('SIGTERM');
}
await once(core, 'exit').catch(() => undefined);

async function send(port: number): Promise<string[]> {
  const client = await openSmtp(port);
  await client.reply();
  await client.say('EHLO remote.example');
  const ids: string[] = [];
  for (let at = 0; at < 3; at++) {
    const reply = await client.deliver('a@remote.example', ['b@remote.example'], message);
    ids.push(/stored as (\S+)/.exec(reply)?.[1] ?? '');
  }
  await client.quit();
  return ids;
}

async function readAll(url: string, ids: readonly string[]): Promise<string[]> {
  const one = (id: string) =>
    ['', '/raw', '/html', '/links', '/codes', '/source-headers', '/parts/0'].map(
      (more) => `/v1/messages/${id}${more}`,
    );
  const paths = ['/v1/messages/wait?q=subject:Remote&timeoutMs=10000', '/v1/messages', ...ids.flatMap(one)];
  const visited: string[] = [];
  for (const path of paths) {
    const response = await fetch(`${url}${path}`);
    await response.arrayBuffer();
    visited.push(`${response.status} ${path.replace(/[0-9a-f-]{36}/, 'ID')}`);
  }
  return visited;
}

/** @returns what the frame of the message shows */
async function look(url: string, executablePath: string): Promise<string> {
  // What the app window starts its browser with, but for the window and the profile, which are the driver's.
  const args = appWindowArguments({ url, profile: dataDir, asRoot: true, more: ['--disable-quic'] });
  const quiet = args.filter((flag) => !/^--(?:app|user-data-dir|window-size)=/.test(flag));
  const browser = await chromium.launch({ executablePath, args: quiet, timeout: 60_000 });
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${url}/messages`);
  await page.getByRole('option').first().click();
  const shown = await page.frameLocator('iframe').first().getByText('Remote everywhere').textContent();
  await browser.close();
  return shown ?? '';
}
