import twilioSdk from 'twilio';
import { expect, test } from 'vitest';
import { readAnswer } from '../../../../../core/channels/sms/twilio/twiml.ts';

const { MessagingResponse } = twilioSdk.twiml;
const plain = { to: null, from: null, media: [], callback: null, method: 'POST' };

test('reads what the SDK writes', () => {
  const response = new MessagingResponse();
  response.comment('a comment');
  response.message('Fish & chips <3');
  const second = response.message({ to: '+447700900999', action: '/status', method: 'GET' }, '');
  second.body('Look at “this”');
  second.media('https://example.com/a.jpg?x=1&y=2');
  second.media('/b.png');
  expect(readAnswer('text/xml', response.toString())).toEqual({
    messages: [
      { ...plain, body: 'Fish & chips <3' },
      {
        to: '+447700900999',
        from: null,
        body: 'Look at “this”',
        media: ['https://example.com/a.jpg?x=1&y=2', '/b.png'],
        callback: '/status',
        method: 'GET',
      },
    ],
    redirect: null,
    warnings: [],
  });
});

test('reads character data, references, and an older verb', () => {
  expect(
    readAnswer(
      'application/xml; charset=utf-8',
      '<?xml version="1.0"?><!-- hi --><Response><Sms><![CDATA[1 < 2 && 3]]></Sms><Message>&#65;&#x42;</Message></Response>',
    ),
  ).toMatchObject({ messages: [{ body: '1 < 2 && 3' }, { body: 'AB' }] });
});

test('nothing after a Redirect is looked at', () => {
  const response = new MessagingResponse();
  response.message('first');
  response.redirect({ method: 'GET' }, '../next');
  response.message('never');
  expect(readAnswer('text/xml', response.toString())).toEqual({
    messages: [{ ...plain, body: 'first' }],
    redirect: { url: '../next', method: 'GET' },
    warnings: [],
  });
});

test.each([
  ['text/plain', 'Thank you!', { messages: [{ body: 'Thank you!' }] }],
  ['text/plain; charset=utf-8', '  ', { messages: [] }],
  ['text/xml', '<Response/>', { messages: [], warnings: [] }],
  ['text/html', '<Response><Message>x</Message></Response>', { messages: [{ body: 'x' }] }],
  [
    'text/xml',
    '<Response><Say>x</Say><Message/></Response>',
    { warnings: [{ code: 12200 }, { code: 14103 }] },
  ],
  ['application/json', '{"ok":true}', { code: 12300 }],
  ['text/xml', '<Response><Message>Fish & chips</Message></Response>', { code: 12100 }],
  ['text/xml', '<Response><Message>not closed</Response>', { code: 12100 }],
  ['text/xml', '<Response>', { code: 12100 }],
  ['text/xml', 'Thanks', { code: 12100 }],
  ['text/xml', '<Message>no root</Message>', { code: 12100 }],
  ['text/xml', '<Response/><Response/>', { code: 12100 }],
])('%s %s', (type, body, read) => {
  expect(readAnswer(type, body)).toMatchObject(read);
});
