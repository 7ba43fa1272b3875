/** What the in-app door says in place of a yes, as the editor offers it; a rule may name any other. */
export const inAppReasons: readonly { readonly code: string; readonly means: string }[] = [
  { code: 'unauthorized', means: 'the key or the user’s token is not taken' },
  { code: 'token_expired', means: 'the user’s token is over' },
  { code: 'forbidden', means: 'the hash is not that of the user' },
  { code: 'not_found', means: 'there is no such user, or no such message' },
  { code: 'payload_too_large', means: 'the message is too large' },
  { code: 'invalid_message', means: 'the message is not taken as it is' },
  { code: 'rate_limited', means: 'too many requests' },
  { code: 'internal_error', means: 'a fault of the server' },
  { code: 'bad_gateway', means: 'a proxy reaches no server' },
  { code: 'unavailable', means: 'out of order, or overloaded' },
  { code: 'timeout', means: 'a proxy waited in vain' },
];
