/** Whose request it is: an API key as a bearer token. Source: https://developers.telnyx.com/development/api-fundamentals/authentication */
import { hash } from 'node:crypto';
import type { SmsCredential } from '../../../delivery/sms-far-side.ts';
import type { ProviderRequest } from '../../../doors/http/provider-request.ts';
import { uuidOf } from '../uuid.ts';

export type Judged = { readonly organization: string; readonly key: string } | { readonly refused: string };

const keyCharsMax = 512;
const bearer = /^Bearer +(\S+)$/i;

/** @param fixed none: any key is taken, and stands for an organization of its own */
export function judgeCredentials(
  request: Pick<ProviderRequest, 'fields'>,
  fixed: readonly SmsCredential[],
): Judged {
  const field = request.fields.get('authorization');
  if (field === null)
    return { refused: 'there is no Authorization field: send `Authorization: Bearer <API key>`' };
  const [, key] = bearer.exec(field.trim()) ?? [];
  if (key === undefined || key.length > keyCharsMax)
    return { refused: 'the Authorization field is not `Bearer <API key>`' };
  if (fixed.length === 0) return { organization: organizationOf(key), key };
  const known = fixed.find(({ secret }) => secret === key);
  return known === undefined
    ? { refused: 'the API key is none of those in the settings' }
    : { organization: known.account, key };
}

/** The key itself is a secret: what stands for it in lists and opt-outs is made of it, steadily. */
function organizationOf(key: string): string {
  return uuidOf(Buffer.from(hash('sha256', `telnyx ${key}`, 'hex'), 'hex'));
}
