import { useComputedColorScheme } from '@mantine/core';
import type { TemplatePreview } from '../api/templates.ts';
import { InAppPreview } from '../inapp/in-app-preview.tsx';
import { displayRules, kindWords } from '../inapp/in-app-words.ts';
import { useStored } from '../use-stored.ts';
import { ChannelIcon } from '../users/channel-icon.tsx';
import classes from './templates-room.module.css';
import { WidthControl } from './width-control.tsx';

/** As an app with plain markup would show it, and when. */
export function InAppCard({ inapp }: { readonly inapp: NonNullable<TemplatePreview['inapp']> }) {
  const { content, display, priority, saveToInbox } = inapp;
  const [width, setWidth] = useStored('template.inapp.width', 'phone');
  const scheme = useComputedColorScheme('light');
  return (
    <div className={classes.card}>
      <div className={classes.cardHead}>
        <ChannelIcon channel="inapp" label={null} />
        <strong>{kindWords[display.kind]}</strong>
        <WidthControl width={width} onChange={setWidth} />
      </div>
      <div className={classes.cardBody}>
        <div className={classes.centred}>
          <InAppPreview
            content={content}
            kind={display.kind}
            width={width === 'desktop' ? 'desktop' : 'phone'}
            scheme={scheme}
          />
        </div>
        <p className={classes.hint}>
          Shown {displayRules(display).join('; ')}. Priority {priority};{' '}
          {saveToInbox ? 'it stays in the inbox' : 'it is not in the inbox afterwards'}.
          {content.link !== null && ` A click opens ${content.link}.`}
          {content.actions.some(({ url }) => url !== null) &&
            ` ${content.actions.flatMap(({ label, url }) => (url === null ? [] : `“${label}” opens ${url}`)).join('; ')}.`}
          {Object.keys(content.data).length > 0 &&
            ` The app is told ${Object.keys(content.data).join(', ')}.`}
        </p>
      </div>
    </div>
  );
}
