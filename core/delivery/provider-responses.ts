/**
 * What a far side answered to one attempt, word for word and kept with it: for whoever wants to see what a provider really
 * said, and not what was understood of it. Bounded; what is cut says so.
 */
import { isUtf8 } from 'node:buffer';
import { secretFields } from '../doors/http/request-fields.ts';
import type { ProviderResponse } from '../model/delivery.ts';
import type { PostAnswer } from './post.ts';

/** Of one answer's body more is not kept. */
export const responseBytesMax = 64 * 1024;
/** Answers of one attempt: a transaction has one for each recipient that was refused. */
const responsesMax = 1_000;
/** Bodies of one attempt together. */
const attemptBytesMax = 256 * 1024;
const masked = '(masked)';

export class ProviderResponses {
  readonly kept: ProviderResponse[] = [];
  readonly #elapsedMs: () => number;
  #bytes = 0;

  /** @param elapsedMs milliseconds since the attempt began */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  http(from: string, answer: Pick<PostAnswer, 'status' | 'body' | 'whole'>): void {
    const { status, whole } = answer;
    const body = whole?.body ?? Buffer.from(answer.body);
    this.#keep(body, {
      protocol: 'http',
      recipient: null,
      from,
      status,
      fields: whole?.fields ?? [],
      bytes: whole?.bytes ?? body.length,
    });
  }

  /** @param lines of the reply as they came, without their ends */
  smtp(from: string, recipient: string | null, code: number, lines: readonly string[]): void {
    const body = Buffer.from(`${lines.join('\r\n')}\r\n`);
    this.#keep(body, { protocol: 'smtp', recipient, from, status: code, fields: [], bytes: body.length });
  }

  /** @param unit the whole PDU */
  smpp(from: string, status: number, unit: Uint8Array): void {
    this.#keep(unit, { protocol: 'smpp', recipient: null, from, status, fields: [], bytes: unit.length });
  }

  #keep(
    body: Uint8Array,
    about: Pick<ProviderResponse, 'protocol' | 'recipient' | 'from' | 'status' | 'fields' | 'bytes'>,
  ): void {
    if (this.kept.length >= responsesMax) return;
    const room = Math.min(responseBytesMax, attemptBytesMax - this.#bytes);
    const cut = body.subarray(0, room);
    this.#bytes += cut.length;
    this.kept.push({
      ...about,
      atMs: this.#elapsedMs(),
      fields: about.fields.map(([name, value]) => [
        name,
        secretFields.has(name.toLowerCase()) ? masked : value,
      ]),
      ...verbatim(cut, about.protocol !== 'smpp'),
      truncated: cut.length < about.bytes,
    });
  }
}

/** As text where it is text. */
export function verbatim(bytes: Uint8Array, mayBeText = true): Pick<ProviderResponse, 'body' | 'encoding'> {
  const whole = mayBeText ? wholeCharacters(bytes) : null;
  return whole === null
    ? { body: Buffer.from(bytes).toString('base64'), encoding: 'base64' }
    : { body: Buffer.from(whole).toString('utf8'), encoding: 'utf8' };
}

/** A character that was cut in two at the end is left out. @returns null: it is no text */
function wholeCharacters(bytes: Uint8Array): Uint8Array | null {
  for (let cut = 0; cut < 4 && cut <= bytes.length; cut++) {
    const part = bytes.subarray(0, bytes.length - cut);
    if (isUtf8(part)) return part;
  }
  return null;
}

/** Names and values by turns, as Node gives them. */
export function rawFields(raw: readonly string[]): readonly (readonly [name: string, value: string])[] {
  const fields: (readonly [string, string])[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]];
    if (!name.startsWith(':')) fields.push([name, value]);
  }
  return fields;
}
