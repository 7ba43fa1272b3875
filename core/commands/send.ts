/** `sandpost send` and `sandpost sendmail`: hand a message to the SMTP door, or to the send API, as an app would. */
import { readFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { basename } from 'node:path';
import nodemailer, { type SendMailOptions } from 'nodemailer';
import { parseAddresses } from '../inspect/headers.ts';
import { AppError, codeOf, messageOf } from '../model/app-error.ts';
import { headerBlock, headerFields } from '../model/header-block.ts';
import { coreOptions, on, readAll, readFlags, text, texts } from './arguments.ts';
import { type CoreLocation, coreFileOf } from './core-client.ts';
import { exitCodes, type Output } from './output.ts';
import { sendChannels, sendChannelsHelp } from './send-channels.ts';
import { sendInApp, sendInAppHelp } from './send-inapp.ts';
import { sendPush, sendPushHelp } from './send-push.ts';
import { sendSms, sendSmsHelp } from './send-sms.ts';

export const sendHelp = `sandpost send [FILE.eml | -] [--from A] [--to B …] [--cc …] [--bcc …] [--subject S] [--text T] [--html H]
              [--attach FILE …] [--header "Name: value" …] [--smtp HOST:PORT] [--user NAME:PASSWORD] [--json]
Sends a message by SMTP to the sandbox: built from the flags, or the .eml file (- reads it from standard input).
--from and --to of an .eml are the envelope's; without them its headers say.
${sendPushHelp}${sendSmsHelp}${sendInAppHelp}${sendChannelsHelp}`;
export const sendmailHelp = `sandpost sendmail [-t] [-i] [-f SENDER] [-F NAME] [RECIPIENT …]: reads a message from standard input, as sendmail does.
-t takes the recipients from To, Cc and Bcc (and takes Bcc out); -i: a line with a single dot does not end the input.
In php.ini: sendmail_path = "sandpost sendmail -t -i"
`;

const inputBytesMax = 256 * 1024 * 1024;
const many = { type: 'string', multiple: true } as const;

interface Target {
  readonly host: string;
  readonly port: number;
}

export async function send(args: readonly string[], output: Output): Promise<number> {
  if (args.some((arg) => arg === '--channels' || arg.startsWith('--channels=')))
    return sendChannels(args, output);
  const channel = channelOf(args);
  if (channel === 'push') return sendPush(args, output);
  if (channel === 'sms') return sendSms(args, output);
  if (channel === 'inapp') return sendInApp(args, output);
  if (channel !== 'email')
    throw new AppError(
      'usage',
      `--channel ${channel} is not one of email, push, sms and inapp; --channels takes several`,
    );
  const flags = readFlags('send', args, {
    ...coreOptions,
    from: { type: 'string' },
    to: many,
    cc: many,
    bcc: many,
    subject: { type: 'string' },
    text: { type: 'string' },
    html: { type: 'string' },
    attach: many,
    header: many,
    smtp: { type: 'string' },
    user: { type: 'string' },
    channel: { type: 'string' },
  });
  const target = targetOf(text(flags, 'smtp'), { data: text(flags, 'data') }, output);
  const [file] = flags.rest;
  const built = ['subject', 'text', 'html'].some((name) => text(flags, name) !== undefined);
  const fromInput = file === '-' || (file === undefined && !built);
  const to = texts(flags, 'to');
  let sent: { readonly response: string };
  if (file !== undefined || fromInput) {
    const raw = fromInput ? await readAll(output.stdin, inputBytesMax) : await readFile(file ?? '');
    const block = headerBlock(raw);
    sent = await deliver(target, text(flags, 'user'), {
      raw,
      envelope: {
        from: text(flags, 'from') ?? addressesIn(block, ['from'])[0] ?? '',
        to: to.length > 0 ? [...to] : addressesIn(block, ['to', 'cc', 'bcc']),
      },
    });
  } else {
    if (to.length === 0) throw new AppError('usage', 'who is it to? Give --to');
    sent = await deliver(target, text(flags, 'user'), {
      from: text(flags, 'from') ?? 'sender@example.com',
      to: [...to],
      cc: [...texts(flags, 'cc')],
      bcc: [...texts(flags, 'bcc')],
      subject: text(flags, 'subject') ?? '',
      text: text(flags, 'text'),
      html: text(flags, 'html'),
      attachments: texts(flags, 'attach').map((path) => ({ path, filename: basename(path) })),
      headers: texts(flags, 'header').map(headerOf),
    });
  }
  const id = /stored as (\S+)/.exec(sent.response)?.[1] ?? null;
  if (on(flags, 'json')) output.stdout.write(`${JSON.stringify({ id, response: sent.response })}\n`);
  else output.stdout.write(`${id ?? sent.response}\n`);
  return exitCodes.ok;
}

/** Which flags there are goes by it, so it is looked for before they are read. */
function channelOf(args: readonly string[]): string {
  const at = args.findIndex((arg) => arg === '--channel' || arg.startsWith('--channel='));
  // The short form, as it is said most.
  if (at < 0) return args.includes('--sms') ? 'sms' : 'email';
  return args[at]?.split('=')[1] ?? args[at + 1] ?? '';
}

/** Flags as sendmail takes them: a letter with its value attached or behind it; what means nothing here is passed over. */
export async function sendmail(args: readonly string[], output: Output): Promise<number> {
  const recipients: string[] = [];
  let fromHeaders = false;
  let dotEnds = true;
  let sender: string | null = null;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    const value = (): string => (arg.length > 2 ? arg.slice(2) : (args[++at] ?? ''));
    if (arg === '--') {
      recipients.push(...args.slice(at + 1));
      break;
    }
    if (!arg.startsWith('-')) recipients.push(arg);
    else if (arg === '-t' || arg === '-ti' || arg === '-it') {
      fromHeaders = true;
      if (arg !== '-t') dotEnds = false;
    } else if (arg === '-i' || arg === '-oi') dotEnds = false;
    else if (arg.startsWith('-f') || arg.startsWith('-r')) sender = value();
    else if (/^-[FBCDhLNOopqRVX]/.test(arg) && !arg.startsWith('-o')) value();
    else if (arg.startsWith('-b') && arg !== '-bm') {
      throw new AppError(
        'usage',
        `${arg} is not offered; sendmail here reads one message from standard input`,
      );
    }
  }
  const input = await readAll(output.stdin, inputBytesMax);
  const raw = dotEnds ? upToDot(input) : input;
  const block = headerBlock(raw);
  const to = [...recipients, ...(fromHeaders ? addressesIn(block, ['to', 'cc', 'bcc']) : [])];
  if (to.length === 0) throw new AppError('usage', 'no recipient: name one, or use -t with a To header');
  const target = targetOf(undefined, {}, output);
  try {
    await deliver(target, undefined, {
      raw: fromHeaders ? withoutBcc(raw) : raw,
      envelope: {
        from: sender ?? addressesIn(block, ['from'])[0] ?? `${userInfo().username}@${hostname()}`,
        to,
      },
    });
  } catch (error) {
    // What calls sendmail keeps the message and tries again when told that the failure is for now (EX_TEMPFAIL).
    output.stderr.write(`sendmail: ${messageOf(error)}\n`);
    return refusedForGood(error) ? exitCodes.unavailable : exitCodes.portTaken;
  }
  return exitCodes.ok;
}

function refusedForGood(error: unknown): boolean {
  const code =
    typeof error === 'object' && error !== null && 'responseCode' in error ? Number(error.responseCode) : 0;
  return code >= 500;
}

async function deliver(
  target: Target,
  user: string | undefined,
  mail: SendMailOptions,
): Promise<{ readonly response: string }> {
  const colon = user?.indexOf(':') ?? -1;
  const transport = nodemailer.createTransport({
    host: target.host,
    port: target.port,
    secure: false,
    ignoreTLS: true,
    ...(user === undefined
      ? {}
      : {
          auth: {
            user: colon < 0 ? user : user.slice(0, colon),
            pass: colon < 0 ? '' : user.slice(colon + 1),
          },
        }),
  });
  try {
    return await transport.sendMail(mail);
  } catch (error) {
    if (codeOf(error) !== 'ECONNECTION' && codeOf(error) !== 'ESOCKET') throw error;
    throw new AppError(
      'not_found',
      `no SMTP door answers at ${target.host}:${target.port} (${messageOf(error)}); start \`sandpost serve\`, or name it with --smtp or SANDPOST_SMTP`,
      { cause: error },
    );
  } finally {
    transport.close();
  }
}

/** --smtp, SANDPOST_SMTP, what the data folder says, or the usual port of this machine. */
function targetOf(given: string | undefined, location: CoreLocation, output: Output): Target {
  const named = given ?? output.environment.SANDPOST_SMTP;
  if (named !== undefined) {
    const match = /^(?:(.+):)?(\d+)$/.exec(named);
    if (match === null) throw new AppError('usage', `${named} is no HOST:PORT`);
    return { host: match[1] ?? '127.0.0.1', port: Number(match[2]) };
  }
  return { host: '127.0.0.1', port: coreFileOf(location, output)?.ports.smtp ?? 1025 };
}

function addressesIn(block: string, names: readonly string[]): string[] {
  return headerFields(block)
    .filter((field) => names.includes(field.name.toLowerCase()))
    .flatMap((field) => parseAddresses(field.raw).map((one) => one.address))
    .filter((address) => address !== '');
}

function headerOf(line: string): { key: string; value: string } {
  const colon = line.indexOf(':');
  if (colon < 1) throw new AppError('usage', `--header "${line}" is no "Name: value"`);
  return { key: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
}

function upToDot(input: Buffer): Buffer {
  const end = /(?:^|\n)\.\r?\n/.exec(input.toString('latin1'));
  return end === null ? input : input.subarray(0, end.index + (end[0].startsWith('\n') ? 1 : 0));
}

function withoutBcc(raw: Buffer): Buffer {
  const source = raw.toString('latin1');
  const gap = /\r?\n\r?\n/.exec(source);
  const end = gap === null ? source.length : gap.index;
  const head = source.slice(0, end).replace(/(^|\n)bcc:[^\n]*(?:\n[ \t][^\n]*)*(?=\n|$)/gi, '');
  return Buffer.from(head.replace(/^\r?\n/, '') + source.slice(end), 'latin1');
}
