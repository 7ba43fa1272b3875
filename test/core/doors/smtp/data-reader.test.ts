import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataReader } from '../../../../core/doors/smtp/data-reader.ts';
import { onTheWire } from '../../../smtp-client.ts';

/** What the reader makes of these chunks: the content, and what was sent behind its end (null: no end was found). */
function read(chunks: readonly Buffer[]): { readonly content: string; readonly behind: string | null } {
  const reader = new DataReader();
  const content: Buffer[] = [];
  for (const [index, chunk] of chunks.entries()) {
    const used = reader.push(chunk, (slice) => content.push(Buffer.from(slice)));
    if (used === null) continue;
    const behind = Buffer.concat([chunk.subarray(used), ...chunks.slice(index + 1)]).toString('latin1');
    return { content: Buffer.concat(content).toString('latin1'), behind };
  }
  return { content: Buffer.concat(content).toString('latin1'), behind: null };
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

/** Bytes in which line ends and dots are common, for these are what matters. */
const mail = fc
  .array(fc.constantFrom('\r', '\n', '.', '\r\n', '\r\n.', 'a', '\0', '\xff'), { maxLength: 60 })
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
const places = fc.array(fc.nat(), { maxLength: 12 });

describe('the content after DATA', () => {
  it('is the same whatever chunks it comes in', () => {
    fc.assert(
      fc.property(mail, places, (body, at) => {
        const wire = Buffer.concat([body, Buffer.from('\r\n.\r\nQUIT\r\n')]);
        expect(read(cut(wire, at))).toEqual(read([wire]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('comes out byte by byte as it was before its dots were stuffed', () => {
    fc.assert(
      fc.property(mail, places, (body, at) => {
        const content = `${body.toString('latin1')}\r\n`;
        const wire = Buffer.concat([onTheWire(Buffer.from(content, 'latin1')), Buffer.from('RSET\r\n')]);
        expect(read(cut(wire, at))).toEqual({ content, behind: 'RSET\r\n' });
      }),
      { numRuns: 2_000 },
    );
  });

  it('may be empty', () => {
    expect(read([Buffer.from('.\r\n')])).toEqual({ content: '', behind: '' });
    expect(read([...'.\r\nQ'].map((char) => Buffer.from(char)))).toEqual({ content: '', behind: 'Q' });
  });

  it.each([
    ['..\r\n.\r\n', '.\r\n'],
    ['.a\r\n.\r\n', 'a\r\n'],
    ['a\r\n..b\r\n.\r\n', 'a\r\n.b\r\n'],
    ['a\r\n...\r\n.\r\n', 'a\r\n..\r\n'],
    ['\r\n.\r\n', '\r\n'],
  ])('loses one dot at the start of a line: %j', (wire, content) => {
    expect(read([Buffer.from(wire)])).toEqual({ content, behind: '' });
  });

  it.each([
    '\n.\n',
    '\r.\r',
    '\n.\r\n',
    '\r\n.\n',
    '\r.\r\n',
    '\r\n.\r',
    '\n\n.\n\n',
    '\r\r\n.\n',
    '\r\n.\0\r\n',
  ])('is not ended by %j, nor does it lose a byte of it', (fake) => {
    const smuggled = `first${fake}MAIL FROM:<evil@example.com>`;
    // A lone dot behind a true CRLF was stuffing: it goes, and nothing else.
    const kept = smuggled.replace('\r\n.', '\r\n');
    const wire = Buffer.from(`${smuggled}\r\n.\r\n`, 'latin1');
    for (let size = 1; size <= wire.length; size++) {
      const chunks = Array.from({ length: Math.ceil(wire.length / size) }, (_, index) =>
        wire.subarray(index * size, (index + 1) * size),
      );
      expect(read(chunks)).toEqual({ content: `${kept}\r\n`, behind: '' });
    }
  });
});
