import { ActionIcon } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconTrash } from '@tabler/icons-react';
import classes from './push-settings.module.css';

interface KnownCredentialsProps {
  readonly label: string;
  readonly none: string;
  readonly entries: readonly { readonly name: string; readonly about: string }[];
  readonly onRemove: (name: string) => void;
}

/** Keys or accounts whose signatures can be checked. */
export function KnownCredentials({ label, none, entries, onRemove }: KnownCredentialsProps) {
  const remove = (name: string) =>
    modals.openConfirmModal({
      title: `Forget ${name}`,
      children:
        'What is signed with it cannot be checked any more, and is refused where only known ones are let in.',
      labels: { confirm: 'Forget', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => onRemove(name),
    });
  if (entries.length === 0) return <p className={classes.none}>{none}</p>;
  return (
    <ul className={classes.known} aria-label={label}>
      {entries.map(({ name, about }) => (
        <li key={name} className={classes.entry}>
          <div className={classes.text}>
            <div className={classes.name}>{name}</div>
            <div className={classes.about}>{about}</div>
          </div>
          <ActionIcon size={22} aria-label={`Forget ${name}`} onClick={() => remove(name)}>
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}
