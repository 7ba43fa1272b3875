/** How a message is shown, as it is being written: what is left out is as usual. Pure. */
import { usualDisplay } from '../../../core/model/inapp.ts';
import type { InAppMessage, NewInApp } from '../api/inapp.ts';

export type DisplayDraft = NonNullable<NewInApp['display']>;
type Kind = InAppMessage['display']['kind'];

/** Only these stand in a place of the page. */
export const takesSlot = (kind: Kind = usualDisplay.kind): boolean =>
  kind === 'inline' || kind === 'carousel';

/** A slot goes with the kinds that have one. */
export const withKind = ({ slot, ...rest }: DisplayDraft, kind: Kind): DisplayDraft => ({
  ...rest,
  ...(slot === undefined || !takesSlot(kind) ? {} : { slot }),
  kind,
});

/** As a request has it: trimmed, and without what is empty. */
export function readDisplay({ slot, trigger, pageRules = [], ...rest }: DisplayDraft): DisplayDraft {
  const [place, event] = [slot?.trim(), trigger?.trim()];
  return {
    ...rest,
    ...(place === undefined || place === '' ? {} : { slot: place }),
    ...(event === undefined || event === '' ? {} : { trigger: event }),
    ...(pageRules.length === 0
      ? {}
      : { pageRules: pageRules.map((rule) => ({ ...rule, argument: rule.argument.trim() })) }),
  };
}
