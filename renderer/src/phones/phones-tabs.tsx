import { Link, useLocation } from '@tanstack/react-router';
import classes from './phones-tabs.module.css';

/** What pushes come to, and what SMS come to. */
export function PhonesTabs() {
  const handsets = useLocation({ select: ({ pathname }) => inHandsets(pathname) });
  return (
    <nav className={classes.tabs} aria-label="Kinds of phones">
      <Link
        to="/phones"
        search={true}
        className={classes.tab}
        activeOptions={{ exact: true }}
        aria-current={handsets ? undefined : 'page'}
      >
        Devices
      </Link>
      <Link
        to="/phones/handsets"
        search={true}
        className={classes.tab}
        aria-current={handsets ? 'page' : undefined}
      >
        Handsets (SMS)
      </Link>
    </nav>
  );
}

export const inHandsets = (pathname: string): boolean => /\/phones\/handsets(?:\/|$)/.test(pathname);
