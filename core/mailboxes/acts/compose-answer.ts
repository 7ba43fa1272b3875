/** Plain messages that people and their mailboxes write themselves: answers and requests to be taken off a list. Pure. */
import { mailDate } from '../../model/mail-date.ts';

export interface Answer {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** With brackets. */
  readonly messageId: string;
  readonly inReplyTo: string | null;
  readonly references: string | null;
  readonly dateMs: number;
  /** RFC 3834 §5: `auto-replied` for what no person wrote. */
  readonly automatic: boolean;
}

const encodedWordBytesMax = 45;
const referencesCharsMax = 900;

export function composeAnswer(answer: Answer): Uint8Array {
  const references = `${answer.references ?? ''} ${answer.inReplyTo ?? ''}`.trim().slice(-referencesCharsMax);
  const header: readonly (readonly [string, string | null])[] = [
    ['Date', mailDate(answer.dateMs)],
    ['From', `<${answer.from}>`],
    ['To', `<${answer.to}>`],
    ['Subject', encodedWords(answer.subject)],
    ['Message-ID', answer.messageId],
    ['In-Reply-To', answer.inReplyTo],
    ['References', references === '' ? null : references.split(/\s+/).join('\r\n ')],
    ['Auto-Submitted', answer.automatic ? 'auto-replied' : null],
    ['MIME-Version', '1.0'],
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Transfer-Encoding', 'base64'],
  ];
  const lines = header.flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`]));
  const body = Buffer.from(answer.text.replace(/\r?\n/g, '\r\n')).toString('base64');
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${(body.match(/.{1,76}/g) ?? []).join('\r\n')}\r\n`);
}

/** RFC 2047: words of at most 75 characters, none of them cut inside a character. */
function encodedWords(text: string): string {
  const line = text.replace(/[\r\n]+/g, ' ');
  if (/^[\x20-\x7e]*$/.test(line)) return line;
  const words: string[] = [];
  let word = '';
  for (const character of line) {
    if (Buffer.byteLength(word + character) > encodedWordBytesMax) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  words.push(word);
  return words.map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ');
}

/** `Re:` once. */
export function replySubject(subject: string): string {
  return /^re:/i.test(subject.trim()) ? subject.trim() : `Re: ${subject.trim()}`;
}
