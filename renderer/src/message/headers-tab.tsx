import { SegmentedControl, TextInput } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { Header } from '../../../core/api/schema.ts';
import { useStored } from '../use-stored.ts';
import { Copy } from './found-panel.tsx';
import { headerMeaning } from './header-meanings.ts';
import classes from './headers-tab.module.css';

interface HeadersTabProps {
  readonly headers: readonly Header[];
  /** What a field is for, by its name; left out: of mail. */
  readonly meaningOf?: (name: string) => string | null;
}

/** Every header in the order it came: what it says beside the bytes that say it, and what it is for. */
export function HeadersTab({ headers, meaningOf = headerMeaning }: HeadersTabProps) {
  const [filter, setFilter] = useState('');
  const [shape, setShape] = useStored('headers.shape', 'both');
  const shown = useMemo(() => filterHeaders(headers, filter), [headers, filter]);
  return (
    <div className={classes.tab}>
      <div className={classes.bar}>
        <TextInput
          w={240}
          placeholder="Filter headers"
          aria-label="Filter headers"
          leftSection={<IconFilter size={14} aria-hidden />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <SegmentedControl
          aria-label="What is shown"
          value={shape}
          onChange={setShape}
          data={[
            { value: 'both', label: 'Decoded and raw' },
            { value: 'decoded', label: 'Decoded' },
            { value: 'raw', label: 'Raw' },
          ]}
        />
        <span className={classes.count}>
          {shown.length === headers.length
            ? `${headers.length} headers`
            : `${shown.length} of ${headers.length} headers`}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label="Headers">
        <table className={classes.table} data-shape={shape}>
          <thead>
            <tr>
              <th scope="col">Header</th>
              {shape !== 'raw' && <th scope="col">Decoded</th>}
              {shape !== 'decoded' && <th scope="col">Raw</th>}
            </tr>
          </thead>
          <tbody>
            {shown.map((header, index) => (
              <tr key={index}>
                <th scope="row">
                  <span className={classes.name}>
                    {header.name} <Copy value={header.value} label={`Copy ${header.name}`} />
                  </span>
                  <span className={classes.meaning}>{meaningOf(header.name)}</span>
                </th>
                {shape !== 'raw' && <td>{header.value}</td>}
                {shape !== 'decoded' && (
                  <td>
                    <pre>{header.raw}</pre>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p className={classes.none}>No header matches “{filter}”.</p>}
      </section>
    </div>
  );
}

export function filterHeaders(headers: readonly Header[], filter: string): readonly Header[] {
  const wanted = filter.trim().toLowerCase();
  if (wanted === '') return headers;
  return headers.filter(
    (header) => header.name.toLowerCase().includes(wanted) || header.value.toLowerCase().includes(wanted),
  );
}
