/** `sandpost send --channel sms`: hands an SMS to the send API, as an app's backend would. */
import { AppError } from '../model/app-error.ts';
import { isSmsProvider, smsProviders } from '../model/sms.ts';
import { coreOptions, durationMs, type Flags, on, readFlags, text, texts } from './arguments.ts';
import { handIn } from './hand-in.ts';
import type { Output } from './output.ts';

export const sendSmsHelp = `sandpost send --channel sms --to +14155550123 | user:NAME … --body B [--from SENDER] [--provider P …] [--media URL …]
              [--track-links] [--validity 1h] [--reference R] [--json]
Sends an SMS by the API; P is ${smsProviders.slice(0, -1).join(', ')} or ${smsProviders.at(-1)}. Given more than once, the
next one is asked where one cannot take it.
`;

const many = { type: 'string', multiple: true } as const;
const one = { type: 'string' } as const;

export async function sendSms(args: readonly string[], output: Output): Promise<number> {
  const flags = readFlags('send', args, {
    ...coreOptions,
    channel: one,
    sms: { type: 'boolean' },
    to: many,
    from: one,
    body: one,
    provider: many,
    media: many,
    'track-links': { type: 'boolean' },
    validity: one,
    reference: one,
  });
  const [stray] = flags.rest;
  if (stray !== undefined)
    throw new AppError('usage', `${stray} belongs to no flag; the text of an SMS is --body`);
  return handIn(requestOf(flags), flags, output);
}

function requestOf(flags: Flags): Readonly<Record<string, unknown>> {
  const to = texts(flags, 'to');
  if (to.length === 0) throw new AppError('usage', 'who is it to? Give --to +14155550123, or user:NAME');
  const validity = text(flags, 'validity');
  const providers = texts(flags, 'provider').flatMap((written) => written.split(','));
  const media = texts(flags, 'media');
  const said = {
    from: text(flags, 'from'),
    body: text(flags, 'body'),
    media: media.length === 0 ? undefined : media,
    providers: providers.length === 0 ? undefined : providers.map(providerOf),
    trackLinks: on(flags, 'track-links') ? true : undefined,
    validitySeconds:
      validity === undefined ? undefined : Math.round(durationMs(validity, '--validity') / 1000),
    reference: text(flags, 'reference'),
  };
  const given = Object.entries(said).filter(([, value]) => value !== undefined);
  return { channel: 'sms', to: to.map(recipientOf), ...Object.fromEntries(given) };
}

function recipientOf(written: string): Readonly<Record<string, string>> {
  return written.startsWith('user:') ? { user: written.slice('user:'.length) } : { number: written };
}

function providerOf(written: string): string {
  if (isSmsProvider(written)) return written;
  throw new AppError('usage', `--provider ${written}: it is one of ${smsProviders.join(', ')}`);
}
