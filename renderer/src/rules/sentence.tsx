import type { Piece } from './rule-sentence.ts';
import classes from './sentence.module.css';

/** A rule in words: what it is about stands out, what is said on the wire looks like it. */
export function Sentence({ pieces }: { readonly pieces: readonly Piece[] }) {
  return pieces.map((piece, index) => <One key={index} piece={piece} />);
}

function One({ piece }: { readonly piece: Piece }) {
  switch (piece.as) {
    case 'words':
      return <span>{piece.text}</span>;
    case 'value':
      return <b className={classes.value}>{piece.text}</b>;
    case 'wire':
      return <code className={classes.wire}>{piece.text}</code>;
  }
}
