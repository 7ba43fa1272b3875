import { Autocomplete, NativeSelect, SegmentedControl } from '@mantine/core';
import type { Whose } from './draft.ts';
import { DurationField, NumberField } from './fields.tsx';
import classes from './rule-editor.module.css';
import {
  type Action,
  isSmsProvider,
  providerWords,
  type SmsProviderKey,
  smsProviderKeys,
} from './rule-words.ts';
import { smsReports } from './sms-words.ts';

type Report = Extract<Action, { do: 'report' }>;
type Reports = Extract<Action, { do: 'reports' }>;

/** What an SMS ends with: one of the ends that its provider is known to report, or any other words. */
export function ReportFields({
  action,
  whose,
  fault,
  onChange,
}: {
  readonly action: Report;
  readonly whose: Whose;
  readonly fault: (field: string) => string | null;
  readonly onChange: (action: Report) => void;
}) {
  const providers = isSmsProvider(whose) ? [whose] : smsProviderKeys;
  const known = providers.find((provider) => indexIn(provider, action) >= 0);
  const value = known === undefined ? '' : `${known} ${indexIn(known, action)}`;
  const choose = (next: string) => {
    const [provider = '', at = ''] = next.split(' ');
    const row = isSmsProvider(provider) ? smsReports[provider][Number(at)] : undefined;
    if (row === undefined) return;
    onChange({ ...action, status: row.status, code: row.code ?? undefined });
  };
  return (
    <>
      <NativeSelect
        size="xs"
        w={420}
        label="How it ends"
        value={value}
        data={[
          { value: '', label: 'in other words, below' },
          ...providers.map((provider) => ({
            group: providerWords[provider],
            items: smsReports[provider].map(({ status, code, means }, at) => ({
              value: `${provider} ${at}`,
              label: `${[status, code].filter((one) => one !== null).join(' ')}: ${means}`,
            })),
          })),
        ]}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      <div className={classes.line}>
        <Autocomplete
          size="xs"
          w={220}
          label="Status"
          description="a word of the provider’s"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={once(providers.flatMap((provider) => smsReports[provider].map(({ status }) => status)))}
          maxDropdownHeight={260}
          error={fault('status')}
          value={action.status}
          onChange={(status) => onChange({ ...action, status: status.trim() })}
        />
        <Autocomplete
          size="xs"
          w={130}
          label="Code"
          description="may be left empty"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          data={once(providers.flatMap((provider) => codesOf(provider, action.status)))}
          maxDropdownHeight={260}
          error={fault('code')}
          value={action.code ?? ''}
          onChange={(code) => onChange({ ...action, code: code.trim() === '' ? undefined : code.trim() })}
        />
        <DurationField
          label="How much later"
          description="it is sent until then"
          error={fault('afterMs')}
          value={action.afterMs}
          onChange={(afterMs) => onChange({ ...action, afterMs: afterMs ?? 0 })}
        />
      </div>
    </>
  );
}

function indexIn(provider: SmsProviderKey, { status, code }: Report): number {
  return smsReports[provider].findIndex(
    (row) => row.status.toLowerCase() === status.toLowerCase() && (row.code ?? undefined) === code,
  );
}

function codesOf(provider: SmsProviderKey, status: string): readonly string[] {
  return smsReports[provider].flatMap((row) =>
    row.code !== null && row.status.toLowerCase() === status.toLowerCase() ? [row.code] : [],
  );
}

const once = (texts: readonly string[]): string[] => [...new Set(texts)];

const ways = [
  { value: 'lose', label: 'get lost' },
  { value: 'repeat', label: 'come more than once' },
  { value: 'late', label: 'come late' },
  { value: 'shuffle', label: 'come out of order' },
] as const satisfies readonly { readonly value: Reports['how']; readonly label: string }[];

const timesMax = 10;

/** What becomes of the reports of an SMS that goes its way. */
export function ReportsFields({
  action,
  fault,
  onChange,
}: {
  readonly action: Reports;
  readonly fault: (field: string) => string | null;
  readonly onChange: (action: Reports) => void;
}) {
  return (
    <>
      <SegmentedControl
        size="xs"
        w="fit-content"
        aria-label="What becomes of its delivery reports"
        value={action.how}
        data={[...ways]}
        onChange={(next) => {
          const how = ways.find(({ value }) => value === next)?.value;
          if (how !== undefined) onChange({ ...action, how });
        }}
      />
      {action.how === 'repeat' && (
        <NumberField
          label="Times in all"
          min={2}
          max={timesMax}
          error={fault('times')}
          value={action.times}
          onChange={(times) => onChange({ ...action, times: times ?? Number.NaN })}
        />
      )}
      {action.how === 'late' && (
        <DurationField
          label="How much later"
          description="virtual time"
          error={fault('ms')}
          value={action.ms}
          onChange={(ms) => onChange({ ...action, ms: ms ?? Number.NaN })}
        />
      )}
    </>
  );
}
