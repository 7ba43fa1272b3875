/** Encoded words of a header field (RFC 2047). Its tables of charsets are read when the first one comes. */
import { createRequire } from 'node:module';
import type Libmime from 'libmime';
import { atFirstUse } from './at-first-use.ts';

const require = createRequire(import.meta.url);
const libmime = atFirstUse((): typeof Libmime => require('libmime'));

/** @throws Error for a charset that nobody knows */
export function decodeWords(text: string): string {
  return text.includes('=?') ? libmime().decodeWords(text) : text;
}
