/** Header fields as they are kept with a message: credentials masked but for their scheme. */
import type { Fields } from '../../doors/http/provider-request.ts';
import { secretFields } from '../../doors/http/request-fields.ts';

export function maskedFields(
  { entries }: Pick<Fields, 'entries'>,
  more: readonly string[] = [],
): readonly (readonly [string, string])[] {
  return entries.map(([name, value]) => {
    if (!secretFields.has(name) && !more.includes(name)) return [name, value] as const;
    const [, scheme] = /^([A-Za-z][\w-]{0,15}) /.exec(value) ?? [];
    return [name, scheme === undefined ? '***' : `${scheme} ***`] as const;
  });
}
