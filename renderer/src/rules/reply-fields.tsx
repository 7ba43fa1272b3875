import { Textarea, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { type FieldFault, faultAt } from './draft.ts';
import { ChoiceField, NumberField } from './fields.tsx';
import { replyLines } from './reply-preview.ts';
import classes from './rule-editor.module.css';
import { placeholders } from './rule-words.ts';

interface Reply {
  readonly code: number;
  readonly enhanced?: string | undefined;
  readonly text: string;
}

interface ReplyFieldsProps {
  readonly reply: Reply;
  /** The only ones that there may be. */
  readonly codes?: readonly number[];
  readonly faults: readonly FieldFault[];
  readonly onChange: (reply: Reply) => void;
}

const codeMin = 400;
const codeMax = 599;

/** What is said on the wire: its code, enhanced code and words, and how it will look. */
export function ReplyFields({ reply, codes, faults, onChange }: ReplyFieldsProps) {
  const { code, enhanced, text } = reply;
  const mayBeEnhanced = codes === undefined || codes.includes(535);
  return (
    <>
      <div className={classes.line}>
        {codes === undefined ? (
          <NumberField
            label="Code"
            width={72}
            min={codeMin}
            max={codeMax}
            error={faultAt(faults, 'then.code')}
            value={code}
            onChange={(next) => onChange({ code: next ?? Number.NaN, enhanced, text })}
          />
        ) : (
          <ChoiceField
            label="Code"
            width={80}
            value={String(code)}
            choices={codes.map((one) => ({ value: String(one), label: String(one) }))}
            error={faultAt(faults, 'then.code')}
            onChange={(next) => onChange({ code: Number(next), enhanced, text })}
          />
        )}
        {mayBeEnhanced && (
          <TextInput
            w={96}
            label="Enhanced"
            placeholder="none"
            error={faultAt(faults, 'then.enhanced')}
            value={enhanced ?? ''}
            onChange={(event) =>
              onChange({
                code,
                text,
                enhanced: event.currentTarget.value === '' ? undefined : event.currentTarget.value,
              })
            }
          />
        )}
        <Textarea
          size="xs"
          flex={1}
          miw={220}
          autosize
          minRows={1}
          maxRows={8}
          label="Text"
          error={faultAt(faults, 'then.text')}
          value={text}
          onChange={(event) => onChange({ code, enhanced, text: event.currentTarget.value })}
        />
      </div>
      <div className={classes.placeholders}>
        <span className={classes.about}>Put in:</span>
        {placeholders.map(({ name, about }) => (
          <Tooltip key={name} label={about}>
            <UnstyledButton
              className={classes.placeholder}
              aria-label={`Put in {${name}}: ${about}`}
              onClick={() => onChange({ code, enhanced, text: `${text}${spaceAfter(text)}{${name}}` })}
            >
              {`{${name}}`}
            </UnstyledButton>
          </Tooltip>
        ))}
      </div>
      <figure className={classes.wire}>
        <figcaption className={classes.about}>On the wire:</figcaption>
        <pre className={classes.preview}>{replyLines(reply).join('\n')}</pre>
      </figure>
    </>
  );
}

const spaceAfter = (text: string): string => (text === '' || /\s$/.test(text) ? '' : ' ');
