/** Fields of a request that is handed on, and of the answer to it: all as they came, but for those of one connection. Pure. */
import { ownSendField } from './own-sends.ts';

export type RawFields = readonly (readonly [name: string, value: string])[];

/**
 * RFC 9110 §7.6.1: these are for the next hop alone; so is what `Connection` names. `Expect` asks for leave to send a body
 * that is here already.
 */
const ofOneConnection: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** @throws where a field of ours is among them: that one leaves this machine under no circumstances */
export function fieldsFor(
  fields: RawFields,
  { host, bodyBytes, http2 }: { readonly host: string; readonly bodyBytes: number; readonly http2: boolean },
): RawFields {
  if (fields.some(([name]) => name.toLowerCase() === ownSendField))
    throw new Error(`a request with the field ${ownSendField} is not handed on`);
  const kept = endToEnd(fields);
  const named = kept.map(([name, value]) => {
    if (name.toLowerCase() === 'host') return [name, host] as const;
    return [http2 ? name.toLowerCase() : name, value] as const;
  });
  // HTTP/2 has :authority in its place.
  const hosted = http2
    ? named.filter(([name]) => name.toLowerCase() !== 'host')
    : has(named, 'host')
      ? named
      : [['Host', host] as const, ...named];
  // A body that came in chunks goes as a whole: it is all here.
  const unmeasured = !http2 && !has(hosted, 'content-length') && bodyBytes > 0;
  return unmeasured ? [...hosted, ['Content-Length', String(bodyBytes)]] : hosted;
}

/** Of an answer, and of a request. */
export function endToEnd(fields: RawFields): RawFields {
  const named = new Set(
    fields
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) =>
        value
          .toLowerCase()
          .split(',')
          .map((one) => one.trim()),
      ),
  );
  return fields.filter(([name]) => {
    const lower = name.toLowerCase();
    return !ofOneConnection.has(lower) && !named.has(lower);
  });
}

function has(fields: RawFields, wanted: string): boolean {
  return fields.some(([name]) => name.toLowerCase() === wanted);
}
