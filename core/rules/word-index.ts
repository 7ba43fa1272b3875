/**
 * Finds which of many words stand in a text, in one pass over it (Aho and Corasick, 1975): the cost goes by the text's
 * length, not by the number of words.
 */
interface Node {
  readonly next: Map<number, number>;
  /** Node of the longest ending of what was read that may still become a word. */
  fail: number;
  /** Numbers under which words that end here were given, those of `fail` included. */
  found: readonly number[];
}

export class WordIndex {
  readonly #nodes: Node[] = [newNode()];

  /** @param words each with its number; several may have the same */
  constructor(words: readonly (readonly [word: string, number: number])[]) {
    for (const [word, number] of words) this.#add(word, number);
    this.#link();
  }

  /** @returns the numbers whose words stand in the text, in no order, possibly more than once */
  find(text: string): readonly number[] {
    let at = 0;
    let found: number[] | null = null;
    for (let index = 0; index < text.length; index++) {
      at = this.#step(at, text.charCodeAt(index));
      const here = this.#nodes[at]?.found ?? nothing;
      if (here.length === 0) continue;
      found ??= [];
      found.push(...here);
    }
    return found ?? nothing;
  }

  #add(word: string, number: number): void {
    let at = 0;
    for (let index = 0; index < word.length; index++) {
      const code = word.charCodeAt(index);
      const node = this.#nodes[at];
      let next = node?.next.get(code);
      if (next === undefined) {
        next = this.#nodes.length;
        this.#nodes.push(newNode());
        node?.next.set(code, next);
      }
      at = next;
    }
    const end = this.#nodes[at];
    if (end !== undefined && at > 0) end.found = [...end.found, number];
  }

  /** In the order of depth, so that what a node falls back to is ready before it. */
  #link(): void {
    const queue = [...(this.#nodes[0]?.next.values() ?? [])];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      const node = this.#nodes[at];
      for (const [code, child] of node?.next ?? []) {
        const target = this.#nodes[child];
        if (target === undefined || node === undefined) continue;
        target.fail = this.#step(node.fail, code);
        target.found = [...target.found, ...(this.#nodes[target.fail]?.found ?? nothing)];
        queue.push(child);
      }
    }
  }

  #step(from: number, code: number): number {
    for (let at = from; ; ) {
      const node = this.#nodes[at];
      const next = node?.next.get(code);
      if (next !== undefined) return next;
      if (at === 0) return 0;
      at = node?.fail ?? 0;
    }
  }
}

const nothing: readonly number[] = [];

function newNode(): Node {
  return { next: new Map(), fail: 0, found: nothing };
}
