import { Button, Tooltip } from '@mantine/core';
import {
  IconArrowBackUp,
  IconBroadcast,
  IconHandStop,
  IconMailForward,
  IconPlayerPlay,
  IconRefresh,
  IconX,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { Delivery } from '../../../core/api/schema.ts';
import type { DeliveryAction, OrderHow } from '../api/deliveries.ts';
import { RealRelease } from '../live-relay/real-release.tsx';
import { releaseOf } from '../live-relay/release-channels.ts';
import { BounceDialog } from './bounce-dialog.tsx';
import { actionLabel, actionMeanings, actionsFor } from './delivery-actions.ts';
import classes from './delivery-buttons.module.css';
import { recipientName } from './recipient-name.ts';
import { ReleaseDialog } from './release-dialog.tsx';
import { useDeliveryOrders } from './use-delivery-orders.ts';

interface DeliveryButtonsProps {
  readonly delivery: Delivery;
  /** A retry after an end made a new delivery. */
  readonly onNew: (id: string) => void;
}

const icons = {
  hold: IconHandStop,
  release: IconPlayerPlay,
  retry: IconRefresh,
  cancel: IconArrowBackUp,
  bounce: IconX,
} as const;

const keys: Readonly<Partial<Record<DeliveryAction, string>>> = { hold: ' (h)', release: ' (r)' };

/** What can be done to this delivery now. */
export function DeliveryButtons({ delivery, onNew }: DeliveryButtonsProps) {
  const order = useDeliveryOrders();
  const [dialog, setDialog] = useState<'none' | 'bounce' | 'release' | 'real'>('none');
  const real = releaseOf([delivery]);
  const run = (action: DeliveryAction, how?: OrderHow) => {
    void order([delivery.id], action, how).then(([changed]) => {
      if (changed !== undefined && changed.id !== delivery.id) onNew(changed.id);
    });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields; these are buttons that belong together
    <div className={classes.buttons} role="group" aria-label="Actions at this delivery">
      {actionsFor(delivery).map((action) => {
        const Icon = icons[action];
        return (
          <Tooltip key={action} label={`${actionMeanings[action]}${keys[action] ?? ''}`}>
            <Button
              variant="default"
              size="compact-xs"
              leftSection={<Icon size={13} aria-hidden />}
              onClick={() => (action === 'bounce' ? setDialog('bounce') : run(action))}
            >
              {actionLabel(action, delivery)}
              {action === 'bounce' ? '…' : ''}
            </Button>
          </Tooltip>
        );
      })}
      {canBeEdited(delivery) && (
        <Tooltip label="Let it go on with another sender or recipient">
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconMailForward size={13} aria-hidden />}
            onClick={() => setDialog('release')}
          >
            Edit envelope…
          </Button>
        </Tooltip>
      )}
      {real.messageIds.length > 0 && real.channels.length > 0 && (
        <Tooltip label="Release its message through a relay to a chosen recipient; the sandbox stays as it is">
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconBroadcast size={13} aria-hidden />}
            onClick={() => setDialog('real')}
          >
            Send for real…
          </Button>
        </Tooltip>
      )}
      <RealRelease request={dialog === 'real' ? real : null} onClose={() => setDialog('none')} />
      <BounceDialog
        opened={dialog === 'bounce'}
        what={recipientName(delivery)}
        onBounce={(how) => run('bounce', how)}
        onClose={() => setDialog('none')}
      />
      <ReleaseDialog opened={dialog === 'release'} delivery={delivery} onClose={() => setDialog('none')} />
    </div>
  );
}

/** What a provider took keeps the envelope that it had. */
const canBeEdited = ({ carriage, status, substatus }: Delivery): boolean =>
  carriage === 'email' && status === 'queued' && substatus === 'held';
