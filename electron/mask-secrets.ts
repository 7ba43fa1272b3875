/** Takes out of a text what must not stand in a report that people paste in public. */
export interface MaskOptions {
  /** The name of the person stands in its path. */
  readonly homeDir: string;
  /** Known ones, a core's token for one. */
  readonly secrets: readonly string[];
}

const masked = '[masked]';
/** Shorter ones would take words out of the text. */
const secretCharsMin = 6;

const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, masked],
  [/\b(bearer|basic|xoauth2)(\s+)[\w.~+/=-]{6,}/gi, `$1$2${masked}`],
  // A JSON Web Token by its first letters, which are `{"` in base64.
  [/\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?/g, masked],
  [
    /([\w-]*(?:token|passw(?:or)?d|passphrase|secret|api[-_]?key|private[-_]?key|credential)[\w-]*["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s&"',;)\]}]+)/gi,
    `$1${masked}`,
  ],
  // The user and password of an address.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${masked}@`],
];

export function maskSecrets(text: string, { homeDir, secrets }: MaskOptions): string {
  const known = secrets.filter((secret) => secret.length >= secretCharsMin);
  const withoutKnown = known.reduce((rest, secret) => rest.replaceAll(secret, masked), text);
  const withoutSecrets = patterns.reduce(
    (rest, [pattern, instead]) => rest.replace(pattern, instead),
    withoutKnown,
  );
  return withoutHome(withoutSecrets, homeDir);
}

/** Also as it stands in a file address, and as JSON writes it on Windows. */
function withoutHome(text: string, homeDir: string): string {
  if (homeDir === '' || homeDir === '/') return text;
  const forms = new Set([
    homeDir.replaceAll('\\', '\\\\'),
    homeDir,
    homeDir.replaceAll('\\', '/'),
    encodeURI(homeDir),
  ]);
  return [...forms].reduce((rest, form) => rest.replaceAll(form, '~'), text);
}
