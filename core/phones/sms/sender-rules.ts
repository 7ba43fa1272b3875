/**
 * Which kind of sender works in which country, and which has to be registered there first: one row a country, those without a
 * row take any sender. A part of the world as it was in 2026; it is there to be met in tests, not to be relied on.
 * Source: https://help.twilio.com/articles/223133767 (alphanumeric senders by country), https://www.twilio.com/docs/messaging/guidelines,
 * https://developers.telnyx.com/docs/messaging/messages/alphanumeric-sender-id (United States, Canada, Puerto Rico).
 */

export const senderKinds = ['alphanumeric', 'shortCode', 'number'] as const;
export type SenderKind = (typeof senderKinds)[number];

/** Of an alphanumeric sender. `no`: never delivered as it is. `registered`: only after somebody looked at it. */
export interface CountryRule {
  readonly alphanumeric: 'yes' | 'registered' | 'no';
  /** Numbers have to be registered too; in words by whom, else null. */
  readonly numbers: string | null;
}

const no: CountryRule = { alphanumeric: 'no', numbers: null };
const registered: CountryRule = { alphanumeric: 'registered', numbers: null };
export const anySender: CountryRule = { alphanumeric: 'yes', numbers: null };

export const countryRules: Readonly<Record<string, CountryRule>> = {
  // Long codes need a brand and a campaign at The Campaign Registry (10DLC), toll-free numbers a verification.
  US: { alphanumeric: 'no', numbers: 'a campaign for its numbers (A2P 10DLC, or toll-free verification)' },
  CA: no,
  PR: no,
  AR: no,
  BE: no,
  BR: no,
  CL: no,
  CO: no,
  CR: no,
  EC: no,
  HU: no,
  MX: no,
  MY: no,
  NZ: no,
  PA: no,
  PE: no,
  PY: no,
  UY: no,
  VE: no,
  ZA: no,
  KR: no,
  TW: no,
  // Signatures and templates are approved beforehand.
  CN: { alphanumeric: 'no', numbers: 'approved templates and a signature' },
  // Headers, and the texts too, at a DLT platform (TRAI, TCCCPR 2018).
  IN: { alphanumeric: 'registered', numbers: 'headers and templates at a DLT platform (TRAI)' },
  // The Singapore SMS Sender ID Registry; one that is not there arrives as "Likely-SCAM".
  SG: registered,
  // The Australian SMS Sender ID Register.
  AU: registered,
  AE: registered,
  BD: registered,
  BY: registered,
  EG: registered,
  ID: registered,
  JO: registered,
  KE: registered,
  KW: registered,
  LK: registered,
  NG: registered,
  OM: registered,
  PH: registered,
  QA: registered,
  RU: registered,
  SA: registered,
  TH: registered,
  TR: registered,
  VN: registered,
};

/** Digits of a short code: CTIA, Short Code Monitoring Handbook (5 or 6 in the United States; 3 to 8 elsewhere). */
const shortCodeDigitsMax = 8;

export function senderKindOf(sender: string): SenderKind {
  // Of none it is the service that chooses one.
  if (sender === '' || /^\+\d+$/.test(sender)) return 'number';
  if (/^\d+$/.test(sender)) return sender.length <= shortCodeDigitsMax ? 'shortCode' : 'number';
  // An address of another channel (whatsapp:+1…) or a SIP address is as good as a number here.
  return /^[a-z]+:/.test(sender) ? 'number' : 'alphanumeric';
}

/** Numbers are the same with and without the plus sign. */
export function senderName(sender: string): string {
  return senderKindOf(sender) === 'number' && /^\d+$/.test(sender) ? `+${sender}` : sender;
}

export type RuleVerdict =
  | { readonly kind: 'fine' }
  /** Fine once it is registered in that country. */
  | { readonly kind: 'register'; readonly why: string }
  | { readonly kind: 'never'; readonly why: string };

/** @param country null: a number of nobody's; of the North American plan it counts as American */
export function verdictOf(kind: SenderKind, country: string | null, callingCode: string): RuleVerdict {
  const where = country ?? (callingCode === '1' ? 'US' : null);
  const rule = (where === null ? undefined : countryRules[where]) ?? anySender;
  if (kind === 'alphanumeric') {
    if (rule.alphanumeric === 'no')
      return {
        kind: 'never',
        why: `alphanumeric senders do not work in ${where ?? 'that country'}: send from a number`,
      };
    if (rule.alphanumeric === 'registered')
      return { kind: 'register', why: `${where ?? 'that country'} wants alphanumeric senders registered` };
    return { kind: 'fine' };
  }
  return rule.numbers === null
    ? { kind: 'fine' }
    : { kind: 'register', why: `${where ?? 'that country'} wants ${rule.numbers}` };
}
