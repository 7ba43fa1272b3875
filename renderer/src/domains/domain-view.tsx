import { Badge, Button, Menu } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots, IconRefresh, IconRotate, IconWorldCheck } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { ExpectedRecord, RecordCheck, SendingDomain } from '../../../core/api/schema.ts';
import {
  checkRealDns,
  domainChecksQuery,
  domainQuery,
  domainRecordsQuery,
  removeDomain,
  rotateKeys,
} from '../api/domains.ts';
import { useCommands } from '../commands/commands-context.tsx';
import type { Command } from '../commands/registry.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { toastProblem } from '../frame/toast-problem.ts';
import { DomainKeys } from './domain-keys.tsx';
import { DomainRoutes } from './domain-routes.tsx';
import { DomainSwitches } from './domain-switches.tsx';
import classes from './domains-room.module.css';
import { RecordTable } from './record-table.tsx';
import { useDomainAction } from './use-domain-action.ts';

export function DomainView({ name }: { readonly name: string }) {
  const { data, error, refetch } = useQuery(domainQuery(name));
  if (data !== undefined) return <OneDomain domain={data} />;
  return error === null ? (
    <LoadingState what="the domain" />
  ) : (
    <ProblemState error={error} onRetry={() => void refetch()} />
  );
}

function OneDomain({ domain }: { readonly domain: SendingDomain }) {
  const { name } = domain;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const act = useDomainAction();
  const { data: checks = [], error: checkError } = useQuery(domainChecksQuery(name));
  const records = useQuery(domainRecordsQuery(name)).data ?? [];
  const [real, setReal] = useState<readonly RecordCheck[] | 'asking' | null>(null);

  const { checkAgain, rotate, askReal, remove } = useMemo(() => {
    const lookUp = async () => {
      setReal('asking');
      try {
        setReal(await checkRealDns(name));
      } catch (error) {
        setReal(null);
        toastProblem(error, 'The real DNS could not be asked');
      }
    };
    const removeNow = async () => {
      try {
        await removeDomain(name);
        await navigate({ to: '/domains', search: (old) => old });
        await queries.invalidateQueries({ queryKey: ['domains'] });
      } catch (error) {
        toastProblem(error, 'The domain could not be removed');
      }
    };
    return {
      checkAgain: () => void queries.invalidateQueries({ queryKey: ['domains'] }),
      rotate: (publish: 'publish' | 'forget to publish') =>
        void act(rotateKeys(name, publish), {
          done: publish === 'publish' ? 'New keys sign from now on' : 'New keys sign, and are not published',
          failed: 'The keys could not be rotated',
        }),
      askReal: () =>
        modals.openConfirmModal({
          title: 'Ask the real DNS',
          children: `Questions about ${name}, _dmarc.${name}, its keys and what its SPF record includes leave this machine, to the name server that this machine uses. Nothing else does.`,
          labels: { confirm: 'Ask', cancel: 'Cancel' },
          onConfirm: () => void lookUp(),
        }),
      remove: () =>
        modals.openConfirmModal({
          title: `Remove ${name}`,
          children:
            'Its keys are gone for good: mail that they signed can no longer be checked. A message from it sets it up anew.',
          labels: { confirm: 'Remove', cancel: 'Cancel' },
          confirmProps: { color: 'red' },
          onConfirm: () => void removeNow(),
        }),
    };
  }, [act, name, navigate, queries]);

  const commands = useMemo<readonly Command[]>(
    () => [
      { id: 'domain-check', title: `Check the records of ${name}`, group: 'Sandbox', run: checkAgain },
      { id: 'domain-real', title: `Check ${name} in the real DNS`, group: 'Sandbox', run: askReal },
      {
        id: 'domain-rotate',
        title: `Rotate the keys of ${name}`,
        group: 'Sandbox',
        run: () => rotate('publish'),
      },
      { id: 'domain-remove', title: `Remove ${name}`, group: 'Sandbox', run: remove },
    ],
    [name, askReal, checkAgain, rotate, remove],
  );
  useCommands(commands);

  return (
    <article className={classes.detail} aria-label={name}>
      <header className={classes.head}>
        <div className={classes.about}>
          <h1 className={classes.title}>{name}</h1>
          <p className={classes.dim}>
            Sends from {domain.ip} as {domain.helo}
            {domain.pool === 'shared' && ', with its neighbours in the pool'}
            {domain.onTheFly && (
              <>
                {' · '}
                <Badge variant="default" size="xs" tt="none" fw={500}>
                  set up on the fly
                </Badge>
              </>
            )}
          </p>
        </div>
        <div className={classes.actions}>
          <Button variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={checkAgain}>
            Check again
          </Button>
          <Button
            variant="default"
            leftSection={<IconWorldCheck size={14} aria-hidden />}
            loading={real === 'asking'}
            onClick={askReal}
          >
            Check the real DNS
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" px={8} aria-label={`More for ${name}`}>
                <IconDots size={14} aria-hidden />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconRotate size={14} aria-hidden />} onClick={() => rotate('publish')}>
                Rotate the keys
              </Menu.Item>
              <Menu.Item onClick={() => rotate('forget to publish')}>Rotate, and forget to publish</Menu.Item>
              <Menu.Divider />
              <Menu.Item color="red" onClick={remove}>
                Remove the domain
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      </header>

      {real !== null && real !== 'asking' && (
        <section className={classes.part} aria-label="In the real DNS">
          <h2 className={classes.heading}>In the real DNS</h2>
          <RecordTable
            kind="real"
            title="As it is out there, a moment ago"
            hint="The keys and the policy are compared with those here; SPF and MX are judged by whether they can work."
            checks={real}
          />
        </section>
      )}

      <section className={classes.part} aria-label="Records">
        <h2 className={classes.heading}>Records</h2>
        {checkError !== null && (
          <p className={classes.problem} role="alert">
            The records could not be checked: {checkError.message}
          </p>
        )}
        <RecordTable
          kind="paste"
          title="To paste into real DNS"
          hint="True outside as well. Paste them where your domain’s DNS is kept, once you send for real with these keys."
          checks={toPaste(records, checks)}
        />
        <RecordTable
          kind="sandbox"
          title="The sandbox’s own"
          hint="Answered here only. Pasted into real DNS they would break your real mail, so they are not offered for that."
          checks={checks.filter((check) => !check.paste)}
        />
      </section>

      <DomainSwitches domain={domain} />
      <DomainRoutes key={JSON.stringify([domain.inbound, domain.streams])} domain={domain} />
      <DomainKeys domain={domain} />
    </article>
  );
}

/** What the live relay wants is pasted too, and there is nothing of it to check in the sandbox. */
function toPaste(records: readonly ExpectedRecord[], checks: readonly RecordCheck[]): readonly RecordCheck[] {
  const unchecked = records
    .filter((record) => record.paste && record.purpose === 'spf')
    .map((record): RecordCheck => ({ ...record, result: 'ok', found: [], note: record.why }));
  return [...checks.filter((check) => check.paste), ...unchecked];
}
