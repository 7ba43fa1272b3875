import { Button, Group, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { UserDetailView } from '../../../core/api/people-schema.ts';
import { ApiProblem } from '../api/request.ts';
import { changeUser, type Profile } from '../api/users.ts';
import { toast } from '../frame/toast-problem.ts';
import { mergePatch, readMembers } from './merge-patch.ts';
import classes from './users-room.module.css';

const fields: readonly { readonly name: keyof Profile; readonly label: string; readonly example: string }[] =
  [
    { name: 'name', label: 'Name', example: 'Jane Doe' },
    { name: 'email', label: 'Mail address', example: 'jane@example.com' },
    { name: 'phone', label: 'Number', example: '+14155550123' },
    { name: 'locale', label: 'Language', example: 'de-AT' },
    { name: 'timezone', label: 'Time zone', example: 'Europe/Vienna' },
  ];

/** Who the user is, as the app's backend told it; kept when it is saved. */
export function ProfileForm({ user }: { readonly user: UserDetailView }) {
  const before = textsOf(user);
  const [said, setSaid] = useState(before);
  const [attributes, setAttributes] = useState(() => JSON.stringify(user.attributes, null, 2));
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const queries = useQueryClient();
  const read = readMembers(attributes);
  const patch = 'members' in read ? mergePatch(user.attributes, read.members) : null;
  const changed =
    fields.some(({ name }) => said[name] !== before[name]) ||
    (patch !== null && Object.keys(patch).length > 0);
  const save = () => {
    if (patch === null) return;
    changeUser(user.id, { ...profileOf(said), attributes: patch }).then(
      () => {
        toast('Saved');
        void queries.invalidateQueries({ queryKey: ['users', 'one', user.id] });
      },
      (error: unknown) => {
        if (error instanceof ApiProblem) setProblem(error);
        else throw error;
      },
    );
  };
  const atFault = (name: string) => problem?.fields.find(({ field }) => field.startsWith(name))?.detail;
  return (
    <form
      className={classes.form}
      aria-label="Profile"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (changed) save();
      }}
    >
      <div className={classes.columns}>
        {fields.map(({ name, label, example }) => (
          <TextInput
            key={name}
            label={label}
            placeholder={example}
            value={said[name]}
            error={atFault(name)}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setSaid((old) => ({ ...old, [name]: value }));
              setProblem(null);
            }}
          />
        ))}
      </div>
      <Textarea
        mt="sm"
        size="xs"
        label="Attributes"
        description="As JSON. Templates see them as user.<name>, segments as attributes.<name>."
        autosize
        minRows={3}
        maxRows={16}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={attributes}
        error={'problem' in read ? read.problem : atFault('attributes')}
        onChange={(event) => {
          setAttributes(event.currentTarget.value);
          setProblem(null);
        }}
      />
      {problem !== null && problem.fields.length === 0 && (
        <p className={classes.problem} role="alert">
          {problem.message}
        </p>
      )}
      <Group mt="sm" gap="sm">
        <Button type="submit" disabled={!changed || patch === null}>
          Save
        </Button>
        {changed && (
          <Button
            variant="subtle"
            color="gray"
            onClick={() => {
              setSaid(before);
              setAttributes(JSON.stringify(user.attributes, null, 2));
            }}
          >
            Undo
          </Button>
        )}
      </Group>
    </form>
  );
}

type Texts = Readonly<Record<keyof Profile, string>>;

const textsOf = ({ name, email, phone, locale, timezone }: Profile): Texts => ({
  name: name ?? '',
  email: email ?? '',
  phone: phone ?? '',
  locale: locale ?? '',
  timezone: timezone ?? '',
});

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

const profileOf = ({ name, email, phone, locale, timezone }: Texts): Profile => ({
  name: orNull(name),
  email: orNull(email),
  phone: orNull(phone),
  locale: orNull(locale),
  timezone: orNull(timezone),
});
