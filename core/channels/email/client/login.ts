/** What a client says to log in (RFC 4954): PLAIN (RFC 4616), LOGIN, XOAUTH2. Pure. */

export const loginMechanisms = ['plain', 'login', 'xoauth2'] as const;
export type LoginMechanism = (typeof loginMechanisms)[number];

export interface Login {
  readonly mechanism: LoginMechanism;
  /** Asked for at each connection: it may be another one by then. Fields `user`, and `password` or `accessToken`. */
  readonly credential: () => Promise<Readonly<Record<string, string>>>;
}

export type LoginWords =
  | {
      readonly ok: true;
      readonly command: string;
      /** To each 334, in order. */
      readonly answers: readonly string[];
      /** What nobody else is to read, however a server repeats it. */
      readonly secrets: readonly string[];
    }
  | { readonly ok: false; readonly lacking: string };

export function loginWords(
  mechanism: LoginMechanism,
  { user, password, accessToken }: Readonly<Record<string, string>>,
): LoginWords {
  if (user === undefined || user === '') return { ok: false, lacking: 'user' };
  const secret = mechanism === 'xoauth2' ? accessToken : password;
  if (secret === undefined || secret === '')
    return { ok: false, lacking: mechanism === 'xoauth2' ? 'accessToken' : 'password' };
  switch (mechanism) {
    case 'plain': {
      const response = base64(`\0${user}\0${secret}`);
      return {
        ok: true,
        command: `AUTH PLAIN ${response}`,
        answers: [],
        secrets: spellings(secret, response),
      };
    }
    case 'login': {
      const answers = [base64(user), base64(secret)];
      return { ok: true, command: 'AUTH LOGIN', answers, secrets: spellings(secret) };
    }
    case 'xoauth2': {
      const response = base64(`user=${user}\x01auth=Bearer ${secret}\x01\x01`);
      // To what went wrong, said in a challenge, the client answers with nothing, and is refused then.
      return {
        ok: true,
        command: `AUTH XOAUTH2 ${response}`,
        answers: [''],
        secrets: spellings(secret, response),
      };
    }
  }
}

/** A reply without what was told in confidence. */
export function masked(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '(masked)'), text);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** The longest first: one may hold another. */
function spellings(secret: string, ...others: readonly string[]): readonly string[] {
  return [secret, base64(secret), ...others].sort((a, b) => b.length - a.length);
}
