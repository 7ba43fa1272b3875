import { Button, Code, CopyButton, Loader, NativeSelect } from '@mantine/core';
import { IconCheck, IconCopy, IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { type ConnectFacts, sendTest } from '../api/core.ts';
import { toastProblem } from '../frame/toast-problem.ts';
import { useStored } from '../use-stored.ts';
import classes from './tour.module.css';
import { mailRecipes, testDoorOf } from './tour-state.ts';

interface StepProps {
  /** Null while the core is asked. */
  readonly facts: ConnectFacts | null;
}

export function WhatStep({ facts }: StepProps) {
  return (
    <>
      <p>
        Sandpost stands where your app’s mail, push, SMS and in-app messages would go out. It takes them,
        shows what would happen to each on its way, and lets nothing leave this machine.
      </p>
      {facts !== null && (
        <p>
          It listens at <Code>{facts.host}</Code>
          {facts.ports.smtp !== undefined && (
            <>
              : mail at port <Code>{facts.ports.smtp}</Code>
            </>
          )}
          {facts.ports.providers !== undefined && (
            <>
              , push and SMS providers at port <Code>{facts.ports.providers}</Code>
            </>
          )}
          . Any user name and password are taken, or none.
        </p>
      )}
    </>
  );
}

/** The same choice as in Connect, which opens on it later. */
export function ConnectStep({ facts }: StepProps) {
  const [chosen, choose] = useStored('connect.recipe', 'nodemailer');
  const recipes = mailRecipes(facts?.recipes ?? []);
  const recipe = recipes.find(({ id }) => id === chosen) ?? recipes[0];
  if (recipe === undefined) return <p>No door for mail is open: `sandpost serve` says how to open one.</p>;
  return (
    <>
      <NativeSelect
        label="Your app is made with"
        value={recipe.id}
        data={recipes.map(({ id, title }) => ({ value: id, label: title }))}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      <pre className={classes.code}>{recipe.code}</pre>
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
      <p className={classes.dim}>The room Connect has these for push, SMS and in-app messages too.</p>
    </>
  );
}

export function FirstMailStep({ facts }: StepProps) {
  const [sending, setSending] = useState(false);
  const door = testDoorOf(facts?.ports ?? {});
  const send = () => {
    if (door === null) return;
    setSending(true);
    sendTest(door).catch((error: unknown) => {
      setSending(false);
      toastProblem(error, 'The test could not be sent');
    });
  };
  return (
    <>
      <div role="status" className={classes.waiting}>
        <Loader size={14} aria-hidden />
        Waiting for the first message. It opens by itself.
      </div>
      <p>Let your app send one now, or take ours.</p>
      {door !== null && (
        <Button
          variant="default"
          loading={sending}
          leftSection={<IconSend size={14} aria-hidden />}
          onClick={send}
        >
          Send a test
        </Button>
      )}
    </>
  );
}
