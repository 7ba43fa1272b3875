/** What the columns of a users' file are: members of a user by many names, and whatever else as attributes. Pure. */
import { userChannels } from '../../model/user.ts';
import { attributesDepthMax } from '../user-schema.ts';

export const textFields = ['id', 'name', 'email', 'phone', 'locale', 'timezone'] as const;
export type TextField = (typeof textFields)[number];

export type Column =
  | { readonly kind: 'text'; readonly field: TextField }
  | { readonly kind: 'value'; readonly path: readonly [string, ...string[]] }
  | { readonly kind: 'ignored' };

/** As they are called elsewhere, without spaces and dashes. */
const aliases: Readonly<Record<string, TextField>> = {
  id: 'id',
  userid: 'id',
  user: 'id',
  uid: 'id',
  externalid: 'id',
  customerid: 'id',
  name: 'name',
  fullname: 'name',
  displayname: 'name',
  email: 'email',
  mail: 'email',
  emailaddress: 'email',
  phone: 'phone',
  phonenumber: 'phone',
  mobile: 'phone',
  mobilephone: 'phone',
  mobilenumber: 'phone',
  cell: 'phone',
  cellphone: 'phone',
  tel: 'phone',
  telephone: 'phone',
  msisdn: 'phone',
  locale: 'locale',
  lang: 'locale',
  language: 'locale',
  timezone: 'timezone',
  tz: 'timezone',
};

export function columnsOf(header: readonly string[]): readonly Column[] {
  const taken = new Set<TextField>();
  return header.map((name): Column => {
    const field = aliasOf(name);
    if (field !== null && !taken.has(field)) {
      taken.add(field);
      return { kind: 'text', field };
    }
    return valueColumn(name);
  });
}

export function columnName(column: Column): string | null {
  if (column.kind === 'ignored') return null;
  return column.kind === 'text' ? column.field : pathName(column.path);
}

/** A dot in a member's own name stands behind a backslash. */
export function pathName(path: readonly string[]): string {
  return path.map((one) => one.replaceAll(/[.\\]/g, '\\$&')).join('.');
}

function aliasOf(name: string): TextField | null {
  const bare = name.toLowerCase().replaceAll(/[\s_-]+/g, '');
  return Object.hasOwn(aliases, bare) ? (aliases[bare] ?? null) : null;
}

function valueColumn(name: string): Column {
  if (name.trim() === '') return { kind: 'ignored' };
  const [first = '', ...rest] = splitPath(name.startsWith('attributes.') ? name : name.trim());
  const lower = first.toLowerCase();
  const path = (): readonly [string, ...string[]] => {
    if (rest.length === 0 && ['unsubscribed', 'devices', 'attributes'].includes(lower)) {
      return lower === 'unsubscribed' ? ['preferences', 'unsubscribed'] : [lower];
    }
    if (rest.length === 1 && lower === 'topics') return ['preferences', 'topics', ...rest];
    if (rest.length === 1 && lower === 'channels' && userChannels.some((one) => one === rest[0]))
      return ['preferences', 'channels', ...rest];
    return lower === 'attributes' && rest.length > 0
      ? ['attributes', ...rest]
      : ['attributes', first, ...rest];
  };
  const found = path();
  return found.length > attributesDepthMax || found.includes('__proto__')
    ? { kind: 'ignored' }
    : { kind: 'value', path: found };
}

function splitPath(name: string): readonly string[] {
  const parts: string[] = [''];
  for (let at = 0; at < name.length; at++) {
    const char = name.charAt(at);
    if (char === '.') parts.push('');
    else {
      const escaped = char === '\\' && at + 1 < name.length;
      if (escaped) at++;
      parts[parts.length - 1] += name.charAt(at);
    }
  }
  return parts;
}
