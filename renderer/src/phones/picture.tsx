import { IconPhoto } from '@tabler/icons-react';
import { useState } from 'react';
import { pictureUrl } from '../api/messages.ts';
import classes from './picture.module.css';

interface PictureProps {
  /** The message that names it. */
  readonly messageId: string;
  readonly url: string;
}

/** The large picture of a notification: nothing is fetched until somebody asks, and then the core does it. */
export function Picture({ messageId, url }: PictureProps) {
  const [state, setState] = useState<'not asked' | 'asked' | 'failed'>('not asked');
  switch (state) {
    case 'not asked':
      return (
        <button
          type="button"
          className={classes.ask}
          title={url}
          aria-label={`Load the picture from ${hostOf(url)}`}
          onClick={() => setState('asked')}
        >
          <IconPhoto size={14} aria-hidden />
          <span className={classes.from}>{hostOf(url)}</span>
          <span className={classes.load}>Load</span>
        </button>
      );
    case 'asked':
      return (
        <img
          className={classes.image}
          src={pictureUrl(messageId, url)}
          alt={`What the payload names as its picture, ${fileOf(url)}`}
          onError={() => setState('failed')}
        />
      );
    case 'failed':
      return (
        <span className={classes.failed} role="status">
          The picture could not be fetched: a device shows the notification without it. {url}
        </span>
      );
  }
}

const hostOf = (url: string): string => /^[a-z]+:\/\/([^/?#]+)/i.exec(url)?.[1] ?? url;
const fileOf = (url: string): string => url.split(/[?#]/)[0]?.split('/').at(-1) ?? '';
