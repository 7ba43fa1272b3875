import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Form, readForm, withQuery, writeForm } from '../../../../../core/channels/sms/twilio/form.ts';
import { parseCreate } from '../../../../../core/channels/sms/twilio/parse.ts';
import { readAnswer } from '../../../../../core/channels/sms/twilio/twiml.ts';
import { to } from './twilio-world.ts';

const text = fc.string({ unit: 'grapheme' });
const name = text.filter((one) => one !== '');
const fields = fc.array(fc.tuple(name, text), { maxLength: 20 });

test('forms are read and written as URLSearchParams does it', () => {
  fc.assert(
    fc.property(fields, (some) => {
      const pairs = some.map(([key, value]): [string, string] => [key, value]);
      const written = writeForm(pairs);
      expect(written).toBe(new URLSearchParams(pairs).toString());
      expect(readForm(written).fields).toEqual(pairs);
    }),
  );
});

test('any text is a form, and the same one that URLSearchParams reads', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '=', '&', '%', '4', '1', '+', 'ü', '?') }), (some) => {
      // A question mark at the beginning is the address's, and no form begins with one.
      fc.pre(!some.startsWith('?'));
      expect(readForm(some).fields).toEqual([...new URLSearchParams(some)]);
    }),
  );
});

test('fields are added before the fragment of an address', () => {
  expect(withQuery('http://localhost/a#rc=2', [['b', 'c d']])).toBe('http://localhost/a?b=c+d#rc=2');
  expect(withQuery('http://localhost/a?x=1', [['b', '&']])).toBe('http://localhost/a?x=1&b=%26');
});

test('no request makes the door fail', () => {
  const names = [
    'From',
    'MessagingServiceSid',
    'Body',
    'MediaUrl',
    'StatusCallback',
    'ValidityPeriod',
    'ScheduleType',
    'SendAt',
  ];
  const value = fc.oneof(
    text,
    fc.constantFrom('fixed', to, 'http://x', 'http://[', 'MG0', '12345', '2026-01-01', '9e9'),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('To', ...names), value)), (some) => {
      expect(() => parseCreate(new Form([...some, ['To', to]]), 0, true)).not.toThrow();
    }),
  );
});

test('no answer of the app makes the reader of TwiML fail', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    '<Response>',
    '</Response>',
    '<Message>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '&',
    ';',
    '"',
    ' to="',
    'x',
    '<?xml',
    '<!DOCTYPE',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      expect(() => readAnswer('text/xml', pieces.join(''))).not.toThrow();
    }),
  );
});
