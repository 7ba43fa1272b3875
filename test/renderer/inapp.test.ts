import { describe, expect, it } from 'vitest';
import type { Event } from '../../core/api/schema.ts';
import type { InAppMessage } from '../../renderer/src/api/inapp.ts';
import { formatDateTime } from '../../renderer/src/format.ts';
import { displayRules, standingOf, timesOf } from '../../renderer/src/inapp/in-app-words.ts';
import { type MessageForm, newForm, readForm } from '../../renderer/src/inapp/new-message-form.ts';
import { passedOverNow } from '../../renderer/src/inapp/passed-over.ts';
import type { JourneyFacts, Stage } from '../../renderer/src/journey/stage.ts';
import { stagesOf } from '../../renderer/src/journey/stages.ts';
import { tabsOf } from '../../renderer/src/message/message-tabs.ts';
import { deliveryDetail, event, iso, startMs } from './delivery.ts';

const hourMs = 3_600_000;

function message(about: Partial<InAppMessage> = {}): InAppMessage {
  return {
    id: 'row-1',
    seq: 1,
    user: 'anna',
    messageId: 'message-1',
    deliveryId: 'delivery-1',
    project: 'main',
    state: 'waiting',
    content: { title: 'Welcome', body: null, image: null, link: null, actions: [], slides: [], data: {} },
    display: {
      kind: 'modal',
      slot: null,
      pageRules: [],
      frequency: 'once',
      maxPerWeek: null,
      minIntervalS: null,
      trigger: null,
      oncePerSession: false,
    },
    tags: [],
    priority: 500,
    saveToInbox: false,
    createdAt: iso(0),
    availableAt: iso(0),
    expiresAt: null,
    pulledAt: null,
    seenAt: null,
    readAt: null,
    archivedAt: null,
    interactedAt: null,
    dismissedAt: null,
    snoozedUntil: null,
    impressions: 0,
    impressionsAt: [],
    ...about,
  };
}

describe('an in-app message in words', () => {
  it('stands where it got furthest, or where it is kept', () => {
    const word = (about: Partial<InAppMessage>) => standingOf(message(about), startMs).word;
    expect(word({})).toBe('waits');
    expect(word({ availableAt: iso(hourMs) })).toBe('scheduled');
    expect(word({ state: 'pulled' })).toBe('pulled');
    expect(word({ state: 'shown', seenAt: iso(0), impressions: 1 })).toBe('shown');
    expect(word({ state: 'shown', seenAt: iso(0), readAt: iso(0), interactedAt: iso(0) })).toBe('clicked');
    expect(word({ state: 'shown', interactedAt: iso(0), snoozedUntil: iso(hourMs) })).toBe('snoozed');
    expect(word({ state: 'shown', snoozedUntil: iso(-hourMs), dismissedAt: iso(0) })).toBe('dismissed');
    expect(word({ state: 'expired', readAt: iso(0) })).toBe('expired');
    expect(word({ state: 'canceled' })).toBe('canceled');
    expect(word({ state: 'held' })).toBe('held');
  });

  it('says when it is shown, a rule a phrase', () => {
    const { display } = message();
    expect(displayRules(display)).toEqual(['on a visit', 'once ever']);
    expect(displayRules({ ...display, kind: 'inbox' })).toEqual(['in the inbox alone']);
    expect(
      displayRules({
        ...display,
        trigger: 'add_to_cart',
        frequency: 'untilDismissed',
        oncePerSession: true,
        maxPerWeek: 3,
        minIntervalS: 600,
        pageRules: [
          { directive: 'show', operator: 'startsWith', argument: '/cart' },
          { directive: 'show', operator: 'matches', argument: '/p/*' },
          { directive: 'hide', operator: 'contains', argument: 'pay' },
        ],
      }),
    ).toEqual([
      'when the app tells “add_to_cart”',
      'on pages whose address starts with “/cart” or matches “/p/*”',
      'not where the address contains “pay”',
      'until it is dismissed',
      'once a session',
      'at most 3 times in seven days',
      '10 min away from any other',
    ]);
  });

  it('names its times, the last display where there were several', () => {
    const shown = message({
      state: 'shown',
      pulledAt: 'p',
      seenAt: 's',
      impressions: 2,
      impressionsAt: ['s', 't'],
      expiresAt: iso(hourMs),
    });
    expect(timesOf(shown, startMs, (at) => at)).toEqual([
      'pulled p',
      'shown 2 times, last t',
      `expires ${iso(hourMs)}`,
    ]);
  });
});

describe('why it is not shown', () => {
  const said = { id: 'row-2', title: 'Cart', reason: 'page', detail: 'It is shown elsewhere.' } as const;

  it('is what the door answered, without what is on display', () => {
    const answer = { passedOver: [said, { ...said, id: 'row-1' }], shown: ['row-1'] };
    expect(passedOverNow(answer, [message()])).toEqual([said]);
  });

  it('is what became of the door’s choice since', () => {
    const answer = { passedOver: [said], shown: [] };
    const gone = message({ state: 'shown', impressions: 1, impressionsAt: [iso(0)], dismissedAt: iso(5) });
    expect(passedOverNow(answer, [gone]).at(-1)).toMatchObject({ id: 'row-1', reason: 'dismissed' });
    expect(passedOverNow(answer, [{ ...gone, dismissedAt: null }]).at(-1)).toMatchObject({
      reason: 'already_shown',
    });
    const again = { ...gone, display: { ...gone.display, frequency: 'always' as const } };
    expect(passedOverNow(answer, [again])).toEqual([said]);
  });
});

describe('the form of a new one', () => {
  it('leaves out what is empty, and makes slides of paragraphs', () => {
    const form = newForm('anna');
    expect(readForm({ ...form, action: '', body: '', title: ' Hi ' })).toEqual({
      title: 'Hi',
      priority: 500,
      saveToInbox: false,
      display: { kind: 'modal', frequency: 'once' },
    });
    const display: MessageForm['display'] = {
      kind: 'carousel',
      slot: ' top ',
      trigger: '',
      pageRules: [{ directive: 'show', operator: 'startsWith', argument: '/cart ' }],
    };
    expect(readForm({ ...form, body: 'One\n\nTwo', action: '', display })).toMatchObject({
      slides: [{ body: 'One' }, { body: 'Two' }],
      display: {
        kind: 'carousel',
        slot: 'top',
        pageRules: [{ directive: 'show', operator: 'startsWith', argument: '/cart' }],
      },
    });
  });
});

const waiting = {
  id: 'delivery-1',
  carriage: 'inapp',
  provider: null,
  recipient: 'anna',
  domain: '',
  user: 'anna',
} as const;

const ofRow = (what: string, data: Event['data'] = {}): Event =>
  event('inapp', { data: { id: 'row-1', user: 'anna', what, ...data } });

function journey(about: Partial<JourneyFacts>): readonly Stage[] {
  return stagesOf({
    message: { door: 'inapp', receivedAt: iso(0), user: 'anna' },
    exchange: null,
    delivery: deliveryDetail({ ...waiting, status: 'delivered' }),
    events: [],
    receipts: [],
    suppressions: [],
    ...about,
  });
}

const words = (stages: readonly Stage[]): readonly string[] =>
  stages.map(({ word, line }) => (line === '' ? word : `${word}: ${line}`));

const passed = ofRow('passed_over', { reason: 'page', detail: 'It is shown elsewhere.', url: '/' });

describe('the journey of an in-app message', () => {
  it('goes from the queue by the pull to the display and what the user did, each fact once', () => {
    const seen = { impression: 1, session: 's-1', url: '/cart' };
    expect(
      words(
        journey({
          events: [
            event('queued'),
            passed,
            event('sent'),
            ofRow('pulled', { by: 'eligible' }),
            event('delivered'),
            ofRow('seen', seen),
            event('clicked', { data: { action: 'tour', label: 'Take the tour', url: '/tour' } }),
            ofRow('interacted', { action: 'tour' }),
            ofRow('snoozed', { until: iso(hourMs) }),
            ofRow('seen', { ...seen, impression: 2 }),
            event('dismissed'),
            ofRow('dismissed'),
            ofRow('archived'),
            ofRow('expired', { by: 'hand' }),
          ],
        }),
      ),
    ).toEqual([
      'Submitted: through inapp, as anna',
      'Queued: for anna, transactional; until anna’s app asks',
      'Passed over: It is shown elsewhere.',
      'Pulled: by the app, as the one to show',
      'Shown: to its user, for a second at least, on /cart, in the session s-1',
      'Clicked: the button “Take the tour”, which opens /tour',
      `Snoozed: put off by its user until ${formatDateTime(iso(hourMs))}`,
      'Shown again: impression 2, on /cart, in the session s-1',
      'Dismissed: closed by its user',
      'Archived: put away by its user',
      'Expired: ended by hand; it is not to be had any more',
    ]);
  });

  it('says what it waits for, and why it was passed over last', () => {
    const queued = deliveryDetail({ ...waiting, status: 'queued' });
    expect(words(journey({ delivery: queued, events: [event('queued')] })).at(-1)).toBe(
      'Waiting: It waits until the app of anna asks.',
    );
    expect(words(journey({ delivery: queued, events: [event('queued'), passed] })).at(-1)).toBe(
      'Waiting: It waits until the app of anna asks. When the app last asked it was passed over: It is shown elsewhere.',
    );
    const pulled = deliveryDetail({ ...waiting, status: 'sent' });
    expect(words(journey({ delivery: pulled, events: [event('queued'), event('sent')] })).slice(-2)).toEqual([
      'Pulled: by the app, as it came in',
      'Pulled: The app has it, and has not shown it yet.',
    ]);
  });

  it('tells of a delivery without a display by what the user did', () => {
    const events = [event('queued'), event('delivered'), event('opened'), ofRow('read')];
    expect(words(journey({ events })).slice(-2)).toEqual([
      'Delivered: by what its user did with it',
      'Read: opened by its user',
    ]);
  });

  it('has the views that make sense for it', () => {
    expect(tabsOf({ channel: 'inapp', door: 'api', exchangeId: null })).toEqual([
      'journey',
      'log',
      'preview',
      'headers',
      'source',
    ]);
  });
});
