/** What is magic about a recipient, whatever the channel: the words of an address, of a token or of a user's id, the end of a number. Pure. */
import type { Channel } from '../model/message.ts';
import { type MagicTag, magicOf } from './magic.ts';
import { magicNumberOf } from './magic-numbers.ts';
import { magicTokenOf } from './magic-tokens.ts';
import { magicUserOf } from './magic-users.ts';

export function magicTagsOf(
  channel: Channel,
  recipient: string,
  provider: string | null,
): readonly MagicTag[] {
  switch (channel) {
    case 'push':
      return magicTokenOf(recipient, provider);
    case 'sms':
      return magicNumberOf(recipient, provider);
    case 'email':
      return magicOf(recipient);
    case 'inapp':
      return magicUserOf(recipient);
    // What goes out for it by each channel is asked about by itself.
    case 'multi':
      return [];
    default:
      return channel satisfies never;
  }
}

/** As they are called where they are switched off. */
export const magicNames: Readonly<Record<Channel, string>> = {
  email: 'magic addresses',
  push: 'magic tokens',
  sms: 'magic numbers',
  inapp: 'magic users',
  multi: 'magic addresses',
};
