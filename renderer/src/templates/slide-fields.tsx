import { Button, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type Fault, faultAt } from '../api/faults.ts';
import { ActionFields } from './action-fields.tsx';
import type { InAppMembers } from './draft-fields.ts';
import { replaced } from './lists.ts';
import { RowActions } from './row-actions.tsx';
import classes from './written-lists.module.css';

type Slide = NonNullable<InAppMembers['slides']>[number];

interface SlideFieldsProps {
  readonly slides: readonly Slide[];
  readonly faults: readonly Fault[];
  /** `content.inapp.slides` */
  readonly path: string;
  readonly onChange: (slides: Slide[]) => void;
}

export function SlideFields({ slides, faults, path, onChange }: SlideFieldsProps) {
  return (
    <div>
      {slides.map((slide, at) => {
        const here = `${path}[${at}]`;
        const put = (part: Partial<Slide>) => onChange(replaced(slides, at, { ...slide, ...part }));
        const said = (value: string) => (value === '' ? undefined : value);
        return (
          <fieldset key={at} className={classes.one} aria-label={`Slide ${at + 1}`}>
            <div className={classes.oneHead}>
              <span>Slide {at + 1}</span>
              <RowActions list={slides} at={at} name={`slide ${at + 1}`} onChange={onChange} />
            </div>
            <TextInput
              label="Title"
              value={slide.title ?? ''}
              error={faultAt(faults, `${here}.title`)}
              onChange={({ currentTarget: { value } }) => put({ title: said(value) })}
            />
            <Textarea
              size="xs"
              label="Body"
              autosize
              minRows={2}
              maxRows={8}
              value={slide.body ?? ''}
              error={faultAt(faults, `${here}.body`)}
              onChange={({ currentTarget: { value } }) => put({ body: said(value) })}
            />
            <TextInput
              label="Picture (address)"
              value={slide.image ?? ''}
              error={faultAt(faults, `${here}.image`)}
              onChange={({ currentTarget: { value } }) => put({ image: said(value) })}
            />
            <ActionFields
              actions={slide.actions ?? []}
              of={`slide ${at + 1}, `}
              faults={faults}
              path={`${here}.actions`}
              onChange={(actions) => put({ actions: actions.length === 0 ? undefined : actions })}
            />
          </fieldset>
        );
      })}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => onChange([...slides, {}])}
      >
        Add a slide
      </Button>
    </div>
  );
}
