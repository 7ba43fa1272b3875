/**
 * Who calls: an API key (`App`), a user and password (`Basic`), a session (`IBSSO`) or an access token (`Bearer`).
 * Source: https://www.infobip.com/docs/essentials/api-authentication
 */
import type { ProviderRequest } from '../../../doors/http/provider-request.ts';
import type { SmsDoorPorts } from '../room.ts';
import { sameText } from '../same-text.ts';
import type { Parsed } from './parse.ts';

/** @returns the account: a user's name, or what the settings call the owner of a key; empty where nobody knows */
export function accountOf(
  request: ProviderRequest,
  { farSide }: Pick<SmsDoorPorts, 'farSide'>,
): Parsed<string> {
  const field = request.fields.get('authorization')?.trim();
  if (field === undefined)
    return unauthorized('Authorization is missing: it is “App” and the API key, or Basic, IBSSO or Bearer');
  const [, scheme = '', given = ''] = /^(App|Basic|IBSSO|Bearer) +(\S+)$/i.exec(field) ?? [];
  if (given === '')
    return unauthorized('Authorization is not “App” and an API key, nor Basic, IBSSO or Bearer');
  const fixed = farSide.settings().credentials.infobip ?? [];
  if (scheme.toLowerCase() === 'basic') {
    const said = Buffer.from(given, 'base64').toString('utf8');
    const colon = said.indexOf(':');
    if (colon < 1) return unauthorized('Authorization is Basic, without a user and a password in base64');
    const user = said.slice(0, colon);
    if (
      fixed.length === 0 ||
      fixed.some((one) => one.account === user && sameText(one.secret, said.slice(colon + 1)))
    )
      return { value: user };
    return unauthorized(`the settings fix the credentials of Infobip, and ${user} has others`);
  }
  const known = fixed.find(({ secret }) => sameText(secret, given));
  if (fixed.length > 0 && known === undefined)
    return unauthorized('the settings fix the credentials of Infobip, and the key is none of those');
  return { value: known?.account ?? '' };
}

function unauthorized(why: string): Parsed<string> {
  return { refusal: { error: 'UNAUTHORIZED', why } };
}
