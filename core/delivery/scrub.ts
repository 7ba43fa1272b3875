/**
 * The last net under what is kept and shown of the real providers: whatever they say, and whatever a client overlooks, the
 * values of a credential do not stand in it; neither as they are, nor in Base64, nor escaped for an address. Pure.
 */
import type { Relay } from '../model/live-relay.ts';
import type { Credential } from '../store/credential-vault.ts';

/** Of shorter ones every other word would have to go. */
const charsMin = 4;
/** Who somebody is is no secret: it is shown wherever the relay is. */
const openFields: ReadonlySet<string> = new Set(['user']);
const mask = '(masked)';

/**
 * @param names who the secret belongs to, where that stands elsewhere: an account of the relay's settings
 * @returns the same value with each string in it freed of secrets; unchanged, the very same one
 */
export function scrubber(credential: Credential, names: readonly string[] = []): <T>(value: T) => T {
  const needles = needlesOf(credential, names);
  if (needles.length === 0) return (value) => value;
  return (value) => scrub(value, needles);
}

function scrub<T>(value: T, needles: readonly string[]): T {
  const text = JSON.stringify(value);
  if (text === undefined || !needles.some((needle) => text.includes(inJson(needle)))) return value;
  return JSON.parse(needles.reduce((clean, needle) => clean.replaceAll(inJson(needle), mask), text)) as T;
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The longest first, so that no part of one is left. */
function needlesOf(credential: Credential, names: readonly string[]): readonly string[] {
  const secrets = Object.entries(credential).flatMap(([field, value]) =>
    openFields.has(field) || value.length < charsMin ? [] : [value, ...linesOf(value)],
  );
  const users = [credential.user ?? '', ...names].filter((name) => name !== '');
  const forms = secrets.flatMap((secret) => [
    secret,
    base64(secret),
    base64url(secret),
    // AUTH PLAIN (RFC 4616), and Basic (RFC 7617).
    ...users.flatMap((user) => [base64(`\0${user}\0${secret}`), base64(`${user}:${secret}`)]),
    encodeURIComponent(secret),
  ]);
  return [...new Set(forms)].filter(({ length }) => length >= charsMin).sort((a, b) => b.length - a.length);
}

/** A key in PEM may be quoted without its line ends, or line by line. */
function linesOf(value: string): readonly string[] {
  if (!value.includes('-----BEGIN')) return [];
  const lines = value.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('-----'));
  return [lines.join(''), ...lines.filter(({ length }) => length >= 16)];
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '');
}

function base64url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** Of a relay: what its settings say of who the secret belongs to. */
export function relayScrubber(relay: Relay, credential: Credential): ReturnType<typeof scrubber> {
  return scrubber(credential, 'account' in relay.settings ? [relay.settings.account] : []);
}
