/** The fields of the return mailbox, and what they become. Pure. */
import type { ReturnMailbox } from '../api/live-relay.ts';
import type { FieldRow, SecretRow, Values } from './relay-form.ts';

export const mailboxRows: readonly FieldRow[] = [
  { name: 'host', label: 'Host', kind: 'text', required: true, placeholder: 'imap.your-provider.com' },
  { name: 'port', label: 'Port', kind: 'text', required: true },
  {
    name: 'tls',
    label: 'TLS',
    kind: 'choice',
    choices: [
      { value: 'implicit', label: 'at once (993)' },
      { value: 'starttls', label: 'STARTTLS, or nothing goes' },
      { value: 'off', label: 'none, on this machine only' },
    ],
  },
  { name: 'user', label: 'User', kind: 'text', required: true, placeholder: 'bounces@your-company.com' },
  { name: 'folder', label: 'Folder', kind: 'text', placeholder: 'INBOX' },
  {
    name: 'ca',
    label: 'Own CA (PEM)',
    kind: 'pem',
    more: true,
    description: 'Trusted besides those of the system.',
  },
];

export const mailboxSecrets: readonly SecretRow[] = [
  { name: 'password', label: 'Password', kind: 'line' },
  { name: 'accessToken', label: 'Access token', kind: 'line' },
];

/** As they stand in the form at first. */
export function emptyMailbox(settings: ReturnMailbox['settings']): Values {
  const { host, port, tls, user, folder, ca } = settings ?? {};
  return {
    host: host ?? '',
    port: String(port ?? 993),
    tls: tls ?? 'implicit',
    user: user ?? '',
    folder: folder ?? 'INBOX',
    ca: ca ?? '',
  };
}

/** As the API reads it: what is empty is left out. */
export function settingsOfMailbox(values: Values, markSeen: boolean): Readonly<Record<string, unknown>> {
  const written = Object.entries(values).filter(([, value]) => value.trim() !== '');
  return {
    ...Object.fromEntries(
      written.map(([name, value]) => [name, name === 'port' ? Number(value) : value.trim()]),
    ),
    markSeen,
  };
}
