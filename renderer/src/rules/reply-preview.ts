import { placeholders } from './rule-words.ts';

/** RFC 5321 §4.2.1: all lines of a reply but the last have a dash behind the code; each repeats the enhanced code (RFC 2034 §4). */
export function replyLines(reply: {
  readonly code: number;
  readonly enhanced?: string | undefined;
  readonly text: string;
}): readonly string[] {
  const code = Number.isNaN(reply.code) ? '???' : String(reply.code);
  const enhanced = reply.enhanced === undefined ? '' : `${reply.enhanced} `;
  const lines = reply.text
    .replaceAll(/\{(\w+)\}/g, (whole, name: string) => sampleOf(name) ?? whole)
    .split('\n');
  return lines.map((line, index) => `${code}${index === lines.length - 1 ? ' ' : '-'}${enhanced}${line}`);
}

const sampleOf = (name: string): string | null =>
  placeholders.find((one) => one.name === name)?.sample ?? null;
