import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { ApiProblem } from '../api/request.ts';
import { changeTemplate, type Template, type TemplateDraft, templateQuery } from '../api/templates.ts';
import { toastProblem } from '../frame/toast-problem.ts';

/** Typing is kept when it pauses for so long; the preview follows. */
const savePauseMs = 600;

export type DraftState =
  | { readonly kind: 'saved' | 'changed' | 'saving' | 'conflict' }
  | { readonly kind: 'refused'; readonly problem: ApiProblem };

export interface OpenDraft {
  readonly draft: TemplateDraft;
  readonly revision: number;
  readonly state: DraftState;
  readonly change: (next: (draft: TemplateDraft) => TemplateDraft) => void;
  /** Writes over what another changed meanwhile. */
  readonly keepMine: () => void;
  readonly takeTheirs: () => void;
  /** What the core answered to an order about the template. */
  readonly take: (template: Template) => void;
}

/** The draft as it is being written: kept on its own, and never over another's change unasked. */
export function useDraft(template: Template): OpenDraft {
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(template));
  const [revision, setRevision] = useState(template.revision);
  const [state, setState] = useState<DraftState>({ kind: 'saved' });
  const latest = useRef(draft);
  /** Another template is open by now: nobody sees this state any more. */
  const left = useRef(false);
  const take = (next: Template) => {
    queries.setQueryData(templateQuery(next.id).queryKey, next);
    latest.current = draftOf(next);
    setDraft(latest.current);
    setRevision(next.revision);
    setState({ kind: 'saved' });
  };
  const save = (over: number | null, leaving = false) => {
    const sent = latest.current;
    setState({ kind: 'saving' });
    changeTemplate(template.id, over, sent, leaving).then(
      (kept) => {
        setRevision(kept.revision);
        queries.setQueryData(templateQuery(kept.id).queryKey, kept);
        void queries.invalidateQueries({ queryKey: ['templates', 'list'] });
        // What was typed while it was on its way is kept next.
        if (left.current && latest.current !== sent) save(kept.revision);
        else setState({ kind: latest.current === sent ? 'saved' : 'changed' });
      },
      (error: unknown) => {
        if (left.current) {
          toastProblem(error, `What was written last in ${template.name} is not saved`);
          return;
        }
        if (!(error instanceof ApiProblem)) throw error;
        setState(error.status === 412 ? { kind: 'conflict' } : { kind: 'refused', problem: error });
      },
    );
  };
  const saveNow = useEffectEvent(() => save(revision));
  useEffect(() => {
    if (state.kind !== 'changed') return undefined;
    latest.current = draft;
    const timer = setTimeout(() => saveNow(), savePauseMs);
    return () => clearTimeout(timer);
  }, [draft, state.kind]);
  const leave = useEffectEvent((page: boolean) => {
    if (state.kind === 'changed') save(revision, page);
  });
  useEffect(() => {
    const leavePage = () => leave(true);
    left.current = false;
    window.addEventListener('pagehide', leavePage);
    return () => {
      window.removeEventListener('pagehide', leavePage);
      left.current = true;
      leave(false);
    };
  }, []);
  const follow = useEffectEvent((next: Template) => {
    if (state.kind === 'saved' && next.revision > revision) take(next);
  });
  useEffect(() => follow(template), [template]);
  return {
    draft,
    revision,
    state,
    change(next) {
      latest.current = next(latest.current);
      setDraft(latest.current);
      setState((old) => (old.kind === 'saving' || old.kind === 'conflict' ? old : { kind: 'changed' }));
    },
    keepMine: () => save(null),
    takeTheirs: () => {
      void queries.fetchQuery({ ...templateQuery(template.id), staleTime: 0 }).then(take);
    },
    take,
  };
}

const draftOf = ({ current, name, description, topic, locale }: Template): TemplateDraft => {
  const { content, locales, variables } = current;
  return { content, locales, variables, name, description, topic, locale };
};
