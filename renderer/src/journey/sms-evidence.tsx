import { Link } from '@tanstack/react-router';
import { formatDateTime } from '../format.ts';
import { encodingWords } from '../handsets/handset-words.ts';
import { Copy } from '../message/found-panel.tsx';
import type { StageEvidence } from './stage.ts';
import classes from './stage-evidence.module.css';
import { Facts } from './stage-evidence.tsx';

type Of<Kind extends StageEvidence['kind']> = Extract<StageEvidence, { readonly kind: Kind }>;

/** How the provider counted it, and what its parts are. */
export function SmsRequestEvidence({ details, row }: Pick<Of<'smsRequest'>, 'details' | 'row'>) {
  if (details === null) return null;
  const { partTexts, price, encoding, parts, units } = row ?? { ...details, price: null };
  return (
    <>
      <h4 className={classes.title}>Segments</h4>
      <Facts
        facts={[
          ['Encoding', encodingWords[encoding]],
          ['Parts', `${parts}, ${units} units in all`],
          ...(details.unicode.length === 0
            ? []
            : ([
                [
                  'Unicode because of',
                  details.unicode.map(({ character, at }) => `${character} at ${at + 1}`).join(', '),
                ],
              ] as const)),
          ...(price === null ? [] : ([['Price', `${price.amount} ${price.currency}`]] as const)),
          ...(details.callbackUrl === null ? [] : ([['Reports go to', details.callbackUrl]] as const)),
        ]}
      />
      {partTexts.length > 1 && (
        <ol className={classes.list}>
          {partTexts.map((text, index) => (
            <li key={`${index} ${text}`}>
              <code>{text}</code>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

/** What was called, with what, and what the app said to it. */
export function CallbackEvidence({ call }: Pick<Of<'callback'>, 'call'>) {
  return (
    <>
      <Facts
        facts={[
          ['To', `${call.method ?? 'SMPP'} ${call.url}`],
          ['Tells', call.tells],
          ['Tried', `${call.attempts} times`],
          ...(call.answer === null
            ? []
            : ([
                ['The app said', call.answer.text],
                ['At', formatDateTime(call.answer.at)],
              ] as const)),
          ...(call.nextAttemptAt === null
            ? []
            : ([['Next try', formatDateTime(call.nextAttemptAt)]] as const)),
          ...(call.reason === null ? [] : ([['Reason', call.reason]] as const)),
        ]}
      />
      {call.body !== null && call.body !== '' && (
        <div className={classes.code}>
          <code>{call.body}</code>
          <Copy value={call.body} label="Copy the body" />
        </div>
      )}
      <Link to="/queue/$id" params={{ id: call.id }} className={classes.link}>
        Show every try, with its signature
      </Link>
    </>
  );
}
