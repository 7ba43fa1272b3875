/** What came of a request that was handed on: for the app, for the delivery, for the journey. Pure. */
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Passing, PassingSend, WholeRequest } from '../doors/http/handing-on.ts';
import type { ProviderAnswer } from '../doors/http/provider-request.ts';
import { secretFields } from '../doors/http/request-fields.ts';
import type { AttemptEvidence, DeliveryRow, OutcomeClass, TranscriptLine } from '../model/delivery.ts';
import type { RecordedResult } from '../store/deliveries.ts';
import type { Place } from './hand-on-destination.ts';
import type { LivePass } from './live.ts';
import { ProviderResponses } from './provider-responses.ts';
import { requestEvidence } from './request-result.ts';
import type { Returned } from './upstream.ts';
import { endToEnd, type RawFields } from './upstream-fields.ts';

export interface PassedResult {
  readonly taken: boolean;
  /** The provider may have got it. */
  readonly written: boolean;
  readonly class: OutcomeClass | null;
  readonly text: string;
  readonly code: number | null;
  readonly providerId: string | null;
  readonly nextHop: string;
  /** For the audit log. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Of an answer's text so much is shown. */
const shownCharsMax = 8 * 1024;
const unpackedBytesMax = 4 * 1024 * 1024;

/** @param send null: it was no send, and its answer is nobody's business */
export function outcomeFrom(returned: Returned, send: PassingSend | null, { name }: Place): PassedResult {
  const base = { code: null, providerId: null, nextHop: name } as const;
  if (returned.kind !== 'answered') {
    const withdrawn = returned.kind === 'withdrawn';
    const text = withdrawn
      ? 'live relay ended before the request was written: nothing was sent'
      : returned.why;
    const written = !withdrawn && returned.written;
    const detail = { outcome: withdrawn ? 'withdrawn' : 'failed', text, nextHop: name };
    return { ...base, taken: false, written, class: 'network', text, detail };
  }
  const { status, fields, body } = returned;
  const said =
    send === null
      ? { taken: status >= 200 && status < 300, class: null, text: String(status), providerId: null }
      : send.read(status, textOf(fields, body) ?? '', { get: (wanted) => fieldOf(fields, wanted) });
  return {
    ...said,
    written: true,
    code: status,
    nextHop: name,
    detail: {
      outcome: said.taken ? 'sent' : 'failed',
      code: status,
      text: said.text,
      ...(said.providerId === null ? {} : { providerId: said.providerId }),
      nextHop: name,
    },
  };
}

/** To the app, as the provider said it; where it said nothing, its own temporary error. */
export function answerOf(
  returned: Returned,
  { httpVersion }: WholeRequest,
  passing: Passing,
  { taken, text }: PassedResult,
): ProviderAnswer {
  const refused = taken ? null : text;
  if (returned.kind !== 'answered') return { reply: passing.unavailable(), refused };
  const { status, statusText, fields, body, trailers } = returned;
  return {
    reply: {
      status,
      ...(statusText === null ? {} : { statusText }),
      fields: endToEnd(fields),
      body,
      ...(httpVersion === '2' && trailers.length > 0 ? { trailers } : {}),
    },
    refused,
  };
}

/** The app was told what came of it, and tries again by itself where it wants to: nothing here does. */
export function recordedResults(
  rows: readonly DeliveryRow[],
  result: PassedResult,
): readonly RecordedResult[] {
  const { taken, text, code, nextHop, providerId } = result;
  return rows.map(({ seq, id }) => ({
    seq,
    id,
    change: taken ? { kind: 'send' } : { kind: 'fail' },
    attempted: true,
    class: taken ? null : result.class,
    reason: taken ? null : text,
    code,
    enhanced: null,
    text,
    nextHop,
    suppress: null,
    softBounce: null,
    ...(providerId === null ? {} : { providerId }),
  }));
}

export function evidenceOf(about: {
  /** What the app asked, as the exchange has it. */
  readonly transcript: string;
  readonly result: PassedResult;
  readonly returned: Returned | null;
  readonly durationMs: number;
  readonly pass: LivePass;
  readonly passing: Passing;
}): AttemptEvidence {
  const { result, returned, durationMs, pass } = about;
  const responses = new ProviderResponses(() => durationMs);
  const lines: TranscriptLine[] = [
    { by: 'N', atMs: 0, text: `the app's own request, handed on to ${result.nextHop} (${pass.relay.name})` },
    ...linesOf(about.transcript),
  ];
  if (returned?.kind === 'answered') {
    const { status, fields, body } = returned;
    responses.http(result.nextHop, {
      status,
      body: '',
      whole: { fields, body, bytes: body.length },
    });
    const say = (text: string): void => {
      lines.push({ by: 'S', atMs: durationMs, text });
    };
    say(`HTTP/${returned.httpVersion} ${status} ${returned.statusText ?? ''}`.trim());
    for (const [name, value] of fields)
      say(`${name}: ${secretFields.has(name.toLowerCase()) ? '(masked)' : value}`);
    const text = textOf(fields, body);
    if (text !== null && text !== '') say(text.slice(0, shownCharsMax));
  } else lines.push({ by: 'N', atMs: durationMs, text: result.text });
  return { ...requestEvidence(lines, [], responses.kept), live: pass.route };
}

/** Of a door's transcript: `C 0 POST /messages HTTP/1.1` (see doors/transcript). */
function linesOf(transcript: string): readonly TranscriptLine[] {
  return transcript.split('\n').flatMap((line): TranscriptLine[] => {
    const [, by, atMs, text = ''] = /^([CSN]) ([\d.]+) ?(.*)$/.exec(line) ?? [];
    if (by !== 'C' && by !== 'S' && by !== 'N') return [];
    return [{ by, atMs: Number(atMs), text }];
  });
}

function fieldOf(fields: RawFields, wanted: string): string | null {
  return fields.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? null;
}

/** @returns null where it cannot be unpacked: it is read by the app alone then */
function textOf(fields: RawFields, body: Uint8Array): string | null {
  const coding = (fieldOf(fields, 'content-encoding') ?? 'identity').trim().toLowerCase();
  const options = { maxOutputLength: unpackedBytesMax };
  try {
    switch (coding) {
      case 'identity':
        return Buffer.from(body).toString('utf8');
      case 'gzip':
        return gunzipSync(body, options).toString('utf8');
      case 'deflate':
        return inflateSync(body, options).toString('utf8');
      case 'br':
        return brotliDecompressSync(body, options).toString('utf8');
      default:
        return null;
    }
  } catch {
    // Cut off, or another coding than it says: what there is was handed to the app as it came.
    return null;
  }
}
