import { IconRoute } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import type { MessageDetail } from '../../../core/api/schema.ts';
import { deliverySettingsQuery } from '../api/deliveries.ts';
import { RoomState } from '../frame/room-states.tsx';
import { shownDelivery } from '../status/shown-delivery.ts';
import { DeliveryJourney } from './delivery-journey.tsx';
import { MultiJourney } from './multi-journey.tsx';

/** What happened to the message on its way to the recipient that is chosen in its head. */
export function JourneyTab({ message }: { readonly message: MessageDetail }) {
  const asked = useSearch({ strict: false, select: (search) => search.delivery ?? null });
  const shown = shownDelivery(message.deliveries, asked);
  if (shown !== null && message.channel === 'multi')
    return <MultiJourney key={shown.id} id={shown.id} message={message} />;
  return shown === null ? (
    <CapturedOnly />
  ) : (
    <DeliveryJourney key={shown.id} id={shown.id} message={message} />
  );
}

function CapturedOnly() {
  const deliver = useQuery(deliverySettingsQuery).data?.deliver ?? true;
  return (
    <RoomState icon={<IconRoute size={28} stroke={1.3} aria-hidden />} title="Captured, not delivered">
      {deliver
        ? 'This message was kept as it came and sent nowhere: it was imported, or came while delivering was off.'
        : 'Delivering is off in the settings: messages are kept as they come and sent nowhere.'}
    </RoomState>
  );
}
