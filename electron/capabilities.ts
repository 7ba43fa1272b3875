import type { BridgeCapability } from './bridge.ts';

export interface HostFacts {
  readonly platform: string;
  readonly packaged: boolean;
  readonly notifications: boolean;
  /** The core is one that a person named, and not the app's own. */
  readonly attached?: boolean;
}

const everywhere: readonly BridgeCapability[] = ['notify', 'badge', 'theme', 'mode'];
const onLoopback: readonly BridgeCapability[] = [
  'saveFile',
  'reveal',
  'openExternal',
  'attach',
  'startAtLogin',
  'workspaces',
  'updates',
  'about',
];

/** A core on another machine gets nothing that touches files or starts programs here. */
export function capabilitiesFor(coreUrl: string, facts: HostFacts): readonly BridgeCapability[] {
  const offered = isLoopback(new URL(coreUrl).hostname) ? [...everywhere, ...onLoopback] : everywhere;
  return offered.filter((capability) => {
    if (capability === 'notify') return facts.notifications;
    // A run from source is nothing to start at login.
    if (capability === 'startAtLogin') {
      return facts.packaged && ['darwin', 'win32', 'linux'].includes(facts.platform);
    }
    // A core that a person named has its own folder, whatever is chosen here; and a port of this machine may lead to another
    // one, whose page is not to say what program runs here next.
    if (capability === 'workspaces' || capability === 'updates') return facts.attached !== true;
    return true;
  });
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}
