import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { recipientFaultsQuery, setRecipientFaults } from '../api/domains.ts';
import { toastProblem } from '../frame/toast-problem.ts';
import classes from './domains-room.module.css';
import { type RecipientFault, recipientFaultNames } from './switches.ts';

const kinds: readonly RecipientFault[] = ['nxdomain', 'null_mx', 'no_address', 'servfail', 'timeout'];

/** Recipients' domains whose DNS goes wrong. Shown while no domain is open. */
export function RecipientFaultList() {
  const { data: faults = {} } = useQuery(recipientFaultsQuery);
  const queries = useQueryClient();
  const [domain, setDomain] = useState('');
  const [fault, setFault] = useState<RecipientFault>('nxdomain');
  const save = async (next: Readonly<Record<string, RecipientFault>>) => {
    try {
      queries.setQueryData(recipientFaultsQuery.queryKey, await setRecipientFaults(next));
      setDomain('');
    } catch (error) {
      toastProblem(error, 'The DNS could not be changed');
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save({ ...faults, [domain.trim()]: fault });
  };
  return (
    <section aria-label="Recipients whose DNS goes wrong">
      <h2 className={classes.heading}>Recipients whose DNS goes wrong</h2>
      <p className={classes.hint}>
        Every recipient’s domain has a mail server here, except *.invalid and those you name. Without any
        set-up: null-mx.example, no-address.example, dns-servfail.example, dns-timeout.example.
      </p>
      {Object.entries(faults).map(([name, kind]) => (
        <div key={name} className={classes.row}>
          <ActionIcon
            size={22}
            aria-label={`Mend ${name}`}
            onClick={() =>
              void save(Object.fromEntries(Object.entries(faults).filter(([other]) => other !== name)))
            }
          >
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
          <span>
            <b>{name}</b> {recipientFaultNames[kind]}
          </span>
        </div>
      ))}
      <form className={classes.row} onSubmit={submit}>
        <TextInput
          w={200}
          label="Domain"
          placeholder="customer.example"
          value={domain}
          onChange={(event) => setDomain(event.currentTarget.value)}
        />
        <NativeSelect
          w={280}
          label="What goes wrong"
          value={fault}
          data={kinds.map((kind) => ({ value: kind, label: recipientFaultNames[kind] }))}
          onChange={(event) =>
            setFault(kinds.find((kind) => kind === event.currentTarget.value) ?? 'nxdomain')
          }
        />
        <Button type="submit" variant="default" disabled={domain.trim() === ''}>
          Break it
        </Button>
      </form>
    </section>
  );
}
