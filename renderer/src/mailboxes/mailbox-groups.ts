import type { Mailbox, MailProvider, Placement } from '../../../core/api/mailbox-schema.ts';

/** A row of the list: a provider, with the mailboxes it keeps below it. */
export type MailboxListRow =
  | {
      readonly kind: 'provider';
      readonly id: string;
      readonly provider: MailProvider;
      readonly mailboxes: number;
    }
  | { readonly kind: 'mailbox'; readonly id: string; readonly mailbox: Mailbox };

/**
 * The mailboxes under their providers, the providers in the order in which the core lists them.
 *
 * @param filtered while a search is on, providers without a match are left out
 */
export function groupByProvider(
  providers: readonly MailProvider[],
  mailboxes: readonly Mailbox[],
  filtered: boolean,
): readonly MailboxListRow[] {
  const byProvider = new Map<string, Mailbox[]>();
  for (const mailbox of mailboxes) {
    const known = byProvider.get(mailbox.provider);
    if (known === undefined) byProvider.set(mailbox.provider, [mailbox]);
    else known.push(mailbox);
  }
  return providers.flatMap((provider): readonly MailboxListRow[] => {
    const own = byProvider.get(provider.key) ?? [];
    if (filtered && own.length === 0) return [];
    return [
      { kind: 'provider', id: `provider/${provider.key}`, provider, mailboxes: own.length },
      ...own.map((mailbox) => ({ kind: 'mailbox' as const, id: mailbox.address, mailbox })),
    ];
  });
}

export const placementNames: Readonly<Record<Placement, string>> = {
  inbox: 'Inbox',
  promotions: 'Promotions',
  updates: 'Updates',
  spam: 'Spam',
};
export const placementOrder: readonly Placement[] = ['inbox', 'promotions', 'updates', 'spam'];

export const isPlacement = (value: unknown): value is Placement =>
  placementOrder.some((placement) => placement === value);

/** Counts as a line: what is empty is not said, but for an inbox when all is empty. */
export function countsInWords(counts: Mailbox['counts']): string {
  const filled = placementOrder.filter((placement) => (counts[placement] ?? 0) > 0);
  if (filled.length === 0) return 'empty';
  return filled.map((placement) => `${placementNames[placement]} ${counts[placement]}`).join(' · ');
}

/** The tabs of a mailbox: those that its provider has, and any other in which something lies. */
export function tabsOf(provider: MailProvider | null, counts: Mailbox['counts']): readonly Placement[] {
  return placementOrder.filter(
    (placement) =>
      placement === 'inbox' ||
      placement === 'spam' ||
      provider === null ||
      provider.tabs ||
      (counts[placement] ?? 0) > 0,
  );
}

/** What was typed into the search, when it is an address that can be opened although nothing came to it yet. */
export function typedAddress(text: string, mailboxes: readonly Mailbox[]): string | null {
  const address = text.trim().toLowerCase();
  if (!/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(address)) return null;
  return mailboxes.some((mailbox) => mailbox.address === address) ? null : address;
}
