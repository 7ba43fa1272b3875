import { Button, Code, CopyButton, Group, Modal, Stack } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { toastProblem } from '../frame/toast-problem.ts';
import { saveText } from '../host/save-file.ts';
import { Copy } from '../message/found-panel.tsx';
import classes from './push-settings.module.css';

interface MadeCredentialProps {
  readonly title: string;
  /** Null: closed. */
  readonly made: {
    readonly facts: readonly (readonly [label: string, value: string])[];
    readonly fileName: string;
    readonly text: string;
  } | null;
  readonly onClose: () => void;
}

/** A credential as it was made: its private half is nowhere else. */
export function MadeCredential({ title, made, onClose }: MadeCredentialProps) {
  return (
    <Modal opened={made !== null} onClose={onClose} title={title} size={560}>
      {made !== null && (
        <Stack gap="sm">
          <p className={classes.say}>
            Give it to your app in place of the real one. It is shown this once; the sandbox keeps the public
            half, and nobody but the sandbox knows it.
          </p>
          <dl className={classes.facts}>
            {made.facts.map(([label, value]) => (
              <Fact key={label} label={label} value={value} />
            ))}
          </dl>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <section className={classes.code} tabIndex={0} aria-label={made.fileName}>
            <pre>{made.text}</pre>
          </section>
          <Group justify="flex-end" gap="sm">
            <CopyButton value={made.text}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
            <Button
              data-autofocus
              leftSection={<IconDownload size={14} aria-hidden />}
              onClick={() => {
                saveText(made.text, made.fileName).catch((error: unknown) =>
                  toastProblem(error, 'The file could not be saved'),
                );
              }}
            >
              Save {made.fileName}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

export function Fact({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <Code>{value}</Code>
        <Copy value={value} label={`Copy: ${label}`} />
      </dd>
    </>
  );
}
