import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';
import classes from './split.module.css';

interface SplitProps {
  /** Names the place where the width is remembered. */
  readonly name: string;
  readonly list: ReactNode;
  readonly detail: ReactNode;
  /** On a narrow window one of the two is shown. */
  readonly shown: 'list' | 'detail';
  /** Width of the list until somebody moves the border. */
  readonly usualWidth?: number;
}

const widthMin = 280;
const widthMax = 900;
const widthDefault = 400;
const keyStep = 16;

/** A list beside what is open of it, with a border between that can be moved by pointer and by keys. */
export function Split({ name, list, detail, shown, usualWidth = widthDefault }: SplitProps) {
  const [width, setWidth] = useState(() => storedWidth(name, usualWidth));
  const container = useRef<HTMLDivElement>(null);
  const resize = (wanted: number) => {
    const room = container.current?.clientWidth ?? widthMax;
    const next = Math.round(Math.min(Math.max(wanted, widthMin), widthMax, room - widthMin));
    setWidth(next);
    localStorage.setItem(storageKey(name), String(next));
  };
  const drag = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    resize(event.clientX - (container.current?.getBoundingClientRect().left ?? 0));
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') resize(width - keyStep);
    if (event.key === 'ArrowRight') resize(width + keyStep);
  };

  return (
    <div className={classes.split} ref={container} data-shown={shown}>
      <div className={classes.list} style={{ '--list-width': `${width}px` }}>
        {list}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: an <hr> takes no pointer; this is the ARIA window splitter */}
      <div
        className={classes.border}
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the list"
        aria-valuenow={width}
        aria-valuemin={widthMin}
        aria-valuemax={widthMax}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onDoubleClick={() => resize(usualWidth)}
        onKeyDown={press}
      />
      <div className={classes.detail}>{detail}</div>
    </div>
  );
}

const storageKey = (name: string): string => `sandpost.${name}.width`;

function storedWidth(name: string, usual: number): number {
  const stored = Number(localStorage.getItem(storageKey(name)));
  return stored >= widthMin && stored <= widthMax ? stored : usual;
}
