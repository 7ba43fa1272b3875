/**
 * Finds which of many words stand in a text, in one pass over it (Aho and Corasick, 1975): the cost goes by the text's
 * length and by what is found, not by the number of words. Of long words only the beginning is looked for: what is found
 * may stand in the text, what is not found does not.
 */
interface Node {
  next: Map<number, number> | null;
  /** Node of the longest ending of what was read that may still become a word. */
  fail: number;
  /** The next one on the way of `fail` at which a word ends; 0: none. */
  shorter: number;
  /** Numbers under which words that end here were given. */
  readonly found: number[];
}

/** Enough to tell words apart; the memory goes by it. */
const wordCharsMax = 24;

export class WordIndex {
  readonly #nodes: Node[] = [newNode()];

  /** @param words each with its number; several may have the same */
  constructor(words: readonly (readonly [word: string, number: number])[]) {
    for (const [word, number] of words) this.#add(word.slice(0, wordCharsMax), number);
    this.#link();
  }

  /** @returns the numbers whose words may stand in the text, in no order */
  find(text: string): ReadonlySet<number> {
    let found: Set<number> | null = null;
    const seen = new Set<number>();
    let at = 0;
    for (let index = 0; index < text.length; index++) {
      at = this.#step(at, text.charCodeAt(index));
      // What was seen once has been followed to its end already.
      for (let end = at; end !== 0 && !seen.has(end); ) {
        const node = this.#nodes[end];
        if (node === undefined) break;
        if (node.found.length > 0) {
          seen.add(end);
          found ??= new Set();
          for (const number of node.found) found.add(number);
        }
        end = node.shorter;
      }
    }
    return found ?? nothing;
  }

  #add(word: string, number: number): void {
    let at = 0;
    for (let index = 0; index < word.length; index++) {
      const code = word.charCodeAt(index);
      const node = this.#nodes[at];
      let next = node?.next?.get(code);
      if (next === undefined && node !== undefined) {
        next = this.#nodes.length;
        this.#nodes.push(newNode());
        node.next ??= new Map();
        node.next.set(code, next);
      }
      at = next ?? 0;
    }
    if (at > 0) this.#nodes[at]?.found.push(number);
  }

  /** In the order of depth, so that what a node falls back to is ready before it. */
  #link(): void {
    const queue = [...(this.#nodes[0]?.next?.values() ?? [])];
    for (let first = 0; first < queue.length; first++) {
      const node = this.#nodes[queue[first] ?? 0];
      for (const [code, child] of node?.next ?? []) {
        const target = this.#nodes[child];
        if (target === undefined || node === undefined) continue;
        target.fail = this.#step(node.fail, code);
        const fallback = this.#nodes[target.fail];
        target.shorter = (fallback?.found.length ?? 0) > 0 ? target.fail : (fallback?.shorter ?? 0);
        queue.push(child);
      }
    }
  }

  #step(from: number, code: number): number {
    for (let at = from; ; ) {
      const node = this.#nodes[at];
      const next = node?.next?.get(code);
      if (next !== undefined) return next;
      if (at === 0) return 0;
      at = node?.fail ?? 0;
    }
  }
}

const nothing: ReadonlySet<number> = new Set();

function newNode(): Node {
  return { next: null, fail: 0, shorter: 0, found: [] };
}
