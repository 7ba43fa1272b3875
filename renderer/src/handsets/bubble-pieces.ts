/** The text of an SMS cut for a bubble: where a part ends, and the letters that made it Unicode. Pure. */

export type Piece =
  | { readonly kind: 'text'; readonly at: number; readonly text: string }
  /** A letter that GSM 03.38 lacks. */
  | {
      readonly kind: 'odd';
      readonly at: number;
      readonly text: string;
      readonly instead: string | null;
      /** It is the one that the list below points at. */
      readonly first: boolean;
    }
  /** The part of that number begins here. */
  | { readonly kind: 'cut'; readonly at: number; readonly part: number };

export interface OddLetter {
  readonly character: string;
  readonly at: number;
  readonly instead: string | null;
}

/** More letters than these are not marked one by one: a text in Chinese has nothing else. */
const marksMax = 60;

export function bubblePieces(partTexts: readonly string[], unicode: readonly OddLetter[]): readonly Piece[] {
  const marked = unicode.length <= marksMax ? unicode : [];
  const pieces: Piece[] = [];
  let at = 0;
  partTexts.forEach((text, index) => {
    if (index > 0) pieces.push({ kind: 'cut', at, part: index + 1 });
    pieces.push(...marksIn(text, at, marked));
    at += text.length;
  });
  return pieces;
}

function marksIn(text: string, from: number, odd: readonly OddLetter[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let plainFrom = 0;
  let index = 0;
  while (index < text.length) {
    const letter = odd.find(({ character }) => text.startsWith(character, index));
    if (letter === undefined) {
      index += 1;
      continue;
    }
    if (index > plainFrom)
      pieces.push({ kind: 'text', at: from + plainFrom, text: text.slice(plainFrom, index) });
    pieces.push({
      kind: 'odd',
      at: from + index,
      text: letter.character,
      instead: letter.instead,
      first: from + index === letter.at,
    });
    index += letter.character.length;
    plainFrom = index;
  }
  if (plainFrom < text.length)
    pieces.push({ kind: 'text', at: from + plainFrom, text: text.slice(plainFrom) });
  return pieces;
}
