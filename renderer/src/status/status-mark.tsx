import type { ReactNode } from 'react';
import type { Delivery } from '../../../core/api/schema.ts';
import { type DeliveryState, type Face, faceOf, meanings, statusWords } from './status-faces.ts';
import classes from './status-mark.module.css';

/** The one shape and colour of a status, everywhere. Drawn, for fonts draw these signs at any size they like. */
export function StatusShape({ face, label }: { readonly face: Face; readonly label?: string }) {
  return (
    <svg
      className={classes.shape}
      data-face={face}
      viewBox="0 0 12 12"
      width={12}
      height={12}
      role="img"
      aria-label={label ?? ''}
      aria-hidden={label === undefined}
    >
      {paths[face]}
    </svg>
  );
}

const ring = <circle cx={6} cy={6} r={4.25} fill="none" stroke="currentColor" strokeWidth={1.5} />;

const paths: Readonly<Record<Face, ReactNode>> = {
  queued: ring,
  deferred: (
    <>
      {ring}
      <path d="M6 6V1.75A4.25 4.25 0 0 1 10.25 6Z" fill="currentColor" />
    </>
  ),
  held: (
    <>
      <rect x={2} y={1.5} width={2.75} height={9} rx={0.75} fill="currentColor" />
      <rect x={7.25} y={1.5} width={2.75} height={9} rx={0.75} fill="currentColor" />
    </>
  ),
  sent: (
    <>
      {ring}
      <path d="M6 1.75a4.25 4.25 0 0 0 0 8.5Z" fill="currentColor" />
    </>
  ),
  delivered: <circle cx={6} cy={6} r={5} fill="currentColor" />,
  undeliverable: (
    <path
      d="M2.25 2.25l7.5 7.5M9.75 2.25l-7.5 7.5"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
    />
  ),
  canceled: (
    <>
      {ring}
      <path d="M2 10L10 2" stroke="currentColor" strokeWidth={1.5} strokeLinecap="round" />
    </>
  ),
};

interface StatusMarkProps {
  readonly delivery: DeliveryState & Pick<Delivery, 'placement' | 'attempts'>;
}

/** Shape and word. */
export function StatusMark({ delivery }: StatusMarkProps) {
  const face = faceOf(delivery);
  return (
    <span className={classes.mark} data-face={face} title={meanings[face]}>
      <StatusShape face={face} />
      {statusWords(delivery)}
    </span>
  );
}
