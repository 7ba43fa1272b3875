/** Which parameters MAIL FROM and RCPT TO may have, and what they may say: one row each, with its source. Pure. */
import type { Parameters } from './command.ts';
import { printable } from './printable.ts';
import { type Reply, replies } from './reply.ts';

export function mailParameterFault(parameters: Parameters, extended: boolean): Reply | null {
  for (const [name, value] of Object.entries(parameters)) {
    if (!extended) return replies.badSyntax('Parameters need EHLO');
    const row = mailParameters[name];
    if (row === undefined) return replies.unknownParameter(printable(name));
    if (!row(value)) return replies.badSyntax(`Bad value for ${name}`);
  }
  return null;
}

const xtext = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/;

/** RFC 1870 SIZE, RFC 6152 BODY, RFC 6531 SMTPUTF8, RFC 3461 RET and ENVID, RFC 4954 AUTH. */
const mailParameters: Readonly<Record<string, (value: string | true) => boolean>> = {
  SIZE: (value) => value !== true && /^\d{1,20}$/.test(value),
  BODY: (value) => value !== true && /^(?:7BIT|8BITMIME)$/i.test(value),
  SMTPUTF8: (value) => value === true,
  RET: (value) => value !== true && /^(?:FULL|HDRS)$/i.test(value),
  ENVID: (value) => value !== true && value.length <= 100 && xtext.test(value),
  AUTH: (value) => value !== true,
};

export function tooLargeFault(parameters: Parameters, bytesMax: number): Reply | null {
  const size = parameters.SIZE;
  return typeof size === 'string' && bytesMax > 0 && Number(size) > bytesMax
    ? replies.tooLarge(bytesMax)
    : null;
}

export function rcptParameterFault(parameters: Parameters): Reply | null {
  for (const [name, value] of Object.entries(parameters)) {
    const row = rcptParameters[name];
    if (row === undefined) return replies.unknownParameter(printable(name));
    if (!row(value)) return replies.badSyntax(`Bad value for ${name}`);
  }
  return null;
}

/** RFC 3461 §4.1 and §4.2: NEVER stands alone. */
const rcptParameters: Readonly<Record<string, (value: string | true) => boolean>> = {
  NOTIFY: (value) =>
    value !== true && /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*)$/i.test(value),
  ORCPT: (value) => value !== true && /^[A-Za-z0-9-]+;.+$/.test(value),
};
