import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArfDraft, buildArf, parseArf } from '../../../core/reports/arf.ts';
import { findProgram, run } from '../../run-program.ts';
import { postfixBounce, yahooComplaint } from './samples.ts';

const atMs = Date.UTC(2026, 0, 31, 10);
const original = Buffer.from(
  'From: shop@shop.example\r\nSubject: Your order\r\nMessage-ID: <order@shop.example>\r\n\r\nHello\r\n',
);
const draft: ArfDraft = {
  feedbackType: 'abuse',
  userAgent: 'Sandpost-Yahoo-like/1',
  from: 'feedback@arf.yahoo.sandpost.example',
  to: 'fbl@shop.example',
  originalMailFrom: 'b+17@bounce.shop.example',
  originalRcptTo: 'jane@yahoo.com',
  arrivalAtMs: atMs,
  sourceIp: '192.0.2.7',
  reportedDomain: 'shop.example',
  authenticationResults: 'mx1.yahoo.sandpost.example; dkim=pass header.d=shop.example',
  original,
  messageId: 'complaint-1@yahoo.sandpost.example',
  dateMs: atMs + 60_000,
};

describe('a complaint', () => {
  it('is read again as it was meant', () => {
    expect(parseArf(buildArf(draft))).toEqual({
      feedbackType: 'abuse',
      userAgent: 'Sandpost-Yahoo-like/1',
      originalMailFrom: 'b+17@bounce.shop.example',
      originalRcptTo: ['jane@yahoo.com'],
      arrivalAtMs: atMs,
      sourceIp: '192.0.2.7',
      reportedDomains: ['shop.example'],
      authenticationResults: ['mx1.yahoo.sandpost.example; dkim=pass header.d=shop.example'],
      original,
      originalIsHeadersOnly: false,
      originalMessageId: '<order@shop.example>',
    });
  });

  it('keeps the complaining recipient to itself where the provider does', () => {
    const text = Buffer.from(buildArf({ ...draft, originalRcptTo: null, return: 'headers' })).toString();
    expect(text).not.toContain('jane@yahoo.com');
    expect(parseArf(Buffer.from(text))).toMatchObject({ originalRcptTo: [], originalIsHeadersOnly: true });
  });

  it('of Yahoo is read, with its own name for the date', () => {
    expect(parseArf(yahooComplaint)).toMatchObject({
      feedbackType: 'abuse',
      originalMailFrom: 'b+17@bounce.shop.example',
      originalRcptTo: ['jane@yahoo.com'],
      arrivalAtMs: atMs,
      reportedDomains: ['shop.example'],
      originalMessageId: '<order-4@shop.example>',
    });
  });

  it('is no DSN, and a DSN is none', () => {
    expect(parseArf(postfixBounce)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(200), fc.uint8Array({ maxLength: 50 }), (at, length, bytes) => {
        const from = at % yahooComplaint.length;
        parseArf(
          Buffer.concat([yahooComplaint.subarray(0, from), bytes, yahooComplaint.subarray(from + length)]),
        );
      }),
    );
  });

  it.skipIf(findProgram('python3') === null)(
    'is read the same by Python (skipped without python3)',
    async () => {
      const script = `
import sys, json
from email import message_from_bytes, policy
m = message_from_bytes(sys.stdin.buffer.read(), policy=policy.default)
parts = [p.get_content_type() for p in m.iter_parts()]
fields = message_from_bytes(list(m.iter_parts())[1].get_payload(0).as_bytes() if list(m.iter_parts())[1].is_multipart() else list(m.iter_parts())[1].get_payload(decode=True))
print(json.dumps({'report': m.get_param('report-type'), 'parts': parts, 'fields': dict(fields.items())}))
`;
      const ran = await run('python3', ['-c', script], { input: buildArf(draft) });
      expect(ran.stderr).toBe('');
      expect(JSON.parse(ran.stdout)).toMatchObject({
        report: 'feedback-report',
        parts: ['text/plain', 'message/feedback-report', 'message/rfc822'],
        fields: { 'Feedback-Type': 'abuse', 'Source-IP': '192.0.2.7', Version: '1' },
      });
    },
  );
});
