import {
  IconAlertTriangle,
  IconAppWindow,
  IconBell,
  IconMessage2,
  IconPaperclip,
  IconRoute2,
  IconSitemap,
} from '@tabler/icons-react';
import { memo } from 'react';
import type { Address, Message } from '../../../core/api/schema.ts';
import { isSmsProvider, smsProviderNames } from '../../../core/model/sms.ts';
import { formatBytes, formatWhen } from '../format.ts';
import { appName } from '../phones/app-names.ts';
import { pushRecipient } from '../status/recipient-name.ts';
import { StatusSummary } from '../status/status-summary.tsx';
import classes from './message-row.module.css';

export const messageRowHeight = 52;

/** One message in the list. Plain elements: hundreds are made a second while mail streams in. */
export const MessageRow = memo(function MessageRow({ entry }: { readonly entry: Message }) {
  const push = entry.channel === 'push';
  const sms = entry.channel === 'sms';
  const inApp = entry.channel === 'inapp';
  const subject = sms
    ? entry.snippet || '(no text)'
    : entry.subject || (push || inApp || entry.channel === 'multi' ? '(no title)' : '(no subject)');
  return (
    <div className={classes.row} data-unread={!entry.read}>
      <span className={classes.dot} role="img" aria-label={entry.read ? 'read' : 'unread'} />
      <div className={classes.top}>
        {push && <IconBell size={13} className={classes.channel} role="img" aria-label="push" />}
        {entry.channel === 'multi' && (
          <IconRoute2 size={13} className={classes.channel} role="img" aria-label="several channels" />
        )}
        {sms && <IconMessage2 size={13} className={classes.channel} role="img" aria-label="SMS" />}
        {inApp && <IconAppWindow size={13} className={classes.channel} role="img" aria-label="in-app" />}
        <span className={classes.subject}>{subject}</span>
        <time className={classes.when} dateTime={entry.receivedAt}>
          {formatWhen(entry.receivedAt, new Date())}
        </time>
      </div>
      <div className={classes.bottom}>
        <span className={classes.people}>
          {entry.channel === 'multi'
            ? 'several channels'
            : push
              ? appOf(entry)
              : inApp
                ? 'in-app'
                : nameOf(entry.from)}{' '}
          <span className={classes.arrow}>→</span> {recipientsOf(entry)}
          {sms && ` · ${smsBy(entry)}`}
        </span>
        {entry.tags.slice(0, 2).map((tag) => (
          <span key={tag} className={classes.tag}>
            {tag}
          </span>
        ))}
        {entry.problems.length > 0 && (
          <IconAlertTriangle size={13} className={classes.warn} role="img" aria-label="has problems" />
        )}
        {entry.partOf !== null && (
          <IconSitemap size={13} role="img" aria-label="part of a send over several channels" />
        )}
        {entry.attachments.length > 0 && <IconPaperclip size={13} role="img" aria-label="has attachments" />}
        <StatusSummary deliveries={entry.deliveries} recipients={entry.envelope.to.length} />
        <span className={classes.size}>{formatBytes(entry.bytes)}</span>
      </div>
    </div>
  );
});

const nameOf = (address: Address | null): string =>
  address === null ? 'no sender' : address.name === '' ? address.address : address.name;

/** What the send API took is for every app of whoever it is for. */
function appOf({ from, envelope, door }: Message): string {
  const app = from?.address ?? envelope.from;
  return app === '' && door === 'api' ? 'send API' : appName(app);
}

/** The provider that has it now, or whose door took it. */
function smsBy({ deliveries, door }: Message): string {
  const provider = deliveries[0]?.provider ?? door;
  return isSmsProvider(provider) ? smsProviderNames[provider] : provider;
}

function recipientsOf(entry: Message): string {
  const address = entry.envelope.to[0] ?? entry.to[0]?.address ?? 'nobody';
  const first = entry.channel === 'push' ? pushTo(address, entry) : address.replace(/^user:/, '');
  const more = entry.envelope.to.length - 1;
  return more > 0 ? `${first} +${more}` : first;
}

function pushTo(token: string, { deliveries }: Message): string {
  const provider = deliveries.find(({ recipient }) => recipient === token)?.provider ?? null;
  return pushRecipient({ recipient: token, provider });
}

/** Two answers of the core that look the same in this row. What never changes after arrival is not compared. */
export function sameRow(a: Message, b: Message): boolean {
  return (
    a.id === b.id &&
    a.read === b.read &&
    a.indexed === b.indexed &&
    a.project === b.project &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, index) => tag === b.tags[index]) &&
    a.attachments.length === b.attachments.length &&
    a.problems.length === b.problems.length &&
    a.deliveries.length === b.deliveries.length &&
    a.deliveries.every((delivery, index) => {
      const other = b.deliveries[index];
      return delivery.status === other?.status && delivery.substatus === other.substatus;
    })
  );
}
