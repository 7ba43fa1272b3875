import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { DeliveryDetail, Message, MessageDetail } from '../../../core/api/schema.ts';
import { deliveryEventsQuery, deliveryQuery, receiptsQuery } from '../api/deliveries.ts';
import { exchangeQuery } from '../api/exchanges.ts';
import { handsetQuery, smsOfMessageQuery } from '../api/handsets.ts';
import { hitsOfDeliveryQuery, hitsOfMessageQuery } from '../api/rules.ts';
import { suppressionsOfQuery } from '../api/suppressions.ts';
import { formatDateTime } from '../format.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { RealMark } from '../live-relay/real-mark.tsx';
import { withSearch } from '../room-search.ts';
import { DeliveryButtons } from '../status/delivery-buttons.tsx';
import { HeldBy } from '../status/held-by.tsx';
import { recipientName } from '../status/recipient-name.ts';
import { StatusMark } from '../status/status-mark.tsx';
import classes from './delivery-journey.module.css';
import { Journey } from './journey.tsx';
import { makersOf } from './made-by.ts';
import type { Stage, StageKind } from './stage.ts';
import { stagesOf } from './stages.ts';

// Only who asks for it loads the editor.
const MakeItFail = lazy(async () => ({ default: (await import('../rules/make-it-fail.tsx')).MakeItFail }));

interface DeliveryJourneyProps {
  readonly id: string;
  /** Null while it is not there, and for what is no message. */
  readonly message:
    | (Pick<Message, 'id' | 'door' | 'receivedAt' | 'user' | 'exchangeId' | 'envelope'> &
        Partial<Pick<MessageDetail, 'push' | 'sms' | 'channel'>>)
    | null;
}

/** One delivery on its way: what it is now, what can be done to it, and every stage. */
export function DeliveryJourney({ id, message }: DeliveryJourneyProps) {
  const { data: delivery, error, refetch } = useQuery(deliveryQuery(id));
  if (delivery === undefined) {
    return error === null ? (
      <LoadingState what="the journey" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  }
  return <OpenJourney delivery={delivery} message={message} />;
}

function OpenJourney({
  delivery,
  message,
}: {
  readonly delivery: DeliveryDetail;
  readonly message: DeliveryJourneyProps['message'];
}) {
  const navigate = useNavigate();
  const events = useQuery(deliveryEventsQuery(delivery.id)).data ?? [];
  const receipts =
    useQuery({
      ...receiptsQuery(message?.id ?? ''),
      enabled: message !== null,
    }).data ?? [];
  const exchange =
    useQuery({
      ...exchangeQuery(message?.exchangeId ?? ''),
      enabled: message !== null && message.exchangeId !== null,
    }).data ?? null;
  const suppressions =
    useQuery({
      ...suppressionsOfQuery(delivery.recipient),
      enabled: delivery.status === 'undeliverable' || delivery.status === 'delivered',
    }).data ?? [];
  const isSms = delivery.carriage === 'sms';
  const sms =
    useQuery({ ...smsOfMessageQuery(message?.id ?? ''), enabled: message !== null && isSms }).data ?? [];
  const handset = useQuery({ ...handsetQuery(delivery.recipient), enabled: isSms }).data ?? null;
  const ofMessage =
    useQuery({ ...hitsOfMessageQuery(message?.id ?? ''), enabled: message !== null }).data ?? [];
  const ofDelivery = useQuery({ ...hitsOfDeliveryQuery(delivery.id), enabled: message === null }).data ?? [];
  const hits = message === null ? ofDelivery : ofMessage;
  const [failing, setFailing] = useState<StageKind | null>(null);
  const [asked, setAsked] = useState<'not yet' | 'asked'>('not yet');
  const stages = stagesOf({ message, exchange, delivery, events, receipts, suppressions, sms, handset });
  const ask = (stage: Stage) => {
    setAsked('asked');
    setFailing(stage.kind);
  };
  const show = (next: string) =>
    void navigate({ to: '.', search: (old) => withSearch(old, { delivery: next }), replace: true });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label={`Journey to ${recipientName(delivery)}`}>
      <div className={classes.bar}>
        <span className={classes.recipient}>{recipientName(delivery)}</span>
        <StatusMark delivery={delivery} />
        <RealMark delivery={delivery} />
        <DeliveryButtons delivery={delivery} onNew={show} />
      </div>
      {delivery.heldSince !== null && (
        <p className={classes.note}>
          {delivery.waitsFor === 'hold' ? 'Held' : 'Waits'} since {formatDateTime(delivery.heldSince)}
          {delivery.heldBy !== null && (
            <>
              {' by '}
              <HeldBy heldBy={delivery.heldBy} className={classes.link} />
            </>
          )}
          {delivery.reason === null || delivery.heldBy !== null ? '' : `: ${delivery.reason}`}
        </p>
      )}
      {delivery.envelopeBefore !== null && <EditedEnvelope delivery={delivery} />}
      {delivery.retryOf !== null && (
        <p className={classes.note}>
          This tries an earlier delivery again.{' '}
          <button type="button" className={classes.link} onClick={() => show(delivery.retryOf ?? '')}>
            Show the earlier one
          </button>
        </p>
      )}
      <Journey stages={stages} makers={makersOf(stages, delivery, hits)} onFail={ask} />
      {asked === 'asked' && (
        <Suspense>
          <MakeItFail
            at={failing}
            subject={{
              recipient: delivery.recipient,
              domain: delivery.domain,
              provider: delivery.provider,
              channel: message?.channel ?? null,
              sender: delivery.mailFrom ?? message?.envelope.from ?? null,
            }}
            onClose={() => setFailing(null)}
          />
        </Suspense>
      )}
    </section>
  );
}

/** It goes on with another envelope than it came with. */
function EditedEnvelope({ delivery }: { readonly delivery: DeliveryDetail }) {
  const { envelopeBefore: before, mailFrom, recipient } = delivery;
  const parts = [
    ...(before?.from === null || before === null
      ? []
      : [`MAIL FROM is ${shownAddress(mailFrom)}, was ${shownAddress(before.from)}`]),
    ...(before?.to === null || before === null ? [] : [`RCPT TO is ${recipient}, was ${before.to}`]),
  ];
  return <p className={classes.note}>The envelope was edited: {parts.join('; ')}.</p>;
}

const shownAddress = (address: string | null): string =>
  address === null || address === '' ? 'the null sender' : address;
