import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { importMessage } from '../api/messages.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { plural } from '../format.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import classes from './import-drop.module.css';

const importFilesMax = 500;

/** Files dropped anywhere become messages, as if they had come through a door. */
export function ImportDrop() {
  const project = useSearch({ strict: false, select: (search) => search.project ?? null });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [over, setOver] = useState<'files' | 'nothing'>('nothing');

  const importFiles = useCallback(
    async (files: readonly File[]) => {
      let lastId: string | null = null;
      let imported = 0;
      for (const file of files.slice(0, importFilesMax)) {
        try {
          lastId = (await importMessage(file, project)).id;
          imported += 1;
        } catch (error) {
          toastProblem(error, `${file.name} could not be imported`);
        }
      }
      if (imported === 0 || lastId === null) return;
      toast(`${plural(imported, 'message', 'messages')} imported`);
      void queries.invalidateQueries({ queryKey: ['stats'] });
      if (imported === 1)
        void navigate({ to: '/messages/$id', params: { id: lastId }, search: (old) => old });
    },
    [project, navigate, queries],
  );

  useEffect(() => {
    const drag = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(takenElsewhere(event) ? 'nothing' : 'files');
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver('nothing');
    };
    const drop = (event: DragEvent) => {
      setOver('nothing');
      if (!carriesFiles(event) || takenElsewhere(event)) return;
      event.preventDefault();
      void importFiles([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener('dragover', drag);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', drag);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [importFiles]);

  useCommands(
    useMemo<readonly Command[]>(
      () => [
        {
          id: 'import',
          title: 'Import .eml files…',
          group: 'List',
          keywords: 'open file upload',
          run: () => pickFiles((files) => void importFiles(files)),
        },
      ],
      [importFiles],
    ),
  );

  return over === 'files' ? (
    <div className={classes.veil}>
      <div className={classes.words}>Drop to import as messages</div>
    </div>
  ) : null;
}

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** A part of a room that has another use for files. */
const takenElsewhere = ({ target }: DragEvent): boolean =>
  target instanceof Element && target.closest('[data-takes-files]') !== null;

function pickFiles(onPick: (files: readonly File[]) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = '.eml,message/rfc822';
  input.addEventListener('change', () => onPick([...(input.files ?? [])]));
  input.click();
}
