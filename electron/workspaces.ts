/** Named data folders: each has messages, users and rules of its own. Only the list is kept here, never what is in them. */
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import type { Workspace, WorkspaceList } from './bridge.ts';
import { readJson, writeJson } from './json-file.ts';

export const usualName = 'Default';
const nameCharsMax = 60;
const workspacesMax = 50;

export const workspaceNameSchema = z.string().trim().min(1).max(nameCharsMax);

const fileSchema = z.object({
  current: z.string(),
  workspaces: z.array(z.object({ name: workspaceNameSchema, folder: z.string().min(1) })).max(workspacesMax),
});

export interface WorkspaceStore {
  readonly list: () => WorkspaceList;
  readonly current: () => Workspace;
  /** The usual folder is named to the core by nobody: its own settings file may say otherwise. */
  readonly isUsual: (workspace: Workspace) => boolean;
  /** Whatever the case of its name. @throws Error saying what to do: no such workspace */
  find(name: string): Workspace;
  /** @throws Error as above */
  choose(name: string): Workspace;
  /** @throws Error when the name or the folder is taken, or there are too many */
  add(name: string, folder: string): void;
  rename(name: string, next: string): void;
  forget(name: string): void;
}

export interface WorkspaceOptions {
  readonly file: string;
  readonly usualFolder: string;
  /** What the command line asks for; a folder without a name is for this run alone. */
  readonly asked: { readonly name: string | null; readonly folder: string | null };
  /** Where a workspace is kept that names no folder. */
  readonly placeFor: (name: string) => string;
}

export function openWorkspaces({ file, usualFolder, asked, placeFor }: WorkspaceOptions): WorkspaceStore {
  const usual: Workspace = { name: usualName, folder: usualFolder };
  const stored = fileSchema.safeParse(readJson(file));
  let kept: readonly Workspace[] = (stored.success ? stored.data.workspaces : []).filter(
    ({ name }) => name !== usualName,
  );
  let passing: Workspace | null = null;
  let currentName = stored.success ? stored.data.current : usualName;

  const all = () => [usual, ...kept, ...(passing === null ? [] : [passing])];
  const find = (name: string) => all().find((workspace) => sameName(workspace.name, name)) ?? null;
  const current = () => find(currentName) ?? usual;
  const save = () => {
    // A folder of this run alone is no choice for the next.
    const lasting = passing?.name === currentName ? usualName : currentName;
    writeJson(file, { current: lasting, workspaces: kept });
  };
  const mustFind = (name: string) => {
    const found = find(name);
    if (found === null) throw new Error(`There is no workspace “${name}”. Choose one of the list.`);
    return found;
  };
  const mustBeFree = (name: string) => {
    if (find(name) !== null) throw new Error(`There is a workspace “${name}” already. Choose another name.`);
  };
  const add = (name: string, folder: string) => {
    mustBeFree(name);
    const held = [usual, ...kept].find((workspace) => resolve(workspace.folder) === resolve(folder));
    if (held) throw new Error(`“${held.name}” has this folder already. Choose another folder.`);
    if (kept.length >= workspacesMax) {
      throw new Error(`There are ${workspacesMax} workspaces. Forget one first: its folder stays as it is.`);
    }
    if (passing !== null && resolve(passing.folder) === resolve(folder)) {
      if (currentName === passing.name) currentName = name;
      passing = null;
    }
    kept = [...kept, { name, folder }];
    save();
  };

  // A longer one could not be read again, and with it the whole list.
  const askedName = asked.name === null ? null : asked.name.slice(0, nameCharsMax).trim();
  if (askedName !== null && find(askedName) === null) {
    const folder = asked.folder ?? placeFor(askedName);
    const held = [usual, ...kept].find((workspace) => resolve(workspace.folder) === resolve(folder));
    if (held === undefined) add(askedName, folder);
    currentName = held?.name ?? askedName;
  } else if (asked.folder !== null) {
    const folder = asked.folder;
    const known = all().find((workspace) => resolve(workspace.folder) === resolve(folder));
    if (known === undefined)
      passing = { name: freeName(basename(folder), (name) => find(name) === null), folder };
    currentName = known?.name ?? passing?.name ?? usualName;
  } else if (askedName !== null) {
    currentName = mustFind(askedName).name;
  }

  return {
    list: () => ({ current: current().name, workspaces: all() }),
    current,
    isUsual: (workspace) => workspace.name === usualName,
    find: mustFind,
    choose(name) {
      const chosen = mustFind(name);
      currentName = chosen.name;
      save();
      return chosen;
    },
    add,
    rename(name, next) {
      const found = mustFind(name);
      if (found.name === usualName) throw new Error('The usual workspace keeps its name.');
      if (!sameName(found.name, next)) mustBeFree(next);
      if (currentName === found.name) currentName = next;
      const renamed = { ...found, name: next };
      if (passing === found) passing = renamed;
      else kept = kept.map((workspace) => (workspace === found ? renamed : workspace));
      save();
    },
    forget(name) {
      const found = mustFind(name);
      if (found.name === usualName) throw new Error('The usual workspace stays on the list.');
      if (found.name === currentName)
        throw new Error('Switch to another workspace first, then forget this one.');
      if (passing === found) passing = null;
      kept = kept.filter((workspace) => workspace !== found);
      save();
    },
  };
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function freeName(wanted: string, isFree: (name: string) => boolean): string {
  const base = wanted.slice(0, nameCharsMax - 4) || 'folder';
  for (let number = 2; number <= workspacesMax + 2; number += 1) {
    const name = number === 2 ? base : `${base} ${number - 1}`;
    if (isFree(name)) return name;
  }
  return base;
}
