import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { Button, Switch } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { rawQuery } from '../api/messages.ts';
import { formatBytes, formatCount } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { useStored } from '../use-stored.ts';
import { sourceExtensions } from './source-editor.ts';
import { type Source, sourceLines } from './source-lines.ts';
import classes from './source-tab.module.css';
import { exportMessage, exportName } from './use-message-commands.ts';

/** More than this is shown when asked for: an editor with 50 MB in it is slow to make. */
const shownBytesMax = 2_000_000;

/** The exact bytes, with what is usually invisible made visible. */
export function SourceTab({ message }: { readonly message: MessageDetail }) {
  const { data: bytes, error } = useQuery(rawQuery(message.id));
  const [hidden, setHidden] = useStored('source.hidden', 'shown');
  const [wrap, setWrap] = useStored('source.wrap', 'off');
  const [amount, setAmount] = useState<'beginning' | 'all'>('beginning');
  const cut = bytes !== undefined && bytes.length > shownBytesMax && amount === 'beginning';
  const source = useMemo(
    () => (bytes === undefined ? null : sourceLines(cut ? bytes.subarray(0, shownBytesMax) : bytes)),
    [bytes, cut],
  );

  if (error !== null) return <ProblemState error={error} />;
  if (source === null) return <LoadingState what="the source" />;
  return (
    <div className={classes.tab}>
      <div className={classes.bar}>
        <Switch
          label="Hidden characters"
          checked={hidden === 'shown'}
          onChange={(event) => setHidden(event.currentTarget.checked ? 'shown' : 'not shown')}
        />
        <Switch
          label="Wrap lines"
          checked={wrap === 'on'}
          onChange={(event) => setWrap(event.currentTarget.checked ? 'on' : 'off')}
        />
        <span className={classes.facts}>{factsOf(source)}</span>
        {cut && (
          <Button variant="subtle" size="compact-xs" onClick={() => setAmount('all')}>
            Show all {formatBytes(message.bytes)}
          </Button>
        )}
        <div className={classes.space} />
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconDownload size={14} aria-hidden />}
          onClick={() => exportMessage(message)}
        >
          Save {exportName(message)}
        </Button>
      </div>
      <SourceView
        source={source}
        hidden={hidden === 'shown' ? 'shown' : 'not shown'}
        wrap={wrap === 'on' ? 'on' : 'off'}
      />
    </div>
  );
}

interface SourceViewProps {
  readonly source: Source;
  readonly hidden: 'shown' | 'not shown';
  readonly wrap: 'on' | 'off';
}

function SourceView({ source, hidden, wrap }: SourceViewProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null) return undefined;
    const view = new EditorView({
      parent: box.current,
      state: EditorState.create({ doc: source.text, extensions: sourceExtensions(source, { hidden, wrap }) }),
    });
    return () => view.destroy();
  }, [source, hidden, wrap]);
  return <div ref={box} className={classes.editor} />;
}

function factsOf({ counts, charset, endings }: Source): string {
  const odd = [
    counts.lf > 0 ? `${formatCount(counts.lf)} bare LF` : null,
    counts.cr > 0 ? `${formatCount(counts.cr)} bare CR` : null,
  ].filter((fact) => fact !== null);
  const lines = `${formatCount(endings.length)} lines`;
  const ends = odd.length === 0 ? 'every line ends in CRLF' : odd.join(', ');
  return `${lines} · ${ends}${charset === 'latin1' ? ' · not UTF-8, shown byte by byte' : ''}`;
}
