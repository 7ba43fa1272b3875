/** An address that is called, as it may leave this machine: whoever it was meant for knows the password. */
export function withoutPassword(address: string): string {
  const url = URL.parse(address);
  if (url === null || (url.username === '' && url.password === '')) return address;
  url.username = '';
  url.password = '';
  return url.href;
}
