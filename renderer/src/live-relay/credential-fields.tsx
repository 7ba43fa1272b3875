import { Button, FileButton, PasswordInput, Stack, Textarea } from '@mantine/core';
import type { Relay } from '../api/live-relay.ts';
import { toast, toastProblem } from '../frame/toast-problem.ts';
import classes from './relay-dialog.module.css';
import { type ReadFile, readKeyFile, type SecretRow, type Values, variableOf } from './relay-form.ts';

interface CredentialFieldsProps {
  readonly rows: readonly SecretRow[];
  readonly relayName: string;
  readonly values: Values;
  readonly onChange: (secrets: Values) => void;
  /** A file brought more than one field. */
  readonly onFile: (read: ReadFile) => void;
}

/** What opens a relay: goes in and never comes out again. */
export function CredentialFields({ rows, relayName, values, onChange, onFile }: CredentialFieldsProps) {
  const take = (row: SecretRow) => (file: File | null) => {
    file?.text().then(
      (text) => {
        const read = readKeyFile(file.name, text, row.name);
        if (read === null) toast(`${file.name} holds no such key`);
        else onFile(read);
      },
      (error: unknown) => toastProblem(error, 'The file could not be read'),
    );
  };
  return (
    <Stack gap="sm">
      {rows.map((row) => {
        const value = values[row.name] ?? '';
        const description =
          relayName === '' ? null : `Or ${variableOf(relayName, row.name)} in the environment.`;
        return row.kind === 'line' ? (
          <PasswordInput
            key={row.name}
            size="xs"
            label={row.label}
            description={description}
            autoComplete="off"
            value={value}
            visibilityToggleButtonProps={{ 'aria-label': `Show ${row.label.toLowerCase()}` }}
            onChange={(event) => onChange({ ...values, [row.name]: event.currentTarget.value })}
          />
        ) : (
          // biome-ignore lint/a11y/noStaticElementInteractions: files may be dropped here; the button beside does the same
          <div
            key={row.name}
            data-takes-files
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              take(row)(event.dataTransfer.files[0] ?? null);
            }}
          >
            <Textarea
              size="xs"
              label={row.label}
              description={description}
              placeholder="Paste it, or drop the file here"
              autosize
              minRows={2}
              maxRows={4}
              autoComplete="off"
              spellCheck={false}
              className={classes.secret ?? ''}
              value={value}
              onChange={(event) => onChange({ ...values, [row.name]: event.currentTarget.value })}
            />
            <FileButton onChange={take(row)} accept={row.accept ?? ''}>
              {(props) => (
                <Button {...props} variant="default" size="compact-xs" mt={4}>
                  Pick the file…
                </Button>
              )}
            </FileButton>
          </div>
        );
      })}
    </Stack>
  );
}

const places = {
  environment: 'comes from the environment',
  keychain: 'is kept in the keychain of this system',
  file: 'is kept in a file that only you can read',
} as const;

/** `password is kept in the keychain of this system`; never what it is. */
export function keptInWords(credential: Relay['credential']): string {
  const fields = Object.entries(credential);
  if (fields.length === 0) return 'Nothing that opens it is known.';
  const parts = Object.entries(places).flatMap(([place, words]) => {
    const names = fields.flatMap(([name, where]) => (where === place ? [fieldWords(name)] : []));
    return names.length === 0
      ? []
      : [`${names.join(' and ')} ${names.length > 1 ? pluralWords(words) : words}`];
  });
  const text = parts.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const pluralWords = (words: string): string => words.replace(/^comes/, 'come').replace(/^is/, 'are');

const fieldWords = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
