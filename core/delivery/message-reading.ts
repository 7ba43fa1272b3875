/** Heads and contents of messages that the rules ask for, each read once for all of the recipients it has. */
import type { ContentFacts, Facts } from '../rules/decision.ts';
import type { RulePorts } from './orders.ts';

/** A head has up to 64 KB, a content up to a megabyte of text. */
const headsMax = 128;
const contentsMax = 8;

export interface MessageReading {
  head(messageId: string): Promise<string | null>;
  content(messageId: string): Promise<ContentFacts | null>;
  push(messageId: string): Promise<Pick<Facts, 'headers' | 'content'> | null>;
  sms(messageId: string): Promise<Pick<Facts, 'headers' | 'content'> | null>;
}

export function createMessageReading(
  ports: Pick<RulePorts, 'desk' | 'headOf' | 'contentOf' | 'pushOf' | 'smsOf'>,
  onProblem: (text: string) => void,
): MessageReading {
  const content = remembered(
    (key) => ports.contentOf(key.slice(key.indexOf(' ') + 1)),
    contentsMax,
    onProblem,
  );
  const edition = (): number => ports.desk.edition?.() ?? 0;
  const push = remembered(
    (key) => ports.pushOf?.(key.slice(key.indexOf(' ') + 1)) ?? Promise.resolve(null),
    headsMax,
    onProblem,
  );
  const sms = remembered(
    (key) => ports.smsOf?.(key.slice(key.indexOf(' ') + 1)) ?? Promise.resolve(null),
    headsMax,
    onProblem,
  );
  return {
    sms: (id) => sms(`${edition()} ${id}`),
    push: (id) => push(`${edition()} ${id}`),
    head: remembered((id) => ports.headOf(id), headsMax, onProblem),
    // Read for one set of rules, it may lack what another asks for.
    content: (id) => content(`${edition()} ${id}`),
  };
}

/** The last ones asked for stay. What failed is not remembered: it may be read the next time. */
function remembered<T>(
  read: (id: string) => Promise<T | null>,
  keptMax: number,
  onProblem: (text: string) => void,
): (id: string) => Promise<T | null> {
  const kept = new Map<string, Promise<T | null>>();
  return (id) => {
    const known = kept.get(id);
    kept.delete(id);
    const reading =
      known ??
      read(id).catch((error: unknown) => {
        kept.delete(id);
        onProblem(`a message could not be read for the rules: ${String(error)}`);
        return null;
      });
    kept.set(id, reading);
    const [oldest] = kept.keys();
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
    return reading;
  };
}
