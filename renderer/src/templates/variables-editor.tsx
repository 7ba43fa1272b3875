import { ActionIcon, Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { variableTypes } from '../../../core/model/template.ts';
import { type Fault, faultAt } from '../api/faults.ts';
import type { TemplateDraft } from '../api/templates.ts';
import { freeVariable } from './draft-fields.ts';
import { SampleField } from './json-fields.tsx';
import { sampleAs } from './json-text.ts';
import classes from './templates-room.module.css';

type Variable = TemplateDraft['variables'][number];

interface VariablesEditorProps {
  readonly draft: TemplateDraft;
  readonly faults: readonly Fault[];
  readonly onChange: (next: (draft: TemplateDraft) => TemplateDraft) => void;
}

/** What a send has to give, and what stands in for it in a preview. */
export function VariablesEditor({ draft, faults, onChange }: VariablesEditorProps) {
  const put = (index: number, part: Partial<Variable>) =>
    onChange((old) => ({
      ...old,
      variables: old.variables.map((one, at) => (at === index ? { ...one, ...part } : one)),
    }));
  return (
    <>
      <p className={classes.hint}>
        A send gives them as <code>variables</code>; a required one that is missing is refused.{' '}
        <code>user</code> is always there. Samples are what previews and tests show: texts and times as they
        are, all else as JSON.
      </p>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Required</th>
            <th scope="col">Sample</th>
            <th scope="col" aria-label="Remove" />
          </tr>
        </thead>
        <tbody>
          {draft.variables.map((variable, index) => (
            <tr key={index}>
              <td>
                <TextInput
                  aria-label={`Name of variable ${index + 1}`}
                  placeholder="order.total"
                  value={variable.name}
                  error={faultAt(faults, `variables[${index}].name`)}
                  onChange={(event) => put(index, { name: event.currentTarget.value })}
                />
              </td>
              <td>
                <NativeSelect
                  aria-label={`Type of ${variable.name}`}
                  value={variable.type}
                  data={[...variableTypes]}
                  onChange={(event) => {
                    const type = variableTypes.find((one) => one === event.currentTarget.value);
                    if (type !== undefined) put(index, { type, sample: sampleAs(type, variable.sample) });
                  }}
                />
              </td>
              <td>
                <Checkbox
                  size="xs"
                  className={classes.required ?? ''}
                  aria-label={`${variable.name} is required`}
                  checked={variable.required}
                  onChange={(event) => put(index, { required: event.currentTarget.checked })}
                />
              </td>
              <td>
                <SampleField
                  // What is written there goes with its row.
                  key={draft.variables.length}
                  variable={variable}
                  fault={faultAt(faults, `variables[${index}].sample`)}
                  onChange={(sample) => put(index, { sample })}
                />
              </td>
              <td>
                <ActionIcon
                  aria-label={`Remove ${variable.name}`}
                  onClick={() =>
                    onChange((old) => ({
                      ...old,
                      variables: old.variables.filter((_, at) => at !== index),
                    }))
                  }
                >
                  <IconTrash size={14} aria-hidden />
                </ActionIcon>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {faultAt(faults, 'variables') !== null && (
        <p className={classes.fault}>{faultAt(faults, 'variables')}</p>
      )}
      <Button
        mt="sm"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() =>
          onChange((old) => ({
            ...old,
            variables: [
              ...old.variables,
              { name: freeVariable(old.variables), type: 'string', required: false, sample: '' },
            ],
          }))
        }
      >
        Add a variable
      </Button>
    </>
  );
}
