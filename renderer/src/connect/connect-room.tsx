import { Button, Code, CopyButton, Group, TextInput, UnstyledButton } from '@mantine/core';
import { IconCheck, IconCopy, IconFilter, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Recipe } from '../../../core/connect/recipes.ts';
import {
  type ConnectFacts,
  connectQuery,
  sendTest,
  sendTestPush,
  sendTestSms,
  type TestDoor,
} from '../api/core.ts';
import { apiUrl, inAppUrl } from '../base-path.ts';
import { LoadingState, ProblemState } from '../frame/room-states.tsx';
import { toastProblem } from '../frame/toast-problem.ts';
import { useLiveChange } from '../live/live-context.tsx';
import { useStored } from '../use-stored.ts';
import classes from './connect-room.module.css';

/** How an app gets to the doors: settings to paste, a test, and a light when something arrives. */
export function ConnectRoom() {
  const { data, error, refetch } = useQuery(connectQuery);
  if (data !== undefined) return <Recipes facts={data} />;
  return error === null ? (
    <LoadingState what="the settings" />
  ) : (
    <ProblemState error={error} onRetry={() => void refetch()} />
  );
}

const groups = [
  ['framework', 'Frameworks'],
  ['language', 'Languages'],
  ['tool', 'Tools and servers'],
  ['push', 'Push'],
  ['sms', 'SMS'],
  ['inapp', 'In-app'],
  ['send', 'Several channels'],
] as const;

function Recipes({ facts }: { readonly facts: ConnectFacts }) {
  const [chosen, choose] = useStored('connect.recipe', 'nodemailer');
  const [filter, setFilter] = useState('');
  const shown = facts.recipes.filter((recipe) =>
    recipe.title.toLowerCase().includes(filter.trim().toLowerCase()),
  );
  const recipe = shown.find((entry) => entry.id === chosen) ?? shown[0];
  return (
    <div className={classes.room}>
      <nav className={classes.list} aria-label="Frameworks, languages and tools">
        <TextInput
          m={8}
          placeholder="Filter"
          aria-label="Filter recipes"
          leftSection={<IconFilter size={14} aria-hidden />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <div className={classes.entries}>
          {groups.map(([group, title]) => {
            const own = shown.filter((entry) => entry.group === group);
            return own.length === 0 ? null : (
              <section key={group}>
                <h2 className={classes.group}>{title}</h2>
                {own.map((entry) => (
                  <UnstyledButton
                    key={entry.id}
                    className={classes.entry ?? ''}
                    aria-current={entry.id === recipe?.id}
                    onClick={() => choose(entry.id)}
                  >
                    {entry.title}
                  </UnstyledButton>
                ))}
              </section>
            );
          })}
        </div>
      </nav>
      <div className={classes.detail}>
        <Doors facts={facts} />
        {recipe !== undefined && <RecipeCard key={recipe.id} recipe={recipe} />}
      </div>
    </div>
  );
}

interface ShownDoor {
  readonly key: string;
  readonly title: string;
  readonly meaning: string;
  /** Null: nothing is sent by it alone. */
  readonly test: (() => Promise<unknown>) | null;
}

const mailDoor = (key: TestDoor, title: string, meaning: string): ShownDoor => ({
  key,
  title,
  meaning,
  test: () => sendTest(key),
});

const shownDoors: readonly ShownDoor[] = [
  mailDoor('smtp', 'SMTP', 'plain, no TLS; any user name and password, or none'),
  mailDoor('submission', 'SMTP with STARTTLS', 'needs the sandbox’s CA'),
  mailDoor('smtps', 'SMTP with TLS', 'needs the sandbox’s CA'),
  {
    key: 'apns',
    title: 'APNs',
    meaning: 'HTTP/2 with TLS; needs the sandbox’s CA',
    test: () => sendTestPush('apns'),
  },
  {
    key: 'providers',
    title: 'FCM, Web Push, SMS providers, in-app',
    meaning:
      'plain HTTP, by path: /inapp, /fcm, /google, /webpush, /twilio, /vonage, /messagebird, /sinch, /infobip, /telnyx',
    test: () => sendTestPush('fcm'),
  },
  {
    key: 'smpp',
    title: 'SMPP',
    meaning: 'version 3.4, in the clear; any system_id and password',
    test: sendTestSms,
  },
  {
    key: 'tls',
    title: 'Providers by name',
    meaning: 'TLS for every provider’s host; needs the sandbox’s CA',
    test: null,
  },
  {
    key: 'proxy',
    title: 'CONNECT proxy',
    meaning: 'for clients whose hosts cannot be changed; lets nothing else out',
    test: null,
  },
  {
    key: 'metadata',
    title: 'Google metadata server',
    meaning: 'credentials for Google’s libraries, without a key',
    test: null,
  },
];

function Doors({ facts }: { readonly facts: ConnectFacts }) {
  const [waiting, setWaiting] = useState<string | null>(null);
  const [arrived, setArrived] = useState<string | null>(null);
  useLiveChange((change) => {
    if (change !== 'resync' && change.lastArrivedId !== null) {
      setArrived(change.lastArrivedId);
      setWaiting(null);
    }
  });
  const test = (key: string, send: () => Promise<unknown>) => {
    setWaiting(key);
    setArrived(null);
    send().catch((error: unknown) => {
      setWaiting(null);
      toastProblem(error, 'The test could not be sent');
    });
  };
  return (
    <section className={classes.doors} aria-label="Doors">
      {shownDoors.map(({ key, title, meaning, test: send }) => {
        const port = facts.ports[key];
        return port === undefined ? null : (
          <div key={key} className={classes.door}>
            <div className={classes.doorTitle}>
              {title}{' '}
              <Code>
                {facts.host}:{port}
              </Code>
            </div>
            <div className={classes.dim}>{meaning}</div>
            {send !== null && (
              <Button
                variant="default"
                size="compact-sm"
                leftSection={<IconSend size={13} aria-hidden />}
                loading={waiting === key}
                onClick={() => test(key, send)}
              >
                Send a test
              </Button>
            )}
          </div>
        );
      })}
      <p className={classes.described}>
        OpenAPI documents, to make a client of: <Document url={apiUrl('/openapi.json')} of="the API" />,{' '}
        <Document url={inAppUrl('/v1/openapi.json')} of="in-app messages" />
      </p>
      <div className={classes.light} data-lit={arrived !== null} role="status">
        {arrived === null ? (
          'Waiting for the first message'
        ) : (
          <>
            A message arrived.{' '}
            <Link to="/messages/$id" params={{ id: arrived }}>
              Show it
            </Link>
          </>
        )}
      </div>
    </section>
  );
}

/** In a window of its own: the desktop app hands it to the browser. */
function Document({ url, of }: { readonly url: string; readonly of: string }) {
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {of}
    </a>
  );
}

function RecipeCard({ recipe }: { readonly recipe: Recipe }) {
  return (
    <section aria-label={recipe.title}>
      <Group justify="space-between" mb={8}>
        <h1 className={classes.title}>{recipe.title}</h1>
        <CopyButton value={recipe.code}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
      <pre className={classes.code}>{recipe.code}</pre>
      {recipe.note !== '' && <p className={classes.note}>{recipe.note}</p>}
    </section>
  );
}
