import { expect, it } from 'vitest';
import { splitMbox } from '../../../electron/mbox.ts';

it('parts a mailbox into its messages, byte for byte', () => {
  const text =
    'From a@example.com Mon Jan  1 00:00:00 2026\nSubject: one\n\nhello\n>From the start\n>>From twice\n\n' +
    'From b@example.com Mon Jan  1 00:00:00 2026\r\nSubject: two\r\n\r\n\xe9\r\n';
  expect(splitMbox(Buffer.from(text, 'latin1')).map((message) => message.toString('latin1'))).toEqual([
    'Subject: one\n\nhello\nFrom the start\n>From twice\n',
    'Subject: two\r\n\r\n\xe9\r\n',
  ]);
});

it('takes nothing from a file that is no mailbox', () => {
  expect(splitMbox(Buffer.from('Subject: hello\n\nFrom here on\n'))).toEqual([]);
});
