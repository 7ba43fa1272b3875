import {
  IconCalendarEvent,
  IconFile,
  IconFileText,
  IconFileTypePdf,
  IconMail,
  IconPhoto,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { Attachment, MessageDetail } from '../../../core/api/schema.ts';
import { partUrl } from '../api/messages.ts';
import { formatBytes } from '../format.ts';
import classes from './attachment-strip.module.css';
import { PartViewer } from './part-viewer.tsx';

/** Every file of the message, inline images too: a click shows it, from there it can be saved. */
export function AttachmentStrip({ message }: { readonly message: MessageDetail }) {
  const [open, setOpen] = useState<Attachment | null>(null);
  if (message.attachments.length === 0) return null;
  return (
    <>
      <ul className={classes.strip} aria-label="Attachments">
        {message.attachments.map((attachment) => (
          <li key={attachment.part}>
            <button type="button" className={classes.file} onClick={() => setOpen(attachment)}>
              <Thumbnail id={message.id} attachment={attachment} />
              <span className={classes.name}>{attachment.filename ?? attachment.contentType}</span>
              <span className={classes.fact}>
                {formatBytes(attachment.bytes)}
                {attachment.disposition === 'inline' ? ' · inline' : ''}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {open !== null && (
        <PartViewer
          messageId={message.id}
          part={open.part}
          name={open.filename}
          contentType={open.contentType}
          bytes={open.bytes}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

const thumbnailBytesMax = 2_000_000;

function Thumbnail({ id, attachment }: { readonly id: string; readonly attachment: Attachment }) {
  if (attachment.contentType.startsWith('image/') && attachment.bytes <= thumbnailBytesMax) {
    return <img className={classes.thumbnail} src={partUrl(id, attachment.part)} alt="" loading="lazy" />;
  }
  const Icon = iconOf(attachment.contentType);
  return <Icon size={16} stroke={1.5} aria-hidden />;
}

function iconOf(contentType: string) {
  if (contentType.startsWith('image/')) return IconPhoto;
  if (contentType === 'application/pdf') return IconFileTypePdf;
  if (contentType === 'message/rfc822') return IconMail;
  if (contentType === 'text/calendar') return IconCalendarEvent;
  return contentType.startsWith('text/') ? IconFileText : IconFile;
}
