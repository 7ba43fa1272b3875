/** The account itself, as SDKs ask for it to try their credentials. Source: https://www.twilio.com/docs/iam/api/account */
import type { ProviderAnswer } from '../../../doors/http/provider-request.ts';
import { rfc2822 } from './dates.ts';
import type { Asking } from './messages.ts';
import { answered, defaultCurrency, jsonReply } from './reply.ts';

export function account({ account: sid, caller, door }: Asking): ProviderAnswer {
  const date = rfc2822(door.virtual.nowMs());
  const uri = `/2010-04-01/Accounts/${sid}`;
  const resources = ['Messages', 'IncomingPhoneNumbers', 'Balance'];
  return answered(
    jsonReply(
      200,
      {
        // Never the token that was seen.
        auth_token: null,
        date_created: date,
        date_updated: date,
        friendly_name: 'Sandbox account',
        owner_account_sid: sid,
        sid,
        status: 'active',
        subresource_uris: Object.fromEntries(
          resources.map((name) => [
            name.replace(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase(),
            `${uri}/${name}.json`,
          ]),
        ),
        type: 'Full',
        uri: `${uri}.json`,
      },
      door.newSid,
    ),
    caller.user,
  );
}

/** Nothing is charged here, so nothing is ever used up. */
export function balance({ account: sid, caller, door }: Asking): ProviderAnswer {
  return answered(
    jsonReply(200, { account_sid: sid, balance: '100.00', currency: defaultCurrency }, door.newSid),
    caller.user,
  );
}
