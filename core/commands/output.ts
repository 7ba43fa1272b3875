import type { CredentialVault } from '../store/credential-vault.ts';

/** What commands print with: colours only on a terminal, JSON when asked. */
export interface Output {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where a core that is served keeps credentials of relays; left out: in a file of its data folder. */
  readonly openVault?: () => CredentialVault;
}

/** Exit codes, after sysexits.h. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 64,
  dataError: 65,
  unavailable: 69,
  dataFolderHeld: 73,
  io: 74,
  portTaken: 75,
  timedOut: 2,
} as const;

export type Paint = (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string;

const codes = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' } as const;

export function painter(output: Output): Paint {
  const colours = output.stdout.isTTY === true && output.environment.NO_COLOR === undefined;
  return (style, text) => (colours ? `\x1b[${codes[style]}m${text}\x1b[0m` : text);
}
