import { Button } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconKey, IconKeyOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteRelay, type Relay, type RelayCheck, relaysQuery, verifyRelay } from '../api/live-relay.ts';
import { formatDateTime } from '../format.ts';
import { toast } from '../frame/toast-problem.ts';
import { keptInWords } from './credential-fields.tsx';
import { channelNames, kindNames } from './live-words.ts';
import { ProblemHelp } from './problem-help.tsx';
import { secretRows, valuesOf } from './relay-form.ts';
import classes from './relays-tab.module.css';

interface RelayCardProps {
  readonly relay: Relay;
  readonly onEdit: () => void;
}

/** One relay: where it leads, whether it is known to work, and what can be done to it. */
export function RelayCard({ relay, onEdit }: RelayCardProps) {
  const queries = useQueryClient();
  const [check, setCheck] = useState<RelayCheck | null>(null);
  const [state, setState] = useState<'still' | 'verifying'>('still');
  const [problem, setProblem] = useState<unknown>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: relaysQuery.queryKey });
  const verify = () => {
    setState('verifying');
    setProblem(null);
    setCheck(null);
    verifyRelay(relay.id)
      .then(
        (found) => {
          setCheck(found);
          refresh();
        },
        (error: unknown) => setProblem(error),
      )
      .finally(() => setState('still'));
  };
  const remove = () =>
    modals.openConfirmModal({
      title: `Delete the relay ${relay.name}`,
      children: 'What opens it is forgotten too. The log keeps what went by it.',
      labels: { confirm: 'Delete', cancel: 'Keep' },
      confirmProps: { color: 'red' },
      onConfirm: () => {
        deleteRelay(relay.id).then(
          () => {
            toast(`The relay ${relay.name} is gone`);
            refresh();
          },
          (error: unknown) => setProblem(error),
        );
      },
    });
  const { kind } = relay.settings;
  return (
    <section className={classes.relay} aria-label={`Relay ${relay.name}`}>
      <div className={classes.head}>
        <div>
          <h2 className={classes.name}>{relay.name}</h2>
          <p className={classes.where}>
            {kindNames[kind]}
            {relay.address === kind ? '' : ` · ${relay.address}`}
            {kind === 'webhook' ? '' : ` · ${relay.channels.map((one) => channelNames[one]).join(', ')}`}
          </p>
        </div>
        <div className={classes.buttons}>
          <Button
            variant="default"
            loading={state === 'verifying'}
            aria-label={`Verify ${relay.name}`}
            onClick={verify}
          >
            Verify
          </Button>
          <Button variant="default" aria-label={`Edit ${relay.name}`} onClick={onEdit}>
            Edit
          </Button>
          <Button variant="subtle" color="red" aria-label={`Delete ${relay.name}`} onClick={remove}>
            Delete
          </Button>
        </div>
      </div>
      <CredentialLine relay={relay} />
      <VerifiedLine relay={relay} />
      {check !== null && check.steps.length > 0 && (
        <ol className={classes.steps} aria-label="What was said">
          {check.steps.map((step, index) => (
            <li key={index}>{step}</li>
          ))}
        </ol>
      )}
      <ProblemHelp problem={problem} onMended={() => setProblem(null)} />
    </section>
  );
}

function CredentialLine({ relay }: { readonly relay: Relay }) {
  const rows = secretRows(relay.settings.kind, valuesOf(relay.settings));
  if (rows.length === 0) return null;
  const missing = rows.filter(({ name }) => relay.credential[name] === undefined);
  return missing.length === 0 ? (
    <p className={classes.state} data-tone="quiet">
      <IconKey size={14} aria-hidden />
      {keptInWords(relay.credential)}
    </p>
  ) : (
    <p className={classes.state} data-tone="warn">
      <IconKeyOff size={14} aria-hidden />
      Not given yet: {missing.map(({ label }) => lowerFirst(label)).join(', ')}.
    </p>
  );
}

const lowerFirst = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;

function VerifiedLine({ relay: { verified } }: { readonly relay: Relay }) {
  if (verified === null)
    return (
      <p className={classes.state} data-tone="quiet" role="status">
        <IconCircleDashed size={14} aria-hidden />
        Not verified since it was changed. Verify asks it without sending to anyone.
      </p>
    );
  const Icon = verified.ok ? IconCircleCheck : IconCircleX;
  return (
    <p className={classes.state} data-tone={verified.ok ? 'good' : 'bad'} role="status">
      <Icon size={14} aria-hidden />
      <span>
        {verified.ok ? 'Verified' : 'Did not work'} at {formatDateTime(verified.at)}: {verified.text}
      </span>
    </p>
  );
}
