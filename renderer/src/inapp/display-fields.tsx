import { ActionIcon, Button, NativeSelect, NumberInput, Switch, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { usualDisplay } from '../../../core/model/inapp.ts';
import type { InAppMessage } from '../api/inapp.ts';
import { type DisplayDraft, takesSlot } from './display-draft.ts';
import classes from './display-fields.module.css';
import { frequencyWords, kinds, kindWords, pageOperatorWords } from './in-app-words.ts';

type Display = InAppMessage['display'];
type PageRule = Display['pageRules'][number];

interface KindSelectProps {
  readonly kind: Display['kind'] | undefined;
  readonly fault: string | null;
  readonly onChange: (kind: Display['kind']) => void;
}

export function KindSelect({ kind = usualDisplay.kind, fault, onChange }: KindSelectProps) {
  return (
    <NativeSelect
      label="Kind"
      value={kind}
      error={fault}
      data={kinds.map((value) => ({ value, label: kindWords[value] }))}
      onChange={({ currentTarget: { value } }) => onChange(kinds.find((one) => one === value) ?? kind)}
    />
  );
}

interface DisplayFieldsProps {
  readonly display: DisplayDraft;
  /** @param field as in `pageRules[0].argument` */
  readonly faultAt: (field: string) => string | null;
  readonly onChange: (next: DisplayDraft) => void;
}

/** When a message is shown, where, and how often: the same for one that is sent now and for a template. */
export function DisplayFields({ display, faultAt, onChange }: DisplayFieldsProps) {
  const { kind, slot, trigger, maxPerWeek, minIntervalS } = display;
  const change = (next: DisplayDraft) => onChange({ ...display, ...next });
  return (
    <div className={classes.stack}>
      <PageRules
        rules={display.pageRules ?? []}
        faultAt={faultAt}
        onChange={(pageRules) => change({ pageRules: pageRules.length === 0 ? undefined : pageRules })}
      />
      <div className={classes.row}>
        <NativeSelect
          label="How often"
          value={display.frequency ?? usualDisplay.frequency}
          error={faultAt('frequency')}
          data={Object.entries(frequencyWords).map(([value, label]) => ({ value, label }))}
          onChange={({ currentTarget: { value } }) => change({ frequency: frequencyOf(value) })}
        />
        <TextInput
          label="On the event"
          placeholder="any visit"
          value={trigger ?? ''}
          error={faultAt('trigger')}
          onChange={({ currentTarget: { value } }) => change({ trigger: value === '' ? undefined : value })}
        />
        {(takesSlot(kind) || slot !== undefined) && (
          <TextInput
            label="In the slot"
            placeholder="any"
            value={slot ?? ''}
            error={faultAt('slot')}
            onChange={({ currentTarget: { value } }) => change({ slot: value === '' ? undefined : value })}
          />
        )}
      </div>
      <div className={classes.row}>
        <Whole
          label="Times in seven days"
          value={maxPerWeek}
          fault={faultAt('maxPerWeek')}
          onChange={(next) => change({ maxPerWeek: next })}
        />
        <Whole
          label="Seconds since any other"
          value={minIntervalS}
          fault={faultAt('minIntervalS')}
          onChange={(next) => change({ minIntervalS: next })}
        />
      </div>
      <Switch
        label="Once in a session at the most"
        checked={display.oncePerSession ?? usualDisplay.oncePerSession}
        onChange={({ currentTarget: { checked } }) => change({ oncePerSession: checked })}
      />
    </div>
  );
}

interface WholeProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly fault: string | null;
  readonly onChange: (value: number | undefined) => void;
}

const Whole = ({ label, value, fault, onChange }: WholeProps) => (
  <NumberInput
    label={label}
    size="xs"
    placeholder="no limit"
    min={1}
    allowDecimal={false}
    value={value ?? ''}
    error={fault}
    onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
  />
);

interface PageRulesProps extends Pick<DisplayFieldsProps, 'faultAt'> {
  readonly rules: readonly PageRule[];
  readonly onChange: (rules: PageRule[]) => void;
}

function PageRules({ rules, faultAt, onChange }: PageRulesProps) {
  const put = (at: number, part: Partial<PageRule>) =>
    onChange(rules.map((rule, index) => (index === at ? { ...rule, ...part } : rule)));
  return (
    <div>
      <Label more={rules.length === 0 ? 'all' : null}>Pages</Label>
      {rules.map(({ directive, operator, argument }, at) => (
        <div key={at} className={classes.rule}>
          <NativeSelect
            aria-label={`Page rule ${at + 1}: only or not`}
            value={directive}
            data={[
              { value: 'show', label: 'only where' },
              { value: 'hide', label: 'not where' },
            ]}
            onChange={({ currentTarget: { value } }) =>
              put(at, { directive: value === 'hide' ? 'hide' : 'show' })
            }
          />
          <NativeSelect
            aria-label={`Page rule ${at + 1}: how the address is compared`}
            value={operator}
            data={Object.entries(pageOperatorWords).map(([value, label]) => ({
              value,
              label: `the address ${label}`,
            }))}
            onChange={({ currentTarget: { value } }) => put(at, { operator: operatorOf(value) })}
          />
          <TextInput
            className={classes.grow ?? ''}
            aria-label={`Page rule ${at + 1}: address`}
            placeholder={operator === 'matches' ? '/shop/**' : '/cart'}
            value={argument}
            error={faultAt(`pageRules[${at}].argument`)}
            onChange={({ currentTarget: { value } }) => put(at, { argument: value })}
          />
          <ActionIcon
            size={30}
            aria-label={`Remove page rule ${at + 1}`}
            onClick={() => onChange(rules.filter((_, index) => index !== at))}
          >
            <IconTrash size={14} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      {faultAt('pageRules') !== null && <p className={classes.fault}>{faultAt('pageRules')}</p>}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => onChange([...rules, { directive: 'show', operator: 'startsWith', argument: '' }])}
      >
        Add a page rule
      </Button>
    </div>
  );
}

function Label({ children, more }: { readonly children: ReactNode; readonly more: string | null }) {
  return (
    <div className={classes.label}>
      {children}
      {more !== null && <span className={classes.dim}>: {more}</span>}
    </div>
  );
}

const operatorOf = (value: string): PageRule['operator'] =>
  value === 'equals' || value === 'contains' || value === 'matches' ? value : 'startsWith';

const frequencyOf = (value: string): Display['frequency'] =>
  value === 'always' || value === 'untilDismissed' ? value : 'once';
