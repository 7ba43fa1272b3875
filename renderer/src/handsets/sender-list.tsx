import { ActionIcon, Button } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SmsSenderView } from '../../../core/api/sms-schema.ts';
import { smsProviderNames } from '../../../core/model/sms.ts';
import { forgetSender, sendersQuery } from '../api/handsets.ts';
import overview from '../phones/phones-overview.module.css';
import { SenderDialog } from './sender-dialog.tsx';
import classes from './sender-list.module.css';
import { useHandsetAction } from './use-handset-action.ts';

type Open = Pick<SmsSenderView, 'provider' | 'sender'>;
const newSender: Open = { provider: 'twilio', sender: '' };

/** The senders that providers know, and where answers to each go. */
export function SenderList() {
  const senders = useQuery(sendersQuery).data ?? [];
  const [open, setOpen] = useState<Open | null>(null);
  const act = useHandsetAction();
  return (
    <section className={overview.part} aria-label="Senders">
      <h2 className={overview.heading}>Senders</h2>
      {senders.length > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Sender</th>
              <th scope="col">Provider</th>
              <th scope="col">Answers go to</th>
              <th scope="col">Registered in</th>
              <th scope="col" aria-label="Actions" />
            </tr>
          </thead>
          <tbody>
            {senders.map((one) => (
              <tr key={`${one.provider} ${one.sender}`}>
                <th scope="row">
                  {one.sender}
                  {one.service !== null && <span className={classes.dim}> in {one.service}</span>}
                </th>
                <td>{smsProviderNames[one.provider]}</td>
                <td className={classes.url}>
                  {one.inboundUrl ?? <span className={classes.warn}>no inbound address: set one</span>}
                </td>
                <td>{one.countries.includes('*') ? 'everywhere' : one.countries.join(', ')}</td>
                <td className={classes.acts}>
                  <ActionIcon
                    aria-label={`Change ${one.sender} at ${smsProviderNames[one.provider]}`}
                    onClick={() => setOpen(one)}
                  >
                    <IconPencil size={14} aria-hidden />
                  </ActionIcon>
                  <ActionIcon
                    aria-label={`Forget ${one.sender} at ${smsProviderNames[one.provider]}`}
                    onClick={() => void act(forgetSender(one), `${one.sender} is forgotten`)}
                  >
                    <IconTrash size={14} aria-hidden />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Button
        variant="default"
        size="compact-sm"
        mt={8}
        leftSection={<IconPlus size={13} aria-hidden />}
        onClick={() => setOpen(newSender)}
      >
        Register a sender
      </Button>
      <SenderDialog
        opened={open !== null}
        provider={open?.provider ?? 'twilio'}
        sender={open?.sender ?? ''}
        onClose={() => setOpen(null)}
      />
    </section>
  );
}
