import { lazy, Suspense, useState } from 'react';
import type { RealReleaseRequest } from './real-release-dialog.tsx';

// Seldom asked for.
const Dialog = lazy(async () => ({
  default: (await import('./real-release-dialog.tsx')).RealReleaseDialog,
}));

interface RealReleaseProps {
  readonly request: RealReleaseRequest | null;
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
