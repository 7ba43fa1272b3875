import { describe, expect, it } from 'vitest';
import {
  trackedId,
  trackHtml,
  trackingToken,
  withDeliveryToken,
} from '../../../../core/channels/email/tracking.ts';

const id = '01993c5e-8a10-7abc-9def-0123456789ab';
const token = trackingToken(id);
const about = { baseUrl: 'http://127.0.0.1:8025', token, opens: true, clicks: true };

describe('tracking', () => {
  it('names a delivery in 22 characters, and back', () => {
    expect(token).toHaveLength(22);
    expect(trackedId(token)).toBe(id);
    expect(trackedId('../../etc')).toBeNull();
  });

  it('puts links behind a redirect and a pixel at the end of the body, and leaves the rest as it is', () => {
    const html =
      '<html><body><p class="a">Hi</p><a class=x href="https://example.com/a?b=1&amp;c=2" title="href=1">go</a>' +
      '<a href=\'mailto:x@y\'>mail</a><a name="z">n</a><a href=http://example.org>bare</a></body></html>\n';
    const tracked = trackHtml(html, about);
    expect(tracked.links).toEqual(['https://example.com/a?b=1&c=2', 'http://example.org']);
    expect(tracked.html).toBe(
      `<html><body><p class="a">Hi</p><a class=x\nhref="http://127.0.0.1:8025/t/c/${token}/0" title="href=1">go</a>` +
        `<a href='mailto:x@y'>mail</a><a name="z">n</a><a\nhref="http://127.0.0.1:8025/t/c/${token}/1">bare</a>` +
        `<img alt="" width="1" height="1"\nsrc="http://127.0.0.1:8025/t/o/${token}.gif"></body></html>\n`,
    );
  });

  it('tracks what was asked for only', () => {
    const html = '<a href="https://example.com">x</a>';
    expect(trackHtml(html, { ...about, clicks: false }).html).toMatch(
      /^<a href="https:\/\/example.com">x<\/a><img/,
    );
    expect(trackHtml(html, { ...about, opens: false }).html).not.toContain('<img');
  });

  it('gives each recipient a token of its own, and moves no byte', () => {
    const other = trackingToken('01993c5e-8a10-7abc-9def-0123456789ff');
    const raw = Buffer.from(`a ${token} b ${token}`);
    expect(Buffer.from(withDeliveryToken(raw, token, other)).toString()).toBe(`a ${other} b ${other}`);
    expect(raw.toString()).toContain(token);
    const without = Buffer.from('nothing');
    expect(withDeliveryToken(without, token, other)).toBe(without);
  });
});
