import { describe, expect, it } from 'vitest';
import { readDetail, readHtml, readPart, summarize } from '../../../core/inspect/read-message.ts';
import { bytes, fixture } from './mail.ts';

const view = (raw: Uint8Array): Promise<string | null> => readHtml(raw, { dark: false, remote: new Map() });
const decoded = async (raw: Uint8Array, n: number): Promise<string> =>
  Buffer.from((await readPart(raw, n))?.bytes ?? new Uint8Array()).toString();

describe('the addressing of a message', () => {
  it('is decoded: encoded words, quoted names, groups', async () => {
    const summary = await summarize(fixture('alternative.eml'));
    expect(summary).toMatchObject({
      subject: 'Grüße aus Köln €',
      from: { name: 'Jürgen Müller', address: 'juergen@shop.example' },
      to: [
        { name: 'Doe, Jane', address: 'jane@example.com' },
        { name: '', address: 'a@example.com' },
        { name: '', address: 'b@example.com' },
      ],
      messageId: '<fixture@shop.example>',
      dateMs: Date.UTC(2026, 0, 31, 9),
      problems: [],
    });
  });

  it('may be UTF-8 as it is (RFC 6532)', async () => {
    expect(await summarize(fixture('raw-utf8-header.eml'))).toMatchObject({
      subject: 'Grüße 🎉',
      from: { name: 'Jürgen', address: 'jürgen@bücher.example' },
      to: [{ address: 'ünï@example.com' }],
      problems: [],
    });
  });
});

describe('the text of a message', () => {
  it('comes from its text part, transfer encoding undone', async () => {
    const raw = fixture('alternative.eml');
    const detail = await readDetail(raw);
    expect(detail.text).toContain('Grüße, your code is 482913 and it is yours.');
    expect(detail).toMatchObject({ textFromHtml: false, hasHtml: true });
    expect(detail.codes.map((one) => one.code)).toEqual(['482913']);
    expect((await summarize(raw)).snippet).toMatch(/^Grüße, your code is 482913 and it is yours\./);
    expect(await view(raw)).toContain('Grüße, <b>your code is 482913</b>');
  });

  it.each([
    ['iso-2022-jp.eml', '注文確認', 'こんにちは世界'],
    ['windows-1252.eml', '€ – “quoted”', 'Price: €5 – “cheap”'],
    ['raw-utf8-header.eml', 'Grüße 🎉', 'Grüße 🎉'],
  ])('is read in its charset: %s', async (name, subject, text) => {
    const raw = fixture(name);
    expect((await summarize(raw)).subject).toBe(subject);
    expect((await readDetail(raw)).text?.trim()).toBe(text);
  });

  it('that was flowed is put together again (RFC 3676)', async () => {
    const { text } = await readDetail(fixture('format-flowed.eml'));
    expect(text).toContain('This paragraph was broken by its sender and is one line.\n');
    expect(text).toContain('Next one.');
  });

  it('is made from the HTML when there is no other', async () => {
    const raw = bytes(
      'From: a@b\nContent-Type: text/html\n\n<style>p{color:red}</style><p>Hello <b>world</b></p>\n',
    );
    const detail = await readDetail(raw);
    expect(detail.textFromHtml).toBe(true);
    expect(detail.text).toMatch(/Hello world/i);
    expect(detail.text).not.toContain('color');
  });
});

describe('the parts of a message', () => {
  it('stand where their offsets say, byte by byte', async () => {
    const raw = fixture('attachments.eml');
    const { parts } = await readDetail(raw);
    expect(parts.map(({ path, contentType }) => `${path} ${contentType}`)).toEqual([
      ' multipart/mixed',
      '1 text/plain',
      '2 application/pdf',
      '3 text/plain',
    ]);
    const text = Buffer.from(raw).toString('latin1');
    for (const part of parts.slice(1)) {
      expect(text.slice(part.headerStart, part.bodyStart)).toMatch(/^Content-Type: [\s\S]*\r\n\r\n$/);
      expect(text.slice(part.bodyEnd).trimStart().startsWith('--mix')).toBe(true);
    }
  });

  it('that are attachments have their names decoded (RFC 2231, RFC 2047) and their bytes', async () => {
    const raw = fixture('attachments.eml');
    const { attachments } = await summarize(raw);
    expect(attachments).toMatchObject([
      { filename: 'Rechnung März.pdf', contentType: 'application/pdf', disposition: 'attachment', bytes: 13 },
      { filename: 'Grüße.txt', contentType: 'text/plain', disposition: 'attachment' },
    ]);
    expect(await decoded(raw, attachments[0]?.part ?? -1)).toBe('%PDF-1.4 test');
    expect((await readDetail(raw)).text?.trim()).toMatch(/^Files below\./);
  });

  it('may be messages with parts of their own', async () => {
    const { parts } = await readDetail(fixture('nested-message.eml'));
    expect(parts.map(({ path, contentType }) => `${path} ${contentType}`)).toEqual([
      ' multipart/mixed',
      '1 text/plain',
      '2 message/rfc822',
      '2.1 multipart/alternative',
      '2.1.1 text/plain',
      '2.1.2 text/html',
    ]);
  });

  it('that are calendars are read', async () => {
    const { calendar } = await readDetail(fixture('calendar.eml'));
    expect(calendar).toMatchObject([
      {
        method: 'REQUEST',
        summary: 'Planning, part one',
        start: '2026-02-01T09:00:00Z',
        end: '2026-02-01T11:00:00',
        location: 'Room 1\nsecond floor and a very long name that has to be folded',
        organizer: 'ann@shop.example',
      },
      { summary: 'All day', start: '2026-02-03', end: null },
    ]);
  });

  it('that are pictures of the HTML come along with it', async () => {
    const raw = fixture('related-cid.eml');
    const html = await view(raw);
    expect(html).toContain('src="data:image/png;base64,iVBORw0KGgo');
    expect(html).not.toContain('cid:');
    expect((await summarize(raw)).attachments).toMatchObject([
      { disposition: 'inline', contentId: 'logo@shop.example' },
    ]);
  });
});
