#!/usr/bin/env node
// The `sandpost` command. Under a Node too old for the store it starts itself again on the pinned one, passing
// signals and the exit code on; it must parse and run on Node 18, to be able to say so.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeMajorMin, usableNode } from './pinned-node.js';

const built = fileURLToPath(new URL('../out/core/cli.js', import.meta.url));
const source = fileURLToPath(new URL('../core/cli.ts', import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= nodeMajorMin) {
  // Whoever read the log is gone, a killed desktop app for one; that must not keep the core from finishing in order.
  process.stderr.on('error', () => undefined);
  // Whoever reads has read enough, as in `sandpost list | head`; what else goes wrong is said.
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const entry = existsSync(built) ? built : source;
  const { main } = await import(`file://${entry.replaceAll('\\', '/').replace(/^(?!\/)/, '/')}`);
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = usableNode();
  if (node === null) {
    process.stderr.write(
      `sandpost: this Node is ${process.versions.node}; Sandpost needs ${nodeMajorMin} or newer. ` +
        'Install a newer Node, or run `npm install` in the project, which brings one along.\n',
    );
    process.exit(69);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 1)));
}
