/** What was said in an HTTP exchange, as a transcript (see doors/transcript): secrets masked, control characters escaped. */
import { Transcript } from '../transcript.ts';
import { ownSendField } from './own-send-field.ts';
import type { ProviderReply, ProviderRoute } from './provider-request.ts';
import { type RequestHead, secretFields } from './request-fields.ts';

/** Of a body so many characters are shown. */
const bodyCharsMax = 8 * 1024;
/** So much of it is masked before it is cut, so that no secret is cut in two and missed. */
const maskedBytesMax = 64 * 1024;
/** Of a field's value, which the doors' limit on the header block bounds too. */
const valueCharsMax = 4 * 1024;

export interface SaidRequest {
  readonly head: RequestHead;
  readonly httpVersion: string;
  readonly body: Uint8Array;
  readonly bodyTooLarge: boolean;
  /** The body is the message's own, and shown there. */
  readonly stored: boolean;
  readonly notes: readonly string[];
}

export function exchangeText(
  route: ProviderRoute | null,
  said: SaidRequest,
  reply: ProviderReply | null,
  replyAtMs: number,
): string {
  const text = new Transcript();
  addRequest(text, route, said, replyAtMs);
  if (reply !== null) addReply(text, route, said.httpVersion, reply, replyAtMs);
  return text.take();
}

/** The reply alone, to what stands in the transcript already. */
export function replyText(
  route: ProviderRoute | null,
  httpVersion: string,
  notes: readonly string[],
  reply: ProviderReply | null,
  replyAtMs: number,
): string {
  const text = new Transcript();
  for (const note of notes) text.add('N', replyAtMs, note);
  if (reply !== null) addReply(text, route, httpVersion, reply, replyAtMs);
  return text.take();
}

function addRequest(
  text: Transcript,
  route: ProviderRoute | null,
  said: SaidRequest,
  notesAtMs: number,
): void {
  const { head, httpVersion } = said;
  text.add('C', 0, `${escaped(head.method)} ${maskedTarget(escaped(head.target))} HTTP/${httpVersion}`);
  if (httpVersion === '2' && head.authority !== '') text.add('C', 0, `:authority: ${shown(head.authority)}`);
  for (const [name, value] of head.fields.entries)
    if (name !== ownSendField) text.add('C', 0, `${escaped(name)}: ${fieldValue(route, name, value)}`);
  if (said.body.length > 0) {
    if (said.stored) text.add('N', 0, `message of ${said.body.length} bytes`);
    else addBody(text, 'C', 0, bodyText(said.body), route);
  }
  if (said.bodyTooLarge)
    text.add('N', 0, `the body is larger than the ${route?.bodyBytesMax ?? 0} bytes that are taken here`);
  for (const note of said.notes) text.add('N', notesAtMs, note);
}

function addReply(
  text: Transcript,
  route: ProviderRoute | null,
  httpVersion: string,
  reply: ProviderReply,
  atMs: number,
): void {
  const words = reply.statusText === undefined ? '' : ` ${escaped(reply.statusText)}`;
  text.add('S', atMs, `HTTP/${httpVersion} ${reply.status}${words}`);
  for (const [name, value] of reply.fields)
    text.add('S', atMs, `${escaped(name)}: ${fieldValue(route, name.toLowerCase(), value)}`);
  const coding = codingOf(reply);
  // What is in it cannot be masked before somebody unpacks it.
  if (coding !== null) text.add('N', atMs, `a body of ${reply.body.length} bytes (${escaped(coding)})`);
  else if (reply.body.length > 0)
    addBody(text, 'S', atMs, typeof reply.body === 'string' ? reply.body : bodyText(reply.body), route);
  for (const [name, value] of reply.trailers ?? [])
    text.add('S', atMs, `${escaped(name)}: ${fieldValue(route, name.toLowerCase(), value)}`);
}

/** RFC 9110 §8.4; null: the body is as it is read. */
function codingOf({ fields, body }: ProviderReply): string | null {
  const coding = fields.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1] ?? 'identity';
  return body.length === 0 || coding.toLowerCase() === 'identity' ? null : coding;
}

/** Of credentials the scheme is worth knowing: `bearer (masked)`. */
function fieldValue(route: ProviderRoute | null, name: string, value: string): string {
  if (!secretFields.has(name) && route?.secretFields?.includes(name) !== true) return shown(value);
  const space = value.indexOf(' ');
  return !name.includes('cookie') && space > 0 && space <= schemeCharsMax
    ? `${escaped(value.slice(0, space))} (masked)`
    : '(masked)';
}

const schemeCharsMax = 16;

function shown(value: string): string {
  return value.length > valueCharsMax ? `${escaped(value.slice(0, valueCharsMax))} …` : escaped(value);
}

/** Keys that some providers take in the address. */
function maskedTarget(target: string): string {
  return target.includes('?')
    ? target.replace(
        /([?&](?:key|token|access_token|access_key|api_key|api_secret|password|hash)=)[^&]*/gi,
        '$1(masked)',
      )
    : target;
}

const utf8 = new TextDecoder();

function bodyText(body: Uint8Array): string {
  return utf8.decode(body.length > maskedBytesMax ? body.subarray(0, maskedBytesMax) : body);
}

function addBody(
  text: Transcript,
  by: 'C' | 'S',
  atMs: number,
  body: string,
  route: ProviderRoute | null,
): void {
  text.add(by, atMs, '');
  const masked = route?.maskBody === undefined ? body : route.maskBody(body);
  for (const line of masked.slice(0, bodyCharsMax).split('\n')) text.add(by, atMs, escaped(line));
  if (masked.length > bodyCharsMax)
    text.add('N', atMs, `only the first ${bodyCharsMax} characters are shown`);
}

/** Control characters, and what was not UTF-8, as escapes. */
function escaped(text: string): string {
  return unprintable.test(text)
    ? text.replace(everyUnprintable, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`)
    : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const unprintable = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/;
const everyUnprintable = new RegExp(unprintable.source, 'g');
