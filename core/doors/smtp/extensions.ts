/** The extensions of SMTP that a door may offer, in the order in which EHLO tells them. */
export const extensions = [
  'PIPELINING',
  '8BITMIME',
  'SMTPUTF8',
  'SIZE',
  'DSN',
  'ENHANCEDSTATUSCODES',
  'STARTTLS',
  'AUTH',
] as const;
export type Extension = (typeof extensions)[number];

/** Parameters that belong to an extension which a door may leave out. */
export const extensionOf: Readonly<Record<string, Extension>> = {
  SMTPUTF8: 'SMTPUTF8',
  SIZE: 'SIZE',
  RET: 'DSN',
  ENVID: 'DSN',
  NOTIFY: 'DSN',
  ORCPT: 'DSN',
};
