import { Button } from '@mantine/core';
import { useState } from 'react';
import type { SmsView } from '../../../core/api/sms-schema.ts';
import { SenderDialog } from './sender-dialog.tsx';
import classes from './sms-thread.module.css';

/** Beside an answer that no app heard of. */
export function NowhereToReply({ sms }: { readonly sms: Pick<SmsView, 'provider' | 'sender'> }) {
  const [state, setState] = useState<'closed' | 'open'>('closed');
  return (
    <div className={classes.nowhere}>
      <span>{sms.sender} has no inbound address: no app heard of it.</span>
      {sms.provider !== 'smpp' && (
        <Button variant="default" size="compact-xs" onClick={() => setState('open')}>
          Set one…
        </Button>
      )}
      <SenderDialog
        opened={state === 'open'}
        provider={sms.provider}
        sender={sms.sender}
        onClose={() => setState('closed')}
      />
    </div>
  );
}
