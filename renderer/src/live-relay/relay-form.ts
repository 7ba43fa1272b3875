/** The fields of each kind of relay, and what they become. Data and pure functions: one row a field. */
import { type RelayKind, relayKinds } from '../../../core/model/live-relay.ts';
import type { RelaySettings } from '../api/live-relay.ts';
import { keyIdOf } from '../settings/push-form.ts';
import { readWords } from '../word-list.ts';

export type Values = Readonly<Record<string, string>>;

export interface FieldRow {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'choice' | 'pem' | 'words';
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  readonly placeholder?: string;
  readonly description?: string;
  /** Behind “More”. */
  readonly more?: boolean;
  readonly required?: boolean;
  /** Only then it means something. */
  readonly when?: (values: Values) => boolean;
}

const ca: FieldRow = {
  name: 'ca',
  label: 'Own CA (PEM)',
  kind: 'pem',
  more: true,
  description: 'Trusted besides those of the system.',
};
const url = (placeholder: string): FieldRow => ({
  name: 'url',
  label: 'Another address',
  kind: 'text',
  more: true,
  placeholder,
});
const envelopeFrom: FieldRow = {
  name: 'envelopeFrom',
  label: 'Envelope sender',
  kind: 'text',
  more: true,
  placeholder: 'the message’s own',
  description: 'MAIL FROM of all that goes by it. {delivery} in it becomes the id of the delivery.',
};
const dkim: FieldRow = {
  name: 'dkim',
  label: 'DKIM',
  kind: 'choice',
  more: true,
  choices: [
    { value: 'leave', label: 'as the app made it' },
    { value: 'ours', label: 'signed with the key of the sending domain' },
  ],
};
const helo: FieldRow = {
  name: 'helo',
  label: 'Name in EHLO',
  kind: 'text',
  more: true,
  placeholder: 'the machine’s own',
};
const tlsChoices = [
  { value: 'starttls', label: 'STARTTLS, or nothing goes' },
  { value: 'opportunistic', label: 'STARTTLS where it is offered' },
  { value: 'off', label: 'none' },
] as const;

const smsAccounts = {
  twilio: 'Account SID',
  vonage: 'API key',
  messagebird: 'Account name',
  sinch: 'Service plan id',
  infobip: 'Account name',
  telnyx: 'Account name',
  smpp: 'system_id',
} as const;

function smsRows(kind: keyof typeof smsAccounts): readonly FieldRow[] {
  return [
    { name: 'account', label: smsAccounts[kind], kind: 'text', required: true },
    {
      name: 'sender',
      label: 'Sender',
      kind: 'text',
      placeholder: 'as the message says',
      description: 'A number or name of yours that the provider knows.',
    },
    kind === 'smpp'
      ? {
          ...url('smpp.example.com:2775, tls://smpp.example.com:3550'),
          label: 'Address',
          more: false,
          required: true,
        }
      : kind === 'infobip'
        ? { ...url('https://xxxxx.api.infobip.com'), label: 'Base address', more: false }
        : url('the provider’s own'),
    {
      name: 'callbackUrl',
      label: 'Reports come to',
      kind: 'text',
      more: true,
      placeholder: 'nowhere; the provider is asked',
      description: 'Where the provider reaches this core, through a tunnel say.',
    },
    ca,
  ];
}

export const fieldRows: Readonly<Record<RelayKind, readonly FieldRow[]>> = {
  smtp: [
    { name: 'host', label: 'Host', kind: 'text', required: true, placeholder: 'smtp.your-provider.com' },
    { name: 'port', label: 'Port', kind: 'text', required: true },
    {
      name: 'tls',
      label: 'TLS',
      kind: 'choice',
      choices: [{ value: 'implicit', label: 'at once (465)' }, ...tlsChoices],
    },
    {
      name: 'auth',
      label: 'Login',
      kind: 'choice',
      choices: [
        { value: 'plain', label: 'PLAIN' },
        { value: 'login', label: 'LOGIN' },
        { value: 'xoauth2', label: 'XOAUTH2' },
        { value: 'none', label: 'none' },
      ],
    },
    envelopeFrom,
    dkim,
    helo,
    {
      name: 'pins',
      label: 'Pinned certificates',
      kind: 'words',
      more: true,
      placeholder: 'any that the system trusts',
      description: 'SHA-256 of the certificate, 64 hex digits each.',
    },
    ca,
  ],
  mx: [
    {
      name: 'helo',
      label: 'Name in EHLO',
      kind: 'text',
      placeholder: 'the machine’s own',
      description: 'Many hosts refuse a name that does not lead back to the sending address.',
    },
    { name: 'tls', label: 'TLS', kind: 'choice', choices: tlsChoices },
    envelopeFrom,
    dkim,
    {
      name: 'dnsServers',
      label: 'DNS servers',
      kind: 'words',
      more: true,
      placeholder: 'those of the system',
      description: '192.0.2.53 or 192.0.2.53:5353.',
    },
    { name: 'port', label: 'Port', kind: 'text', more: true },
    ca,
  ],
  apns: [
    {
      name: 'auth',
      label: 'Login',
      kind: 'choice',
      choices: [
        { value: 'token', label: 'signing key (.p8)' },
        { value: 'certificate', label: 'certificate' },
      ],
    },
    { name: 'keyId', label: 'Key id', kind: 'text', placeholder: 'ABC123DEFG', when: byToken },
    { name: 'teamId', label: 'Team id', kind: 'text', placeholder: 'DEF123GHIJ', when: byToken },
    {
      name: 'environment',
      label: 'Environment',
      kind: 'choice',
      choices: [
        { value: '', label: 'as the message says' },
        { value: 'production', label: 'production' },
        { value: 'development', label: 'development' },
      ],
    },
    url('Apple’s own'),
    ca,
  ],
  fcm: [
    { name: 'projectId', label: 'Project id', kind: 'text', required: true },
    { name: 'clientEmail', label: 'Service account', kind: 'text', required: true },
    { name: 'privateKeyId', label: 'Key id', kind: 'text' },
    url('Google’s own'),
    {
      name: 'tokenUrl',
      label: 'Another token address',
      kind: 'text',
      more: true,
      placeholder: 'Google’s own',
    },
    ca,
  ],
  webpush: [
    {
      name: 'subject',
      label: 'Subject',
      kind: 'text',
      required: true,
      placeholder: 'mailto:you@your-company.com',
      description: 'Whom the push service writes to when something is wrong.',
    },
    {
      name: 'publicKey',
      label: 'Public key',
      kind: 'text',
      required: true,
      description: 'The application server key (VAPID), base64url.',
    },
    ca,
  ],
  twilio: smsRows('twilio'),
  vonage: smsRows('vonage'),
  messagebird: smsRows('messagebird'),
  sinch: smsRows('sinch'),
  infobip: smsRows('infobip'),
  telnyx: smsRows('telnyx'),
  smpp: smsRows('smpp'),
  webhook: [
    {
      name: 'url',
      label: 'Address',
      kind: 'text',
      required: true,
      placeholder: 'https://your-staging.example/sandpost',
      description: 'Each message is posted there as JSON; any answer from 200 to 299 is a yes.',
    },
    ca,
  ],
};

function byToken({ auth }: Values): boolean {
  return auth !== 'certificate';
}

/** What is there before anybody writes. */
const usual: Readonly<Partial<Record<RelayKind, Values>>> = {
  smtp: { port: '587', tls: 'starttls', auth: 'plain', dkim: 'leave' },
  mx: { port: '25', tls: 'opportunistic', dkim: 'ours' },
  apns: { auth: 'token', environment: '' },
};

export const emptyValues = (kind: RelayKind): Values => usual[kind] ?? {};

/** Of one that is there. */
export function valuesOf(settings: RelaySettings): Values {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => {
      if (name === 'kind' || value === null) return [];
      return [[name, Array.isArray(value) ? value.join(' ') : String(value)]];
    }),
  );
}

/** As the API reads it, which checks it: a field that is empty is left out. */
export function settingsOf(kind: RelayKind, values: Values): Readonly<Record<string, unknown>> {
  const rows = fieldRows[kind].filter(({ when }) => when === undefined || when(values));
  return {
    kind,
    ...Object.fromEntries(
      rows.flatMap((row): (readonly [string, unknown])[] => {
        const value = (values[row.name] ?? '').trim();
        if (value === '') return [];
        if (row.name === 'port') return [[row.name, Number(value)]];
        return [[row.name, row.kind === 'words' ? readWords(value) : value]];
      }),
    ),
  };
}

/** Fields that are needed and empty. */
export const missingOf = (kind: RelayKind, values: Values): readonly string[] =>
  fieldRows[kind]
    .filter(({ required, name }) => required && (values[name] ?? '').trim() === '')
    .map(({ name }) => name);

export interface SecretRow {
  readonly name: string;
  readonly label: string;
  readonly kind: 'line' | 'pem';
  /** Files that hold it. */
  readonly accept?: string;
}

const pemKey: SecretRow = {
  name: 'privateKey',
  label: 'Private key (PEM)',
  kind: 'pem',
  accept: '.pem,.key',
};

const smsSecrets: Readonly<Record<keyof typeof smsAccounts, string>> = {
  twilio: 'Auth token',
  vonage: 'API secret',
  messagebird: 'Access key',
  sinch: 'API token',
  infobip: 'API key',
  telnyx: 'API key',
  smpp: 'Password',
};

/** What opens a relay: all of it is given at once. */
export function secretRows(kind: RelayKind, { auth }: Values): readonly SecretRow[] {
  const line = (name: string, label: string): SecretRow => ({ name, label, kind: 'line' });
  switch (kind) {
    case 'smtp':
      if (auth === 'none') return [];
      return [
        line('user', 'User'),
        auth === 'xoauth2' ? line('accessToken', 'Access token') : line('password', 'Password'),
      ];
    case 'mx':
      return [];
    case 'apns':
      return auth === 'certificate'
        ? [{ name: 'certificate', label: 'Certificate (PEM)', kind: 'pem', accept: '.pem,.crt,.cer' }, pemKey]
        : [{ ...pemKey, label: 'Signing key (.p8)', accept: '.p8,.pem' }];
    case 'fcm':
      return [{ ...pemKey, accept: '.json,.pem' }];
    case 'webpush':
      return [line('privateKey', 'Private key (base64url)')];
    case 'webhook':
      return [line('secret', 'Signing secret')];
    default:
      return [line('secret', smsSecrets[kind])];
  }
}

/** The variable of the environment that goes before what is kept. */
export const variableOf = (relay: string, field: string): string =>
  `SANDPOST_RELAY_${relay.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_${field.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;

export const isRelayKind = (value: string): value is RelayKind => relayKinds.some((kind) => kind === value);

export interface ReadFile {
  readonly values: Values;
  readonly secrets: Values;
}

/**
 * What a file brings: a service account (JSON), a .p8 whose name has the key's id, any other PEM.
 *
 * @param field the secret that a plain file is for
 * @returns null when it is nothing of that kind
 */
export function readKeyFile(name: string, text: string, field: string): ReadFile | null {
  if (text.trimStart().startsWith('{')) return readServiceAccount(text);
  if (!text.includes('-----BEGIN ')) return null;
  const keyId = keyIdOf(name);
  return { values: keyId === '' ? {} : { keyId }, secrets: { [field]: text.trim() } };
}

function readServiceAccount(text: string): ReadFile | null {
  const parsed = jsonOf(text);
  const of = (name: string): Values => {
    const value = parsed[name];
    return typeof value === 'string' ? { [name]: value } : {};
  };
  const { project_id, client_email, private_key_id, private_key } = {
    ...of('project_id'),
    ...of('client_email'),
    ...of('private_key_id'),
    ...of('private_key'),
  };
  if (project_id === undefined || client_email === undefined || private_key === undefined) return null;
  return {
    values: {
      projectId: project_id,
      clientEmail: client_email,
      ...(private_key_id === undefined ? {} : { privateKeyId: private_key_id }),
    },
    secrets: { privateKey: private_key },
  };
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? Object.fromEntries(Object.entries(parsed)) : {};
  } catch {
    // No JSON: it has none of the fields, and that is what is said.
    return {};
  }
}
