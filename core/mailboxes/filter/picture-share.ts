/** Much picture and little text: what the words are cannot be read, so it is taken for hidden. */
import { against, type ContentRule } from './rule.ts';

const fewWords = 20;
const wordsForEachPicture = 15;

export const pictureShare: ContentRule = ({ hasHtml, htmlText, pictures }) => {
  const shown = pictures.filter((picture) => !picture.pixel).length;
  if (!hasHtml || shown === 0) return [];
  const words = htmlText === '' ? 0 : htmlText.split(' ').length;
  if (words < fewWords)
    return [
      against(
        'image_only',
        3,
        `The message is ${shown} pictures with ${words} words: text in pictures cannot be read.`,
      ),
    ];
  return words < shown * wordsForEachPicture
    ? [against('image_heavy', 1.2, `There are ${shown} pictures to ${words} words; more text would help.`)]
    : [];
};
