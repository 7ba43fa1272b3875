/**
 * Conditions over topics: `'dogs' in topics && ('cats' in topics || !('birds' in topics))`. Pure.
 * Source: https://firebase.google.com/docs/cloud-messaging/topic-messaging: parentheses first, then from left to right, so
 * `&&` binds no tighter than `||`; at most five topics.
 */

export type Condition =
  | { readonly kind: 'topic'; readonly name: string }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition };

export type ParsedCondition =
  | { readonly condition: Condition; readonly topics: readonly string[] }
  /** In words, and at which character. */
  | { readonly fault: string; readonly at: number };

export const conditionTopicsMax = 5;
const conditionCharsMax = 4096;
const nestingMax = 32;
const topicName = /^[a-zA-Z0-9\-_.~%]+$/;

type Token = { readonly text: string; readonly at: number; readonly topic: string | null };

export function parseCondition(text: string): ParsedCondition {
  if (text.length > conditionCharsMax)
    return { fault: `a condition has at most ${conditionCharsMax} characters`, at: conditionCharsMax };
  const tokens = tokensOf(text);
  if ('fault' in tokens) return tokens;
  const reader = new Reader(tokens.tokens, text.length);
  try {
    const condition = reader.expression(0);
    const rest = reader.peek();
    if (rest !== undefined) return { fault: `&& or || was expected, and there is ${rest.text}`, at: rest.at };
    const topics = [...new Set(reader.topics)];
    if (topics.length > conditionTopicsMax)
      return { fault: `a condition names at most ${conditionTopicsMax} topics`, at: 0 };
    return { condition, topics };
  } catch (error) {
    if (error instanceof Unexpected) return { fault: error.message, at: error.at };
    throw error;
  }
}

export function conditionHolds(condition: Condition, topics: readonly string[]): boolean {
  switch (condition.kind) {
    case 'topic':
      return topics.includes(condition.name);
    case 'not':
      return !conditionHolds(condition.of, topics);
    case 'and':
      return conditionHolds(condition.left, topics) && conditionHolds(condition.right, topics);
    case 'or':
      return conditionHolds(condition.left, topics) || conditionHolds(condition.right, topics);
    default:
      return condition satisfies never;
  }
}

class Unexpected extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

class Reader {
  readonly topics: string[] = [];
  readonly #tokens: readonly Token[];
  readonly #endAt: number;
  #next = 0;

  constructor(tokens: readonly Token[], endAt: number) {
    this.#tokens = tokens;
    this.#endAt = endAt;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  expression(depth: number): Condition {
    let left = this.term(depth);
    for (;;) {
      const operator = this.peek()?.text;
      if (operator !== '&&' && operator !== '||') return left;
      this.#next++;
      left = { kind: operator === '&&' ? 'and' : 'or', left, right: this.term(depth) };
    }
  }

  term(depth: number): Condition {
    const token = this.#take('a topic in single quotes');
    if (depth > nestingMax)
      throw new Unexpected(`parentheses are nested deeper than ${nestingMax}`, token.at);
    if (token.text === '!') return { kind: 'not', of: this.term(depth + 1) };
    if (token.text === '(') {
      const inside = this.expression(depth + 1);
      this.#expect(')');
      return inside;
    }
    if (token.topic === null)
      throw new Unexpected(`a topic in single quotes was expected, and there is ${token.text}`, token.at);
    if (!topicName.test(token.topic))
      throw new Unexpected(
        `'${token.topic}' is no name of a topic: letters, digits and -_.~% only`,
        token.at,
      );
    this.#expect('in');
    this.#expect('topics');
    this.topics.push(token.topic);
    return { kind: 'topic', name: token.topic };
  }

  #expect(text: string): void {
    const token = this.#take(text);
    if (token.text !== text || token.topic !== null)
      throw new Unexpected(`${text} was expected, and there is ${token.text}`, token.at);
  }

  #take(wanted: string): Token {
    const token = this.peek();
    if (token === undefined) throw new Unexpected(`${wanted} was expected, and it ends`, this.#endAt);
    this.#next++;
    return token;
  }
}

function tokensOf(
  text: string,
): { readonly tokens: readonly Token[] } | { readonly fault: string; readonly at: number } {
  const tokens: Token[] = [];
  const pattern = /\s*(?:(&&|\|\||!|\(|\))|'([^']*)'|([A-Za-z]+)|(\S))/gy;
  let end = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const [whole, operator, topic, word, other] = found;
    const at = found.index + whole.length - (operator ?? word ?? other ?? `'${topic}'`).length;
    if (other !== undefined)
      return {
        fault: other === "'" ? 'a quote is not closed' : `${other} has no meaning in a condition`,
        at,
      };
    tokens.push({ text: operator ?? word ?? `'${topic}'`, at, topic: topic ?? null });
    end = pattern.lastIndex;
  }
  return text.slice(end).trim() === '' ? { tokens } : { fault: 'it cannot be read', at: end };
}
