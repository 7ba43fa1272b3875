import { describe, expect, it } from 'vitest';
import type { SmsSender } from '../../../../core/model/handset.ts';
import { phoneNumber } from '../../../../core/model/phone-number.ts';
import { senderKindOf, senderName } from '../../../../core/phones/sms/sender-rules.ts';
import { createSenderBook, standingIn } from '../../../../core/phones/sms/senders.ts';
import { usualSmsSettings } from '../../../../core/phones/sms/settings.ts';

const base: SmsSender = {
  sender: 'Shop',
  provider: 'twilio',
  account: null,
  countries: ['*'],
  service: null,
  inboundUrl: null,
  inboundMethod: 'POST',
  statusUrl: null,
  onTheFly: false,
};

function standing(
  sender: string,
  to: string,
  about: Partial<typeof usualSmsSettings> = {},
  book = createSenderBook(),
) {
  const number = phoneNumber(to);
  if (number === null) throw new Error(to);
  const parties = { provider: 'twilio', account: 'AC1', sender, service: null } as const;
  const found = standingIn(book, { ...usualSmsSettings, ...about }, parties, number);
  return found.kind === 'refused' ? found.cause : found.kind;
}

describe('a sender', () => {
  it.each([
    ['+15005550006', 'number'],
    ['447700900001', 'number'],
    ['12345', 'shortCode'],
    ['Shop', 'alphanumeric'],
    ['1Shop', 'alphanumeric'],
    ['whatsapp:+15005550006', 'number'],
    ['', 'number'],
  ])('%s is of the kind %s', (sender, kind) => {
    expect(senderKindOf(sender)).toBe(kind);
  });

  it('is the same number with and without the plus sign', () => {
    expect(senderName('447700900001')).toBe('+447700900001');
    expect([senderName('12345'), senderName('Shop')]).toEqual(['12345', 'Shop']);
  });

  it('that nobody saw before is registered on the fly for what its kind may do there', () => {
    expect(standing('+15005550006', '+33612345678')).toBe('new');
    expect(standing('Shop', '+33612345678')).toBe('new');
    // India wants names registered, which is done on the fly.
    expect(standing('Shop', '+919876543210')).toBe('new');
  });

  it.each(['+14155550123', '+16135550123', '+5511987654321', '+15551234567'])(
    'that is a name never works for %s',
    (to) => {
      const book = createSenderBook();
      book.put(base);
      expect(standing('Shop', to, {}, book)).toBe('sender_not_allowed');
    },
  );

  it('works only where it is registered, in countries that want it registered', () => {
    const book = createSenderBook();
    book.put({ ...base, countries: ['SG'] });
    expect(standing('Shop', '+6581234567', {}, book)).toBe('allowed');
    expect(standing('Shop', '+919876543210', {}, book)).toBe('sender_not_registered');
    expect(standing('Shop', '+33612345678', {}, book)).toBe('allowed');
    book.put({ ...base, sender: '+15005550006', countries: [] });
    expect(standing('+15005550006', '+14155550123', {}, book)).toBe('sender_not_registered');
    expect(standing('15005550006', '+33612345678', {}, book)).toBe('allowed');
  });

  it('is refused where settings want it so: nobody knows it, or the country is closed', () => {
    expect(standing('+15005550006', '+33612345678', { unknownSenders: 'refuse' })).toBe(
      'sender_not_registered',
    );
    expect(standing('+15005550006', '+33612345678', { blockedCountries: ['FR'] })).toBe('region_not_allowed');
  });

  it('has what its service, or its provider, says for it', () => {
    const book = createSenderBook();
    book.put({ ...base, sender: '+15005550006', service: 'MG1', onTheFly: true });
    book.put({ ...base, sender: '+15005550007', service: 'MG1' });
    book.put({ ...base, sender: 'MG1', inboundUrl: 'http://app/mg', inboundMethod: 'GET' });
    book.put({ ...base, sender: '*', inboundUrl: 'http://app/any', statusUrl: 'http://app/status' });
    expect(book.get('twilio', '+15005550006')).toMatchObject({
      sender: '+15005550006',
      inboundUrl: 'http://app/mg',
      inboundMethod: 'GET',
      statusUrl: 'http://app/status',
    });
    expect(book.get('twilio', '+15005559999')?.inboundUrl).toBe('http://app/any');
    expect(book.get('vonage', '+15005559999')).toBeNull();
    expect(book.ofService('twilio', 'MG1').map(({ sender }) => sender)).toEqual([
      '+15005550006',
      '+15005550007',
    ]);
    book.put({ ...base, sender: '+15005550006', service: null });
    expect(book.ofService('twilio', 'MG1').map(({ sender }) => sender)).toEqual(['+15005550007']);
  });
});
