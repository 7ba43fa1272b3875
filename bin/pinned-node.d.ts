/** The oldest Node that the store's native module runs on. */
export const nodeMajorMin: number;

/** @returns the path of the pinned Node's binary, or null where no package has one */
export function pinnedNode(platform?: string, arch?: string): string | null;

/** @returns a Node that can run the core: the pinned one, else this one when new enough */
export function usableNode(version?: string, execPath?: string): string | null;
