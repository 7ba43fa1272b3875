import { describe, expect, it } from 'vitest';
import {
  type SmsSubmissionInput,
  validateSms,
} from '../../../../../core/channels/sms/validate-submission.ts';

const nowMs = Date.parse('2026-01-31T10:00:00Z');
const faultsOf = (input: SmsSubmissionInput): readonly string[] => {
  const validation = validateSms(input, nowMs);
  return validation.ok ? [] : validation.errors.map(({ field, code }) => `${field} ${code}`);
};

describe('validateSms', () => {
  it('takes numbers in any writing, a user, one or a list', () => {
    const validation = validateSms(
      { to: ['+1 (415) 555-0123', { number: '+44 7400 123456' }, { user: 'jane' }], body: 'Hello' },
      nowMs,
    );
    expect(validation).toMatchObject({
      ok: true,
      submission: {
        to: [{ number: '+14155550123' }, { number: '+447400123456' }, { user: 'jane' }],
        providers: ['twilio'],
        from: null,
      },
    });
    expect(validateSms({ to: '+14155550123', body: 'Hi' }, nowMs)).toMatchObject({ ok: true });
  });

  it('names each fault with its field', () => {
    expect(faultsOf({})).toEqual(['to no_recipients', 'body empty']);
    expect(faultsOf({ to: ['14155550123', '+12', { number: 'x' }, {}], body: 'Hi' })).toEqual([
      'to[0] bad_number',
      'to[1] bad_number',
      'to[2].number bad_number',
      'to[3] bad_recipient',
    ]);
    expect(faultsOf({ to: '+14155550123', body: 'x'.repeat(1_601) })).toEqual(['body too_long']);
    expect(faultsOf({ to: '+14155550123', body: 'Hi', validitySeconds: 0 })).toEqual([
      'validitySeconds bad_number',
    ]);
    expect(faultsOf({ to: '+14155550123', body: 'Hi', provider: 'twilio', providers: ['vonage'] })).toEqual([
      'providers not_with',
    ]);
  });

  it.each(['+15005550006', '12345', 'Shop', 'My Shop 24'])('takes the sender %s', (from) => {
    expect(faultsOf({ to: '+14155550123', from, body: 'Hi' })).toEqual([]);
  });

  it.each(['12', 'TwelveLetters', '+1', 'Sh🙂p', ''])('refuses the sender “%s”', (from) => {
    expect(faultsOf({ to: '+14155550123', from, body: 'Hi' })).toEqual(['from bad_sender']);
  });

  it('sends media by those that take them', () => {
    const media = 'https://shop.example/cat.png';
    expect(faultsOf({ to: '+14155550123', media })).toEqual([]);
    expect(faultsOf({ to: '+14155550123', media, providers: ['twilio', 'vonage'] })).toEqual([
      'media not_with',
    ]);
    expect(faultsOf({ to: '+14155550123', media: 'cat.png' })).toEqual(['media[0] bad_url']);
  });

  it('asks each provider once, in the order given', () => {
    expect(
      validateSms({ to: '+14155550123', body: 'Hi', providers: ['vonage', 'twilio', 'vonage'] }, nowMs),
    ).toMatchObject({ submission: { providers: ['vonage', 'twilio'] } });
  });
});
