/** What happens to a push, told in stages: the provider takes it, keeps it or brings it, and the device shows it or not. Pure. */
import type { Event } from '../../../core/api/schema.ts';
import { providerNames } from '../phones/phone-words.ts';
import { answer } from './far-side-stages.ts';
import { textOf } from './plain-values.ts';
import type { JourneyFacts, Stage } from './stage.ts';

/** The app was itself the provider's client: nothing was queued here. */
export const pushedToProvider = ({ message, delivery }: JourneyFacts): boolean =>
  delivery.carriage === 'push' && message !== null && message.door !== 'api';

/** The request as its provider took it. */
export function acceptedStages({ message, exchange, delivery }: JourneyFacts): readonly Stage[] {
  if (message === null) return [];
  const request = message.push?.details ?? null;
  const client = exchange?.clientName ?? exchange?.remoteAddress ?? null;
  const failed = request?.credentials?.checks.some(({ result }) => result === 'fail') ?? false;
  const unchecked = request?.credentials?.checks.some(({ result }) => result === 'unchecked') ?? false;
  const parts = [
    `by ${nameOf(delivery.provider)}`,
    ...(client === null ? [] : [`from ${client}`]),
    ...(exchange?.tls == null ? [] : [exchange.tls.protocol]),
    ...(request === null || request.credentials === null || request.credentials.kind === 'none'
      ? []
      : [
          failed
            ? 'credentials not as they should be'
            : unchecked
              ? 'credentials checked in part'
              : 'credentials good',
        ]),
  ];
  return [
    {
      id: 'submitted',
      kind: 'submitted',
      word: 'Accepted',
      line: parts.join(', '),
      tone: failed ? 'warn' : 'good',
      at: delivery.createdAt,
      wallAt: message.receivedAt,
      evidence:
        request === null
          ? { kind: 'submission', exchange, door: message.door }
          : { kind: 'pushRequest', exchange, door: message.door, request },
    },
  ];
}

/** @param usual what an event tells of any delivery */
export function pushStages(facts: JourneyFacts, usual: (event: Event) => readonly Stage[]): readonly Stage[] {
  const straight = pushedToProvider(facts);
  let taken = straight;
  return facts.events.flatMap((event): readonly Stage[] => {
    switch (event.type) {
      case 'queued':
        return straight ? [] : usual(event);
      case 'sent':
        taken = true;
        return [];
      case 'held':
        return taken ? [storedStage(event, facts)] : usual(event);
      case 'released':
        // Let go on by hand, or by the device itself, which its delivery tells.
        return taken ? [] : usual(event);
      case 'delivered':
        return deliveredStages(event, facts);
      case 'expired':
      case 'collapsed':
      case 'discarded':
        // Told by its end, which comes with it.
        return [];
      case 'reported':
        return event.data.unconfirmed === true ? [lostStage(event)] : usual(event);
      case 'opened':
        return [
          tapStage(
            event,
            'Tapped',
            textOf(event.data.action) === null
              ? 'opened by its user'
              : `the button ${textOf(event.data.action)}`,
          ),
        ];
      case 'clicked':
        return [tapStage(event, 'Deep link', linkLine(event))];
      case 'dismissed':
        return [tapStage(event, 'Dismissed', 'swiped away; the sender learns nothing of it')];
      case 'phone':
        return droppedStages(event);
      default:
        return usual(event);
    }
  });
}

const whenOf = (event: Event): Pick<Stage, 'id' | 'at' | 'wallAt'> => ({
  id: `event-${event.seq}`,
  at: event.virtualAt,
  wallAt: event.at,
});

function storedStage(event: Event, { delivery }: JourneyFacts): Stage {
  return {
    ...whenOf(event),
    kind: 'stored',
    word: 'Stored',
    line: `at ${nameOf(delivery.provider)}: ${textOf(event.data.reason) ?? 'the device is off'}`,
    tone: 'warn',
    evidence: null,
  };
}

function deliveredStages(event: Event, { message }: JourneyFacts): readonly Stage[] {
  const when = whenOf(event);
  const reason = textOf(event.data.reason);
  const shown = event.data.shown !== false;
  const silent = message?.push?.content.silent ?? false;
  const delivered: Stage = {
    ...when,
    kind: 'delivered',
    word: 'Delivered',
    line: 'to the device',
    tone: 'good',
    evidence: null,
  };
  if (shown) {
    return [
      delivered,
      {
        ...when,
        id: `${when.id}-permission`,
        kind: 'permission',
        word: 'Permission',
        line: 'granted',
        tone: 'good',
        evidence: null,
      },
      {
        ...when,
        id: `${when.id}-shown`,
        kind: 'shown',
        word: 'Shown',
        line: reason ?? 'on the lock screen',
        tone: 'good',
        evidence: null,
      },
    ];
  }
  if (silent) {
    return [
      delivered,
      {
        ...when,
        id: `${when.id}-shown`,
        kind: 'shown',
        word: 'Not shown',
        line: reason ?? 'there is nothing to show: it wakes the app',
        tone: 'quiet',
        evidence: null,
      },
    ];
  }
  return [
    delivered,
    {
      ...when,
      id: `${when.id}-permission`,
      kind: 'permission',
      word: 'Not shown',
      line: reason ?? 'the provider said yes, nobody sees it, and the sender is not told',
      tone: 'bad',
      evidence: null,
    },
  ];
}

const lostStage = (event: Event): Stage => ({
  ...whenOf(event),
  kind: 'lost',
  word: 'Lost',
  line: textOf(event.data.reason) ?? 'it reached nobody, and the sender was told yes',
  tone: 'bad',
  evidence: null,
});

const tapStage = (event: Event, word: string, line: string): Stage => ({
  ...whenOf(event),
  kind: 'tapped',
  word,
  line,
  tone: 'quiet',
  evidence: answer(event).evidence,
});

function linkLine({ data }: Event): string {
  const link = textOf(data.url) ?? textOf(data.link);
  const opens = textOf(data.opens);
  const app = textOf(data.app);
  const where = opens === null ? '' : (opensWords[opens] ?? opens);
  return [link ?? 'none in the payload', where, app ?? ''].filter((part) => part !== '').join(', ');
}

const opensWords: Readonly<Record<string, string>> = {
  app: 'opens the app at its start',
  customScheme: 'opens by its scheme',
  universalLink: 'opens as a universal link',
  page: 'opens in the browser',
  nowhere: 'opens nowhere: no app on the device has that scheme',
};

/** A token that the core does not send to any more. */
function droppedStages(event: Event): readonly Stage[] {
  if (textOf(event.data.dropped) === null) return [];
  const user = textOf(event.data.user);
  return [
    {
      ...whenOf(event),
      kind: 'suppressed',
      word: 'Dropped',
      line: `The token is not pushed to any more${user === null ? '' : `, and gone from the devices of ${user}`}: ${textOf(event.data.why) ?? 'its provider says that it is gone'}`,
      tone: 'warn',
      evidence: null,
    },
  ];
}

function nameOf(provider: string | null): string {
  if (provider === 'apns' || provider === 'fcm' || provider === 'webpush') return providerNames[provider];
  return provider ?? 'the provider';
}
