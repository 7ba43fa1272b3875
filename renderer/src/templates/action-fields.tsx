import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type Fault, faultAt } from '../api/faults.ts';
import fieldClasses from '../inapp/display-fields.module.css';
import type { InAppMembers } from './draft-fields.ts';
import { replaced } from './lists.ts';
import { RowActions } from './row-actions.tsx';
import classes from './written-lists.module.css';

export type Action = NonNullable<InAppMembers['actions']>[number];

interface ActionFieldsProps {
  readonly actions: readonly Action[];
  /** Before the name of each: of which slide they are. */
  readonly of?: string;
  readonly faults: readonly Fault[];
  /** `content.inapp.actions` */
  readonly path: string;
  readonly onChange: (actions: Action[]) => void;
}

/** The buttons of a message, or of a slide. */
export function ActionFields({ actions, of = '', faults, path, onChange }: ActionFieldsProps) {
  return (
    <div>
      {actions.map((action, at) => {
        const name = `${of}button ${at + 1}`;
        const put = (part: Partial<Action>) => onChange(replaced(actions, at, { ...action, ...part }));
        const wrong = (member: string) => faultAt(faults, `${path}[${at}].${member}`);
        return (
          <fieldset key={at} className={classes.one} aria-label={capital(name)}>
            <div className={classes.oneHead}>
              <span>{capital(name)}</span>
              <RowActions list={actions} at={at} name={name} onChange={onChange} />
            </div>
            <div className={fieldClasses.row}>
              <TextInput
                label="Label"
                value={action.label}
                error={wrong('label')}
                onChange={({ currentTarget: { value } }) => put({ label: value })}
              />
              <TextInput
                label="Opens"
                placeholder="tells the app only"
                value={action.url ?? ''}
                error={wrong('url')}
                onChange={({ currentTarget: { value } }) => put({ url: value === '' ? undefined : value })}
              />
            </div>
            <div className={fieldClasses.row}>
              <TextInput
                label="Id"
                placeholder="made of the label"
                value={action.id ?? ''}
                error={wrong('id')}
                onChange={({ currentTarget: { value } }) => put({ id: value === '' ? undefined : value })}
              />
              <NativeSelect
                label="Look"
                value={action.style ?? ''}
                data={[
                  {
                    value: '',
                    label: at === 0 ? 'primary, as the first one' : 'secondary, after the first one',
                  },
                  { value: 'primary', label: 'primary' },
                  { value: 'secondary', label: 'secondary' },
                ]}
                onChange={({ currentTarget: { value } }) =>
                  put({ style: value === 'primary' || value === 'secondary' ? value : undefined })
                }
              />
            </div>
            <Switch
              label="Takes the message away"
              checked={action.dismisses ?? true}
              onChange={({ currentTarget: { checked } }) => put({ dismisses: checked ? undefined : false })}
            />
          </fieldset>
        );
      })}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        aria-label={of === '' ? undefined : `Add a button to ${of.replace(/, $/, '')}`}
        onClick={() => onChange([...actions, { label: '' }])}
      >
        Add a button
      </Button>
      {faultAt(faults, path) !== null && <p className={classes.fault}>{faultAt(faults, path)}</p>}
    </div>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
