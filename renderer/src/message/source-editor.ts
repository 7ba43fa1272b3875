import { EditorState, type Extension, RangeSetBuilder } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightSpecialChars,
  highlightWhitespace,
  lineNumbers,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view';
import { type LineEnding, lineKind, type Source } from './source-lines.ts';

export interface SourceLook {
  readonly hidden: 'shown' | 'not shown';
  readonly wrap: 'on' | 'off';
}

/** Everything of the view that depends on the message and on what the person wants to see. */
export function sourceExtensions(source: Source, look: SourceLook): Extension {
  return [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': 'Source of the message' }),
    lineNumbers(),
    drawSelection(),
    highlightSpecialChars(),
    look.wrap === 'on' ? EditorView.lineWrapping : [],
    look.hidden === 'shown' ? highlightWhitespace() : [],
    decorations(source, look),
    sourceTheme,
  ];
}

const endingMarks: Readonly<Record<LineEnding, string>> = { crlf: 'CRLF', lf: 'LF', cr: 'CR', none: '' };

class EndingWidget extends WidgetType {
  readonly ending: LineEnding;

  constructor(ending: LineEnding) {
    super();
    this.ending = ending;
  }

  override eq(other: EndingWidget): boolean {
    return other.ending === this.ending;
  }

  toDOM(): HTMLElement {
    const mark = document.createElement('span');
    // A bare CR or LF is what breaks SMTP, so it stands out from the ordinary pair.
    mark.className = this.ending === 'crlf' ? 'sp-ending' : 'sp-ending sp-ending-odd';
    mark.textContent = endingMarks[this.ending];
    mark.ariaHidden = 'true';
    return mark;
  }
}

const endingDecorations = {
  crlf: Decoration.widget({ widget: new EndingWidget('crlf'), side: 1 }),
  lf: Decoration.widget({ widget: new EndingWidget('lf'), side: 1 }),
  cr: Decoration.widget({ widget: new EndingWidget('cr'), side: 1 }),
};
const nameMark = Decoration.mark({ class: 'sp-header-name' });
const boundaryMark = Decoration.mark({ class: 'sp-boundary' });

/** Marks only what is in view: a source can have a million lines. */
function decorations(source: Source, look: SourceLook): Extension {
  const build = (view: EditorView): DecorationSet => {
    const builder = new RangeSetBuilder<Decoration>();
    for (const { from, to } of view.visibleRanges) {
      for (let line = view.state.doc.lineAt(from); ; line = view.state.doc.line(line.number + 1)) {
        const kind = lineKind(line.text, inHeaders(view, line.number));
        if (kind === 'header') builder.add(line.from, line.from + line.text.indexOf(':') + 1, nameMark);
        if (kind === 'boundary') builder.add(line.from, line.to, boundaryMark);
        const ending = source.endings[line.number - 1] ?? 'none';
        if (ending !== 'none' && (look.hidden === 'shown' || ending !== 'crlf')) {
          builder.add(line.to, line.to, endingDecorations[ending]);
        }
        if (line.to >= to || line.number === view.state.doc.lines) break;
      }
    }
    return builder.finish();
  };
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;

      constructor(view: EditorView) {
        this.decorations = build(view);
      }

      update(update: ViewUpdate): void {
        if (update.docChanged || update.viewportChanged) this.decorations = build(update.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

const lookBackLinesMax = 60;

/** Headers run from the top, or from a boundary, to the first empty line. */
function inHeaders(view: EditorView, lineNumber: number): boolean {
  for (let number = lineNumber; number > Math.max(0, lineNumber - lookBackLinesMax); number -= 1) {
    const { text } = view.state.doc.line(number);
    if (text === '') return false;
    if (number < lineNumber && lineKind(text, false) === 'boundary') return !text.endsWith('--');
    if (number === 1) return true;
  }
  return false;
}

const sourceTheme = EditorView.theme({
  '&': {
    height: '100%',
    fontSize: '12px',
    backgroundColor: 'transparent',
    color: 'var(--mantine-color-text)',
  },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '18px' },
  '.cm-gutters': {
    backgroundColor: 'var(--sp-frame)',
    color: 'var(--mantine-color-dimmed)',
    borderRight: '1px solid var(--sp-line)',
  },
  '.cm-content': { padding: '4px 0' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--sp-selected) !important',
  },
  '.cm-cursor': { display: 'none' },
  '.cm-specialChar': { color: 'var(--sp-bad)' },
  '.sp-header-name': { color: 'var(--sp-accent-text)', fontWeight: '600' },
  '.sp-boundary': { color: 'var(--sp-good)', fontWeight: '600' },
  '.sp-ending': {
    marginLeft: '4px',
    padding: '0 2px',
    border: '1px solid var(--sp-line)',
    borderRadius: '2px',
    color: 'var(--mantine-color-dimmed)',
    fontSize: '8px',
    lineHeight: '10px',
    verticalAlign: 'middle',
    userSelect: 'none',
  },
  '.sp-ending-odd': { borderColor: 'currentColor', color: 'var(--sp-bad)', fontWeight: '600' },
  '.cm-highlightSpace': {
    backgroundImage: 'radial-gradient(circle at 50% 55%, rgb(136 136 146 / 70%) 12%, transparent 5%)',
  },
});
