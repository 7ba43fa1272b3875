/** Capitals and exclamation marks. */
import { against, type ContentRule, rounded } from './rule.ts';

const subjectLettersMin = 8;
const textLettersMin = 60;

export const shouting: ContentRule = ({ subject, text, htmlText }) => {
  const body = text ?? htmlText;
  const inSubject = capitals(subject, subjectLettersMin);
  const inBody = capitals(body, textLettersMin);
  const marks = (subject.match(/!/g) ?? []).length;
  const runs = (body.match(/!{2,}/g) ?? []).length;
  return [
    inSubject > 0.7
      ? against('subject_capitals', 1.8, `The subject is written in capitals (${percent(inSubject)}).`)
      : null,
    inBody > 0.4
      ? against(
          'body_capitals',
          rounded(inBody * 2.5),
          `${percent(inBody)} of the text is written in capitals.`,
        )
      : null,
    marks > 1
      ? against(
          'subject_exclamation',
          rounded(Math.min(2, marks * 0.4)),
          `The subject has ${marks} exclamation marks.`,
        )
      : null,
    runs > 1
      ? against(
          'body_exclamation',
          rounded(Math.min(1.5, runs * 0.4)),
          `The text has ${runs} runs of exclamation marks.`,
        )
      : null,
  ].filter((reason) => reason !== null);
};

/** Share of capitals among the letters; 0 where there are too few to tell. */
function capitals(text: string, lettersMin: number): number {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters < lettersMin) return 0;
  return (text.match(/\p{Lu}/gu)?.length ?? 0) / letters;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
