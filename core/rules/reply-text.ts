/** The words of a refusal made on purpose: code, enhanced code and lines, with what is the case put in. Pure. */
import type { Action } from './schema.ts';

export interface ReplyWords {
  readonly code: number;
  readonly enhanced: string | null;
  readonly lines: readonly string[];
}

/** What the words may name; what is not known stays empty. */
export interface WordFacts {
  readonly recipient?: string;
  readonly sender?: string;
  readonly ip?: string;
  readonly host?: string;
  readonly id?: string;
  readonly bytesMax?: number;
}

type Speaking = Extract<
  Action,
  { do: 'reject' | 'defer' | 'refuseConnection' | 'refuseAuth' | 'bounceLater' }
>;

/** RFC 5321 §4.5.3.1.5: a reply line has 512 bytes at the most, code and line end included. */
const lineCharsMax = 490;
const linesMax = 20;

export function replyWords(action: Speaking, facts: WordFacts): ReplyWords {
  const enhanced = 'enhanced' in action ? (action.enhanced ?? null) : null;
  const text = action.text.replace(/\{(\w+)\}/g, (whole, name: string) => wordFor(name, facts) ?? whole);
  const lines = text
    .split('\n')
    .slice(0, linesMax)
    .map((line) => line.replace(/[^\t -~]/g, '?').slice(0, lineCharsMax));
  return { code: action.code, enhanced, lines };
}

function wordFor(name: string, facts: WordFacts): string | null {
  switch (name) {
    case 'recipient':
      return facts.recipient ?? '';
    case 'sender':
      return facts.sender ?? '';
    case 'domain':
      return domainIn(facts.sender) ?? '';
    case 'ip':
      return facts.ip ?? '';
    case 'host':
      return facts.host ?? '';
    case 'id':
      return facts.id ?? '';
    case 'bytesMax':
      return facts.bytesMax === undefined ? '' : String(facts.bytesMax);
    default:
      return null;
  }
}

function domainIn(address: string | undefined): string | null {
  const at = address?.lastIndexOf('@') ?? -1;
  return at < 0 ? null : (address?.slice(at + 1) ?? null);
}
