import { SegmentedControl } from '@mantine/core';
import type { DemoState } from '../../../client/inapp/demo/demo.ts';
import type { InAppMessage } from '../api/inapp.ts';
import { withLocalTimes } from '../format.ts';
import { useStored } from '../use-stored.ts';
import { type Surface, surfaceNames } from './app-frame.tsx';
import { kindWords, reasonWords, titleOf } from './in-app-words.ts';
import { passedOverNow } from './passed-over.ts';
import classes from './why-not.module.css';

interface WhyNotProps {
  readonly messages: readonly InAppMessage[];
  readonly states: Readonly<Record<Surface, DemoState | null>>;
}

/** What the app shows where its user is, and of every other message the reason that it does not. */
export function WhyNot({ messages, states }: WhyNotProps) {
  const [stored, setStored] = useStored('inapp.why', 'browser');
  const surface: Surface = stored === 'phone' ? 'phone' : 'browser';
  const state = states[surface];
  const byId = new Map(messages.map((one) => [one.id, one]));
  const shown = (state?.shown ?? []).flatMap((id) => byId.get(id) ?? []);
  const passed = state === null ? [] : passedOverNow(state, messages);
  const isPassed = new Set(passed.map(({ id }) => id));
  const chosen = state?.chosen ?? null;
  const next =
    chosen === null || isPassed.has(chosen) || state?.shown.includes(chosen) === true
      ? null
      : (byId.get(chosen) ?? null);
  return (
    <section className={classes.why} aria-label="Why not this one">
      <div className={classes.bar}>
        <h2 className={classes.heading}>Why not this one</h2>
        <SegmentedControl
          aria-label="Whose answer"
          value={surface}
          onChange={setStored}
          data={(['browser', 'phone'] as const).map((value) => ({ value, label: surfaceNames[value] }))}
        />
      </div>
      <p className={classes.dim}>
        {state === null
          ? 'The app is loading.'
          : `What the door last answered the app, on the page ${state.url}.`}
      </p>
      {state !== null && (
        <>
          <ul className={classes.list} aria-label="Shown now">
            {shown.map((one) => (
              <li key={one.id} className={classes.entry} data-shown>
                <span className={classes.title}>{titleOf(one)}</span>
                <span className={classes.chosen}>● shown, {kindWords[one.display.kind]}</span>
              </li>
            ))}
            {next !== null && (
              <li className={classes.entry} data-shown>
                <span className={classes.title}>{titleOf(next)}</span>
                <span className={classes.chosen}>◐ chosen, comes next</span>
              </li>
            )}
            {shown.length === 0 && next === null && (
              <li className={classes.none}>Nothing is on display here.</li>
            )}
          </ul>
          <ul className={classes.list} aria-label="Passed over">
            {passed.map(({ id, title, reason, detail }) => {
              const message = byId.get(id);
              return (
                <li key={id} className={classes.entry}>
                  <span className={classes.title}>
                    {message === undefined ? (title ?? '(no title)') : titleOf(message)}
                  </span>
                  <span className={classes.reason}>○ {reasonWords[reason]}</span>
                  <span className={classes.detail}>{withLocalTimes(detail)}</span>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </section>
  );
}
