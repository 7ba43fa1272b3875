import type { SmsView } from '../../../core/api/sms-schema.ts';
import { Picture } from '../phones/picture.tsx';
import classes from './bubble.module.css';
import { bubblePieces, type Piece } from './bubble-pieces.ts';
import { sizeWords } from './handset-words.ts';

type Shown = Pick<
  SmsView,
  'direction' | 'partTexts' | 'unicode' | 'encoding' | 'parts' | 'media' | 'price' | 'units' | 'unitsLeft'
>;

interface BubbleProps {
  readonly sms: Shown;
  /** What names its pictures; null: nothing here may fetch them. */
  readonly messageId: string | null;
}

/** A message as a phone shows it, with what a phone does not show: where it is cut, and what made it Unicode. */
export function Bubble({ sms, messageId }: BubbleProps) {
  const pieces = bubblePieces(sms.partTexts, sms.unicode);
  return (
    <div className={classes.message} data-direction={sms.direction}>
      <div className={classes.bubble}>
        {sms.media.map(({ url, contentType }) => (
          <div key={url} className={classes.medium}>
            {messageId === null || contentType?.startsWith('image/') === false ? (
              <span className={classes.file}>
                {contentType ?? 'medium'}: {url}
              </span>
            ) : (
              <Picture messageId={messageId} url={url} />
            )}
          </div>
        ))}
        {pieces.length > 0 && (
          <p className={classes.text}>
            {pieces.map((piece) => (
              <OnePiece key={`${piece.kind} ${piece.at}`} piece={piece} parts={sms.parts} />
            ))}
          </p>
        )}
        {pieces.length === 0 && sms.media.length === 0 && <p className={classes.empty}>no text</p>}
      </div>
      <p className={classes.size}>
        <span className={classes.chip} data-encoding={sms.encoding}>
          {sms.media.length > 0 ? 'MMS · ' : ''}
          {sizeWords(sms)}
        </span>
      </p>
    </div>
  );
}

function OnePiece({ piece, parts }: { readonly piece: Piece; readonly parts: number }) {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'odd':
      return (
        <mark
          className={classes.odd}
          data-first={piece.first}
          title={insteadWords(piece.text, piece.instead)}
        >
          {piece.text}
        </mark>
      );
    case 'cut':
      return (
        <span className={classes.cut}>
          <span className={classes.cutLine} aria-hidden />
          <span>
            part {piece.part} of {parts}
          </span>
          <span className={classes.cutLine} aria-hidden />
        </span>
      );
  }
}

const lettersShownMax = 8;

/** What made it Unicode, and what could stand there instead. */
export function WhyUnicode({ sms }: { readonly sms: Pick<SmsView, 'encoding' | 'unicode'> }) {
  if (sms.encoding !== 'UCS-2' || sms.unicode.length === 0) return null;
  const shown = sms.unicode.slice(0, lettersShownMax);
  return (
    <p className={classes.why}>
      Unicode because of{' '}
      {shown.map(({ character, at, instead }, index) => (
        <span key={at}>
          {index > 0 && ', '}
          <mark className={classes.odd} data-first="true">
            {character}
          </mark>{' '}
          at {at + 1}{' '}
          {instead === null ? (
            '(nothing like it in GSM-7)'
          ) : (
            <>
              (<code>{instead}</code> would do)
            </>
          )}
        </span>
      ))}
      {sms.unicode.length > shown.length && ` and ${sms.unicode.length - shown.length} more`}
    </p>
  );
}

const insteadWords = (letter: string, instead: string | null): string =>
  instead === null
    ? `GSM-7 has no ${letter}, and nothing like it`
    : `GSM-7 has no ${letter}; it has ${instead}`;
