import { EditorSelection, EditorState } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  keymap,
  lineNumbers,
  MatchDecorator,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view';
import { useEffect, useEffectEvent, useRef } from 'react';
import classes from './templates-room.module.css';
import { undoing } from './undoing.ts';

interface CodeEditorProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** MJML or HTML with Liquid in it. Tab moves on, as everywhere. */
export function CodeEditor({ label, value, onChange }: CodeEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useEffectEvent(onChange);
  const first = useRef(value);
  useEffect(() => {
    if (box.current === null) return undefined;
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          lineNumbers(),
          drawSelection(),
          EditorView.lineWrapping,
          undoing(() => performance.now()),
          keymap.of([{ key: 'Enter', run: breakLine }]),
          marks,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
          look,
        ],
      }),
    });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [label]);
  useEffect(() => {
    first.current = value;
    const now = view.current;
    // Only what came from elsewhere: a version restored, another's change.
    if (now !== null && now.state.doc.toString() !== value)
      now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value } });
  }, [value]);
  return <div ref={box} className={classes.code} />;
}

/** With the indentation of the line that it leaves. */
function breakLine(view: EditorView): boolean {
  const { state } = view;
  view.dispatch(
    state.changeByRange((range) => {
      const line = state.doc.lineAt(range.from);
      const indent = /^\s*/.exec(line.text)?.[0].slice(0, range.from - line.from) ?? '';
      const insert = `\n${indent}`;
      return {
        changes: { from: range.from, to: range.to, insert },
        range: EditorSelection.cursor(range.from + insert.length),
      };
    }),
    { scrollIntoView: true, userEvent: 'input' },
  );
  return true;
}

const matcher = new MatchDecorator({
  regexp: /\{\{.*?\}\}|\{%.*?%\}|<\/?[a-zA-Z][\w-]*|<!--.*?-->/g,
  decoration: ([found]) =>
    found.startsWith('{') ? liquidMark : found.startsWith('<!--') ? commentMark : tagMark,
});
const liquidMark = Decoration.mark({ class: 'sp-liquid' });
const tagMark = Decoration.mark({ class: 'sp-tag' });
const commentMark = Decoration.mark({ class: 'sp-comment' });

const marks = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = matcher.createDeco(view);
    }

    update(update: ViewUpdate): void {
      this.decorations = matcher.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

const look = EditorView.theme({
  '&': { fontSize: '12px', backgroundColor: 'transparent', color: 'var(--mantine-color-text)' },
  '&.cm-focused': { outline: '2px solid var(--sp-accent)', outlineOffset: '-1px' },
  '.cm-scroller': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    lineHeight: '18px',
    minHeight: '200px',
    maxHeight: '460px',
    overflow: 'auto',
  },
  '.cm-gutters': {
    backgroundColor: 'var(--sp-frame)',
    color: 'var(--mantine-color-dimmed)',
    borderRight: '1px solid var(--sp-line)',
  },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--sp-selected) !important',
  },
  '.sp-liquid': { color: 'var(--sp-accent-text)', fontWeight: '600' },
  '.sp-tag': { color: 'var(--sp-good)' },
  '.sp-comment': { color: 'var(--mantine-color-dimmed)' },
});
