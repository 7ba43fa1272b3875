import type { BridgeCapability } from './bridge.ts';

export interface HostFacts {
  readonly platform: string;
  readonly packaged: boolean;
  readonly notifications: boolean;
}

const everywhere: readonly BridgeCapability[] = ['notify', 'badge', 'theme'];
const onLoopback: readonly BridgeCapability[] = [
  'saveFile',
  'reveal',
  'openExternal',
  'attach',
  'startAtLogin',
];

/** A core on another machine gets nothing that touches files or starts programs here. */
export function capabilitiesFor(coreUrl: string, facts: HostFacts): readonly BridgeCapability[] {
  const offered = isLoopback(new URL(coreUrl).hostname) ? [...everywhere, ...onLoopback] : everywhere;
  return offered.filter((capability) => {
    if (capability === 'notify') return facts.notifications;
    // Electron knows login items on these two systems only, and a run from source is nothing to start at login.
    if (capability === 'startAtLogin') return facts.packaged && ['darwin', 'win32'].includes(facts.platform);
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
