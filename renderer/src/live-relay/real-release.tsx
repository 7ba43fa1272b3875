import { lazy, Suspense, useState } from 'react';
import type { Release } from './release-channels.ts';

// Seldom asked for.
const Dialog = lazy(async () => ({
  default: (await import('./real-release-dialog.tsx')).RealReleaseDialog,
}));

interface RealReleaseProps {
  readonly request: Release | null;
  readonly onClose: () => void;
}

/** The dialog that releases by hand, loaded when it is opened for the first time. */
export function RealRelease({ request, onClose }: RealReleaseProps) {
  const [asked, setAsked] = useState<'not yet' | 'asked'>('not yet');
  if (request !== null && asked === 'not yet') setAsked('asked');
  return asked === 'asked' || request !== null ? (
    <Suspense>
      <Dialog request={request} onClose={onClose} />
    </Suspense>
  ) : null;
}
