import { describe, expect, it } from 'vitest';
import { anatomyOf } from '../../core/model/sms-text.ts';
import { formatDateTime, withLocalTimes } from '../../renderer/src/format.ts';
import { bubblePieces } from '../../renderer/src/handsets/bubble-pieces.ts';
import {
  byProvider,
  callbackTone,
  callbackWords,
  countryName,
  reachWords,
  sizeWords,
  standingWords,
} from '../../renderer/src/handsets/handset-words.ts';
import { bodyFields } from '../../renderer/src/message/request-fields.ts';
import { iso, startMs } from './delivery.ts';
import { callback, smsView, step } from './sms-view.ts';

const piecesOf = (text: string) => {
  const { texts, unicode } = anatomyOf(text);
  return bubblePieces(texts, unicode);
};

describe('the pieces of a bubble', () => {
  it('are the text itself where it fits and GSM 03.38 has its letters', () => {
    expect(piecesOf('Your code is 471147')).toEqual([{ kind: 'text', at: 0, text: 'Your code is 471147' }]);
    expect(piecesOf('')).toEqual([]);
  });

  it('point at each letter that made it Unicode, and tell the first of its kind', () => {
    expect(piecesOf('a – b – ☕')).toEqual([
      { kind: 'text', at: 0, text: 'a ' },
      { kind: 'odd', at: 2, text: '–', instead: '-', first: true },
      { kind: 'text', at: 3, text: ' b ' },
      { kind: 'odd', at: 6, text: '–', instead: '-', first: false },
      { kind: 'text', at: 7, text: ' ' },
      { kind: 'odd', at: 8, text: '☕', instead: null, first: true },
    ]);
  });

  it('are cut where a part ends, and lose no letter', () => {
    const text = 'A text that is longer than one part of an SMS holds. '.repeat(7);
    const pieces = piecesOf(text);
    expect(pieces.filter(({ kind }) => kind === 'cut')).toEqual([
      { kind: 'cut', at: 153, part: 2 },
      { kind: 'cut', at: 306, part: 3 },
    ]);
    expect(pieces.map((piece) => (piece.kind === 'cut' ? '' : piece.text)).join('')).toBe(text);
  });

  it('mark nothing one by one in a script that GSM 03.38 has nothing of', () => {
    const many = Array.from({ length: 65 }, (_, index) => String.fromCharCode(0x4e00 + index)).join('');
    expect(piecesOf(many)).toEqual([{ kind: 'text', at: 0, text: many }]);
  });
});

describe('the words of a handset', () => {
  const handset = {
    line: 'mobile',
    blocked: false,
    unreachable: false,
    online: true,
    offlineUntil: null,
  } as const;

  it('say whether something gets there, the worst first', () => {
    expect(reachWords(handset, startMs)).toBe('on');
    expect(reachWords({ ...handset, online: false, offlineUntil: iso(7_200_000) }, startMs)).toBe(
      'off, back in 2 h',
    );
    expect(reachWords({ ...handset, online: false, unreachable: true }, startMs)).toBe('unreachable');
    expect(reachWords({ ...handset, blocked: true, unreachable: true }, startMs)).toBe('blocked');
    expect(reachWords({ ...handset, line: 'landline' }, startMs)).toBe('landline');
    expect(countryName(null)).toBe('no country');
  });

  it('say where a message stands, with the provider’s code and why', () => {
    expect(standingWords(smsView())).toBe('Delivered');
    const held = smsView({ state: 'held', steps: [step('held', 0)] });
    expect(standingWords(held)).toBe(`Held by the carrier until ${formatDateTime(held.expiresAt)}`);
    const filtered = step('undelivered', 0, { cause: 'filtered', code: '30007' });
    expect(standingWords(smsView({ state: 'undelivered', steps: [filtered] }))).toBe(
      'Undelivered 30007: filtered by the carrier',
    );
    expect(sizeWords(smsView({ encoding: 'UCS-2', parts: 3 }))).toBe('Unicode · 3 parts · 0.0083 USD');
    expect(withLocalTimes(`kept until ${iso(0)}`)).toBe(`kept until ${formatDateTime(iso(0))}`);
  });

  it('say what the app was told, and what it said to that', () => {
    expect(callbackWords(callback())).toBe('Report “delivered”: the app said 200 OK');
    const again = callback({
      status: 'queued',
      attempts: 2,
      nextAttemptAt: iso(60_000),
      answer: { at: iso(0), code: 500, text: '500 oops' },
    });
    expect(callbackWords(again)).toBe(
      `Report “delivered” waits after 2 tries, next try ${formatDateTime(iso(60_000))} (last: 500 oops)`,
    );
    expect(callbackTone(again)).toBe('warn');
    const over = callback({ status: 'undeliverable', reason: 'it answered 500', purpose: 'inbound' });
    expect(callbackWords(over)).toBe('Call to the app was given up. It answered 500.');
    expect(callbackTone(over)).toBe('bad');
  });

  it('mark what a provider answers by itself', () => {
    expect(byProvider(smsView({ messageId: null }))).toBe(true);
    expect(byProvider(smsView({ messageId: null, direction: 'mo' }))).toBe(false);
    expect(byProvider(smsView())).toBe(false);
  });
});

describe('the fields of a request', () => {
  it('are those of a form, decoded beside how they came', () => {
    expect(bodyFields('To=%2B1415&Body=a+b%26c', 'application/x-www-form-urlencoded')).toEqual([
      { name: 'To', value: '+1415', raw: 'To=%2B1415' },
      { name: 'Body', value: 'a b&c', raw: 'Body=a+b%26c' },
    ]);
  });

  it('are those of JSON, by their paths', () => {
    const body = JSON.stringify({ messages: [{ to: '1', flash: false }], none: [], last: null });
    expect(bodyFields(body, 'application/json; charset=utf-8')).toEqual([
      { name: 'messages[0].to', value: '1', raw: '"1"' },
      { name: 'messages[0].flash', value: 'false', raw: 'false' },
      { name: 'none', value: '[]', raw: '[]' },
      { name: 'last', value: 'null', raw: 'null' },
    ]);
  });

  it('are none where it is neither', () => {
    expect(bodyFields('{broken', 'application/json')).toBeNull();
    expect(bodyFields('\u0000\u0001', '')).toBeNull();
  });
});
