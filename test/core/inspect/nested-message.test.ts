import { describe, expect, it } from 'vitest';
import { readStructure } from '../../../core/inspect/structure.ts';

const inner =
  'From: inner@example.com\r\nSubject: Inside\r\nContent-Type: multipart/alternative; boundary="b2"\r\n\r\n' +
  '--b2\r\nContent-Type: text/plain\r\n\r\ninner words\r\n' +
  '--b2\r\nContent-Type: text/html\r\n\r\n<p>inner</p>\r\n--b2--\r\n';

function outer(nested: string, behind: string): string {
  return (
    'From: a@example.com\r\nContent-Type: multipart/mixed; boundary="b1"\r\n\r\n' +
    '--b1\r\nContent-Type: text/plain\r\n\r\nsee below\r\n' +
    `--b1\r\nContent-Type: message/rfc822\r\n\r\n${nested}\r\n${behind}`
  );
}

async function nestedIn(raw: string): Promise<string | undefined> {
  const { parts } = await readStructure(Buffer.from(raw));
  const part = parts.find((one) => one.contentType === 'message/rfc822');
  return part && raw.slice(part.bodyStart, part.bodyEnd);
}

describe('a message within a message', () => {
  it('is its own bytes, when a part follows it', async () => {
    const raw = outer(inner, '--b1\r\nContent-Type: text/x-tail\r\n\r\ntail\r\n--b1--\r\n');
    expect(await nestedIn(raw)).toBe(inner);
  });

  it('is its own bytes, when it is the last part', async () => {
    expect(await nestedIn(outer(inner, '--b1--\r\nan epilogue\r\n'))).toBe(inner);
  });

  it('reaches to the end of a message that was cut off', async () => {
    expect(await nestedIn(outer(inner, ''))).toBe(`${inner}\r\n`);
  });

  it('is its own bytes, one within the other', async () => {
    const middle = outer(inner, '--b1--\r\n').replaceAll('b1', 'b0');
    expect(await nestedIn(outer(middle, '--b1--\r\n'))).toBe(middle);
  });

  it('keeps line breaks as bare as they came', async () => {
    const raw = outer(inner, '--b1--\r\n').replaceAll('\r\n', '\n');
    expect(await nestedIn(raw)).toBe(inner.replaceAll('\r\n', '\n'));
  });
});
