/** A transactional message that also sells: who never asked for offers gets them under the cover of a receipt. */
import { against, type ContentRule, listed } from './rule.ts';

const transactional =
  /\b(?:receipt|invoice|order (?:confirmation|number|#)|your order|password reset|reset your password|verification code|one[- ]time (?:code|password)|security alert|shipping confirmation|has shipped|payment (?:received|confirmation)|booking confirmation)\b/i;
const promotional: readonly RegExp[] = [
  /\b\d{1,2} ?% off\b/i,
  /\b(?:special|limited[- ]time|exclusive) offers?\b/i,
  /\b(?:shop|buy|order) now\b/i,
  /\bsale ends\b/i,
  /\b(?:discount|promo|coupon) code\b/i,
  /\bfree shipping on\b/i,
  /\byou (?:may|might) also like\b/i,
  /\bupgrade (?:today|now)\b/i,
];
const lookedAtChars = 64 * 1024;

export const severalPurposes: ContentRule = ({ subject, text, htmlText }) => {
  const words = `${text ?? ''} ${htmlText}`.slice(0, lookedAtChars).replace(/\s+/g, ' ');
  if (!transactional.test(subject) && !transactional.test(words.slice(0, 600))) return [];
  const found = promotional.flatMap((pattern) => pattern.exec(words)?.[0] ?? []);
  return found.length < 2
    ? []
    : [
        against(
          'several_purposes',
          Math.min(2.5, 0.8 * found.length),
          `A transactional message with offers in it (${listed(found.map((one) => `"${one}"`))}): send them apart.`,
        ),
      ];
};
