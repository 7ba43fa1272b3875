/**
 * Who calls: a service plan's API token, or an access token that the OAuth 2.0 endpoint gave out for a project's key. And that
 * endpoint.
 * Source: https://developers.sinch.com/docs/sms/api-reference/authentication, RFC 6749 §4.4 and §5.2, RFC 6750 §3.
 */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { ProviderAnswer, ProviderReply, ProviderRequest } from '../../../doors/http/provider-request.ts';
import type { SmsDoorPorts } from '../room.ts';
import { sameText } from '../same-text.ts';
import { errorReply, jsonReply } from './reply.ts';

type CredentialPorts = Pick<SmsDoorPorts, 'clock' | 'farSide' | 'secrets' | 'random'>;

/** Sinch's tokens live for an hour. */
const tokenSeconds = 3_599;
/** Of a form with a grant type, a scope, and perhaps an id and a secret. */
const formBytesMax = 16 * 1024;
const issuer = 'https://api.sinch.com/';

/** @returns why not, with its reply; null where the caller is let in */
export function credentialsRefusal(
  request: ProviderRequest,
  account: string,
  ports: CredentialPorts,
): ProviderAnswer | null {
  const field = request.fields.get('authorization');
  const token = field === null ? undefined : /^Bearer +(\S+)$/i.exec(field.trim())?.[1];
  if (token === undefined)
    return unauthorized(
      field === null
        ? 'Authorization is missing: it is “Bearer” and the API token, or an access token of /oauth2/token'
        : 'Authorization is not “Bearer” and a token',
      account,
    );
  const minted = readToken(token, ports);
  if (minted !== null && minted.exp * 1_000 <= ports.clock.wallMs()) return expired(minted, account);
  const fixed = ports.farSide.settings().credentials.sinch ?? [];
  if (fixed.length === 0) return null;
  const fits = fixed.some(
    ({ account: whose, secret }) =>
      (minted !== null && minted.sub === whose) || (whose === account && sameText(secret, token)),
  );
  return fits
    ? null
    : unauthorized('the settings fix the credentials of Sinch, and the token is none of those', account);
}

export function answerToken(request: ProviderRequest, ports: CredentialPorts): ProviderAnswer {
  if (request.method !== 'POST')
    return oauthRefusal(
      405,
      'invalid_request',
      `${request.method} /oauth2/token: a token is asked for by POST`,
    );
  if (request.bodyTooLarge || request.body.byteLength > formBytesMax)
    return oauthRefusal(413, 'invalid_request', `the body has more than ${formBytesMax} bytes`);
  const form = new URLSearchParams(Buffer.from(request.body).toString('utf8'));
  const client = clientOf(request, form);
  if (client === null)
    return oauthRefusal(
      401,
      'invalid_client',
      'the key is missing: Authorization is “Basic” and the key id and its secret, or the form has client_id and client_secret',
    );
  const grant = form.get('grant_type');
  if (grant !== 'client_credentials')
    return oauthRefusal(
      400,
      grant === null ? 'invalid_request' : 'unsupported_grant_type',
      `grant_type is ${grant ?? 'missing'}: it is client_credentials`,
    );
  const fixed = ports.farSide.settings().credentials.sinch ?? [];
  if (
    fixed.length > 0 &&
    !fixed.some(({ account, secret }) => account === client.id && sameText(secret, client.secret))
  )
    return oauthRefusal(
      401,
      'invalid_client',
      `the settings fix the credentials of Sinch, and ${client.id} has others`,
    );
  const nowS = Math.floor(ports.clock.wallMs() / 1_000);
  return {
    reply: oauthReply(200, {
      access_token: mintToken({ sub: client.id, iat: nowS, exp: nowS + tokenSeconds }, ports),
      expires_in: tokenSeconds,
      scope: '',
      token_type: 'bearer',
    }),
    refused: null,
    user: client.id,
  };
}

function clientOf(
  request: ProviderRequest,
  form: URLSearchParams,
): { readonly id: string; readonly secret: string } | null {
  const basic = /^Basic +(\S+)$/i.exec(request.fields.get('authorization')?.trim() ?? '')?.[1];
  const said = basic === undefined ? null : Buffer.from(basic, 'base64').toString('utf8');
  const colon = said?.indexOf(':') ?? -1;
  const id = said === null ? form.get('client_id') : said.slice(0, Math.max(0, colon));
  const secret = said === null ? form.get('client_secret') : said.slice(colon + 1);
  return id === null || id === '' || secret === null || secret === '' ? null : { id, secret };
}

interface TokenClaims {
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
}

const claimsSchema = z.object({ sub: z.string(), iat: z.number(), exp: z.number() });

function mintToken(claims: TokenClaims, ports: CredentialPorts): string {
  const head = base64url({ alg: 'HS256', typ: 'JWT', kid: 'sandpost' });
  const body = base64url({
    iss: issuer,
    client_id: claims.sub,
    ...claims,
    jti: ports.random(16).toString('hex'),
  });
  return `${head}.${body}.${tokenSignature(`${head}.${body}`, ports)}`;
}

/** Null: it is none that was given out here. */
function readToken(token: string, ports: CredentialPorts): TokenClaims | null {
  const [head, body, signature, ...rest] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined || rest.length > 0) return null;
  if (!sameText(signature, tokenSignature(`${head}.${body}`, ports))) return null;
  try {
    return claimsSchema.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function tokenSignature(text: string, { secrets }: CredentialPorts): string {
  return createHmac('sha256', `${secrets.own('sinch')} access tokens`)
    .update(text)
    .digest('base64url');
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function unauthorized(why: string, user: string): ProviderAnswer {
  return { reply: errorReply('unauthorized'), refused: why, user };
}

/** The SDK asks for a new token where `www-authenticate` says that the old one expired. */
function expired({ exp }: TokenClaims, user: string): ProviderAnswer {
  const at = new Date(exp * 1_000).toISOString();
  const reply = errorReply('unauthorized');
  return {
    reply: {
      ...reply,
      fields: [
        ...reply.fields.filter(([name]) => name !== 'www-authenticate'),
        ['www-authenticate', `Bearer error="invalid_token", error_description="Jwt expired at ${at}"`],
      ],
    },
    refused: `the access token expired at ${at}: ask /oauth2/token for a new one`,
    user,
  };
}

function oauthRefusal(status: number, error: string, why: string): ProviderAnswer {
  return { reply: oauthReply(status, { error, error_description: why }), refused: why };
}

function oauthReply(status: number, body: unknown): ProviderReply {
  const reply = jsonReply(status, body);
  return { ...reply, fields: [...reply.fields, ['cache-control', 'no-store'], ['pragma', 'no-cache']] };
}

/** Tokens are nobody's business; whose they are can be seen in the exchange's user. */
export function maskTokens(text: string): string {
  return text
    .replace(/\b(client_secret)=[^&\s"]+/g, '$1=***')
    .replace(/("(?:access_token|client_secret)"\s*:\s*")[^"]*("|$)/g, '$1***$2');
}
