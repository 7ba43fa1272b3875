/** One-time codes in a text: short runs of digits or capitals that words around them call a code. Pure. */
export interface FoundCode {
  readonly code: string;
  readonly context: string;
}

const codesMax = 10;
const textCharsMax = 256 * 1024;
const nearChars = 80;
const contextChars = 40;

const keyword =
  /\b(?:code|codes|otp|passcode|pin|token|verification|verify|confirm|confirmation|one[- ]time|2fa|two[- ]factor|security|sign[- ]?in|log[- ]?in|login|authenticat\w*|bestätigungscode|kode|código|codice|mã|код|验证码|認証コード)\b|验证码|認証コード|код/iu;
const candidate =
  /(?<![\w.#/&=@+-])(?:\d{4,8}|\d{3}[ -]\d{3}|(?=[A-Z0-9-]*\d)[A-Z0-9]{4,5}-[A-Z0-9]{4,5}|(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{5,10}|[A-Z]-\d{5,8})(?![\w@]|[.,]\d|-\w)/gu;

export function findCodes(text: string): FoundCode[] {
  const searched = text.slice(0, textCharsMax);
  const found = new Map<string, FoundCode & { readonly score: number }>();
  for (const match of searched.matchAll(candidate)) {
    const code = match[0];
    const before = searched.slice(Math.max(0, match.index - nearChars), match.index);
    const after = searched.slice(match.index + code.length, match.index + code.length + nearChars);
    const score = scoreOf(code, before, after);
    if (score > 0 && (found.get(code)?.score ?? 0) < score) {
      found.set(code, { code, context: contextOf(code, before, after), score });
    }
    if (found.size >= codesMax * 4) break;
  }
  return [...found.values()]
    .sort((a, b) => b.score - a.score)
    .slice(0, codesMax)
    .map(({ code, context }) => ({ code, context }));
}

/** The words around the code, whole where the script parts them by spaces, on one line. */
function contextOf(code: string, before: string, after: string): string {
  const lead = before.slice(-contextChars - 1);
  const rest = after.slice(0, contextChars + 1);
  const whole = {
    lead: lead.length <= contextChars ? lead : lead.replace(/^\S+(?=\s)/, ''),
    rest: rest.length <= contextChars ? rest : rest.replace(/(?<=\s)\S+$/, ''),
  };
  return `${whole.lead}${code}${whole.rest}`.replace(/\s+/g, ' ').trim();
}

function scoreOf(code: string, before: string, after: string): number {
  const near = keyword.test(before) || keyword.test(after);
  if (!near) return 0;
  // Years, prices, telephone numbers and post codes look like codes.
  if (/^(?:19|20)\d\d$/.test(code) && !/\b(?:code|pin|otp)\b[^\n]{0,20}$/i.test(before)) return 0;
  if (/[$€£¥+(]\s*$/.test(before) || /^\s*(?:%|USD|EUR|px|ms|days?|hours?|minutes?)\b/i.test(after)) return 0;
  const alone = /\n[ \t*_>]*$/.test(before) && /^[ \t*_]*(?:\r?\n|$)/.test(after);
  const named = /(?:code|otp|pin|passcode|token)\W{0,12}(?:is\W{0,4})?$/i.test(before);
  return 1 + (alone ? 2 : 0) + (named ? 3 : 0) + (/^\d{6}$/.test(code) ? 1 : 0);
}
