/** Phrases that phishing and scams live on. */
import { against, type ContentRule, listed } from './rule.ts';

/** One row a phrase: what is looked for, and how much it says by itself. */
const phrases: readonly (readonly [pattern: RegExp, points: number])[] = [
  [/\bverify your (?:account|identity|password|billing)\b/i, 1.2],
  [
    /\b(?:account|access|mailbox) (?:has been|will be|is) (?:suspended|limited|locked|deactivated|closed)\b/i,
    1.8,
  ],
  [/\bunusual (?:sign[- ]?in|login|activity)\b/i, 0.8],
  [/\bconfirm your (?:password|bank|card|payment|social security)\b/i, 1.6],
  [/\bclick (?:here|below|the link) (?:immediately|now|urgently|to avoid)\b/i, 1.5],
  [/\bact now\b/i, 0.8],
  [/\bwithin (?:24|48) hours\b.{0,60}\b(?:suspend|close|lock|terminat|delet)/i, 1.6],
  [/\byou(?:'ve| have) (?:won|been selected|been chosen)\b/i, 1.8],
  [/\bclaim your (?:prize|reward|refund|gift)\b/i, 1.8],
  [/\b(?:wire|bank) transfer\b.{0,80}\b(?:urgent|confidential|million)\b/i, 1.8],
  [/\bmillion (?:dollars|usd|euros?|pounds)\b/i, 1.5],
  [/\b(?:next of kin|inheritance fund|foreign partner)\b/i, 1.8],
  [/\b(?:risk[- ]free|100% free|no obligation|guaranteed winner)\b/i, 1],
  [/\b(?:viagra|cialis|online pharmacy|cheap meds)\b/i, 2.5],
  [/\b(?:bitcoin|crypto(?:currency)?)\b.{0,60}\b(?:double|guaranteed|profit|giveaway)\b/i, 2],
  [/\bdear (?:customer|user|account holder|friend|beneficiary)\b/i, 0.6],
];
const lookedAtChars = 64 * 1024;
const pointsMax = 6;

export const phishingPhrases: ContentRule = ({ subject, text, htmlText }) => {
  const words = `${subject}\n${text ?? ''}\n${htmlText}`.slice(0, lookedAtChars).replace(/\s+/g, ' ');
  const hits = phrases.flatMap(([pattern, points]) => {
    const found = pattern.exec(words)?.[0];
    return found === undefined ? [] : [{ found: `"${found.slice(0, 60)}"`, points }];
  });
  const sum = hits.reduce((total, { points }) => total + points, 0);
  return hits.length === 0
    ? []
    : [
        against(
          'phishing_phrase',
          Math.min(pointsMax, Math.round(sum * 10) / 10),
          `Phrases of phishing and scams: ${listed(hits.map(({ found }) => found))}.`,
        ),
      ];
};
