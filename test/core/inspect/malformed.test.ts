import { describe, expect, it } from 'vitest';
import { readDetail, readHtml, readPart, summarize } from '../../../core/inspect/read-message.ts';
import { malformed } from './mail.ts';

describe.each(Object.entries(malformed))('a message with %s', (_name, { raw, code }) => {
  it('is read without stalling, and its problem is named', async () => {
    const summary = await summarize(raw);
    const detail = await readDetail(raw);
    const codes = summary.problems.map((problem) => problem.code);
    if (code !== null) expect(codes).toContain(code);
    else expect(codes.filter((one) => one !== 'bare_lf' && one !== 'unclosed_multipart')).toEqual([]);
    for (const { detail: words } of summary.problems) expect(words.length).toBeGreaterThan(10);
    expect(detail.parts.every((part) => part.bodyEnd <= raw.length && part.bodyStart <= part.bodyEnd)).toBe(
      true,
    );
    await readHtml(raw, { dark: false, remote: new Map() });
    for (const n of [0, 1, 2]) await readPart(raw, n);
  });
});
