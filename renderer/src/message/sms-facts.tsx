import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { smsProviderNames } from '../../../core/model/sms.ts';
import { formatDateTime, formatGap } from '../format.ts';
import { Copy } from './found-panel.tsx';
import classes from './message-head.module.css';

const recipientsShownMax = 6;

/** Who sends, by which provider, and to which numbers. */
export function SmsFacts({ message }: { readonly message: MessageDetail }) {
  const { sms } = message;
  const to = message.envelope.to;
  const sender = sms?.sender || message.envelope.from;
  return (
    <dl className={classes.people}>
      <Row name="From">
        <span className={classes.name}>{sender === '' ? 'chosen by the service' : sender}</span>
        {sms?.service != null && <span className={classes.address}>in {sms.service}</span>}
      </Row>
      <Row name="To">
        {to.slice(0, recipientsShownMax).map((number) => (
          <Link key={number} to="/phones/handsets/$number" params={{ number }} className={classes.number}>
            {number}
          </Link>
        ))}
        {to.length > recipientsShownMax && (
          <span className={classes.address}>and {to.length - recipientsShownMax} more</span>
        )}
      </Row>
      {sms !== null && (
        <Row name="By">
          <span>{sms.providers.map((one) => smsProviderNames[one]).join(', then ')}</span>
          {sendingWords(sms).map((words) => (
            <span key={words} className={classes.address}>
              {words}
            </span>
          ))}
          {sms.providerId !== null && sms.providerId !== '' && (
            <>
              <code className={classes.address}>{sms.providerId}</code>
              <Copy value={sms.providerId} label="Copy the provider’s id" />
            </>
          )}
        </Row>
      )}
    </dl>
  );
}

function sendingWords(sms: NonNullable<MessageDetail['sms']>): readonly string[] {
  return [
    ...(sms.api === null ? [] : [sms.api]),
    ...(sms.reference === null ? [] : [`reference ${sms.reference}`]),
    ...(sms.validitySeconds === null ? [] : [`valid for ${formatGap(sms.validitySeconds * 1_000)}`]),
    ...(sms.sendAt === null ? [] : [`at ${formatDateTime(sms.sendAt)}`]),
    ...(sms.answers === null ? [] : ['answers a handset']),
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
