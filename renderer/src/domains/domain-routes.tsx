import { Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import type { SendingDomain } from '../../../core/api/schema.ts';
import { changeDomain } from '../api/domains.ts';
import classes from './domains-room.module.css';
import { type Inbound, inboundOf } from './inbound-route.ts';
import { useDomainAction } from './use-domain-action.ts';

const kinds: readonly { readonly value: Inbound['kind']; readonly label: string }[] = [
  { value: 'mailbox', label: 'a simulated mailbox' },
  { value: 'smtp', label: 'my app, by SMTP' },
  { value: 'webhook', label: 'my app, by webhook' },
];

/** Where it sends from and by which names, and where what comes back goes. */
export function DomainRoutes({ domain }: { readonly domain: SendingDomain }) {
  const act = useDomainAction();
  const change = (next: Parameters<typeof changeDomain>[1], done: string) =>
    void act(changeDomain(domain.name, next), { done, failed: 'The domain could not be changed' });
  const poolId = useId();
  return (
    <>
      <section className={classes.part} aria-label="What comes back">
        <h2 className={classes.heading}>What comes back</h2>
        <p className={classes.hint}>
          Replies, bounces, complaints and auto-replies to addresses of {domain.name}.
        </p>
        <InboundFields
          saved={domain.inbound}
          onSave={(inbound) => change({ inbound }, 'What comes back goes there now')}
        />
      </section>
      <section className={classes.part} aria-label="Streams and address">
        <h2 className={classes.heading}>Streams and address</h2>
        <p className={classes.hint}>
          A sub-domain keeps a kind of traffic, and its reputation, apart. Empty: it sends as {domain.name}.
        </p>
        <StreamFields domain={domain} onSave={(streams) => change({ streams }, 'Saved')} />
        <div className={classes.row}>
          <div>
            <div className={classes.dim} id={poolId}>
              Address
            </div>
            <SegmentedControl
              aria-labelledby={poolId}
              value={domain.pool}
              data={[
                { value: 'dedicated', label: 'Its own' },
                { value: 'shared', label: 'Shared pool' },
              ]}
              onChange={(value) =>
                change({ pool: value === 'shared' ? 'shared' : 'dedicated' }, 'The address changed')
              }
            />
          </div>
        </div>
      </section>
    </>
  );
}

function InboundFields({
  saved,
  onSave,
}: {
  readonly saved: Inbound;
  readonly onSave: (inbound: Inbound) => void;
}) {
  const [kind, setKind] = useState(saved.kind);
  const [host, setHost] = useState(saved.kind === 'smtp' ? saved.host : '127.0.0.1');
  const [port, setPort] = useState(saved.kind === 'smtp' ? String(saved.port) : '2500');
  const [url, setUrl] = useState(saved.kind === 'webhook' ? saved.url : '');
  const chosen = inboundOf(kind, host, port, url);
  return (
    <form
      className={classes.row}
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== null) onSave(chosen);
      }}
    >
      <NativeSelect
        label="Goes to"
        w={200}
        value={kind}
        data={[...kinds]}
        onChange={(event) =>
          setKind(kinds.find((one) => one.value === event.currentTarget.value)?.value ?? 'mailbox')
        }
      />
      {kind === 'smtp' && (
        <>
          <TextInput label="Host" value={host} onChange={(event) => setHost(event.currentTarget.value)} />
          <TextInput
            label="Port"
            w={80}
            inputMode="numeric"
            value={port}
            onChange={(event) => setPort(event.currentTarget.value)}
          />
        </>
      )}
      {kind === 'webhook' && (
        <TextInput
          label="Address"
          w={320}
          placeholder="http://127.0.0.1:3000/inbound"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
      )}
      <Button
        type="submit"
        variant="default"
        disabled={chosen === null || JSON.stringify(chosen) === JSON.stringify(saved)}
      >
        Save
      </Button>
    </form>
  );
}

interface StreamFieldsProps {
  readonly domain: SendingDomain;
  readonly onSave: (streams: SendingDomain['streams']) => void;
}

function StreamFields({ domain, onSave }: StreamFieldsProps) {
  const [transactional, setTransactional] = useState(domain.streams.transactional ?? '');
  const [marketing, setMarketing] = useState(domain.streams.marketing ?? '');
  const orNull = (text: string) => (text.trim() === '' ? null : text.trim());
  const chosen = { transactional: orNull(transactional), marketing: orNull(marketing) };
  return (
    <form
      className={classes.row}
      onSubmit={(event) => {
        event.preventDefault();
        onSave(chosen);
      }}
    >
      <TextInput
        label="Transactional"
        placeholder={`mail.${domain.name}`}
        w={220}
        value={transactional}
        onChange={(event) => setTransactional(event.currentTarget.value)}
      />
      <TextInput
        label="Marketing"
        placeholder={`news.${domain.name}`}
        w={220}
        value={marketing}
        onChange={(event) => setMarketing(event.currentTarget.value)}
      />
      <Button
        type="submit"
        variant="default"
        disabled={
          chosen.transactional === domain.streams.transactional &&
          chosen.marketing === domain.streams.marketing
        }
      >
        Save
      </Button>
    </form>
  );
}
