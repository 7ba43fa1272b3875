import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { UserDetailView } from '../../../core/api/people-schema.ts';
import { segmentsQuery, userSegmentsQuery } from '../api/users.ts';
import { plural } from '../format.ts';
import classes from './users-room.module.css';

const tokenCharsShown = 24;

/** Where the user is reached: devices, handsets, in-app; and what stands in the way. */
export function KnownPlaces({ user }: { readonly user: UserDetailView }) {
  const { phones, handsets, inapp, suppressions } = user.known;
  return (
    <section className={classes.part} aria-label="Reached at">
      <h2 className={classes.heading}>Reached at</h2>
      <div className={classes.columns}>
        <Place title="Devices (push)" none="No device names this user.">
          {[
            ...phones.map((phone) => (
              <li key={phone.id}>
                <Link
                  className={classes.link}
                  to="/phones/$phoneId"
                  params={{ phoneId: phone.id }}
                  search={{}}
                >
                  {phone.name}
                </Link>
                {phone.online ? '' : ', offline'}
                {phone.apps.length === 0 && ', no app registered'}
              </li>
            )),
            ...user.devices.map((device) => (
              <li key={device.token}>
                {device.provider} <code>{shortened(device.token)}</code>
              </li>
            )),
          ]}
        </Place>
        <Place title="Handsets (SMS)" none="No handset has their number yet.">
          {handsets.map((one) => (
            <li key={one.number}>
              <Link
                className={classes.link}
                to="/phones/handsets/$number"
                params={{ number: one.number }}
                search={{}}
              >
                {one.number}
              </Link>{' '}
              {one.carrier}
              {one.online ? '' : ', offline'}
              {one.blocked ? ', blocked' : ''}
            </li>
          ))}
        </Place>
        <Place title="In-app" none="">
          <li>
            <Link className={classes.link} to="/inapp/$user" params={{ user: user.id }} search={{}}>
              {plural(inapp.total, 'message', 'messages')}
            </Link>
            {inapp.total > 0 && `, ${inapp.waiting} waiting, ${inapp.unread} unread`}
          </li>
        </Place>
        <Place title="Not sent to" none="Nothing of theirs is suppressed.">
          {suppressions.map((one) => (
            <li key={one.seq}>
              <Link className={classes.link} to="/suppressions" search={{}}>
                {one.address}
              </Link>{' '}
              {one.reason.replaceAll('_', ' ')}
            </li>
          ))}
        </Place>
        <InSegments id={user.id} />
      </div>
    </section>
  );
}

function InSegments({ id }: { readonly id: string }) {
  const found = useQuery(userSegmentsQuery(id)).data ?? [];
  const all = useQuery(segmentsQuery).data ?? [];
  return (
    <Place title="In segments" none="In none.">
      {found.map((one) => (
        <li key={one}>
          <Link className={classes.link} to="/users" search={{ place: 'segments', view: one }}>
            {all.find((segment) => segment.id === one)?.name ?? one}
          </Link>
        </li>
      ))}
    </Place>
  );
}

interface PlaceProps {
  readonly title: string;
  readonly none: string;
  readonly children: ReactNode;
}

function Place({ title, none, children }: PlaceProps) {
  const empty = Array.isArray(children) && children.length === 0;
  return (
    <div>
      <h3 className={classes.dim}>{title}</h3>
      {empty ? <p className={classes.hint}>{none}</p> : <ul className={classes.list}>{children}</ul>}
    </div>
  );
}

const shortened = (token: string): string =>
  token.length > tokenCharsShown ? `${token.slice(0, tokenCharsShown)}…` : token;
