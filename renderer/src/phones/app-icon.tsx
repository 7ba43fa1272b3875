import classes from './app-icon.module.css';
import { appName, iconColour } from './app-names.ts';

interface AppIconProps {
  readonly app: string;
  readonly size: number;
  readonly shape: 'rounded' | 'round';
  /** Number on it; 0: none. */
  readonly badge?: number;
}

/** A letter on a colour: the same for the same app, everywhere. */
export function AppIcon({ app, size, shape, badge = 0 }: AppIconProps) {
  return (
    <span className={classes.box} style={{ '--icon-size': `${size}px` }}>
      <span className={classes.icon} data-colour={iconColour(app)} data-shape={shape} aria-hidden>
        {appName(app).slice(0, 1).toUpperCase()}
      </span>
      {badge > 0 && (
        <span className={classes.badge}>
          {badge > 999 ? '999+' : badge}
          <span className={classes.said}> on the icon of {appName(app)}</span>
        </span>
      )}
    </span>
  );
}
