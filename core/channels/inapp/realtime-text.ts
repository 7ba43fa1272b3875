import type { RealtimeEvent } from './wire.ts';

/** Tabs of one user hear the same event: it is written once. */
const texts = new WeakMap<RealtimeEvent, string>();

export function eventText(event: RealtimeEvent): string {
  let text = texts.get(event);
  if (text === undefined) {
    text = JSON.stringify(event);
    texts.set(event, text);
  }
  return text;
}
