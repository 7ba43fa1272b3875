/**
 * What a far side's refusal means: who is at fault, whether it is for good, and what it does to the address (design §6).
 * One row a rule, the first that fits counts: what a provider says in words before the enhanced code, that before the
 * code, for providers put a generic code on a plain text. Pure.
 */
import type { OutcomeClass } from '../model/delivery.ts';

/** `now`: the address is surely dead; `after_n`: after a run of such; `never`: it is no fault of the address. */
export type Suppress = 'now' | 'after_n' | 'never';

/** Where in the conversation it was said. */
export type Stage =
  | 'route'
  | 'connect'
  | 'greeting'
  | 'ehlo'
  | 'tls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'final';

export interface Refusal {
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly text: string;
  readonly stage: Stage | null;
}

export interface Classification {
  readonly class: OutcomeClass;
  readonly permanent: boolean;
  readonly suppress: Suppress;
  /** Key of the row that decided. */
  readonly rule: string;
  /** What the text asked for, believed; null when it names no time or the refusal is for good. */
  readonly retryAfterMs: number | null;
}

/** Of a refusal's text no more is looked at. */
const textCharsMax = 4_000;

export function classify(refusal: Refusal): Classification {
  const text = refusal.text.slice(0, textCharsMax).replace(/[\s\u00a0]+/g, ' ');
  const enhanced = refusal.enhanced ?? enhancedIn(text);
  const permanent = isPermanent(refusal.code, enhanced);
  const row =
    rows.find((one) => rowFits(one, { ...refusal, enhanced, text })) ??
    (permanent ? unknownPermanent : unknownTemporary);
  return {
    class: row.class,
    permanent,
    suppress: suppressionBy(row, enhanced),
    rule: row.rule,
    retryAfterMs: permanent ? null : retryAfterMs(text),
  };
}

/**
 * Words alone suppress at once only where the code does not speak of something else: of policy, content or the protocol.
 * Such a text is about the address most of the time, and a list is soon lost to the rest.
 */
function suppressionBy(row: Row, enhanced: string | null): Suppress {
  if (row.suppress !== 'now' || row.enhanced !== undefined || enhanced === null) return row.suppress;
  return /^[25]\.[012]\./.test(enhanced) ? 'now' : 'after_n';
}

/** The reply code decides; without one the enhanced code does, and what has neither is for now. */
function isPermanent(code: number | null, enhanced: string | null): boolean {
  if (code !== null) return code >= 500 && code < 600;
  return enhanced?.startsWith('5.') === true;
}

export function enhancedIn(text: string): string | null {
  return /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(text)?.[1] ?? null;
}

interface Row {
  readonly rule: string;
  readonly code?: readonly number[];
  /** Without its first digit: class 4 and class 5 of it mean the same fault. */
  readonly enhanced?: readonly string[];
  /** All codes of that subject (RFC 3463 §2), also those that no table has: `7.` for security and policy. */
  readonly subject?: string;
  readonly text?: RegExp;
  readonly stage?: readonly Stage[];
  readonly only?: 'permanent' | 'temporary';
  readonly class: OutcomeClass;
  readonly suppress: Suppress;
  readonly source: string;
}

function rowFits(row: Row, refusal: Refusal): boolean {
  const permanent = isPermanent(refusal.code, refusal.enhanced);
  if (row.only !== undefined && (row.only === 'permanent') !== permanent) return false;
  if (row.code !== undefined && (refusal.code === null || !row.code.includes(refusal.code))) return false;
  if (row.enhanced !== undefined && !row.enhanced.includes(refusal.enhanced?.slice(2) ?? '')) return false;
  if (row.subject !== undefined && refusal.enhanced?.startsWith(row.subject, 2) !== true) return false;
  if (row.stage !== undefined && (refusal.stage === null || !row.stage.includes(refusal.stage))) return false;
  return row.text === undefined || row.text.test(refusal.text);
}

const gmail = 'Google Workspace Admin Help, SMTP error reference (answer 3726730) and sender guidelines';
const outlook = 'Outlook.com Postmaster, Troubleshooting; Microsoft Learn, NDR codes in Exchange Online';
const yahoo = 'Yahoo Sender Hub, SMTP error codes';
const mimecast = 'Mimecast SMTP error codes';
const registry = 'IANA SMTP Enhanced Status Codes';
const inUse = 'texts of servers in use (Postfix, Exim, qmail, Exchange)';

/** Words that would be about a dead address, were they not said of the sender, his host or his greeting. */
const gone =
  "(?:unknown|not found|not known|cannot (?:be found|find)|does ?n[o']t exist|not exist|invalid|inactive|disabled|suspended|deactivated|expired|closed|locked)";
const sendersFault = new RegExp(
  [
    String.raw`\b(?:sender(?:'s)?|sending|envelope from|return[- ]path|from header|e?helo|client|relay)\b[ :-]{0,3}(?:(?:host|e-?mail|user|verify)[ :-]{0,2})?(?:address|domain|account|host ?name|host|mailbox|name|IP)\b.{0,60}\b${gone}`,
    String.raw`(?:^|[\d\s])from address\b.{0,40}\b${gone}`,
    String.raw`\byour (?:(?:e-?mail|user|mail|sending|own) )?(?:account|IP(?: address)?|domain|host ?name|host|server)\b.{0,60}\b${gone}`,
    String.raw`\bIP address [\da-f.:[\]]+ .{0,40}\b${gone}`,
    String.raw`\bmail from this (?:address|domain)\b`,
    String.raw`\binvalid (?:e?helo|host|sender|client)\b`,
  ].join('|'),
  'i',
);

export const rows: readonly Row[] = [
  // What is said in words, where the code alone would mislead.
  {
    rule: 'receiving_too_quickly',
    text: /receiving mail (?:at a rate|too quickly)|mailbox is receiving too many messages/i,
    class: 'rate_limited',
    suppress: 'never',
    source: gmail,
  },
  {
    rule: 'greylisted',
    text: /gr[ae]y-?list|gr[ae]y list|\[GL01\]|internal resources are temporarily unavailable/i,
    only: 'temporary',
    class: 'policy',
    suppress: 'never',
    source: `RFC 6647 §2; Postgrey, milter-greylist, rspamd; ${yahoo} (GL01); ${mimecast} (451)`,
  },
  {
    rule: 'unauthenticated',
    text: /unauthenticated|authentication level|unmet authentication|not (?:pass|meet).{0,60}authenticat|authentication (?:checks?|requirements?).{0,40}(?:fail|not met)|sender authentication|(?:SPF|DKIM|DMARC)\b.{0,120}\b(?:fail|reject|not pass|did not|didn't|does not|unaligned|not aligned|check|policy|required|none)|(?:fail(?:ed|s|ure)?|rejected|violat\w+).{0,80}\b(?:SPF|DKIM|DMARC)\b/i,
    class: 'authentication_failed',
    suppress: 'never',
    source: `${gmail} (5.7.26); ${outlook} (5.7.509, 5.7.515); ${yahoo} (5.7.9 AU…)`,
  },
  {
    rule: 'reputation_spent',
    // Before the rate: both speak of a limit for now, which no retry lifts.
    text: /very low reputation|will be permanently deferred/i,
    class: 'reputation',
    suppress: 'never',
    source: `${gmail} (4.7.0, 5.7.1); ${yahoo} (TS03, TSS09, TSS11)`,
  },
  {
    rule: 'tls_wanted',
    // Before the rate: Gmail puts bulk mail in the clear off in words about a rate.
    text: /must issue a STARTTLS|TLS required|over a TLS connection|requires? (?:encryption|TLS)\b/i,
    class: 'config',
    suppress: 'never',
    source: `RFC 3207 §4 (530); ${gmail} (4.7.0, 4.7.29); ${mimecast} (553)`,
  },
  {
    rule: 'rate_of_mail',
    text: /unusual rate of|unusual sending|excessive volume|too much mail from|server busy\. please try again later from|thread limit exceeded|max message per connection|maximum number of (?:concurrent )?(?:server )?connections|rate[- ]limit|too many (?:messages|connections|emails|mails|concurrent|sessions)|(?:exceeded|over) (?:the |its |your )?(?:\w+ ){0,3}(?:rate|quota of (?:messages|connections)|sending limit)|temporarily deferred|\bTSS?0\d\b|\bRP-00\d|throttl|sending too fast|try again later.{0,40}\bvolume|message rate|hourly limit|daily limit/i,
    class: 'rate_limited',
    suppress: 'never',
    source: `${gmail} (4.7.28); ${yahoo} (TSS04); ${outlook} (RP-001…, 4.7.500, 4.7.652, 4.3.2); ${inUse}`,
  },
  {
    rule: 'relay_denied',
    text: /relay(?:ing)? (?:access )?(?:denied|not (?:permitted|allowed)|prohibited)|unable to relay|not permitted to relay|we do not relay/i,
    class: 'config',
    suppress: 'never',
    source: inUse,
  },
  {
    rule: 'listed',
    text: /spamhaus|spamcop|barracudacentral|sorbs|\b[DR](?:NS)?BL\b|block ?list|black ?list|blocked using|listed (?:at|by|in|on)\b|(?:poor|bad|low|very low|weak) reputation|reputation of|reputation (?:is|too)|\bbanned sending IP|part of their network is on our block|\bS314\d\b|\bS3150\b|\b(?:OU|SC|DY)-00\d\b|\[BL\d\d\]|\bIP(?: address)?\b.{0,60}\b(?:blocked|banned|denied)|\bIP reputation\b|blocked - see https?:\/\/\S*proofpoint/i,
    class: 'reputation',
    suppress: 'never',
    source: `${outlook} (S3140, 5.7.606…); ${yahoo} (BL21…); ${mimecast} (550); Proofpoint, IP Blocked FAQ; ${inUse}`,
  },
  {
    rule: 'reverse_dns',
    text: /reverse (?:DNS|hostname|lookup)|\bPTR\b|\brDNS\b|reverse mapping/i,
    class: 'config',
    suppress: 'never',
    source: 'RFC 7372 §3.3 (5.7.25); Gmail 4.7.23, 5.7.25',
  },
  {
    rule: 'spam',
    text: /likely (?:unsolicited|suspicious)|unsolicited (?:mail|message|bulk)|\bspam(?:my|assassin)?\b(?!haus|cop)|identified as (?:junk|spam)|junk mail|\bUCE\b|phish|malware|virus|prohibited (?:attachment|file|content)|content (?:rejected|blocked|presents)|blocked.{0,40}content|suspicious (?:link|url|content)|\[PH\d\d\]/i,
    class: 'content',
    suppress: 'never',
    source: `${gmail} (5.7.1, 5.7.0); ${yahoo} (PH01…); ${inUse}`,
  },
  {
    rule: 'mailbox_full',
    text: /mailbox (?:is )?full|(?:out of|insufficient) (?:mailbox )?storage space|over ?quota|quota (?:exceeded|is full)|exceeded (?:\w+ ){0,3}(?:storage|quota)|mailbox (?:size )?limit exceeded|not enough (?:disk )?space|inbox is (?:full|out of)|user is over (?:the )?quota/i,
    class: 'mailbox_full',
    suppress: 'after_n',
    source: `${gmail} (4.2.2, 5.2.2); ${inUse}`,
  },
  {
    rule: 'too_large',
    text: /message (?:is )?(?:too (?:large|big)|size exceeds)|exceeds? (?:the )?(?:\w+ ){0,4}(?:size|message limit)|size (?:limit )?exceed|too large|larger than.{0,40}(?:limit|allowed|size)/i,
    class: 'too_large',
    suppress: 'never',
    source: 'RFC 1870 §6.3; RFC 3463 §3.4 (X.3.4)',
  },
  {
    rule: 'senders_fault',
    text: sendersFault,
    only: 'permanent',
    class: 'config',
    suppress: 'never',
    source: inUse,
  },
  {
    rule: 'inactive',
    text: /(?:account|mailbox|user|address|recipient)\b.{0,60}\b(?:is |has been |was )?(?:inactive|disabled|suspended|deactivated|discontinued|closed|expired|locked|not active)|\binactive (?:e-?mail )?(?:address|account|mailbox)/i,
    only: 'permanent',
    class: 'inactive',
    suppress: 'now',
    source: `${gmail} (5.2.1); ${yahoo} (554.30); iCloud (5.1.1); RFC 3463 §3.3 (X.2.1)`,
  },
  {
    rule: 'too_many_recipients',
    text: /too many recipients/i,
    class: 'rate_limited',
    suppress: 'never',
    source: 'RFC 5321 §4.5.3.1.10; RFC 3463 (X.5.3)',
  },
  {
    rule: 'sender_rejected',
    text: /sender (?:address )?(?:rejected|denied|verify failed|unknown)|invalid sender|domain of sender|sender domain/i,
    class: 'config',
    suppress: 'never',
    source: inUse,
  },
  {
    rule: 'blocked_by_recipient',
    text: /envelope (?:blocked|rejected)/i,
    class: 'policy',
    suppress: 'never',
    source: `${mimecast} (550, no enhanced code)`,
  },
  {
    rule: 'server_error',
    text: /temporary (?:server error|system problem|local problem)|service unavailable - try again later|TLS not available/i,
    only: 'temporary',
    class: 'provider_down',
    suppress: 'never',
    source: `${outlook} (4.7.0 PRX…); Postfix (4.7.1 of milter_default_action, 454 4.7.0); Exim`,
  },
  {
    rule: 'exchange_access_denied',
    enhanced: ['4.1'],
    text: /recipient address rejected: access denied/i,
    class: 'bad_address',
    suppress: 'after_n',
    source: 'Microsoft Learn, directory-based edge blocking (5.4.1)',
  },

  // Enhanced codes.
  {
    rule: 'no_such_mailbox',
    enhanced: ['1.1', '1.3', '1.6'],
    class: 'bad_address',
    suppress: 'now',
    source: `${registry}: X.1.1, X.1.3, X.1.6`,
  },
  {
    rule: 'exchange_no_such_recipient',
    enhanced: ['1.10'],
    text: /RESOLVER|recipient.{0,40}not found/i,
    class: 'bad_address',
    suppress: 'now',
    source: outlook,
  },
  {
    rule: 'null_mx',
    enhanced: ['1.10'],
    class: 'bad_domain',
    suppress: 'now',
    source: 'RFC 7505 §4.1: X.1.10',
  },
  {
    rule: 'no_such_domain',
    enhanced: ['1.2'],
    class: 'bad_domain',
    suppress: 'now',
    source: `${registry}: X.1.2`,
  },
  {
    rule: 'senders_address',
    enhanced: ['1.7', '1.8'],
    class: 'config',
    suppress: 'never',
    source: `${registry}: X.1.7, X.1.8 are about the sender`,
  },
  {
    rule: 'address_other',
    enhanced: ['1.0', '1.4', '1.5'],
    class: 'bad_address',
    suppress: 'after_n',
    source: `${registry}: X.1.0, X.1.4, X.1.5`,
  },
  {
    rule: 'mailbox_disabled',
    enhanced: ['2.1'],
    only: 'permanent',
    class: 'inactive',
    suppress: 'now',
    source: `${registry}: X.2.1`,
  },
  {
    rule: 'mailbox_disabled_for_now',
    enhanced: ['2.0', '2.1'],
    class: 'inactive',
    suppress: 'after_n',
    source: `${registry}: X.2.0, X.2.1`,
  },
  {
    rule: 'mailbox_full_code',
    enhanced: ['2.2'],
    class: 'mailbox_full',
    suppress: 'after_n',
    source: `${registry}: X.2.2`,
  },
  {
    rule: 'too_large_code',
    enhanced: ['2.3', '3.4'],
    class: 'too_large',
    suppress: 'never',
    source: `${registry}: X.2.3, X.3.4`,
  },
  {
    rule: 'list_expansion',
    enhanced: ['2.4'],
    class: 'policy',
    suppress: 'never',
    source: `${registry}: X.2.4`,
  },
  {
    rule: 'system_of_theirs',
    enhanced: ['3.0', '3.1', '3.2', '3.3', '3.5', '3.6'],
    class: 'provider_down',
    suppress: 'never',
    source: `${registry}: X.3.x`,
  },
  { rule: 'loop', enhanced: ['4.6'], class: 'config', suppress: 'never', source: `${registry}: X.4.6` },
  { rule: 'expired', enhanced: ['4.7'], class: 'expired', suppress: 'never', source: `${registry}: X.4.7` },
  {
    rule: 'no_route',
    enhanced: ['4.4'],
    only: 'permanent',
    class: 'bad_domain',
    suppress: 'after_n',
    source: `${registry}: X.4.4`,
  },
  {
    rule: 'network',
    enhanced: ['4.0', '4.1', '4.2', '4.3', '4.4', '4.5'],
    class: 'network',
    suppress: 'never',
    source: `${registry}: X.4.x`,
  },
  {
    rule: 'too_many_recipients_code',
    enhanced: ['5.3'],
    class: 'rate_limited',
    suppress: 'never',
    source: `${registry}: X.5.3`,
  },
  {
    rule: 'sender_has_null_mx',
    enhanced: ['7.27'],
    text: /null ?MX|sender/i,
    class: 'config',
    suppress: 'never',
    source: 'RFC 7505 §4.2: X.7.27',
  },
  {
    rule: 'authentication_code',
    enhanced: [
      '7.20',
      '7.21',
      '7.22',
      '7.23',
      '7.24',
      '7.26',
      '7.27',
      '7.29',
      '7.30',
      '7.31',
      '7.32',
      '7.509',
      '7.515',
    ],
    class: 'authentication_failed',
    suppress: 'never',
    source: `RFC 7372 §3; ${gmail}; ${outlook}`,
  },
  {
    rule: 'reverse_dns_code',
    enhanced: ['7.25'],
    class: 'config',
    suppress: 'never',
    source: 'RFC 7372 §3.3',
  },
  {
    rule: 'flood',
    enhanced: ['7.28'],
    class: 'rate_limited',
    suppress: 'never',
    source: `${registry}: X.7.28`,
  },
  {
    rule: 'credentials',
    enhanced: ['7.3', '7.4', '7.5', '7.8', '7.10', '7.11', '7.12', '7.13', '7.14'],
    class: 'config',
    suppress: 'never',
    source: `${registry}: X.7.x of AUTH and TLS`,
  },
  {
    rule: 'user_unknown',
    text: /(?:user|recipient|mailbox|address|account|name|member|alias)\b.{0,50}\b(?:unknown|not found|does ?n[o']t exist|not exist|no longer|invalid|not known|doesn't have)|(?:no such|unknown|invalid|nonexistent|non-existent|bad) (?:local |destination |mail |virtual )?(?:user|recipient|mailbox|address|account|alias|person)|no mailbox here|not (?:our|a valid) (?:customer|user|mailbox|recipient)|doesn't have a .{1,40} account|not a known user|address couldn't be found/i,
    only: 'permanent',
    class: 'bad_address',
    suppress: 'now',
    source: inUse,
  },
  {
    rule: 'mailbox_unavailable',
    code: [550, 551, 553],
    text: /mailbox (?:unavailable|not available|not allowed)/i,
    class: 'bad_address',
    suppress: 'after_n',
    source: `RFC 5321 §4.2.3; ${outlook} (5.5.0)`,
  },
  {
    rule: 'policy_code',
    enhanced: ['7.0', '7.1', '7.2', '7.6', '7.7', '7.9', '7.15', '7.16', '7.17', '7.18', '7.19'],
    class: 'policy',
    suppress: 'never',
    source: `${registry}: X.7.x`,
  },
  {
    rule: 'utf8_needed',
    enhanced: ['6.7', '6.8', '6.9'],
    class: 'config',
    suppress: 'never',
    source: 'RFC 6531 §4.3',
  },
  {
    rule: 'content_code',
    enhanced: ['6.0', '6.1', '6.2', '6.3', '6.4', '6.5', '6.6'],
    class: 'content',
    suppress: 'never',
    source: `${registry}: X.6.x`,
  },
  {
    rule: 'protocol_code',
    enhanced: ['5.0', '5.1', '5.2', '5.4', '5.5', '5.6'],
    class: 'config',
    suppress: 'never',
    source: `${registry}: X.5.x`,
  },

  {
    rule: 'policy_other',
    subject: '7.',
    class: 'policy',
    suppress: 'never',
    source: `RFC 3463 §3.8: X.7 is about security or policy; ${outlook} (5.7.501…5.7.750)`,
  },

  // Codes without more.
  {
    rule: 'host_takes_no_mail',
    code: [521, 556],
    class: 'bad_domain',
    suppress: 'now',
    source: 'RFC 7504 §3',
  },
  {
    rule: 'host_busy',
    code: [421, 450, 451],
    class: 'provider_down',
    suppress: 'never',
    source: 'RFC 5321 §4.2.3',
  },
  { rule: 'host_full', code: [452], class: 'provider_down', suppress: 'never', source: 'RFC 5321 §4.2.3' },
  {
    rule: 'tls_not_available',
    code: [454],
    class: 'provider_down',
    suppress: 'never',
    source: 'RFC 3207 §4',
  },
  {
    rule: 'authentication_wanted',
    code: [530, 534, 535, 538],
    class: 'config',
    suppress: 'never',
    source: 'RFC 4954 §6',
  },
  {
    rule: 'protocol',
    code: [455, 500, 501, 502, 503, 504, 555],
    class: 'config',
    suppress: 'never',
    source: 'RFC 5321 §4.2.3',
  },
  {
    rule: 'mailbox_name',
    code: [550, 551, 553],
    stage: ['rcpt'],
    class: 'bad_address',
    suppress: 'after_n',
    source: 'RFC 5321 §4.2.3',
  },
  { rule: 'storage', code: [552], class: 'mailbox_full', suppress: 'after_n', source: 'RFC 5321 §4.2.3' },
  {
    rule: 'refused',
    code: [541, 550, 551, 553, 554, 571],
    class: 'policy',
    suppress: 'never',
    source: 'RFC 5321 §4.2.3',
  },
];

/** Design §6: an unknown 5xx is permanent, an unknown 4xx is for now. */
const unknownPermanent: Row = {
  rule: 'unknown_permanent',
  class: 'policy',
  suppress: 'never',
  source: 'RFC 5321 §4.2.1',
};
const unknownTemporary: Row = {
  rule: 'unknown_temporary',
  class: 'provider_down',
  suppress: 'never',
  source: 'RFC 5321 §4.2.1',
};

/** A time that the far side names is believed, up to here. */
export const retryHintMsMax = 24 * 3_600_000;

const units: readonly (readonly [RegExp, number])[] = [
  [/^(?:ms|millisec)/i, 1],
  [/^s/i, 1_000],
  [/^m/i, 60_000],
  [/^h/i, 3_600_000],
  [/^d/i, 86_400_000],
];

/**
 * `try again in 5 minutes`, `Greylisted for 300 seconds`, `come back in 00:05:00`, `retry after 60s`.
 *
 * @returns null when the text names no time
 */
export function retryAfterMs(text: string): number | null {
  const clock = /\b(?:in|after|for|within|wait)\s+(\d{1,3}):([0-5]\d):([0-5]\d)\b/i.exec(text);
  if (clock !== null) {
    const [, hours = '0', minutes = '0', seconds = '0'] = clock;
    return bounded(((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000);
  }
  const said =
    /\b(?:try again|retry|come back|again|wait|gr[ae]y-?list\w*|deferred|delayed?|blocked|throttled|retry-after)\b[^.\d]{0,60}?\b(\d{1,6})\s*(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b/i.exec(
      text,
    );
  if (said === null) return null;
  const [, amount = '0', unit = 's'] = said;
  const factor = units.find(([pattern]) => pattern.test(unit))?.[1] ?? 1_000;
  return bounded(Number(amount) * factor);
}

function bounded(ms: number): number | null {
  return ms > 0 ? Math.min(ms, retryHintMsMax) : null;
}
