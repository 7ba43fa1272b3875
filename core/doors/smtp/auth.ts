/**
 * The SASL mechanisms of the SMTP doors: PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195) and XOAUTH2. Each is a small
 * conversation: a step takes the client's decoded response and says what comes next. Pure; chance is passed in.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type Mechanism = 'PLAIN' | 'LOGIN' | 'CRAM-MD5' | 'XOAUTH2';
export const mechanisms: readonly Mechanism[] = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'XOAUTH2'];

/** What the client proved, or claims: enough to accept anyone, or to check against fixed credentials. */
export interface Credentials {
  readonly mechanism: Mechanism;
  readonly user: string;
  /** @returns whether the client showed that it knows this password (or, with XOAUTH2, carries this token) */
  readonly proves: (password: string) => boolean;
}

export type AuthStep =
  | { readonly next: 'challenge'; readonly text: string; readonly answer: (response: Buffer) => AuthStep }
  | { readonly next: 'done'; readonly credentials: Credentials }
  | { readonly next: 'malformed'; readonly why: string };

export function startAuth(mechanism: Mechanism, initial: Buffer | null, challenge: () => string): AuthStep {
  switch (mechanism) {
    case 'PLAIN':
      return initial === null ? { next: 'challenge', text: '', answer: plain } : plain(initial);
    case 'LOGIN':
      return initial === null
        ? { next: 'challenge', text: 'Username:', answer: loginUser }
        : loginUser(initial);
    case 'CRAM-MD5': {
      const text = challenge();
      return { next: 'challenge', text, answer: (response) => cramMd5(text, response) };
    }
    case 'XOAUTH2':
      return initial === null ? { next: 'challenge', text: '', answer: xoauth2 } : xoauth2(initial);
  }
}

function plain(response: Buffer): AuthStep {
  const parts = response.toString('utf8').split('\0');
  const [, user, password] = parts;
  if (parts.length !== 3 || user === undefined || password === undefined || user === '') {
    return { next: 'malformed', why: 'PLAIN takes [authorization] NUL user NUL password' };
  }
  return done('PLAIN', user, (expected) => same(expected, password));
}

function loginUser(response: Buffer): AuthStep {
  const user = response.toString('utf8');
  if (user === '') return { next: 'malformed', why: 'The user name is empty' };
  return {
    next: 'challenge',
    text: 'Password:',
    answer: (password) => done('LOGIN', user, (expected) => same(expected, password.toString('utf8'))),
  };
}

function cramMd5(challenge: string, response: Buffer): AuthStep {
  const text = response.toString('utf8');
  const space = text.lastIndexOf(' ');
  const digest = text.slice(space + 1).toLowerCase();
  if (space < 1 || !/^[0-9a-f]{32}$/.test(digest)) {
    return { next: 'malformed', why: 'CRAM-MD5 takes the user name, a space and 32 hex digits' };
  }
  return done('CRAM-MD5', text.slice(0, space), (expected) =>
    same(createHmac('md5', expected).update(challenge).digest('hex'), digest),
  );
}

function xoauth2(response: Buffer): AuthStep {
  const fields = new Map(
    response
      .toString('utf8')
      .split('\x01')
      .map((field) => {
        const equals = field.indexOf('=');
        return [field.slice(0, Math.max(equals, 0)).toLowerCase(), field.slice(equals + 1)] as const;
      }),
  );
  const user = fields.get('user');
  const token = /^Bearer +(\S+)$/i.exec(fields.get('auth') ?? '')?.[1];
  if (!user || token === undefined) {
    return { next: 'malformed', why: 'XOAUTH2 takes user=NAME^Aauth=Bearer TOKEN^A^A' };
  }
  return done('XOAUTH2', user, (expected) => same(expected, token));
}

function done(mechanism: Mechanism, user: string, proves: (password: string) => boolean): AuthStep {
  return { next: 'done', credentials: { mechanism, user, proves } };
}

function same(expected: string, given: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** @returns null when the text is no base64; `=` stands for an empty response (RFC 4954 §4) */
export function decodeResponse(text: string): Buffer | null {
  if (text === '=') return Buffer.alloc(0);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 === 1) return null;
  return Buffer.from(text, 'base64');
}
