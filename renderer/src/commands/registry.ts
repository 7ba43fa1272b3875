export const commandGroups = ['Message', 'List', 'Go to', 'View', 'Sandbox'] as const;

/** One thing a person can do: by key, from the palette, and named in the keyboard help. */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: (typeof commandGroups)[number];
  /** Single keys, or keys in a row: `g m`. */
  readonly keys?: readonly string[];
  readonly keywords?: string;
  /** True when it moves within the screen and would only be noise in the palette. */
  readonly keyboardOnly?: boolean;
  readonly run: () => void;
}

/** The commands of whatever is on the screen now. A later one with the same id wins. */
export class CommandRegistry {
  readonly #sets = new Map<object, readonly Command[]>();
  readonly #listeners = new Set<() => void>();
  #all: readonly Command[] = [];

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly all = (): readonly Command[] => this.#all;

  register(owner: object, commands: readonly Command[]): () => void {
    this.#sets.set(owner, commands);
    this.#collect();
    return () => {
      this.#sets.delete(owner);
      this.#collect();
    };
  }

  #collect(): void {
    const byId = new Map<string, Command>();
    for (const commands of this.#sets.values()) for (const command of commands) byId.set(command.id, command);
    this.#all = [...byId.values()];
    for (const listener of this.#listeners) listener();
  }
}
