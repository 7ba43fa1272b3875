import { describe, expect, it } from 'vitest';
import { lineKind, sourceLines } from '../../renderer/src/message/source-lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('sourceLines', () => {
  it('knows how every line ended', () => {
    const source = sourceLines(bytes('a\r\nb\nc\rd'));
    expect(source.text).toBe('a\nb\nc\nd');
    expect(source.endings).toEqual(['crlf', 'lf', 'cr', 'none']);
    expect(source.counts).toEqual({ crlf: 1, lf: 1, cr: 1, none: 1 });
  });

  it('shows bytes that are not UTF-8 one by one', () => {
    const source = sourceLines(new Uint8Array([0x61, 0xe9, 0x80]));
    expect(source.charset).toBe('latin1');
    expect([...source.text].map((character) => character.charCodeAt(0))).toEqual([0x61, 0xe9, 0x80]);
  });

  it('keeps a byte order mark', () => {
    expect(sourceLines(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])).text).toBe('\uFEFFa');
  });
});

it('lineKind tells headers, folds and boundaries apart', () => {
  expect(lineKind('Subject: x', true)).toBe('header');
  expect(lineKind(' folded', true)).toBe('fold');
  expect(lineKind('--b1', false)).toBe('boundary');
  expect(lineKind('Subject: x', false)).toBe('body');
  expect(lineKind('-- ', false)).toBe('body');
});
