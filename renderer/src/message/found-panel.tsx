import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { Link } from '../../../core/api/schema.ts';
import { codesQuery, linksQuery } from '../api/messages.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import { openLink, opensOutside } from '../host/open-link.ts';
import classes from './found-panel.module.css';

/** One-time codes and links of the message: what a developer wants from most mail. */
export function FoundPanel({ id }: { readonly id: string }) {
  const codes = useQuery(codesQuery(id)).data ?? [];
  const links = useQuery(linksQuery(id)).data ?? [];
  return (
    <aside className={classes.panel} aria-label="Links and codes">
      <h2 className={classes.title}>Codes</h2>
      {codes.length === 0 && <p className={classes.none}>No one-time code found</p>}
      {codes.map((code) => (
        <div key={`${code.code} ${code.context}`} className={classes.entry}>
          <div className={classes.line}>
            <code className={classes.code}>{code.code}</code>
            <Copy value={code.code} label="Copy the code" />
          </div>
          <p className={classes.context}>{code.context}</p>
        </div>
      ))}
      <h2 className={classes.title}>Links {links.length > 0 && <span>{links.length}</span>}</h2>
      {links.length === 0 && <p className={classes.none}>No links found</p>}
      {links.map((link, index) => (
        <LinkEntry key={index} link={link} />
      ))}
    </aside>
  );
}

function LinkEntry({ link }: { readonly link: Link }) {
  const open = () => {
    openLink(link.url).then(
      (outcome) => outcome === 'refused' && toast('This kind of link is not opened'),
      (error: unknown) => toastProblem(error, 'The link could not be opened'),
    );
  };
  return (
    <div className={classes.entry}>
      <div className={classes.line}>
        <span className={classes.text}>{link.text === '' ? hostOf(link.url) : link.text}</span>
        <span className={classes.source}>{link.source}</span>
        {opensOutside(link.url) && (
          <Tooltip label="Open in the browser">
            <ActionIcon size={22} aria-label={`Open ${link.url}`} onClick={open}>
              <IconExternalLink size={14} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <Copy value={link.url} label="Copy the link" />
      </div>
      <p className={classes.url}>{link.url}</p>
    </div>
  );
}

const hostOf = (url: string): string => /^https?:\/\/([^/?#]+)/i.exec(url)?.[1] ?? url;

export function Copy({ value, label }: { readonly value: string; readonly label: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon size={22} aria-label={label} onClick={copy}>
            {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
