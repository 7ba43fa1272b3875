import { expect, it } from 'vitest';
import { createPageLoads } from '../../../electron/page-loads.ts';

interface Asked {
  readonly url: string;
  readonly settle: (error?: Error) => void;
}

function setUp() {
  const asked: Asked[] = [];
  const failed: string[] = [];
  let stops = 0;
  const loads = createPageLoads({
    loadUrl: (url) =>
      new Promise((resolve, reject) => {
        asked.push({ url, settle: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
    stop: () => stops++,
    onStart: () => undefined,
    onFailed: (detail) => failed.push(detail),
  });
  return { loads, asked, failed, urls: () => asked.map(({ url }) => url), stops: () => stops };
}

const numbered = (errno: number) => Object.assign(new Error(`error ${errno}`), { errno });

it('begins a load only when the one before is over, and leaves out those that were replaced', async () => {
  const { loads, asked, urls } = setUp();
  loads.load('/');
  loads.load('/messages/1');
  loads.load('/messages/2');
  expect(urls()).toEqual(['/']);
  expect(loads.waiting()).toBe(true);
  asked[0]?.settle();
  await expect.poll(urls).toEqual(['/', '/messages/2']);
  expect(loads.waiting()).toBe(false);
});

it('tells of a failed load, unless it was stopped or another took its place', async () => {
  const { loads, asked, failed, stops } = setUp();
  loads.load('/a');
  loads.load('/b');
  loads.interrupt();
  expect(stops()).toBe(1);
  asked[0]?.settle(numbered(-102));
  await expect.poll(() => asked.length).toBe(2);
  asked[1]?.settle(numbered(-3));
  await new Promise(setImmediate);
  loads.load('/c');
  expect(asked.length).toBe(3);
  expect(failed).toEqual([]);
  asked[2]?.settle(numbered(-102));
  await expect.poll(() => failed).toEqual(['error -102']);
  loads.interrupt();
  expect(stops()).toBe(1);
});
