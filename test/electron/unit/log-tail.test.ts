import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { tailOf } from '../../../electron/core-host/log-tail.ts';

it('has the last words even when every listener was taken off before they came', async () => {
  const stream = new PassThrough();
  const passedOn: string[] = [];
  const tail = tailOf(stream, (text) => passedOn.push(text));
  stream.write('first\nsec');
  await expect.poll(tail.lines).toEqual(['first', 'sec']);
  stream.removeAllListeners();
  const ended = tail.ended();
  stream.end('ond\nlast words\n');
  await ended;
  expect(tail.lines()).toEqual(['first', 'second', 'last words']);
  expect(passedOn.join('')).toBe('first\nsecond\nlast words\n');
});

it('says at once that a stream is over that is over already', async () => {
  const stream = new PassThrough();
  const tail = tailOf(stream, () => undefined);
  stream.end('all\n');
  await tail.ended();
  await tail.ended();
  expect(tail.lines()).toEqual(['all']);
});
