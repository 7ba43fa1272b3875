/** Builds the way to a core that fits just now. */
import { join } from 'node:path';
import { usableNode } from '../bin/pinned-node.js';
import { attach } from './core-host/attach.ts';
import { beside } from './core-host/beside.ts';
import { chooseWay, parseAttachAddress } from './core-host/choose-way.ts';
import type { WayToCore } from './core-host/core.ts';
import { findHeldCore } from './core-host/held-core.ts';
import { own } from './core-host/own.ts';
import { type VaultPort, vaultOf } from './core-host/vault-port.ts';
import type { StartArguments } from './start-arguments.ts';

const attachWaitMsMax = 20_000;

export interface WayOptions {
  readonly start: StartArguments;
  readonly attachUrl: string | null;
  readonly freePorts: boolean;
  readonly dataDir: string;
  readonly nameFolder: boolean;
  /** Keeps the credentials of a core that the app starts, where the system has a keychain. */
  readonly vault: VaultPort | null;
  readonly version: string;
  readonly appPath: string;
  readonly log: (text: string) => void;
}

export async function findWay(options: WayOptions): Promise<WayToCore> {
  const { start, attachUrl, dataDir, version, log } = options;
  const held = attachUrl === null ? await findHeldCore(dataDir, version) : null;
  const way = chooseWay({
    attachUrl,
    held,
    electronNodeVersion: process.versions.node,
    forced: start.coreWay,
  });
  const serveArguments = [
    ...(options.nameFolder ? ['--data', dataDir] : []),
    ...(options.freePorts ? ['--ports', '0'] : start.portArguments),
  ];
  const vault = options.vault === null ? null : vaultOf(options.vault, dataDir);
  const unpacked = unpackedPath(options.appPath);
  switch (way) {
    case 'attach': {
      const address = attachUrl === null ? held : parseAttachAddress(attachUrl);
      if (address === null) throw new Error('attach was chosen without an address');
      return attach({ address, dataDir: attachUrl === null ? dataDir : null, waitMsMax: attachWaitMsMax });
    }
    case 'own':
      return own({
        vault,
        host: start.coreEntry ?? join(unpacked, 'out', 'core', 'host.cjs'),
        serveArguments,
        log,
      });
    case 'beside':
      return beside({
        vault,
        node: usableNode(process.versions.node, 'node'),
        script: start.coreEntry ?? join(unpacked, 'bin', 'sandpost.js'),
        serveArguments,
        log,
      });
  }
}

/** Programs cannot be started from inside an asar; what they need lies unpacked beside it. */
function unpackedPath(appPath: string): string {
  return appPath.replace(/app\.asar$/, 'app.asar.unpacked');
}
