import { NativeSelect, NumberInput } from '@mantine/core';
import { usualDisplay } from '../../../core/model/inapp.ts';
import { type Fault, faultAt, faultWithin } from '../api/faults.ts';
import type { TemplateDraft } from '../api/templates.ts';
import { plural } from '../format.ts';
import { type DisplayDraft, withKind } from '../inapp/display-draft.ts';
import fieldClasses from '../inapp/display-fields.module.css';
import { DisplayFields, KindSelect } from '../inapp/display-fields.tsx';
import { displayRules, kindWords } from '../inapp/in-app-words.ts';
import { ActionFields } from './action-fields.tsx';
import { type InAppMembers, inAppOf, pathOf, withInApp } from './draft-fields.ts';
import { DraftPart } from './draft-part.tsx';
import { MembersField } from './json-fields.tsx';
import { SlideFields } from './slide-fields.tsx';
import classes from './written-lists.module.css';

interface InAppFieldsProps {
  readonly draft: TemplateDraft;
  readonly locale: string | null;
  readonly faults: readonly Fault[];
  readonly onChange: (next: (draft: TemplateDraft) => TemplateDraft) => void;
}

/** What an in-app message has besides its texts: buttons, how it is shown, slides, what the app itself is told. */
export function InAppFields({ draft, locale, faults, onChange }: InAppFieldsProps) {
  const own = inAppOf(draft, locale);
  const usual = inAppOf(draft, null);
  const put = <N extends keyof InAppMembers>(name: N, value: InAppMembers[N]) =>
    onChange((old) => withInApp(old, locale, name, value));
  const at = (member: string) => faultAt(faults, pathOf(locale, 'inapp', member));
  const part = (name: 'actions' | 'display' | 'slides' | 'data') => ({
    locale,
    own: own[name] !== undefined,
    onUsual: () => put(name, undefined),
  });
  const display = displayOf(own.display);
  const { kind } = own.display ?? usual.display ?? usualDisplay;
  return (
    <>
      <DraftPart
        {...part('actions')}
        title="Buttons"
        usual={usual.actions?.map(({ label }) => label).join(', ') || 'none'}
        fault={at('actions')}
        onOwn={() => put('actions', usual.actions ?? [])}
      >
        <ActionFields
          actions={own.actions ?? []}
          faults={faults}
          path={pathOf(locale, 'inapp', 'actions')}
          onChange={(actions) => put('actions', orUsual(actions, locale))}
        />
      </DraftPart>
      <DraftPart
        {...part('display')}
        title="How it is shown"
        usual={displayWords(usual.display)}
        fault={at('display')}
        onOwn={() => put('display', usual.display ?? {})}
      >
        <div className={classes.inset}>
          <KindSelect
            kind={display.kind}
            fault={at('display.kind')}
            onChange={(next) => put('display', withKind(display, next))}
          />
        </div>
        <DisplayFields
          display={display}
          faultAt={(field) => at(`display.${field}`)}
          onChange={(next) => put('display', next)}
        />
      </DraftPart>
      {(kind === 'carousel' || own.slides !== undefined || usual.slides !== undefined) && (
        <DraftPart
          {...part('slides')}
          title="Slides"
          usual={plural(usual.slides?.length ?? 0, 'slide', 'slides')}
          fault={at('slides')}
          onOwn={() => put('slides', usual.slides ?? [])}
        >
          <SlideFields
            slides={own.slides ?? []}
            faults={faults}
            path={pathOf(locale, 'inapp', 'slides')}
            onChange={(slides) => put('slides', orUsual(slides, locale))}
          />
        </DraftPart>
      )}
      <section className={classes.part} aria-label="In the queue">
        <h2 className={classes.partTitle}>In the queue</h2>
        <div className={fieldClasses.row}>
          <NumberInput
            label="Priority"
            size="xs"
            min={0}
            max={1_000}
            allowDecimal={false}
            placeholder={locale === null ? '500' : String(usual.priority ?? 500)}
            value={own.priority ?? ''}
            error={at('priority')}
            onChange={(value) => put('priority', typeof value === 'number' ? value : undefined)}
          />
          <NativeSelect
            label="After it was shown"
            value={own.saveToInbox === undefined ? '' : own.saveToInbox ? 'stays' : 'gone'}
            error={at('saveToInbox')}
            data={[
              {
                value: '',
                label: locale === null ? 'as is usual for its kind' : 'as in the other languages',
              },
              { value: 'stays', label: 'it stays in the inbox' },
              { value: 'gone', label: 'it is gone' },
            ]}
            onChange={({ currentTarget: { value } }) =>
              put('saveToInbox', value === '' ? undefined : value === 'stays')
            }
          />
        </div>
      </section>
      <DraftPart
        {...part('data')}
        title="Data"
        usual={Object.keys(usual.data ?? {}).join(', ') || 'none'}
        fault={null}
        onOwn={() => put('data', usual.data ?? {})}
      >
        <MembersField
          label="For the app itself (JSON)"
          members={own.data}
          fault={faultWithin(faults, pathOf(locale, 'inapp', 'data'))}
          onChange={(data) => put('data', locale === null ? data : (data ?? {}))}
        />
      </DraftPart>
    </>
  );
}

/** An empty list says in a language that there is nothing; else it need not be said. */
const orUsual = <T,>(list: T[], locale: string | null): T[] | undefined =>
  list.length === 0 && locale === null ? undefined : list;

/** A template may say null, which is as usual. */
const displayOf = ({
  slot,
  trigger,
  maxPerWeek,
  minIntervalS,
  ...rest
}: NonNullable<InAppMembers['display']> = {}): DisplayDraft => ({
  ...rest,
  slot: slot ?? undefined,
  trigger: trigger ?? undefined,
  maxPerWeek: maxPerWeek ?? undefined,
  minIntervalS: minIntervalS ?? undefined,
});

function displayWords(said: InAppMembers['display']): string {
  const { kind = usualDisplay.kind } = said ?? {};
  const rules = displayRules({
    kind,
    slot: said?.slot ?? null,
    pageRules: said?.pageRules ?? [],
    frequency: said?.frequency ?? usualDisplay.frequency,
    maxPerWeek: said?.maxPerWeek ?? null,
    minIntervalS: said?.minIntervalS ?? null,
    trigger: said?.trigger ?? null,
    oncePerSession: said?.oncePerSession ?? false,
  });
  return `${kindWords[kind]}, ${rules.join(', ')}`;
}
