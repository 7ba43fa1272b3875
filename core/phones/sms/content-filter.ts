/**
 * What carriers filter out, as far as a list can say it: the classes that they name as forbidden, shorteners that anybody may
 * use, and what looks like phishing. Real filters learn and do not tell; this one says why.
 * Source: CTIA, Messaging Principles and Best Practices (2023) §5; Twilio, "Forbidden message categories in the US and Canada"
 * (https://www.twilio.com/docs/messaging/guides/forbidden-message-categories) and error 30007.
 */

/** Public shorteners: their names are shared with whoever sent spam before (CTIA §5.3.2). */
const shorteners =
  /(?:^|[^\w.-])(?:bit\.ly|tinyurl\.com|goo\.gl|ow\.ly|is\.gd|buff\.ly|t\.co|cutt\.ly|rb\.gy|shorturl\.at|rebrand\.ly|tiny\.cc)(?=[/\s?]|$)/i;

/** With `beside`, only where that follows. */
const classes: readonly { readonly pattern: RegExp; readonly beside?: RegExp; readonly why: string }[] = [
  {
    pattern: /\b(?:cannabis|marijuana|cbd (?:oil|gummies)|weed delivery|thc)\b/i,
    why: 'cannabis and other controlled substances (SHAFT content)',
  },
  {
    pattern: /\b(?:online casino|free spins|sports ?betting|bet now|jackpot)\b/i,
    why: 'gambling (SHAFT content)',
  },
  {
    pattern:
      /\b(?:payday loan|loan approved|debt relief|no credit check|work from home and earn|get rich quick|act now)\b/i,
    why: 'high-risk offers: loans, debt relief, get rich quick, “act now”',
  },
  {
    pattern:
      /\b(?:you(?:'|’)?ve won|you have won|claim your (?:prize|reward)|gift card winner|account (?:has been |is |was )?(?:suspended|locked|limited))\b/i,
    beside: /https?:/i,
    why: 'words of phishing beside a link',
  },
];

const link = /https?:\/\/|www\./i;
const shoutingLettersMin = 20;
const shoutingShare = 0.8;

/** @returns why it is filtered, in words, or null */
export function filteredBecause(text: string, words: readonly string[]): string | null {
  const found = text.match(shorteners);
  if (found !== null) return `a link of a public shortener (${found[0].replace(/^[^\w]+/, '').trim()})`;
  for (const { pattern, beside, why } of classes) {
    const at = text.search(pattern);
    if (at >= 0 && (beside === undefined || beside.test(text.slice(at)))) return why;
  }
  if (link.test(text) && isShouting(text)) return 'capital letters throughout beside a link';
  const lower = words.length === 0 ? '' : text.toLowerCase();
  const own = words.find((word) => lower.includes(word.toLowerCase()));
  return own === undefined ? null : `“${own}”, which the settings filter`;
}

function isShouting(text: string): boolean {
  const letters = text.replace(/https?:\/\/\S+/g, '').match(/\p{L}/gu)?.length ?? 0;
  if (letters < shoutingLettersMin) return false;
  return (text.match(/\p{Lu}/gu)?.length ?? 0) / letters >= shoutingShare;
}
