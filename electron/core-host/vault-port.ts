/** Answers a core that keeps its credentials with the shell: what it asks over its line, and what it is told. */
import { z } from 'zod';

/** Field → value, as the core has it. */
export type Credential = Readonly<Record<string, string>>;

/** Where the shell keeps them, each data folder's by itself. */
export interface VaultPort {
  get(folder: string, name: string): Credential | null;
  put(folder: string, name: string, credential: Credential): void;
  remove(folder: string, name: string): void;
}

/** @returns what to tell the core, or null for a message that asks nothing of the vault */
export type AnswerVault = (message: unknown) => VaultAnswer | null;

export interface VaultAnswer {
  readonly vaultAnswer:
    | { readonly id: number; readonly credential: Credential | null }
    | { readonly id: number; readonly problem: string };
}

/** Says to a core whether its shell keeps its credentials, whatever the shell itself was started with. */
export function coreEnvironment(vault: AnswerVault | null): NodeJS.ProcessEnv {
  return { ...process.env, SANDPOST_VAULT: vault === null ? '' : 'shell' };
}

const name = z.string().min(1).max(200);
const askedSchema = z.object({
  vault: z.discriminatedUnion('do', [
    z.object({ id: z.int(), do: z.literal('get'), name }),
    z.object({
      id: z.int(),
      do: z.literal('put'),
      name,
      credential: z.record(z.string().max(200), z.string().max(65_536)),
    }),
    z.object({ id: z.int(), do: z.literal('remove'), name }),
  ]),
});

export function vaultOf(port: VaultPort, folder: string): AnswerVault {
  return (message) => {
    const asked = askedSchema.safeParse(message).data?.vault;
    if (asked === undefined) return null;
    const { id } = asked;
    try {
      switch (asked.do) {
        case 'get':
          return { vaultAnswer: { id, credential: port.get(folder, asked.name) } };
        case 'put':
          port.put(folder, asked.name, asked.credential);
          return { vaultAnswer: { id, credential: null } };
        case 'remove':
          port.remove(folder, asked.name);
          return { vaultAnswer: { id, credential: null } };
      }
    } catch (error) {
      return { vaultAnswer: { id, problem: error instanceof Error ? error.message : String(error) } };
    }
  };
}
