import { IconRoute2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { MessageDetail } from '../../../core/api/schema.ts';
import classes from './message-head.module.css';

/** From one way of a send over several channels back to the send; and to the template that it was made with. */
export function PartOf({ message: { partOf, template } }: { readonly message: MessageDetail }) {
  return (
    <>
      {partOf !== null && (
        <Link
          className={classes.partOf}
          to="/messages/$id"
          params={{ id: partOf.messageId }}
          search={{ tab: 'journey', delivery: partOf.deliveryId }}
        >
          <IconRoute2 size={13} aria-hidden /> way {partOf.step} of a send over several channels
        </Link>
      )}
      {template !== null && (
        <span>
          template{' '}
          <Link to="/templates/$template" params={{ template: template.id }} search={{}}>
            {template.id} v{template.version}
          </Link>
        </span>
      )}
    </>
  );
}
