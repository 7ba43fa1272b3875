import type { ReactNode } from 'react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { formatDateTime } from '../format.ts';
import { appName } from '../phones/app-names.ts';
import { providerNames } from '../phones/phone-words.ts';
import { shortToken } from '../status/recipient-name.ts';
import { Copy } from './found-panel.tsx';
import classes from './message-head.module.css';
import type { PushRequestView } from './push-view.ts';

const targetWords = {
  token: 'Token',
  topic: 'Topic',
  condition: 'Condition',
  channel: 'Channel',
} as const;

const recipientsShownMax = 6;

/** Which app pushes, by which provider, and to whom. */
export function PushFacts({ message }: { readonly message: MessageDetail }) {
  const request = message.push?.details ?? null;
  const app = request?.app || message.from?.address || message.envelope.from;
  return (
    <dl className={classes.people}>
      {(app !== '' || request !== null) && (
        <Row name="App">
          <span className={classes.name}>{app === '' ? 'not named by the request' : appName(app)}</span>
          {app !== '' && <span className={classes.address}>{app}</span>}
        </Row>
      )}
      {request === null ? (
        <Row name="To">
          {message.envelope.to.slice(0, recipientsShownMax).map((to) => (
            <code key={to} className={classes.address} title={to}>
              {shortToken(to)}
            </code>
          ))}
          {message.envelope.to.length > recipientsShownMax && (
            <span className={classes.address}>
              and {message.envelope.to.length - recipientsShownMax} more
            </span>
          )}
        </Row>
      ) : (
        <>
          <Row name={targetWords[request.target.kind]}>
            <code className={classes.address} title={request.target.value}>
              {request.target.kind === 'token' ? shortToken(request.target.value) : request.target.value}
            </code>
            <Copy value={request.target.value} label={`Copy the ${request.target.kind}`} />
          </Row>
          <Row name="By">
            <span>
              {providerNames[request.provider]}
              {request.environment === null ? '' : `, ${request.environment}`}
            </span>
            {sendingWords(request).map((words) => (
              <span key={words} className={classes.address}>
                {words}
              </span>
            ))}
          </Row>
        </>
      )}
    </dl>
  );
}

function sendingWords(request: PushRequestView): readonly string[] {
  const { pushType, priority, collapseKey, nowOrNever, expiresAt } = request;
  return [
    ...(pushType === null ? [] : [pushType]),
    ...(priority === null ? [] : [`priority ${priority}`]),
    ...(collapseKey === null ? [] : [`collapses by ${collapseKey}`]),
    ...(nowOrNever ? ['now or never'] : expiresAt === null ? [] : [`until ${formatDateTime(expiresAt)}`]),
  ];
}

function Row({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
