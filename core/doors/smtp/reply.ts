/** The replies of the SMTP doors: code, enhanced code (RFC 2034, 3463) and text, one row each. */
import { codeOf } from '../../model/app-error.ts';

export interface Reply {
  readonly code: number;
  readonly enhanced: string | null;
  readonly lines: readonly string[];
  /** After this reply the server closes the connection. */
  readonly close?: true;
  /** Who wants it said, on purpose; for the transcript and the exchange, not for the client. */
  readonly why?: string;
}

export function reply(code: number, enhanced: string | null, ...lines: readonly string[]): Reply {
  return { code, enhanced, lines };
}

/** 4xx and 5xx. */
export function isRefusal(value: Reply): boolean {
  return value.code >= 400;
}

/** What a client is told whose message could not be stored: it may try again, and a full disk is named. */
export function unstoredReply(error: unknown): Reply {
  return codeOf(error) === 'disk_full' ? replies.storageFull : replies.storageFailed;
}

/** The wire form, multi-line as RFC 5321 §4.2.1 has it. */
export function formatReply(value: Reply): string {
  const status = value.enhanced === null ? '' : `${value.enhanced} `;
  const last = value.lines.length - 1;
  return value.lines
    .map((line, index) => `${value.code}${index === last ? ' ' : '-'}${status}${line}\r\n`)
    .join('');
}

export const replies = {
  ok: reply(250, '2.0.0', 'OK'),
  noop: reply(250, '2.0.0', 'OK'),
  reset: reply(250, '2.0.0', 'Flushed'),
  bye: { ...reply(221, '2.0.0', 'Bye'), close: true },
  senderOk: reply(250, '2.1.0', 'OK'),
  recipientOk: reply(250, '2.1.5', 'OK'),
  startData: reply(354, null, 'End data with <CR><LF>.<CR><LF>'),
  startTls: reply(220, '2.0.0', 'Ready to start TLS'),
  authOk: reply(235, '2.7.0', 'Authentication successful'),
  help: reply(214, '2.0.0', 'Commands: EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP STARTTLS AUTH'),
  verifyUnsure: reply(252, '2.1.5', 'Cannot verify the address; a message to it will be accepted'),
  expandUnknown: reply(502, '5.5.1', 'EXPN is not offered'),
  unknownCommand: reply(500, '5.5.2', 'Command not recognised'),
  speaksHttp: {
    ...reply(421, '4.7.0', 'This is an SMTP door, not a web server; the screen is on the HTTP port'),
    close: true,
  },
  lineTooLong: reply(500, '5.5.2', 'Line too long'),
  badSyntax: (what: string) => reply(501, '5.5.4', what),
  badSequence: (what: string) => reply(503, '5.5.1', what),
  unknownParameter: (name: string) => reply(555, '5.5.4', `Parameter not recognised: ${name}`),
  badSender: (what: string) => reply(553, '5.1.7', what),
  badRecipient: (what: string) => reply(553, '5.1.3', what),
  needsSmtputf8: reply(553, '5.6.7', 'The address is not ASCII; send MAIL FROM with SMTPUTF8'),
  tooLarge: (bytesMax: number) => reply(552, '5.3.4', `Message exceeds the limit of ${bytesMax} bytes`),
  tooManyRecipients: (max: number) =>
    reply(452, '4.5.3', `Too many recipients; at most ${max} in one transaction, send the rest in another`),
  tooManyConnections: {
    ...reply(421, '4.3.2', 'Too many connections; close some or try again later'),
    close: true,
  },
  tooManyErrors: { ...reply(421, '4.7.0', 'Too many errors; closing the connection'), close: true },
  idle: { ...reply(421, '4.4.2', 'Idle for too long; closing the connection'), close: true },
  shuttingDown: { ...reply(421, '4.3.2', 'Shutting down; try again later'), close: true },
  storageFull: reply(452, '4.3.1', 'Insufficient system storage; nothing was stored, try again later'),
  storageFailed: reply(451, '4.3.0', 'The message could not be stored; try again later'),
  authRequired: reply(530, '5.7.0', 'Authentication required'),
  tlsRequired: reply(530, '5.7.0', 'Issue STARTTLS first'),
  tlsNotOffered: reply(502, '5.5.1', 'STARTTLS is not offered at this door'),
  tlsRefused: reply(454, '4.7.0', 'TLS not available due to a temporary reason'),
  tlsActive: reply(503, '5.5.1', 'TLS is already in use'),
  authFailed: reply(535, '5.7.8', 'Authentication credentials invalid'),
  authNotOffered: reply(503, '5.5.1', 'AUTH is not offered at this door'),
  xclientRefused: reply(550, '5.7.0', 'XCLIENT is not for this client'),
  /** Nothing is said: the connection is cut, as by a server that went away. */
  hangUp: { ...reply(421, '4.3.2'), close: true },
  authCanceled: reply(501, '5.7.0', 'Authentication canceled'),
  authBadEncoding: reply(501, '5.5.2', 'Cannot decode the response; base64 is expected'),
  authUnknownMechanism: reply(504, '5.5.4', 'Mechanism not offered; use PLAIN, LOGIN, CRAM-MD5 or XOAUTH2'),
} as const satisfies Record<string, Reply | ((...args: never[]) => Reply)>;
