/** What the rules are told of a request, whether it is a push or an SMS: its fields, what its tries have in common, its pictures. */
import { hash } from 'node:crypto';
import type { AttachmentFacts, Facts } from './decision.ts';

/** Fields whose values are nobody's business; that they are there can be asked. */
const secrets: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'crypto-key',
  'x-api-key',
  'sandpost-send',
]);
const masked = '***';

/**
 * As a header block (latin1, UTF-8 as bytes): the title stands as the subject, before the request's own fields.
 * @param title null: there is none, and no subject
 */
export function requestHeaders(
  title: string | null,
  fields: Iterable<readonly [name: string, value: string]>,
): string {
  let block = title === null ? '' : `subject: ${asLatin1(title)}\r\n`;
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (lower.startsWith(':') || lower === 'subject') continue;
    block += `${name}: ${secrets.has(lower) ? masked : fieldValue(value)}\r\n`;
  }
  return block;
}

/** Node hands bytes of a field on as latin1; what cannot be such came as text. */
function fieldValue(value: string): string {
  return /[^\0-\xff]/.test(value) ? asLatin1(value) : value.replaceAll(/[\r\n]+/g, ' ');
}

function asLatin1(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, ' ');
  return /[^\0-\x7f]/.test(line) ? Buffer.from(line, 'utf8').toString('latin1') : line;
}

/**
 * The digest is only made when a rule counts tries.
 * @param whose what tells it from the same words of another
 * @param same what tries of the same have in common
 */
export function withTryKey(facts: Facts, whose: string, same: Uint8Array | string): Facts {
  let key: string | null = null;
  return {
    ...facts,
    get tryKey() {
      key ??= `${whose} ${hash('sha256', same, 'base64url')}`;
      return key;
    },
  };
}

/**
 * Only its address is known, for nothing is fetched: the size is 0, and the type goes by the name.
 * @param type null: as the name ends
 */
export function pictureAt(address: string, type: string | null = null): AttachmentFacts {
  const path = /^[^?#]*/.exec(address)?.[0] ?? '';
  const name = path.slice(path.lastIndexOf('/') + 1);
  const ending = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return {
    name: name === '' ? address : name,
    type: type ?? mediaTypes.get(ending) ?? 'image/*',
    bytes: 0,
  };
}

const mediaTypes: ReadonlyMap<string, string> = new Map([
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['png', 'image/png'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
  ['svg', 'image/svg+xml'],
  ['heic', 'image/heic'],
  ['mp4', 'video/mp4'],
  ['3gp', 'video/3gpp'],
  ['mp3', 'audio/mpeg'],
  ['vcf', 'text/vcard'],
  ['pdf', 'application/pdf'],
]);
