import type { BridgeCapability, SandpostBridge } from '../../../electron/bridge.ts';

/** What the desktop app offers this page; null in a browser. */
export const bridge: SandpostBridge | null = window.sandpost ?? null;

export const can = (capability: BridgeCapability): boolean =>
  bridge?.capabilities.includes(capability) ?? false;
