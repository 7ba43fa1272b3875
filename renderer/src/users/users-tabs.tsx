import { Link, useSearch } from '@tanstack/react-router';
import classes from './users-tabs.module.css';

export type UsersPlace = 'users' | 'topics' | 'segments';

export const usePlace = (): UsersPlace =>
  useSearch({
    strict: false,
    select: ({ place }) => (place === 'topics' || place === 'segments' ? place : 'users'),
  });

/** Who they are, what they can hear of, and what they are told apart by. */
export function UsersTabs() {
  const place = usePlace();
  return (
    <nav className={classes.tabs} aria-label="Users, topics and segments">
      {(['users', 'topics', 'segments'] as const).map((one) => (
        <Link
          key={one}
          to="/users"
          search={one === 'users' ? {} : { place: one }}
          className={classes.tab}
          activeOptions={{ exact: true }}
          aria-current={one === place ? 'page' : undefined}
        >
          {titles[one]}
        </Link>
      ))}
    </nav>
  );
}

const titles: Readonly<Record<UsersPlace, string>> = {
  users: 'Users',
  topics: 'Topics',
  segments: 'Segments',
};
