import { Autocomplete, Checkbox, NativeSelect, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { type FieldFault, faultAt, newAction, type Whose } from './draft.ts';
import { ChoiceField, DurationField, InstantField, NumberField, SizeField } from './fields.tsx';
import { inAppReasons } from './inapp-words.ts';
import { ReplyFields } from './reply-fields.tsx';
import { ReportFields, ReportsFields } from './report-fields.tsx';
import classes from './rule-editor.module.css';
import {
  type Action,
  type ActionKind,
  actionGroups,
  actionWords,
  disconnectPoints,
  farSideKinds,
  isPushProvider,
  isSmsProvider,
  pointWords,
  providerWords,
  pushReasons,
  replyPoints,
  type Stage,
  smsProviderKeys,
} from './rule-words.ts';
import { smsReasons } from './sms-words.ts';

interface ActionFieldsProps {
  readonly action: Action;
  readonly stage: Stage;
  /** Whose words are offered; null: those of all. */
  readonly whose?: Whose;
  readonly faults: readonly FieldFault[];
  readonly onChange: (action: Action) => void;
}

const kinds = Object.keys(actionWords).filter(isKind);

function isKind(text: string): text is ActionKind {
  return text in actionWords;
}

/** What is done: one of all the ways to fail, and its own settings. */
export function ActionFields({ action, stage, whose = null, faults, onChange }: ActionFieldsProps) {
  const { about } = actionWords[action.do];
  return (
    <div className={classes.stack}>
      <div className={classes.line}>
        <NativeSelect
          w={220}
          aria-label="What is done"
          value={action.do}
          data={actionGroups.map((group) => ({
            group,
            items: kinds
              .filter((kind) => actionWords[kind].group === group)
              .filter((kind) => (stage === 'door' ? !farSideKinds.has(kind) : kind !== 'refuseAuth'))
              .map((kind) => ({ value: kind, label: actionWords[kind].label })),
          }))}
          error={faultAt(faults, 'then.do')}
          onChange={(event) => {
            const next = event.currentTarget.value;
            if (isKind(next)) onChange(newAction(next, stage, action, whose));
          }}
        />
        <span className={classes.about}>{about}</span>
      </div>
      <Settings action={action} stage={stage} whose={whose} faults={faults} onChange={onChange} />
    </div>
  );
}

const countMax = 1_000_000;
const retryAfterSMax = 86_400;

/** By provider, each spelling once: a list has no two of the same name. */
function offered(whose: Whose): readonly { readonly group: string; readonly items: string[] }[] {
  const said = new Set<string>();
  return [...pushKeys, ...smsProviderKeys, 'inapp' as const]
    .filter((provider) => whose === null || provider === whose)
    .map((provider) => ({
      group: provider === 'inapp' ? 'In-app' : providerWords[provider],
      items: reasonsOf(provider).filter((reason) => !said.has(reason) && said.add(reason).size > 0),
    }));
}

const pushKeys = ['apns', 'fcm', 'webpush'] as const;

function reasonsOf(provider: Exclude<Whose, null>): readonly string[] {
  if (provider === 'inapp') return inAppReasons.map(({ code }) => code);
  return isPushProvider(provider) ? pushReasons[provider] : smsReasons[provider].map(({ code }) => code);
}

/** What a code says; reasons of push services say it themselves. */
function meansOf(reason: string, whose: Whose): string {
  if (whose === 'inapp') return inAppReasons.find(({ code }) => code === reason)?.means ?? '';
  if (!isSmsProvider(whose) && /^\d{1,3}$/.test(reason)) return '';
  for (const provider of isSmsProvider(whose) ? [whose] : smsProviderKeys) {
    const known = smsReasons[provider].find(({ code }) => code === reason);
    if (known !== undefined) return known.means;
  }
  return '';
}

const copiesMax = 10;

function cutWords(at: (typeof disconnectPoints)[number], inApp: boolean): string {
  if (inApp && at === 'midData') return 'in the middle of the answer';
  if (at === 'endOfData') return inApp ? 'in place of the answer' : 'after the dot, before the 250';
  return pointWords[at];
}

const anyMoment = { value: '', label: 'as soon as it is known' } as const;
const replyMoments = [
  anyMoment,
  ...replyPoints.map((value) => ({ value, label: pointWords[value] })),
] as const;

/** Left out, it is decided as soon as it can be. */
function MomentField({
  value,
  error,
  onChange,
}: {
  readonly value: (typeof replyPoints)[number] | undefined;
  readonly error: string | null;
  readonly onChange: (value: (typeof replyPoints)[number] | undefined) => void;
}) {
  return (
    <ChoiceField
      label="Said"
      value={value ?? ''}
      choices={replyMoments}
      error={error}
      onChange={(next) => onChange(next === '' ? undefined : next)}
    />
  );
}

function Settings({ action, stage, whose = null, faults, onChange }: ActionFieldsProps) {
  const fault = (field: string) => faultAt(faults, `then.${field}`);
  switch (action.do) {
    case 'reject':
      return (
        <>
          <ReplyFields
            reply={action}
            faults={faults}
            onChange={(reply) => onChange({ ...action, ...reply })}
          />
          <div className={classes.line}>
            <MomentField
              value={action.at}
              error={fault('at')}
              onChange={(at) => onChange({ ...action, at })}
            />
            <Checkbox
              size="xs"
              className={classes.check ?? ''}
              label="and close the connection"
              checked={action.close ?? false}
              onChange={(event) =>
                onChange({ ...action, close: event.currentTarget.checked ? true : undefined })
              }
            />
          </div>
        </>
      );
    case 'defer':
      return (
        <>
          <ReplyFields
            reply={action}
            faults={faults}
            onChange={(reply) => onChange({ ...action, ...reply })}
          />
          <div className={classes.line}>
            <NumberField
              label="Times"
              description="of each message"
              min={1}
              max={countMax}
              emptyMeans="every time"
              error={fault('times')}
              value={action.times}
              onChange={(times) => onChange({ ...action, times })}
            />
            <DurationField
              label="For"
              description="since the rule began"
              emptyMeans="always"
              error={fault('forMs')}
              value={action.forMs}
              onChange={(forMs) => onChange({ ...action, forMs })}
            />
            <InstantField
              label="Until"
              error={fault('until')}
              value={action.until}
              onChange={(until) => onChange({ ...action, until })}
            />
            <MomentField
              value={action.at}
              error={fault('at')}
              onChange={(at) => onChange({ ...action, at })}
            />
          </div>
        </>
      );
    case 'hold':
      return (
        <Textarea
          size="xs"
          autosize
          minRows={1}
          label="Reason"
          description="Shown in the queue; may be left empty."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          error={fault('reason')}
          value={action.reason ?? ''}
          onChange={(event) =>
            onChange({
              ...action,
              reason: event.currentTarget.value === '' ? undefined : event.currentTarget.value,
            })
          }
        />
      );
    case 'delay':
      return (
        <div className={classes.line}>
          <DurationField
            label="By"
            error={fault('ms')}
            value={action.ms}
            onChange={(ms) => onChange({ ...action, ms: ms ?? Number.NaN })}
          />
          <DurationField
            label="Up to"
            description="then at random between the two"
            emptyMeans="no more"
            error={fault('msMax')}
            value={action.msMax}
            onChange={(msMax) => onChange({ ...action, msMax })}
          />
          {stage === 'door' && (
            <MomentField
              value={action.at}
              error={fault('at')}
              onChange={(at) => onChange({ ...action, at })}
            />
          )}
        </div>
      );
    case 'slow':
      return (
        <SizeField
          label="A second"
          error={fault('bytesPerSecond')}
          value={action.bytesPerSecond}
          onChange={(bytesPerSecond) => onChange({ ...action, bytesPerSecond: bytesPerSecond ?? Number.NaN })}
        />
      );
    case 'disconnect':
      return (
        <div className={classes.line}>
          <ChoiceField
            label="Cut"
            value={action.at}
            choices={disconnectPoints.map((value) => ({
              value,
              label: cutWords(value, whose === 'inapp'),
            }))}
            width={220}
            error={fault('at')}
            onChange={(at) => onChange({ do: 'disconnect', at })}
          />
          {action.at === 'midData' && whose === 'inapp' && (
            <NumberField
              label="Events before"
              description="of a realtime connection"
              min={0}
              max={countMax}
              emptyMeans="one"
              error={fault('afterEvents')}
              value={action.afterEvents}
              onChange={(afterEvents) => onChange({ ...action, afterEvents })}
            />
          )}
          {action.at === 'midData' && (
            <SizeField
              label="After so much"
              emptyMeans="some of it"
              error={fault('afterBytes')}
              value={action.afterBytes}
              onChange={(afterBytes) => onChange({ ...action, afterBytes })}
            />
          )}
          {action.at === 'endOfData' && stage === 'farSide' && (
            <Checkbox
              size="xs"
              className={classes.check ?? ''}
              label={whose === 'inapp' ? 'it is done all the same' : 'it has taken the message all the same'}
              checked={action.keep ?? false}
              onChange={(event) =>
                onChange({ ...action, keep: event.currentTarget.checked ? true : undefined })
              }
            />
          )}
        </div>
      );
    case 'refuseConnection':
      return (
        <>
          <SegmentedControl
            size="xs"
            w="fit-content"
            aria-label="How the connection is refused"
            value={action.how}
            data={[
              { value: 'reset', label: 'reset: nobody answers' },
              { value: 'reply', label: 'with a reply' },
            ]}
            onChange={(how) => onChange({ ...action, how: how === 'reply' ? 'reply' : 'reset' })}
          />
          {action.how === 'reply' && (
            <ReplyFields
              reply={action}
              codes={[554, 421]}
              faults={faults}
              onChange={({ code, text }) => onChange({ ...action, text, code: code === 421 ? 421 : 554 })}
            />
          )}
        </>
      );
    case 'breakTls':
      return (
        <ChoiceField
          label="How"
          width={260}
          value={action.how}
          choices={[
            { value: 'cut', label: 'the handshake is cut' },
            { value: 'refuse', label: 'STARTTLS is answered with 454' },
            { value: 'notOffered', label: 'STARTTLS is not offered' },
          ]}
          error={fault('how')}
          onChange={(how) => onChange({ ...action, how })}
        />
      );
    case 'refuseAuth':
      return (
        <ReplyFields
          reply={action}
          codes={[535, 454, 534, 432, 421]}
          faults={faults}
          onChange={({ code, enhanced, text }) =>
            onChange({
              ...action,
              enhanced,
              text,
              code: authCodes.find((one) => one === code) ?? 535,
            })
          }
        />
      );
    case 'duplicate':
      return (
        <NumberField
          label="Copies in all"
          min={2}
          max={copiesMax}
          error={fault('copies')}
          value={action.copies}
          onChange={(copies) => onChange({ ...action, copies: copies ?? Number.NaN })}
        />
      );
    case 'bounceLater':
      return (
        <>
          <DurationField
            label="How much later"
            error={fault('afterMs')}
            value={action.afterMs}
            onChange={(afterMs) => onChange({ ...action, afterMs: afterMs ?? Number.NaN })}
          />
          <ReplyFields
            reply={action}
            faults={faults}
            onChange={({ code, text, enhanced }) =>
              onChange({ ...action, code, text, enhanced: enhanced ?? '5.0.0' })
            }
          />
        </>
      );
    case 'complain':
      return (
        <DurationField
          label="How much later"
          error={fault('afterMs')}
          value={action.afterMs}
          onChange={(afterMs) => onChange({ ...action, afterMs: afterMs ?? Number.NaN })}
        />
      );
    case 'place':
      return (
        <SegmentedControl
          size="xs"
          w="fit-content"
          aria-label="Folder"
          value={action.in}
          data={[...places]}
          onChange={(next) => {
            const place = places.find((one) => one === next);
            if (place !== undefined) onChange({ ...action, in: place });
          }}
        />
      );
    case 'autoReply':
      return (
        <>
          <DurationField
            label="How much later"
            error={fault('afterMs')}
            value={action.afterMs}
            onChange={(afterMs) => onChange({ ...action, afterMs: afterMs ?? Number.NaN })}
          />
          <Textarea
            size="xs"
            autosize
            minRows={2}
            maxRows={10}
            label="Answer"
            error={fault('text')}
            value={action.text}
            onChange={(event) => onChange({ ...action, text: event.currentTarget.value })}
          />
        </>
      );
    case 'answer':
      return (
        <>
          <div className={classes.line}>
            <Autocomplete
              size="xs"
              w={260}
              label="Reason"
              description="as the provider spells it; any other is said as it is"
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              data={offered(whose)}
              renderOption={({ option: { value } }) => (
                <span>
                  {value} <span className={classes.about}>{meansOf(value, whose)}</span>
                </span>
              )}
              limit={200}
              maxDropdownHeight={260}
              error={fault('reason')}
              value={action.reason}
              onChange={(reason) => onChange({ ...action, reason: reason.trim() })}
            />
            <NumberField
              label="Status"
              min={400}
              max={599}
              emptyMeans="the reason’s own"
              error={fault('status')}
              value={action.status}
              onChange={(status) => onChange({ ...action, status })}
            />
            <NumberField
              label="Retry-After"
              min={0}
              max={retryAfterSMax}
              suffix=" s"
              emptyMeans="not said"
              error={fault('retryAfterS')}
              value={action.retryAfterS}
              onChange={(retryAfterS) => onChange({ ...action, retryAfterS })}
            />
            <NumberField
              label="Times"
              description="of each message"
              min={1}
              max={countMax}
              emptyMeans="every time"
              error={fault('times')}
              value={action.times}
              onChange={(times) => onChange({ ...action, times })}
            />
          </div>
          <TextInput
            size="xs"
            label="Words"
            description="Where the provider has room for them; left empty, its usual ones."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            error={fault('text')}
            value={action.text ?? ''}
            onChange={(event) =>
              onChange({
                ...action,
                text: event.currentTarget.value === '' ? undefined : event.currentTarget.value,
              })
            }
          />
        </>
      );
    case 'goAway':
      return (
        <div className={classes.line}>
          <TextInput
            size="xs"
            w={200}
            label="Reason"
            error={fault('reason')}
            value={action.reason}
            onChange={(event) => onChange({ ...action, reason: event.currentTarget.value.trim() })}
          />
          <Checkbox
            size="xs"
            className={classes.check ?? ''}
            label="the request is answered first"
            checked={action.answered}
            onChange={(event) => onChange({ ...action, answered: event.currentTarget.checked })}
          />
        </div>
      );
    case 'offline':
      return (
        <DurationField
          label="For"
          description="virtual time; then it is back by itself"
          width={220}
          error={fault('forMs')}
          value={action.forMs}
          onChange={(forMs) => onChange({ ...action, forMs: forMs ?? Number.NaN })}
        />
      );
    case 'uninstall':
      return <UninstallFields action={action} fault={fault} onChange={onChange} />;
    case 'report':
      return <ReportFields action={action} whose={whose} fault={fault} onChange={onChange} />;
    case 'reports':
      return <ReportsFields action={action} fault={fault} onChange={onChange} />;
    case 'expire':
      return (
        <DurationField
          label="After"
          description="virtual time, since it was handed in"
          width={220}
          error={fault('afterMs')}
          value={action.afterMs}
          onChange={(afterMs) => onChange({ ...action, afterMs: afterMs ?? Number.NaN })}
        />
      );
    case 'blackHole':
    case 'corrupt':
    case 'empty':
    case 'stale':
    case 'shuffle':
      return null;
  }
}

type Uninstall = Extract<Action, { do: 'uninstall' }>;

const told = [
  { value: 'atOnce', label: 'at once' },
  { value: 'afterSends', label: 'after so many more sends' },
  { value: 'afterTime', label: 'after a while' },
] as const;

/** When the provider finds out: until then it says yes, and the pushes are lost. */
function UninstallFields({
  action,
  fault,
  onChange,
}: {
  readonly action: Uninstall;
  readonly fault: (field: string) => string | null;
  readonly onChange: (action: Uninstall) => void;
}) {
  const { tellAfterSends, tellAfterMs } = action;
  const when =
    tellAfterSends !== undefined ? 'afterSends' : tellAfterMs !== undefined ? 'afterTime' : 'atOnce';
  return (
    <div className={classes.line}>
      <ChoiceField
        label="The provider says so"
        width={220}
        value={when}
        choices={told}
        onChange={(next) => onChange(uninstallTold[next])}
      />
      {when === 'afterSends' && (
        <NumberField
          label="Sends"
          min={1}
          max={countMax}
          error={fault('tellAfterSends')}
          value={tellAfterSends}
          onChange={(sends) => onChange({ do: 'uninstall', tellAfterSends: sends ?? Number.NaN })}
        />
      )}
      {when === 'afterTime' && (
        <DurationField
          label="How much later"
          error={fault('tellAfterMs')}
          value={tellAfterMs}
          onChange={(ms) => onChange({ do: 'uninstall', tellAfterMs: ms ?? Number.NaN })}
        />
      )}
    </div>
  );
}

const uninstallTold: Readonly<Record<(typeof told)[number]['value'], Uninstall>> = {
  atOnce: { do: 'uninstall' },
  afterSends: { do: 'uninstall', tellAfterSends: 3 },
  afterTime: { do: 'uninstall', tellAfterMs: 86_400_000 },
};

const authCodes = [535, 454, 534, 432, 421] as const;
const places = ['inbox', 'promotions', 'updates', 'spam'] as const satisfies readonly Extract<
  Action,
  { do: 'place' }
>['in'][];
