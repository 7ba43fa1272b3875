/**
 * Google's OAuth 2 token endpoint: a service account's signed assertion for an access token, and the assertion judged.
 * Source: https://developers.google.com/identity/protocols/oauth2/service-account, RFC 7523, RFC 6749 §5.2; the words as
 * Google has been seen to say them.
 */
import type { ProviderAnswer, ProviderReply, ProviderRequest } from '../../doors/http/provider-request.ts';
import { projectOfAccount, tokenSeconds } from './access-tokens.ts';
import { type DecodedJwt, decodeJwt, signatureFits } from './jwt.ts';
import type { FcmPorts } from './ports.ts';
import type { FcmSettings } from './settings.ts';

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/**
 * Of a form. Its route takes more, for batches of tokens come by it too; but URLSearchParams takes minutes for some
 * megabytes of empty names.
 */
const formBytesMax = 64 * 1024;
/** "The maximum is 1 hour after the issued time." */
const lifetimeSecondsMax = 3_600;
/** A clock may be so far ahead. */
const skewSeconds = 300;
const audiences = [
  'https://oauth2.googleapis.com/token',
  'https://accounts.google.com/o/oauth2/token',
  'https://www.googleapis.com/oauth2/v3/token',
  'https://www.googleapis.com/oauth2/v4/token',
];

export function answerToken(request: ProviderRequest, ports: FcmPorts): ProviderAnswer {
  if (request.method !== 'POST')
    return refusal(
      405,
      'invalid_request',
      'Method not allowed',
      `${request.method} /token: a token is asked for by POST`,
    );
  if (request.bodyTooLarge || request.body.length > formBytesMax)
    return refusal(
      413,
      'invalid_request',
      'Request body too large',
      `the body has more than ${formBytesMax} bytes: an assertion has two or three thousand`,
    );
  const form = formOf(request);
  const grant = form.get('grant_type');
  switch (grant) {
    case jwtBearer:
      return answerAssertion(request, form.get('assertion'), ports);
    case 'refresh_token':
      return answerRefresh(form, ports);
    case null:
    case undefined:
      return refusal(
        400,
        'invalid_request',
        'Missing required parameter: grant_type',
        'grant_type is missing',
      );
    default:
      return refusal(
        400,
        'unsupported_grant_type',
        `Invalid grant_type: ${grant}`,
        `grant_type is ${grant}: a service account's is ${jwtBearer}`,
      );
  }
}

function answerAssertion(
  request: ProviderRequest,
  assertion: string | null | undefined,
  ports: FcmPorts,
): ProviderAnswer {
  if (assertion === null || assertion === undefined || assertion === '')
    return refusal(400, 'invalid_request', 'Missing required parameter: assertion', 'assertion is missing');
  const jwt = decodeJwt(assertion);
  if (jwt === null)
    return refusal(400, 'invalid_grant', 'Invalid JWT: Failed to decode.', 'assertion is no JWT');
  const issuer = typeof jwt.claims.iss === 'string' ? jwt.claims.iss : '';
  const user = issuer === '' ? null : issuer;
  const nowS = Math.floor(ports.clock.wallMs() / 1000);
  const fault = assertionFault(jwt, issuer, request, nowS, ports.settings());
  if (fault !== null) return { ...refusal(400, fault.error, fault.description, fault.why), user };
  const scopes = scopesOf(jwt.claims.scope);
  const known = ports.settings().serviceAccounts.find(({ clientEmail }) => clientEmail === issuer);
  return granted(
    {
      access_token: ports.tokens.mint({
        email: issuer,
        project: known?.projectId ?? projectOfAccount(issuer),
        scopes,
        expiresAtMs: (nowS + tokenSeconds) * 1000,
      }),
      expires_in: tokenSeconds,
      token_type: 'Bearer',
    },
    user,
  );
}

interface Fault {
  readonly error: string;
  readonly description: string;
  readonly why: string;
}

function assertionFault(
  jwt: DecodedJwt,
  issuer: string,
  request: ProviderRequest,
  nowS: number,
  settings: FcmSettings,
): Fault | null {
  const { header, claims } = jwt;
  if (header.alg !== 'RS256')
    return {
      error: 'invalid_grant',
      description: 'Invalid JWT: Only RS256 is supported.',
      why: `the assertion is signed by ${shown(header.alg)}: service accounts sign by RS256`,
    };
  if (!issuer.includes('@'))
    return {
      error: 'invalid_grant',
      description: 'Invalid issuer: Not a valid email or user ID.',
      why: 'iss is not the address of a service account',
    };
  const known = settings.serviceAccounts.find(({ clientEmail }) => clientEmail === issuer);
  if (known === undefined && settings.strict)
    return {
      error: 'invalid_grant',
      description: 'Invalid grant: account not found',
      why: `${issuer} is no known service account`,
    };
  if (known?.publicKey !== undefined && known.publicKey !== null && !signatureFits(jwt, known.publicKey))
    return {
      error: 'invalid_grant',
      description: 'Invalid JWT Signature.',
      why: `the signature is not that of ${issuer}`,
    };
  const { aud, iat, exp } = claims;
  if (!isAudience(aud, request))
    return {
      error: 'invalid_grant',
      description:
        'Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token',
      why: `aud is ${shown(aud)}`,
    };
  if (
    typeof iat !== 'number' ||
    typeof exp !== 'number' ||
    exp <= nowS ||
    iat > nowS + skewSeconds ||
    exp - iat > lifetimeSecondsMax ||
    exp > nowS + lifetimeSecondsMax + skewSeconds
  )
    return {
      error: 'invalid_grant',
      description:
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      why: `iat is ${shown(iat)}, exp is ${shown(exp)}, and it is ${nowS}: an assertion lives for an hour at the most`,
    };
  if (scopesOf(claims.scope).length === 0)
    return {
      error: 'invalid_scope',
      description: 'Invalid OAuth scope or ID token audience provided.',
      why: 'scope is missing: FCM needs https://www.googleapis.com/auth/firebase.messaging',
    };
  return null;
}

/** Also the address that it came to: libraries that honour `token_uri` put that into the assertion. */
function isAudience(aud: unknown, { baseUrl }: ProviderRequest): boolean {
  return (
    typeof aud === 'string' &&
    (audiences.includes(aud) || (/\/token$/.test(aud) && (aud.startsWith(`${baseUrl}/`) || isLoopback(aud))))
  );
}

function isLoopback(url: string): boolean {
  return /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|host\.docker\.internal)[:/]/.test(url);
}

/** What a developer's own login brings (application default credentials). */
function answerRefresh(form: URLSearchParams, ports: FcmPorts): ProviderAnswer {
  if ((form.get('refresh_token') ?? '') === '')
    return refusal(
      400,
      'invalid_request',
      'Missing required parameter: refresh_token',
      'refresh_token is missing',
    );
  const scopes = scopesOf(form.get('scope') ?? 'https://www.googleapis.com/auth/cloud-platform');
  const { projectId } = ports.settings().metadata;
  const token = ports.tokens.mint({
    email: `developer@${projectId}`,
    project: null,
    scopes,
    expiresAtMs: ports.clock.wallMs() + tokenSeconds * 1000,
  });
  return granted(
    { access_token: token, expires_in: tokenSeconds, scope: scopes.join(' '), token_type: 'Bearer' },
    null,
  );
}

function granted(body: unknown, user: string | null): ProviderAnswer {
  return { reply: oauthReply(200, body), refused: null, user };
}

function refusal(status: number, error: string, description: string, why: string): ProviderAnswer {
  return { reply: oauthReply(status, { error, error_description: description }), refused: why };
}

function oauthReply(status: number, body: unknown): ProviderReply {
  return {
    status,
    fields: [
      ['content-type', 'application/json; charset=utf-8'],
      ['cache-control', 'no-cache, no-store, max-age=0, must-revalidate'],
      ['pragma', 'no-cache'],
      ['vary', 'Origin, X-Origin, Referer'],
    ],
    body: JSON.stringify(body, null, 2),
  };
}

/** A form, or JSON with the same names, which Google takes too. */
function formOf(request: ProviderRequest): URLSearchParams {
  const text = Buffer.from(request.body).toString('utf8');
  if (!/json/i.test(request.fields.get('content-type') ?? '')) return new URLSearchParams(text);
  try {
    const parsed: unknown = JSON.parse(text);
    const given = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
    return new URLSearchParams(
      given.map(([name, value]): [string, string] => [
        name,
        typeof value === 'string' ? value : shown(value),
      ]),
    );
  } catch (error) {
    if (error instanceof SyntaxError) return new URLSearchParams();
    throw error;
  }
}

/** What an assertion says in a claim, whatever it is. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  return typeof value === 'string' ? value : typeof value === 'object' ? 'no text' : JSON.stringify(value);
}

function scopesOf(scope: unknown): readonly string[] {
  return typeof scope === 'string' ? scope.split(/[ ,]+/).filter((one) => one !== '') : [];
}

const secretNames = 'assertion|access_token|refresh_token|id_token|client_secret';
const secretInForm = new RegExp(`\\b(${secretNames})=[^&\\s"]+`, 'g');
/** Of one that is cut off by the limit on what is shown the end is missing. */
const secretInJson = new RegExp(`("(?:${secretNames})"\\s*:\\s*")[^"]*("|$)`, 'g');

/** Assertions and tokens are nobody's business; of an assertion who signed it can be seen in the exchange's user. */
export function maskTokens(text: string): string {
  return text.replace(secretInForm, '$1=***').replace(secretInJson, '$1***$2');
}
