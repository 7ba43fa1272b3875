import { describe, expect, it } from 'vitest';
import { compose } from '../../../../core/channels/email/compose.ts';
import { decodeQuotedPrintable } from '../../../../core/channels/email/egress/transfer-encoding.ts';
import { trackHtml, trackingToken, withDeliveryToken } from '../../../../core/channels/email/tracking.ts';
import { validateSubmission } from '../../../../core/channels/email/validate-submission.ts';

const message = trackingToken('00000000-0000-7000-8000-000000000001');
const delivery = trackingToken('00000000-0000-7000-8000-000000000002');

describe('the token of a message on its way to one recipient', () => {
  it.each([
    ['Grüße', 'http://127.0.0.1:8025'],
    ['Grüße', `https://sandpost.${'long.'.repeat(12)}example/base`],
    ['Привет, Яна!', 'http://127.0.0.1:8025'],
    ['ご注文ありがとうございます。', 'http://127.0.0.1:8025'],
  ])(
    'becomes the delivery’s, whatever the script, wherever the lines are broken: %s %s',
    (words, baseUrl) => {
      const { html } = trackHtml(`<p>${words.repeat(40)} <a href="https://shop.example/">Shop</a></p>`, {
        baseUrl,
        token: message,
        opens: true,
        clicks: true,
      });
      const validation = validateSubmission(
        { from: 'a@b.example', to: 'c@d.example', html, trackOpens: true, trackClicks: true },
        { messageBytesMax: 0, recipientsMax: 1, nowMs: 0 },
      );
      if (!validation.ok) throw new Error('not valid');
      const raw = compose(validation.submission, { messageId: '<1@b.example>', dateMs: 0, boundary: 'x' });
      const changed = Buffer.from(withDeliveryToken(raw, message, delivery));
      expect(changed.length).toBe(raw.length);
      expect(decodeQuotedPrintable(changed).toString()).toBe(
        decodeQuotedPrintable(raw).toString().replaceAll(message, delivery),
      );
      expect(decodeQuotedPrintable(changed).toString().split(delivery)).toHaveLength(3);
    },
  );

  it('is nowhere in other messages, and they stay what they are', () => {
    const raw = Buffer.from('Subject: x\r\n\r\nx\r\n');
    expect(withDeliveryToken(raw, message, delivery)).toBe(raw);
  });
});
