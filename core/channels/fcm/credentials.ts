/** Who calls FCM, and whether it may: the Authorization field, judged as Google's front end does. Pure but for the ports. */
import type { ProviderReply, ProviderRequest } from '../../doors/http/provider-request.ts';
import type { PushCheck, PushCredentials } from '../../model/push.ts';
import { type AccessTokens, projectOfAccount } from './access-tokens.ts';
import { decodeJwt, signatureFits } from './jwt.ts';
import { errorInfo, errorReply } from './reply.ts';
import type { FcmSettings } from './settings.ts';

export interface Caller {
  readonly credentials: PushCredentials;
  /** Address of the account, where it is known. */
  readonly account: string | null;
  readonly project: string | null;
}

export type Judged = { readonly caller: Caller } | { readonly refusal: ProviderReply; readonly why: string };

export interface CredentialPorts {
  readonly tokens: AccessTokens;
  readonly wallMs: number;
  readonly settings: FcmSettings;
  /** As Google's audit log names it: shown in the refusal. */
  readonly method: string;
}

/** Scopes that messages:send takes. Source: the discovery document of FCM v1. */
const scopes = [
  'https://www.googleapis.com/auth/firebase.messaging',
  'https://www.googleapis.com/auth/cloud-platform',
] as const;
const realm = 'Bearer realm="https://accounts.google.com/"';
const bearer = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

export function judgeCredentials(request: ProviderRequest, ports: CredentialPorts): Judged {
  const field = request.fields.get('authorization');
  if (field === null) return missing(ports);
  const token = bearer.exec(field.trim())?.[1];
  if (token === undefined)
    return invalid(
      ports,
      'ACCESS_TOKEN_TYPE_UNSUPPORTED',
      /^key=/i.test(field)
        ? 'a legacy server key stands in Authorization: FCM v1 wants an OAuth 2 access token'
        : 'Authorization is not “Bearer” and a token',
    );
  const minted = ports.tokens.read(token);
  if (minted !== null) {
    if (minted.expiresAtMs <= ports.wallMs)
      return invalid(ports, 'ACCESS_TOKEN_EXPIRED', `the access token expired at ${iso(minted.expiresAtMs)}`);
    if (!minted.scopes.some((one) => scopes.some((wanted) => wanted === one)))
      return lacksScope(ports, minted.scopes);
    return {
      caller: callerOf(
        { kind: 'oauth', header: {}, signature: 'valid' },
        { email: minted.email, scope: minted.scopes.join(' '), exp: Math.floor(minted.expiresAtMs / 1000) },
        minted.email,
        minted.project,
        [
          { check: 'token', result: 'pass', detail: 'the sandbox gave it out' },
          { check: 'age', result: 'pass', detail: `good until ${iso(minted.expiresAtMs)}` },
          { check: 'scope', result: 'pass', detail: minted.scopes.join(' ') },
        ],
      ),
    };
  }
  const selfSigned = decodeJwt(token);
  if (selfSigned !== null) return judgeSelfSigned(selfSigned, ports);
  if (ports.settings.strict)
    return invalid(
      ports,
      'ACCESS_TOKEN_TYPE_UNSUPPORTED',
      'the access token is none that the sandbox gave out',
    );
  return {
    caller: callerOf({ kind: 'oauth', header: {}, signature: 'none' }, {}, null, null, [
      {
        check: 'token',
        result: 'unchecked',
        detail: 'it is none that the sandbox gave out: any is let in unless the setting is strict',
      },
    ]),
  };
}

/**
 * A JWT that the account signed itself stands for an access token.
 * Source: https://google.aip.dev/auth/4111
 */
function judgeSelfSigned(jwt: NonNullable<ReturnType<typeof decodeJwt>>, ports: CredentialPorts): Judged {
  const { claims, header } = jwt;
  const issuer = typeof claims.iss === 'string' ? claims.iss : '';
  const expMs = typeof claims.exp === 'number' ? claims.exp * 1000 : 0;
  if (expMs <= ports.wallMs)
    return invalid(ports, 'ACCESS_TOKEN_EXPIRED', `the token signed by the account expired at ${iso(expMs)}`);
  const known = ports.settings.serviceAccounts.find(({ clientEmail }) => clientEmail === issuer);
  const key = known?.publicKey ?? null;
  if (key !== null && !signatureFits(jwt, key))
    return invalid(ports, 'ACCESS_TOKEN_TYPE_UNSUPPORTED', `the signature is not that of ${issuer}`);
  if (known === undefined && ports.settings.strict)
    return invalid(
      ports,
      'ACCESS_TOKEN_TYPE_UNSUPPORTED',
      `${issuer || 'its issuer'} is no known service account`,
    );
  const signature: PushCheck =
    key === null
      ? { check: 'signature', result: 'unchecked', detail: 'the key of the account is not known' }
      : { check: 'signature', result: 'pass', detail: `signed by ${issuer}` };
  return {
    caller: callerOf(
      { kind: 'oauth', header, signature: key === null ? 'unknownKey' : 'valid' },
      claims,
      issuer === '' ? null : issuer,
      known?.projectId ?? projectOfAccount(issuer),
      [signature, { check: 'age', result: 'pass', detail: `good until ${iso(expMs)}` }],
    ),
  };
}

function callerOf(
  base: Pick<PushCredentials, 'kind' | 'header' | 'signature'>,
  claims: PushCredentials['claims'],
  account: string | null,
  project: string | null,
  checks: readonly PushCheck[],
): Caller {
  return { credentials: { ...base, claims, checks }, account, project };
}

/** Whether the account is one of the project that it sends for; only said, where projects are not fixed. */
export function withProjectCheck({ credentials, ...caller }: Caller, project: string): Caller {
  if (caller.project === null) return { credentials, ...caller };
  const same = caller.project === project;
  const check: PushCheck = {
    check: 'project',
    result: same ? 'pass' : 'fail',
    detail: same
      ? `the account belongs to ${project}`
      : `the account belongs to ${caller.project}: Google lets it in only where ${project} grants it the right`,
  };
  return { ...caller, credentials: { ...credentials, checks: [...credentials.checks, check] } };
}

function missing({ method }: CredentialPorts): Judged {
  return {
    refusal: errorReply('UNAUTHENTICATED', {
      message:
        'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
      details: [
        errorInfo('CREDENTIALS_MISSING', 'googleapis.com', { method, service: 'fcm.googleapis.com' }),
      ],
      fields: [['www-authenticate', realm]],
    }),
    why: 'there is no Authorization: FCM v1 wants “Bearer” and an OAuth 2 access token',
  };
}

function invalid({ method }: CredentialPorts, reason: string, why: string): Judged {
  return {
    refusal: errorReply('UNAUTHENTICATED', {
      details: [errorInfo(reason, 'googleapis.com', { method, service: 'fcm.googleapis.com' })],
      fields: [['www-authenticate', `${realm}, error="invalid_token"`]],
    }),
    why,
  };
}

function lacksScope({ method }: CredentialPorts, given: readonly string[]): Judged {
  return {
    refusal: errorReply('PERMISSION_DENIED', {
      message: 'Request had insufficient authentication scopes.',
      details: [
        errorInfo('ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'googleapis.com', {
          method,
          service: 'fcm.googleapis.com',
        }),
      ],
      fields: [['www-authenticate', `${realm}, error="insufficient_scope", scope="${scopes.join(' ')}"`]],
    }),
    why: `the access token is for ${given.join(', ') || 'no scope'}: it needs ${scopes[0]}`,
  };
}

/** Source: what Cloud IAM says of a project that is not there, or not the caller's. */
export function projectDenied(project: string, permission: string): ProviderReply {
  const resource = `//cloudresourcemanager.googleapis.com/projects/${project}`;
  return errorReply('PERMISSION_DENIED', {
    message: `Permission '${permission}' denied on resource '${resource}' (or it may not exist).`,
    details: [
      errorInfo('IAM_PERMISSION_DENIED', 'cloudresourcemanager.googleapis.com', {
        permission,
        resource: `projects/${project}`,
      }),
    ],
  });
}

/** What a token says of its time may lie beyond all that a date can be (ECMA-262 §21.4.1.1). */
const dateMsMax = 8.64e15;

function iso(ms: number): string {
  return new Date(Math.max(-dateMsMax, Math.min(ms, dateMsMax))).toISOString();
}
