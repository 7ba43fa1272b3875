/**
 * X-Twilio-Signature: base64 of HMAC-SHA1 over the address as it is called and, of a form, its fields sorted by name.
 * Pure. Source: https://www.twilio.com/docs/usage/security#validating-requests
 */
import { createHmac } from 'node:crypto';
import type { FormFields } from './form.ts';

/**
 * @param url without its fragment and its credentials, which the app never sees
 * @param fields empty for GET: they stand in the address
 */
export function signatureOf(secret: string, url: string, fields: FormFields): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of fields) {
    const known = values.get(name);
    if (known === undefined) values.set(name, new Set([value]));
    else known.add(value);
  }
  let text = url;
  for (const name of [...values.keys()].sort())
    for (const value of [...(values.get(name) ?? [])].sort()) text += name + value;
  return createHmac('sha1', secret).update(text, 'utf8').digest('base64');
}
