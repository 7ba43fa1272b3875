/** What a person does with workspaces: the list is kept, and the core goes where it says. */
import { mkdirSync } from 'node:fs';
import type { Workspace } from './bridge.ts';
import type { WorkspaceActions } from './native-actions.ts';
import type { WorkspaceStore } from './workspaces.ts';

export interface WorkspaceActionsOptions {
  readonly store: WorkspaceStore;
  readonly placeFor: (name: string) => string;
  /** @returns null when the person thinks better of it */
  readonly chooseFolder: () => Promise<string | null>;
  /** Settles with false when the person wants to stay on the core that is live. */
  readonly mayLeave: () => Promise<boolean>;
  readonly switchCore: (workspace: Workspace) => void;
  readonly onChange: () => void;
}

export function createWorkspaceActions(options: WorkspaceActionsOptions): WorkspaceActions {
  const { store, placeFor, chooseFolder, mayLeave, switchCore, onChange } = options;
  const changed = () => {
    onChange();
    return store.list();
  };
  return {
    list: store.list,
    async switchTo(name) {
      // Refused before anybody is asked: a name of no workspace.
      const wanted = store.find(name);
      if (store.current().name === wanted.name || !(await mayLeave())) return;
      const chosen = store.choose(wanted.name);
      switchCore(chosen);
      onChange();
    },
    async add(name, place) {
      const folder = place === 'usual' ? placeFor(name) : await chooseFolder();
      if (folder === null) return store.list();
      mkdirSync(folder, { recursive: true });
      store.add(name, folder);
      return changed();
    },
    rename(name, next) {
      store.rename(name, next);
      return changed();
    },
    forget(name) {
      store.forget(name);
      return changed();
    },
  };
}

/** Windows keeps these for devices, in whatever folder. */
const deviceName = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/** The folder's name is of letters that every file system takes. */
export function folderNameOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
  if (plain === '') return 'workspace';
  return deviceName.test(plain) ? `${plain}-workspace` : plain;
}
