// A small core in place of the real one: the ready line, /livez, /v1/status and a page. It runs beside (as the
// script of `serve`) and in a utility process (as `electron-host.js`), down to Node 16, and dies when it is told to.
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const args = process.argv.slice(2);
const parent = process.parentPort ?? null;
const dataDir = args[args.indexOf('--data') + 1];
mkdirSync(dataDir, { recursive: true });
const fault = readFault();
const version = '0.1.0';

if (fault === 'port-taken') {
  process.stderr.write('sandpost: port 1025 (smtp) is taken by another program.\n');
  process.exit(75);
}
if (fault === 'crash-at-start') process.exit(1);

const imported = [];
const worker = new Worker(
  new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url),
);
const answered = new Promise((resolve) => worker.once('message', resolve));

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://core');
  const answer = (status, type, body) => {
    response.writeHead(status, {
      'content-type': type,
      'content-security-policy': "default-src 'self'; script-src 'self'; frame-src 'self'",
    });
    response.end(body);
  };
  if (pathname === '/livez') return answer(200, 'text/plain', 'ok');
  if (pathname === '/v1/status')
    return answer(200, 'application/json', JSON.stringify({ version, url: url() }));
  if (pathname === '/v1/crash') return process.exit(3);
  if (pathname === '/v1/live-relay') {
    const client = request.headers['x-sandpost-client'] ?? '';
    appendFileSync(join(dataDir, 'asked'), `${request.method} ${pathname} ${client}\n`);
    return answer(200, 'application/json', '{"live":false}');
  }
  if (pathname === '/v1/messages/import') {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      imported.push(Buffer.concat(chunks).toString('utf8'));
      answer(201, 'application/json', JSON.stringify({ id: `0000000${imported.length}` }));
    });
    return undefined;
  }
  if (pathname === '/frame') return answer(200, 'text/html', '<title>frame</title><p>frame');
  return answer(
    200,
    'text/html; charset=utf-8',
    `<!doctype html><title>Sandpost stand-in</title><h1>Stand-in core</h1><p id="pid">${process.pid}</p>` +
      `<p id="path">${pathname}</p><p id="imported">${imported.length}</p><textarea id="typing" spellcheck="true"></textarea><iframe src="/frame"></iframe>`,
  );
});
const url = () => `http://127.0.0.1:${server.address().port}`;

const wanted = args.includes('--port') ? Number(args[args.indexOf('--port') + 1]) : 0;
server.listen(wanted, '127.0.0.1', async () => {
  const ready = { ready: true, url: url(), dataDir, caFile: '', ports: {}, worker: await answered };
  writeFileSync(
    join(dataDir, 'core.json'),
    JSON.stringify({ pid: process.pid, url: url(), version, token: null }),
  );
  if (parent === null) process.stdout.write(`${JSON.stringify(ready)}\n`);
  else parent.postMessage({ ready });
});

if (parent === null) {
  process.stdin.resume();
  process.stdin.on('end', finish);
} else {
  parent.on('message', finish);
}
process.on('SIGTERM', finish);

function finish() {
  rmSync(join(dataDir, 'core.json'), { force: true });
  process.exit(0);
}

/** The test writes what is to go wrong into the data folder. */
function readFault() {
  try {
    return readFileSync(join(dataDir, 'fault'), 'utf8');
  } catch {
    return null;
  }
}
