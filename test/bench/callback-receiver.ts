/** An app's end of callbacks: says 204 to each at once. Prints its port; `GET /told` says how many came, and when the last one did (epoch, ms). */
import { createServer } from 'node:http';

let told = 0;
let lastAtMs = 0;
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ told, lastAtMs }));
    return;
  }
  request.resume();
  request.on('end', () => {
    told += 1;
    lastAtMs = Date.now();
    response.writeHead(204).end();
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`);
});
process.on('SIGTERM', () => process.exit(0));
