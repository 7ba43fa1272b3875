import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ShownSmsSecret } from '../../../core/api/sms-secrets-schema.ts';
import { rotateSmsSecret, smsSecretsQuery } from '../api/handsets.ts';
import { ProblemState } from '../frame/room-states.tsx';
import { useHandsetAction } from '../handsets/use-handset-action.ts';
import { Copy } from '../message/found-panel.tsx';
import { PushPart } from './push-part.tsx';
import classes from './push-settings.module.css';

/** The secrets that an app checks callbacks with: masked until they are asked for. */
export function SmsSecrets() {
  const [state, setState] = useState<'masked' | 'shown'>('masked');
  const { data, error, refetch } = useQuery(smsSecretsQuery(state));
  const act = useHandsetAction();
  return (
    <PushPart title="Signing secrets">
      {error !== null && data === undefined && <ProblemState error={error} onRetry={() => void refetch()} />}
      <ul className={classes.known} aria-label="Signing secrets">
        {(data ?? []).map((secret) => (
          <li key={`${secret.provider} ${secret.account} ${secret.kind}`} className={classes.entry}>
            <span className={classes.text}>
              <b>{secret.providerName}</b> <span className={classes.about}>{aboutOf(secret)}</span>
              <br />
              <span className={classes.name}>{secret.value}</span>
              {state === 'shown' && (
                <Copy value={secret.value} label={`Copy the secret of ${secret.providerName}`} />
              )}
              {secret.publicKey !== null && (
                <>
                  <br />
                  <span className={classes.about}>public key </span>
                  <span className={classes.name}>{secret.publicKey}</span>
                  <Copy value={secret.publicKey} label={`Copy the public key of ${secret.providerName}`} />
                </>
              )}
            </span>
            {secret.name !== null && (
              <Tooltip label="Make it anew; callbacks are signed with the new one from then on">
                <ActionIcon
                  aria-label={`Make the secret of ${secret.providerName} anew`}
                  onClick={() =>
                    void act(rotateSmsSecret(secret.name ?? ''), `${secret.providerName} has a new secret`)
                  }
                >
                  <IconRefresh size={15} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </li>
        ))}
      </ul>
      <Button variant="default" onClick={() => setState(state === 'masked' ? 'shown' : 'masked')}>
        {state === 'masked' ? 'Show the secrets' : 'Hide the secrets'}
      </Button>
    </PushPart>
  );
}

function aboutOf({ kind, account }: ShownSmsSecret): string {
  const of = account === null ? '' : ` of ${account}`;
  switch (kind) {
    case 'own':
      return 'the sandbox’s own';
    case 'seen':
      return `seen in requests${of}`;
    case 'fixed':
      return `fixed below${of}`;
  }
}
