import { ActionIcon, Tooltip } from '@mantine/core';
import { IconDownload, IconEye } from '@tabler/icons-react';
import { useState } from 'react';
import type { MessageDetail, MimePart } from '../../../core/api/schema.ts';
import { formatBytes } from '../format.ts';
import classes from './mime-tab.module.css';
import { hasContent, mimeRows } from './mime-tree.ts';
import { PartViewer, savePart } from './part-viewer.tsx';

const indentPx = 20;

/** How the message is put together, part by part. */
export function MimeTab({ message }: { readonly message: MessageDetail }) {
  const [open, setOpen] = useState<MimePart | null>(null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="MIME parts">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Name</th>
            <th scope="col">Charset</th>
            <th scope="col">Encoding</th>
            <th scope="col" className={classes.number}>
              In the message
            </th>
            <th scope="col" className={classes.number}>
              Decoded
            </th>
            <th scope="col">
              <span className={classes.hidden}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {mimeRows(message.parts).map(({ part, depth }) => (
            <tr key={part.n}>
              <th scope="row" style={{ paddingLeft: 12 + depth * indentPx }}>
                <span className={classes.path}>{part.path === '' ? '·' : part.path}</span> {part.contentType}
                {part.disposition !== null && <span className={classes.mark}>{part.disposition}</span>}
              </th>
              <td>
                {part.filename}
                {part.contentId !== null && <div className={classes.id}>{part.contentId}</div>}
              </td>
              <td>{part.charset}</td>
              <td>{part.encoding}</td>
              <td className={classes.number}>
                <Tooltip label={`bytes ${part.bodyStart} to ${part.bodyEnd} of the message`}>
                  <span>{formatBytes(part.bytes)}</span>
                </Tooltip>
              </td>
              <td className={classes.number}>
                {part.decodedBytes === null ? '' : formatBytes(part.decodedBytes)}
              </td>
              <td className={classes.actions}>
                {hasContent(part) && (
                  <>
                    <Tooltip label="View">
                      <ActionIcon
                        size={22}
                        aria-label={`View part ${part.path}`}
                        onClick={() => setOpen(part)}
                      >
                        <IconEye size={14} aria-hidden />
                      </ActionIcon>
                    </Tooltip>
                    <Tooltip label="Save">
                      <ActionIcon
                        size={22}
                        aria-label={`Save part ${part.path}`}
                        onClick={() => void savePart(message.id, part.n, part.filename, part.contentType)}
                      >
                        <IconDownload size={14} aria-hidden />
                      </ActionIcon>
                    </Tooltip>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {open !== null && (
        <PartViewer
          messageId={message.id}
          part={open.n}
          name={open.filename}
          contentType={open.contentType}
          bytes={open.decodedBytes ?? open.bytes}
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  );
}
