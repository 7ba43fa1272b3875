import { describe, expect, it } from 'vitest';
import { shortName } from '../../renderer/src/message/recipient-picker.tsx';
import { actionLabel, actionsFor } from '../../renderer/src/status/delivery-actions.ts';
import { recipientName } from '../../renderer/src/status/recipient-name.ts';
import { shownDelivery } from '../../renderer/src/status/shown-delivery.ts';
import {
  countFaces,
  currentDeliveries,
  faceOf,
  statusWords,
} from '../../renderer/src/status/status-faces.ts';
import { delivery, iso } from './delivery.ts';

describe('the face of a delivery', () => {
  it('is its sub-state while it waits, its status otherwise', () => {
    expect(faceOf({ status: 'queued', substatus: null })).toBe('queued');
    expect(faceOf({ status: 'queued', substatus: 'deferred' })).toBe('deferred');
    expect(faceOf({ status: 'sent', substatus: 'held' })).toBe('held');
    expect(faceOf({ status: 'sent', substatus: 'unconfirmed' })).toBe('sent');
    expect(faceOf({ status: 'canceled', substatus: 'held' })).toBe('canceled');
  });

  it('has words that say where, and how often', () => {
    expect(statusWords(delivery({ status: 'delivered', placement: 'spam' }))).toBe('delivered · spam');
    expect(statusWords(delivery({ substatus: 'deferred', attempts: 2 }))).toBe('deferred ×2');
    expect(statusWords(delivery({ status: 'sent', substatus: 'unconfirmed' }))).toBe('sent, unconfirmed');
  });

  it('is counted, the worst first', () => {
    const all = [
      delivery({ status: 'delivered' }),
      delivery({ status: 'undeliverable' }),
      delivery({ status: 'delivered' }),
      delivery({ substatus: 'deferred' }),
    ];
    expect(countFaces(all)).toEqual([
      { face: 'undeliverable', count: 1 },
      { face: 'deferred', count: 1 },
      { face: 'delivered', count: 2 },
    ]);
  });
});

describe('the deliveries of a message', () => {
  it('leave out what was tried again', () => {
    const first = delivery({ id: 'a', status: 'undeliverable' });
    const again = delivery({ id: 'b', retryOf: 'a' });
    expect(currentDeliveries([first, again])).toEqual([again]);
  });

  it('show the one that is asked for, else the one that needs a look', () => {
    const good = delivery({ id: 'good', status: 'delivered' });
    const bad = delivery({ id: 'bad', status: 'undeliverable' });
    expect(shownDelivery([good, bad], 'good')).toBe(good);
    expect(shownDelivery([good, bad], 'of another message')).toBe(bad);
    expect(shownDelivery([good], null)).toBe(good);
    expect(shownDelivery([], null)).toBeNull();
  });

  it('have short names, unless two would have the same', () => {
    const all = [
      delivery({ recipient: 'jane@a.example' }),
      delivery({ recipient: 'bob@a.example' }),
      delivery({ recipient: 'bob@b.example' }),
    ];
    expect(all.map((one) => shortName(one, all))).toEqual(['jane', 'bob@a.example', 'bob@b.example']);
    expect(recipientName({ ...delivery(), carriage: 'webhook', domain: 'localhost' })).toBe(
      'webhook at localhost',
    );
  });
});

it('offers only what can be done to a delivery', () => {
  const waiting = delivery({ nextAttemptAt: iso(1) });
  expect(actionsFor(waiting)).toEqual(['hold', 'retry', 'cancel', 'bounce']);
  expect(actionsFor(delivery({ substatus: 'held' }))).toEqual(['release', 'cancel', 'bounce']);
  expect(actionsFor(delivery())).toEqual(['hold', 'cancel', 'bounce']);
  expect(actionsFor(delivery({ status: 'sent' }))).toEqual(['bounce']);
  const ended = delivery({ status: 'delivered' });
  expect(actionsFor(ended)).toEqual(['retry']);
  expect([actionLabel('retry', waiting), actionLabel('retry', ended)]).toEqual(['Try now', 'Send again']);
});
