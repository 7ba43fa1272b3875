/** Who calls: an access key, by the header field or, as older clients do, by a parameter. */
import { createHash } from 'node:crypto';
import type { SmsCredential } from '../../../delivery/sms-far-side.ts';
import type { Fields } from '../../../doors/http/provider-request.ts';

export type Caller =
  | { readonly kind: 'known'; readonly account: string }
  | { readonly kind: 'refused'; readonly why: string };

const keyLike = /^[\w-]{1,128}$/;

/** @param fixed empty: any key is taken */
export function judgeAccessKey(
  fields: Fields,
  query: URLSearchParams,
  fixed: readonly SmsCredential[],
): Caller {
  const authorization = fields.get('authorization');
  const [, ofField] = /^AccessKey\s+(\S+)$/i.exec(authorization ?? '') ?? [];
  const key = ofField ?? query.get('access_key') ?? '';
  if (key === '')
    return refused(authorization === null ? 'no Authorization came' : 'Authorization is not “AccessKey …”');
  if (!keyLike.test(key)) return refused('the access key does not look like one');
  if (fixed.length === 0) return { kind: 'known', account: accountOf(key) };
  const own = fixed.find(({ secret }) => secret === key);
  return own === undefined
    ? refused('the settings do not know that access key')
    : { kind: 'known', account: own.account };
}

/** There is no account but its key, which is a secret: told apart by its end and a digest. */
function accountOf(key: string): string {
  return `…${key.slice(-4)} ${createHash('sha256').update(key).digest('hex').slice(0, 6)}`;
}

function refused(why: string): Caller {
  return { kind: 'refused', why };
}
