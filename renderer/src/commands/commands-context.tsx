import { createContext, type ReactNode, use, useEffect, useMemo, useSyncExternalStore } from 'react';
import { sequencePauseMsMax, sequenceStep } from './key-sequence.ts';
import { type Command, CommandRegistry } from './registry.ts';

const CommandsContext = createContext<CommandRegistry | null>(null);

/** Holds the registry and listens for keys, once for the whole window. */
export function CommandsProvider({ children }: { readonly children: ReactNode }) {
  const registry = useMemo(() => new CommandRegistry(), []);

  useEffect(() => {
    let pending = '';
    let typedAt = 0;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || !takesKey(event)) return;
      if (event.timeStamp - typedAt > sequencePauseMsMax) pending = '';
      const commands = registry.all();
      const step = sequenceStep(pending, event, new Set(commands.flatMap((command) => command.keys ?? [])));
      pending = step.pending;
      typedAt = event.timeStamp;
      const command = commands.find(
        (candidate) => step.match !== null && candidate.keys?.includes(step.match),
      );
      if (command === undefined) return;
      event.preventDefault();
      command.run();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [registry]);

  return <CommandsContext value={registry}>{children}</CommandsContext>;
}

function useRegistry(): CommandRegistry {
  const registry = use(CommandsContext);
  if (registry === null) throw new Error('Commands need a CommandsProvider above them');
  return registry;
}

/** Offers commands while the component is there. */
export function useCommands(commands: readonly Command[]): void {
  const registry = useRegistry();
  const owner = useMemo(() => ({}), []);
  useEffect(() => registry.register(owner, commands), [registry, owner, commands]);
}

export function useAllCommands(): readonly Command[] {
  const registry = useRegistry();
  return useSyncExternalStore(registry.subscribe, registry.all);
}

/** Where a person types, and in an open dialog or menu, letters are not commands; on a button, Enter presses it. */
export function takesKey({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return true;
  if (target.isContentEditable || target.closest('[role="dialog"], [role="menu"]') !== null) return false;
  if (key === 'Enter' && target.closest('a, button, [role="tab"]') !== null) return false;
  if (target instanceof HTMLInputElement) return target.type === 'radio' || target.type === 'checkbox';
  return !(target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement);
}
