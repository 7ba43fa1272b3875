/** Mail addresses, taken apart the way mailboxes go by them. Pure. */

/** Lower case; empty where there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at + 1).toLowerCase();
}

/** The mailbox of an address: lower case, without what stands behind `+` (a sub-address, RFC 5233). */
export function mailboxOf(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 0) return address.toLowerCase();
  const local = address.slice(0, at);
  const plus = local.startsWith('"') ? -1 : local.indexOf('+');
  return `${plus > 0 ? local.slice(0, plus) : local}@${address.slice(at + 1)}`.toLowerCase();
}

/** One that programs send from, so that nothing may answer it (RFC 3834 §2). */
export function isProgramAddress(address: string): boolean {
  return (
    address === '' || /^(?:mailer-daemon@|postmaster@|owner-|[^@]*-(?:request|bounces|owner)@)/i.test(address)
  );
}
