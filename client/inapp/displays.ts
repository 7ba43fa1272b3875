/** What is on display: one pop-up or banner, and one message in each slot. */

import { whenLookedAt } from './listen.ts';
import type { Eligible, InAppEntry } from './options.ts';
import { whenSeen } from './seen.ts';
import { hold } from './tabs.ts';

export interface DisplayPorts {
  /** @param dismissed what its elements call when the user does not want it */
  render(entry: InAppEntry, dismissed: () => void): HTMLElement;
  readonly root: () => HTMLElement;
  /** What the names of locks among tabs begin with. */
  readonly name: string;
  shown(entry: InAppEntry): void;
  seen(entry: InAppEntry): void;
  dismissed(entry: InAppEntry): void;
  closed(entry: InAppEntry): void;
  /** Something else was chosen while there was no room for it. */
  free(): void;
}

export interface Displays {
  /** @param newPage what does not belong there goes @returns whether the chosen one waits for another to go */
  settle(eligible: Eligible, newPage: boolean): boolean;
  show(entry: InAppEntry): void;
  /** Takes it away, wherever it stands. @param later its state now: only if that says that the user is done with it */
  close(id: string, later?: InAppEntry): void;
  mountSlot(slot: string, element: HTMLElement): () => void;
  closeAll(): void;
}

interface Display {
  readonly entry: InAppEntry;
  close(): void;
}

/** No slot has this name. */
const popUp = ' ';

export function openDisplays(ports: DisplayPorts): Displays {
  const displays = new Map<string, Display>();
  const slots = new Map<string, HTMLElement>();
  let waiting = false;

  const put = (place: string, entry: InAppEntry, holder: HTMLElement, letGo?: () => void): void => {
    const element = ports.render(entry, () => {
      ports.dismissed(entry);
      display.close();
    });
    let release = letGo ?? null;
    // A tab that is not looked at shows nothing: another one may.
    const visibility = (): void => {
      if (document.hidden) {
        release?.();
        release = null;
      } else if (release === null)
        void hold(ports.name + entry.id).then((held) => {
          release = held;
          if (held === null) display.close();
          else if (displays.get(place) !== display) held();
        });
    };
    const unlisten = place === popUp ? whenLookedAt(visibility) : () => undefined;
    const unwatch = whenSeen(element, () => ports.seen(entry));
    const display: Display = {
      entry,
      close() {
        if (displays.get(place) !== display) return;
        displays.delete(place);
        unwatch();
        unlisten();
        release?.();
        // Closing gives the focus back to where it was.
        if (element instanceof HTMLDialogElement) element.close();
        element.remove();
        ports.closed(entry);
        if (place === popUp && waiting) {
          waiting = false;
          ports.free();
        }
      },
    };
    displays.set(place, display);
    holder.append(element);
    if (element instanceof HTMLDialogElement) {
      element.addEventListener('cancel', () => ports.dismissed(entry));
      element.addEventListener('close', display.close);
      element.showModal();
    }
    ports.shown(entry);
  };

  const popUpNow = async (entry: InAppEntry): Promise<void> => {
    if (document.hidden) return;
    const release = await hold(ports.name + entry.id);
    // Another one may have come up meanwhile.
    if (displays.has(popUp)) release?.();
    else if (release) put(popUp, entry, ports.root(), release);
  };

  const inSlot = (entry: InAppEntry): void => {
    const place = entry.slot ?? '';
    const holder = slots.get(place);
    if (holder && !displays.has(place)) put(place, entry, holder);
  };

  return {
    settle(eligible, newPage) {
      const { chosen, inline, ineligible } = eligible;
      if (newPage)
        for (const [place, { entry, close }] of displays)
          if (
            place === popUp
              ? ineligible.some(({ id, reason }) => id === entry.id && reason === 'page')
              : !inline.some(({ id }) => id === entry.id)
          )
            close();
      inline.forEach(inSlot);
      const current = displays.get(popUp);
      if (chosen && !current) void popUpNow(chosen);
      const waits = !!chosen && !!current && current.entry.id !== chosen.id;
      waiting ||= waits;
      return waits;
    },
    show(entry) {
      const isInline = /inline|carousel/.test(entry.kind);
      displays.get(isInline ? (entry.slot ?? '') : popUp)?.close();
      if (isInline) inSlot(entry);
      else void popUpNow(entry);
    },
    close(id, later) {
      for (const { entry, close } of displays.values())
        if (
          entry.id === id &&
          (!later ||
            (['dismissedAt', 'archivedAt', 'snoozedUntil'] as const).some(
              (time) => later[time] && later[time] !== entry[time],
            ))
        )
          close();
    },
    mountSlot(slot, element) {
      slots.set(slot, element);
      return () => {
        if (slots.get(slot) !== element) return;
        slots.delete(slot);
        displays.get(slot)?.close();
      };
    },
    closeAll() {
      waiting = false;
      for (const { close } of displays.values()) close();
    },
  };
}
