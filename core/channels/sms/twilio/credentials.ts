/**
 * Whose request it is: Basic with the account's SID and auth token, or with an API key's SID and secret.
 * Source: https://www.twilio.com/docs/usage/requests-to-twilio#credentials
 */
import type { SmsCredential } from '../../../delivery/sms-far-side.ts';
import type { Refused } from './reply.ts';
import { isSid } from './sids.ts';

export interface Caller {
  /** Shown: an account's SID, or a key's. */
  readonly user: string;
  /** Of an account; null: a key, which may be of any. */
  readonly account: string | null;
  readonly secret: string;
}

const basic = /^basic +([\w+/-]+=*) *$/i;

/** @param fixed empty: any are taken */
export function judgeCredentials(
  authorization: string | null,
  fixed: readonly SmsCredential[],
): Caller | Refused {
  if (authorization === null)
    return refused(
      'there is no Authorization: send the account SID and the auth token as Basic credentials',
      missing,
    );
  const [, encoded] = basic.exec(authorization) ?? [];
  if (encoded === undefined) return refused('the Authorization is no Basic one', missing);
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const user = colon < 0 ? pair : pair.slice(0, colon);
  const secret = colon < 0 ? '' : pair.slice(colon + 1);
  const isAccount = isSid('AC', user);
  if (!isAccount && !isSid('SK', user))
    return refused(
      'the user is neither an account SID (AC and 32 hex digits) nor an API key SID (SK …)',
      badUser,
    );
  if (secret === '') return refused('the auth token is empty', missing);
  if (fixed.length > 0 && !fixed.some((one) => one.account === user && one.secret === secret))
    return refused(`the settings know no ${isAccount ? 'account' : 'API key'} ${user} with that secret`);
  return { user, account: isAccount ? user : null, secret };
}

/** The account in the path has to be the caller's. */
export function mayUse(caller: Caller, account: string): Refused | null {
  if (caller.account === null || caller.account.toLowerCase() === account.toLowerCase()) return null;
  return refused(`the credentials are those of ${caller.account}, and the path says ${account}`);
}

const missing = 'Authentication Error - No credentials provided';
const badUser = 'Authentication Error - invalid username';

function refused(why: string, text?: string): Refused {
  return { code: 20003, why, ...(text === undefined ? {} : { text }) };
}
