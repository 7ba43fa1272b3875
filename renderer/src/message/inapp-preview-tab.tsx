import { SegmentedControl, useComputedColorScheme } from '@mantine/core';
import { IconAppWindow } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { useVirtualNow } from '../clock/use-virtual-now.ts';
import { plural } from '../format.ts';
import { RoomState } from '../frame/room-states.tsx';
import { InAppPreview } from '../inapp/in-app-preview.tsx';
import { displayRules, kinds, kindWords, standingOf } from '../inapp/in-app-words.ts';
import { useStored } from '../use-stored.ts';
import classes from './inapp-preview-tab.module.css';
import facts from './push-preview-tab.module.css';

/** More are in the room In-app. */
const usersShownMax = 12;

/** The message as an app shows it, by kind, width and colours; its rules; and where it stands with each user. */
export function InAppPreviewTab({ message }: { readonly message: MessageDetail }) {
  const { inapp, id } = message;
  const nowMs = useVirtualNow();
  const own = useComputedColorScheme('light');
  const [width, setWidth] = useStored('inapp.width', 'phone');
  const [scheme, setScheme] = useState<string | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  if (inapp === null) {
    return (
      <RoomState icon={<IconAppWindow size={28} stroke={1.3} aria-hidden />} title="It cannot be read yet">
        Source has its bytes as they came.
      </RoomState>
    );
  }
  const { content, display, users, usersTotal } = inapp;
  const kind = kinds.find((one) => one === asked) ?? display.kind;
  const data = Object.entries(content.data);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={facts.scroll} tabIndex={0} aria-label="Preview">
      <div className={classes.left}>
        <div className={classes.bar}>
          <SegmentedControl
            aria-label="Shown as"
            value={kind}
            onChange={setAsked}
            data={kinds.map((value) => ({ value, label: kindWords[value] }))}
          />
          <SegmentedControl
            aria-label="Width"
            value={width === 'desktop' ? 'desktop' : 'phone'}
            onChange={setWidth}
            data={[
              { value: 'phone', label: 'Phone' },
              { value: 'desktop', label: 'Desktop' },
            ]}
          />
          <SegmentedControl
            aria-label="Colours"
            value={scheme ?? own}
            onChange={setScheme}
            data={[
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        </div>
        {kind !== display.kind && <p className={classes.note}>It was sent as {kindWords[display.kind]}.</p>}
        <InAppPreview
          content={content}
          kind={kind}
          width={width === 'desktop' ? 'desktop' : 'phone'}
          scheme={(scheme ?? own) === 'dark' ? 'dark' : 'light'}
          messageId={id}
        />
      </div>
      <aside className={facts.facts} aria-label="What the message says">
        <h2 className={facts.title}>Shown</h2>
        <ul className={classes.rules}>
          {displayRules(display).map((rule) => (
            <li key={rule}>{rule}</li>
          ))}
        </ul>
        <dl className={facts.rows}>
          {content.link !== null && (
            <div>
              <dt>A click opens</dt>
              <dd>{content.link}</dd>
            </div>
          )}
          {content.actions.map((action) => (
            <div key={action.id}>
              <dt>Button {action.label}</dt>
              <dd>
                {action.url ?? 'tells the app'} ({action.id})
                {action.dismisses ? '' : ', and the message stays'}
              </dd>
            </div>
          ))}
          {data.map(([name, value]) => (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>
                <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
              </dd>
            </div>
          ))}
        </dl>
        <h2 className={facts.title}>With its users</h2>
        <ul className={facts.devices}>
          {users.slice(0, usersShownMax).map((row) => {
            const standing = standingOf(row, nowMs);
            return (
              <li key={row.id}>
                <Link to="/inapp/$user" params={{ user: row.user }} className={classes.link}>
                  {row.user}
                </Link>{' '}
                <span className={classes.dim}>
                  <span aria-hidden>{standing.shape}</span> {standing.word}
                  {row.impressions > 1 && `, ${plural(row.impressions, 'time', 'times')}`}
                </span>
              </li>
            );
          })}
          {users.length === 0 && <li className={classes.dim}>It waits for nobody any more.</li>}
          {usersTotal > usersShownMax && (
            <li className={classes.dim}>and {usersTotal - usersShownMax} more</li>
          )}
        </ul>
      </aside>
    </section>
  );
}
