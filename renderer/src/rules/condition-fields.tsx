import { ActionIcon, Checkbox, Chip, Group, SegmentedControl, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { statusQuery } from '../api/core.ts';
import { DurationField, InstantField, ListField, NumberField, SizeField } from './fields.tsx';
import { Another, PatternField, PatternList } from './pattern-fields.tsx';
import classes from './rule-editor.module.css';
import {
  type ConditionKey,
  type Conditions,
  channelWords,
  conditionWords,
  listOf,
  momentChoices,
  type ProviderKey,
  providerGroups,
  providerWords,
  weekdays,
  weekdayWords,
} from './rule-words.ts';

interface ConditionFieldsProps {
  readonly of: ConditionKey;
  readonly when: Conditions;
  readonly onChange: (change: Conditions) => void;
}

const countMax = 1_000_000;
const rateMax = 10_000;

/** What a condition asks for, as inputs that fit it. */
export function ConditionFields({ of, when, onChange }: ConditionFieldsProps) {
  const { label } = conditionWords[of];
  switch (of) {
    case 'recipient':
    case 'sender':
    case 'domain':
    case 'tag':
      return (
        <ListField
          label={label}
          placeholder={listPlaceholders[of]}
          value={listOf(when[of])}
          onChange={(next) => onChange({ [of]: [...next] })}
        />
      );
    case 'door':
      return <DoorField value={listOf(when.door)} onChange={(door) => onChange({ door: [...door] })} />;
    case 'provider':
      return <Providers value={listOf(when.provider)} onChange={(provider) => onChange({ provider })} />;
    case 'moment':
      return (
        <Several
          value={listOf(when.moment)}
          choices={momentChoices}
          onChange={(moment) => onChange({ moment })}
        />
      );
    case 'channel':
      return (
        <Several
          value={listOf(when.channel)}
          choices={[
            { value: 'email', label: channelWords.email },
            { value: 'push', label: channelWords.push },
            { value: 'sms', label: channelWords.sms },
            { value: 'inapp', label: channelWords.inapp },
          ]}
          onChange={(channel) => onChange({ channel })}
        />
      );
    case 'subject':
      return (
        <PatternList
          label={label}
          value={listOf(when.subject)}
          onChange={(subject) => onChange({ subject: [...subject] })}
        />
      );
    case 'body':
      return (
        <PatternList
          label={label}
          value={listOf(when.body)}
          onChange={(body) => onChange({ body: [...body] })}
        />
      );
    case 'header':
      return (
        <HeaderList value={listOf(when.header)} onChange={(header) => onChange({ header: [...header] })} />
      );
    case 'attachment':
      return (
        <AttachmentFields
          value={when.attachment ?? 'any'}
          onChange={(attachment) => onChange({ attachment })}
        />
      );
    case 'size':
      return <Sizes value={when.size ?? {}} onChange={(size) => onChange({ size })} />;
    case 'time':
      return <TimeFields value={when.time ?? {}} onChange={(time) => onChange({ time })} />;
    case 'nth':
      return (
        <ListField
          label={label}
          placeholder="3, or 1 2 3"
          value={listOf(when.nth).map(String)}
          onChange={(next) =>
            onChange({ nth: next.map(Number).filter((one) => Number.isInteger(one) && one > 0) })
          }
        />
      );
    case 'everyNth':
      return (
        <Words before="every" after="th time">
          <NumberField
            label={label}
            min={1}
            max={countMax}
            width={80}
            value={when.everyNth}
            onChange={(everyNth) => onChange({ everyNth })}
          />
        </Words>
      );
    case 'rate': {
      const rate = when.rate ?? { moreThan: 10, perMs: 60_000 };
      return (
        <Words before="more than" after="">
          <NumberField
            label="Times"
            min={0}
            max={rateMax}
            width={80}
            value={rate.moreThan}
            onChange={(moreThan) => onChange({ rate: { ...rate, moreThan: moreThan ?? Number.NaN } })}
          />
          <span>times in</span>
          <DurationField
            label="Window"
            width={80}
            value={rate.perMs}
            onChange={(perMs) => onChange({ rate: { ...rate, perMs: perMs ?? Number.NaN } })}
          />
        </Words>
      );
    }
    case 'probability':
      return (
        <Words before="in" after="of the cases">
          <NumberField
            label={label}
            min={0}
            max={100}
            width={80}
            decimals={3}
            suffix=" %"
            value={when.probability === undefined ? undefined : Number((when.probability * 100).toFixed(3))}
            onChange={(percent) => onChange({ probability: (percent ?? Number.NaN) / 100 })}
          />
        </Words>
      );
    case 'atMost':
      return (
        <Words before="" after="times, then no more">
          <NumberField
            label={label}
            min={1}
            max={countMax}
            width={80}
            value={when.atMost}
            onChange={(atMost) => onChange({ atMost })}
          />
        </Words>
      );
  }
}

const listPlaceholders = {
  recipient: 'jane@gmail.com, *@shop.example, +4915*',
  sender: 'hello@shop.example, or shop.example',
  domain: 'gmail.com, *.example.com',
  tag: 'welcome',
} as const;

/** A field within words: “more than [10] times in [1m]”. Its name is for those who do not see the words. */
function Words({
  before,
  after,
  children,
}: {
  readonly before: string;
  readonly after: string;
  readonly children: ReactNode;
}) {
  return (
    <div className={classes.words}>
      {before !== '' && <span>{before}</span>}
      {children}
      {after !== '' && <span>{after}</span>}
    </div>
  );
}

function DoorField({
  value,
  onChange,
}: {
  readonly value: readonly string[];
  readonly onChange: (value: readonly string[]) => void;
}) {
  const ports = useQuery(statusQuery).data?.ports ?? {};
  return (
    <ListField
      label={conditionWords.door.label}
      placeholder="smtp, submission, api"
      suggestions={[...new Set([...Object.keys(ports), 'api', 'queue'])]}
      value={value}
      onChange={onChange}
    />
  );
}

/** Mailbox providers, push services and SMS providers, each kind in a line of its own. */
function Providers({
  value,
  onChange,
}: {
  readonly value: readonly ProviderKey[];
  readonly onChange: (value: ProviderKey[]) => void;
}) {
  return (
    <div className={classes.stack}>
      {providerGroups.map(({ label, keys }) => {
        const own: readonly ProviderKey[] = keys;
        return (
          <fieldset key={label} className={classes.group} aria-label={label}>
            <span className={classes.about}>{label}</span>
            <Several
              value={value.filter((key) => own.includes(key))}
              choices={own.map((key) => ({ value: key, label: providerWords[key] }))}
              onChange={(next) => onChange([...value.filter((key) => !own.includes(key)), ...next])}
            />
          </fieldset>
        );
      })}
    </div>
  );
}

/** Several of a few. */
function Several<T extends string>({
  value,
  choices,
  onChange,
}: {
  readonly value: readonly T[];
  readonly choices: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T[]) => void;
}) {
  return (
    <Chip.Group
      multiple
      value={[...value]}
      onChange={(next) =>
        onChange(choices.filter((choice) => next.includes(choice.value)).map((choice) => choice.value))
      }
    >
      <Group gap={6}>
        {choices.map((choice) => (
          <Chip key={choice.value} size="xs" radius="sm" value={choice.value}>
            {choice.label}
          </Chip>
        ))}
      </Group>
    </Chip.Group>
  );
}

type HeaderAsked = Exclude<Conditions['header'], undefined | readonly unknown[]>;

function HeaderList({
  value,
  onChange,
}: {
  readonly value: readonly HeaderAsked[];
  readonly onChange: (value: readonly HeaderAsked[]) => void;
}) {
  return (
    <div className={classes.stack}>
      {value.map((header, index) => (
        <HeaderFields
          key={index}
          header={header}
          first={index === 0}
          onChange={(next) => onChange(value.with(index, next))}
          {...(value.length > 1 ? { onRemove: () => onChange(value.toSpliced(index, 1)) } : {})}
        />
      ))}
      <Another label="Another header" onClick={() => onChange([...value, { name: '' }])} />
    </div>
  );
}

type HeaderWay = 'there' | 'text' | 'absent';

function HeaderFields({
  header,
  first,
  onChange,
  onRemove,
}: {
  readonly header: HeaderAsked;
  readonly first: boolean;
  readonly onChange: (header: HeaderAsked) => void;
  readonly onRemove?: () => void;
}) {
  const { name, text, absent } = header;
  const way: HeaderWay = absent === true ? 'absent' : text === undefined ? 'there' : 'text';
  const choose = (next: string) => {
    if (next === 'absent') onChange({ name, absent: true });
    else if (next === 'text') onChange({ name, text: text ?? '' });
    else onChange({ name });
  };
  return (
    <div className={classes.line}>
      {!first && <span className={classes.or}>or</span>}
      <TextInput
        w={150}
        aria-label="Name of the header"
        placeholder="List-Unsubscribe"
        value={name}
        onChange={(event) => onChange({ ...header, name: event.currentTarget.value })}
      />
      <SegmentedControl
        size="xs"
        aria-label="What of the header"
        value={way}
        data={[
          { value: 'there', label: 'is there' },
          { value: 'text', label: 'says' },
          { value: 'absent', label: 'is missing' },
        ]}
        onChange={choose}
      />
      {way === 'text' && (
        <PatternField
          label="Text of the header"
          value={text ?? ''}
          onChange={(next) => onChange({ name, text: next })}
        />
      )}
      {onRemove !== undefined && (
        <ActionIcon size={24} aria-label={`Take out the header ${name}`} onClick={onRemove}>
          <IconX size={13} aria-hidden />
        </ActionIcon>
      )}
    </div>
  );
}

type AttachmentAsked = Exclude<Conditions['attachment'], undefined>;

function AttachmentFields({
  value,
  onChange,
}: {
  readonly value: AttachmentAsked;
  readonly onChange: (value: AttachmentAsked) => void;
}) {
  return (
    <div className={classes.stack}>
      <SegmentedControl
        size="xs"
        w="fit-content"
        aria-label="Which attachment"
        value={value === 'any' ? 'any' : 'one'}
        data={[
          { value: 'any', label: 'any' },
          { value: 'one', label: 'one that is …' },
        ]}
        onChange={(next) => onChange(next === 'any' ? 'any' : { name: '*.pdf' })}
      />
      {value !== 'any' && (
        <div className={classes.line}>
          <TextInput
            w={150}
            label="Named"
            placeholder="*.pdf"
            value={value.name ?? ''}
            onChange={(event) => onChange(withText(value, 'name', event.currentTarget.value))}
          />
          <TextInput
            w={150}
            label="Of the type"
            placeholder="application/*"
            value={value.type ?? ''}
            onChange={(event) => onChange(withText(value, 'type', event.currentTarget.value))}
          />
          <Sizes value={value} onChange={(size) => onChange({ ...value, ...size })} />
        </div>
      )}
    </div>
  );
}

function withText(
  value: Exclude<AttachmentAsked, 'any'>,
  name: 'name' | 'type',
  text: string,
): Exclude<AttachmentAsked, 'any'> {
  return { ...value, [name]: text === '' ? undefined : text };
}

function Sizes<T extends { readonly bytesMin?: number | undefined; readonly bytesMax?: number | undefined }>({
  value,
  onChange,
}: {
  readonly value: T;
  readonly onChange: (value: T) => void;
}) {
  return (
    <div className={classes.line}>
      <SizeField
        label="At least"
        width={100}
        emptyMeans="any"
        value={value.bytesMin}
        onChange={(bytesMin) => onChange({ ...value, bytesMin })}
      />
      <SizeField
        label="At most"
        width={100}
        emptyMeans="any"
        value={value.bytesMax}
        onChange={(bytesMax) => onChange({ ...value, bytesMax })}
      />
    </div>
  );
}

type TimeAsked = Exclude<Conditions['time'], undefined>;

function TimeFields({
  value,
  onChange,
}: {
  readonly value: TimeAsked;
  readonly onChange: (value: TimeAsked) => void;
}) {
  const { daily, days = [] } = value;
  const setDaily = (name: 'from' | 'until', text: string) =>
    onChange({ ...value, daily: { from: '09:00', until: '17:00', ...daily, [name]: text } });
  return (
    <div className={classes.stack}>
      <div className={classes.line}>
        <DurationField
          label="For so long"
          description="since the rule began"
          emptyMeans="always"
          value={value.forMs}
          onChange={(forMs) => onChange({ ...value, forMs })}
        />
        <DurationField
          label="After"
          description="since the rule began"
          emptyMeans="at once"
          value={value.afterMs}
          onChange={(afterMs) => onChange({ ...value, afterMs })}
        />
      </div>
      <div className={classes.line}>
        <InstantField label="From" value={value.from} onChange={(from) => onChange({ ...value, from })} />
        <InstantField label="Until" value={value.until} onChange={(until) => onChange({ ...value, until })} />
      </div>
      <div className={classes.line}>
        <Checkbox
          size="xs"
          className={classes.check ?? ''}
          label="Each day (UTC)"
          checked={daily !== undefined}
          onChange={(event) =>
            onChange({
              ...value,
              daily: event.currentTarget.checked ? { from: '09:00', until: '17:00' } : undefined,
            })
          }
        />
        {daily !== undefined && (
          <>
            <TextInput
              type="time"
              aria-label="Each day from"
              value={daily.from}
              onChange={(event) => setDaily('from', event.currentTarget.value)}
            />
            <span>to</span>
            <TextInput
              type="time"
              aria-label="Each day until"
              value={daily.until}
              onChange={(event) => setDaily('until', event.currentTarget.value)}
            />
          </>
        )}
      </div>
      <Several
        value={days}
        choices={weekdays.map((day) => ({ value: day, label: weekdayWords[day] }))}
        onChange={(next) => onChange({ ...value, days: next.length === 0 ? undefined : next })}
      />
    </div>
  );
}
