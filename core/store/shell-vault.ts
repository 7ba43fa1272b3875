/** Credentials that the desktop app keeps in the keychain of the system: asked for over the line to it. */
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { AppError } from '../model/app-error.ts';
import type { Credential, CredentialVault } from './credential-vault.ts';

/** The line to the shell that started this core: Electron's port, or Node's channel between processes. */
export interface ShellLine {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** The system may ask the person first whether its keychain is to be opened. */
const answerMsMax = 60_000;
const waitingMax = 100;

const answerSchema = z.object({
  vaultAnswer: z.union([
    z.object({ id: z.int(), credential: z.record(z.string(), z.string()).nullable() }),
    z.object({ id: z.int(), problem: z.string() }),
  ]),
});

type Question =
  | { readonly do: 'get' | 'remove'; readonly name: string }
  | { readonly do: 'put'; readonly name: string; readonly credential: Credential };

interface Waiting {
  answer(credential: Credential | null): void;
  refuse(why: string): void;
}

/** @throws AppError `store_failed` from each of its functions, when the shell does not do what it is asked */
export function openShellVault(line: ShellLine, clock: Pick<Clock, 'after'>): CredentialVault {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;

  line.onMessage((message) => {
    const answer = answerSchema.safeParse(message).data?.vaultAnswer;
    const asked = answer === undefined ? undefined : waiting.get(answer.id);
    if (answer === undefined || asked === undefined) return;
    if ('problem' in answer) asked.refuse(answer.problem);
    else asked.answer(answer.credential);
  });

  function ask(question: Question): Promise<Credential | null> {
    if (waiting.size >= waitingMax) return Promise.reject(failed('it is asked too much at once. Try again'));
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      const over = (): void => {
        cancel();
        waiting.delete(id);
      };
      const refuse = (why: string): void => {
        over();
        reject(failed(why));
      };
      const cancel = clock.after(answerMsMax, () =>
        refuse('the desktop app did not answer. Unlock the keychain of the system, then try again'),
      );
      waiting.set(id, {
        refuse,
        answer(credential) {
          over();
          resolve(credential);
        },
      });
      line.send({ vault: { id, ...question } });
    });
  }

  return {
    kind: 'keychain',
    get: (name) => ask({ do: 'get', name }),
    async put(name, credential) {
      await ask({ do: 'put', name, credential });
    },
    async remove(name) {
      await ask({ do: 'remove', name });
    },
  };
}

function failed(why: string): AppError {
  return new AppError('store_failed', `The keychain cannot be used: ${why}`);
}
