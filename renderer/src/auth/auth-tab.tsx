import { IconShieldQuestion } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import type { MessageDetail, Receipt } from '../../../core/api/schema.ts';
import { deliveryQuery, receiptsQuery } from '../api/deliveries.ts';
import { LoadingState, ProblemState, RoomState } from '../frame/room-states.tsx';
import { classWords } from '../status/class-words.ts';
import { shownDelivery } from '../status/shown-delivery.ts';
import { AuthChecks } from './auth-checks.tsx';
import classes from './auth-tab.module.css';
import { RecordsToPaste } from './records-to-paste.tsx';

/** What a receiver found out about who sent the message, each check explained, and what to mend. */
export function AuthTab({ message }: { readonly message: MessageDetail }) {
  const asked = useSearch({ strict: false, select: (search) => search.delivery ?? null });
  const { data: receipts, error, refetch } = useQuery(receiptsQuery(message.id));
  if (receipts === undefined) {
    return error === null ? (
      <LoadingState what="the checks" />
    ) : (
      <ProblemState error={error} onRetry={() => void refetch()} />
    );
  }
  const shown = shownDelivery(message.deliveries, asked);
  const receipt =
    receipts.find((one) => one.deliveryId === shown?.id) ?? (shown === null ? receipts[0] : undefined);
  return (
    <>
      {receipt === undefined ? (
        <Unplaced message={message} deliveryId={shown?.id ?? null} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        <section className={classes.scroll} tabIndex={0} aria-label={`Checks at ${receipt.mailbox}`}>
          <p className={classes.where}>
            Found by the receiver of <b>{receipt.mailbox}</b>, at {receipt.provider}.
          </p>
          <Checks authentication={receipt.authentication} />
        </section>
      )}
    </>
  );
}

function Unplaced({
  message,
  deliveryId,
}: {
  readonly message: MessageDetail;
  readonly deliveryId: string | null;
}) {
  const { data: delivery } = useQuery({ ...deliveryQuery(deliveryId ?? ''), enabled: deliveryId !== null });
  const attempt = delivery?.attemptLog.findLast((one) => (one.evidence?.authentication ?? null) !== null);
  const found = attempt?.evidence?.authentication ?? null;
  if (attempt === undefined || found === null)
    return <NothingFound message={message} deliveryId={deliveryId} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.scroll} tabIndex={0} aria-label="Checks by who refused it">
      <p className={classes.where}>
        Found by <b>{attempt.nextHop ?? 'the receiver'}</b>, which refused it: {attempt.text}
      </p>
      <Checks authentication={found} />
    </section>
  );
}

function Checks({ authentication }: { readonly authentication: Receipt['authentication'] }) {
  const domain = authentication.dmarc.domain ?? authentication.spf.domain;
  return (
    <AuthChecks
      authentication={authentication}
      mend={(check) =>
        check.purpose === null || domain === '' ? null : (
          <RecordsToPaste domain={domain} purpose={check.purpose} />
        )
      }
    />
  );
}

function NothingFound({
  message,
  deliveryId,
}: {
  readonly message: MessageDetail;
  readonly deliveryId: string | null;
}) {
  const delivery = message.deliveries.find(({ id }) => id === deliveryId);
  const refused = delivery?.class === 'authentication_failed';
  return (
    <RoomState
      icon={<IconShieldQuestion size={28} stroke={1.3} aria-hidden />}
      title={refused ? 'Refused for its authentication' : 'Nobody has checked this message yet'}
    >
      {refused
        ? `${delivery.reason ?? classWords.authentication_failed.fault} The attempt in the journey has the whole session.`
        : 'A receiver checks SPF, DKIM and DMARC when it takes the message.'}
    </RoomState>
  );
}
