import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import {
  importScenario,
  removeScenario,
  saveCurrentScenario,
  startScenario,
  stopScenario,
} from '../api/scenarios.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { hideUndo } from './toast-undo.tsx';

interface Named {
  readonly id: string;
  readonly name: string;
}

export interface ScenarioActions {
  readonly start: (scenario: Named) => void;
  readonly stop: (name: string) => void;
  readonly take: (files: readonly File[]) => Promise<void>;
  /** @returns whether it was saved */
  readonly saveCurrent: (name: string, description: string) => Promise<boolean>;
  readonly remove: (scenario: Named) => void;
}

const filesMax = 20;

/** Switching scenarios on and off, and what is kept of them. */
export function useScenarioActions(): ScenarioActions {
  const queries = useQueryClient();
  return useMemo(() => {
    const freshen = () => {
      // Rules, speed and seed are others now.
      void queries.invalidateQueries({
        predicate: ({ queryKey: [kind] }) =>
          kind === 'rules' || kind === 'scenarios' || kind === 'clock' || kind === 'rule-hits',
      });
    };
    return {
      start({ id, name }) {
        hideUndo();
        startScenario(id).then(
          () => {
            toast(`“${name}” is on; your own rules wait until it is stopped`);
            freshen();
          },
          (error: unknown) => toastProblem(error, 'The scenario could not be started'),
        );
      },
      stop(name) {
        hideUndo();
        stopScenario().then(
          () => {
            toast(`“${name}” is off; your own rules are in force again`);
            freshen();
          },
          (error: unknown) => {
            toastProblem(error, 'The scenario could not be stopped');
            freshen();
          },
        );
      },
      async take(files) {
        for (const file of files.slice(0, filesMax)) {
          try {
            const { name } = await importScenario(file);
            toast(`“${name}” was imported`);
          } catch (error) {
            toastProblem(error, `${file.name} could not be imported`);
          }
        }
        freshen();
      },
      async saveCurrent(name, description) {
        try {
          await saveCurrentScenario(name, description);
        } catch (error) {
          toastProblem(error, 'The scenario could not be saved');
          return false;
        }
        toast(`“${name}” was saved`);
        freshen();
        return true;
      },
      remove({ id, name }) {
        removeScenario(id).then(
          () => {
            toast(`“${name}” was removed`);
            freshen();
          },
          (error: unknown) => toastProblem(error, 'The scenario could not be removed'),
        );
      },
    };
  }, [queries]);
}
