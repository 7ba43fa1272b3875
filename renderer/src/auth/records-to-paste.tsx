import { useQuery } from '@tanstack/react-query';
import { domainRecordsQuery } from '../api/domains.ts';
import { Copy } from '../message/found-panel.tsx';
import classes from './records-to-paste.module.css';

interface RecordsToPasteProps {
  readonly domain: string;
  readonly purpose: 'spf' | 'dkim' | 'dmarc';
}

/** The records of a domain that would mend a check, as the Domains room has them. */
export function RecordsToPaste({ domain, purpose }: RecordsToPasteProps) {
  const records = useQuery(domainRecordsQuery(domain)).data ?? [];
  const fitting = records.filter((record) => record.purpose === purpose);
  if (fitting.length === 0) return null;
  return (
    <ul className={classes.records} aria-label={`Records of ${domain}`}>
      {fitting.map((record) => (
        <li key={`${record.name} ${record.value}`}>
          <code className={classes.name}>
            {record.name} {record.type}
          </code>
          <span className={classes.line}>
            <code className={classes.value} title={record.value}>
              {record.value}
            </code>
            {record.paste ? (
              <Copy value={record.value} label={`Copy the value of ${record.name}`} />
            ) : (
              <span className={classes.tag}>sandbox only</span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
