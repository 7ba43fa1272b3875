/**
 * The metadata server of a machine at Google: whose account it runs as, its tokens, its project.
 * Source: https://cloud.google.com/compute/docs/metadata/querying-metadata, and the paths that google-auth-library and
 * gcp-metadata ask for.
 */
import type { ProviderAnswer, ProviderReply, ProviderRequest } from '../../doors/http/provider-request.ts';
import { tokenSeconds } from './access-tokens.ts';
import { decoded } from './escapes.ts';
import type { FcmPorts } from './ports.ts';

const flavor = ['metadata-flavor', 'Google'] as const;
const root = '/computeMetadata/v1';
/** A machine's usual scopes. */
const usualScopes = ['https://www.googleapis.com/auth/cloud-platform'];

export function answerMetadata(request: ProviderRequest, ports: FcmPorts): ProviderAnswer {
  const { method, path } = request;
  // Libraries look for the server by this one, before they ask for anything.
  if (path === '/') return said('computeMetadata/\n');
  if (method !== 'GET' && method !== 'HEAD')
    return refused(
      405,
      'text/html; charset=UTF-8',
      'Method Not Allowed',
      `${method} ${path}: it is only read`,
    );
  if (!path.startsWith('/computeMetadata'))
    return refused(404, 'text/html; charset=UTF-8', 'Not Found', `the metadata server has no ${path}`);
  if (request.fields.get('metadata-flavor') !== 'Google')
    return refused(
      403,
      'text/html; charset=UTF-8',
      'Missing Metadata-Flavor:Google header.',
      'the header “Metadata-Flavor: Google” is missing',
    );
  // A request that was passed on by a proxy is not the machine's own.
  if (request.fields.get('x-forwarded-for') !== null)
    return refused(403, 'text/html; charset=UTF-8', 'Forbidden', 'X-Forwarded-For is not taken');
  return valueAt(path.replace(/\/+$/, ''), new URLSearchParams(request.query), ports);
}

function valueAt(path: string, query: URLSearchParams, ports: FcmPorts): ProviderAnswer {
  const { metadata } = ports.settings();
  const email = metadata.email ?? `sandbox@${metadata.projectId}.iam.gserviceaccount.com`;
  const account = accountPath(path, email);
  if (account !== null) return answerAccount(account, email, query, ports);
  switch (path) {
    case root:
      return said('instance/\noslogin/\nproject/\nuniverse/\n');
    case `${root}/project/project-id`:
      return said(metadata.projectId);
    case `${root}/project/numeric-project-id`:
      return said(metadata.projectNumber);
    case `${root}/project`:
      return query.get('recursive') === 'true'
        ? json({ numericProjectId: Number(metadata.projectNumber), projectId: metadata.projectId })
        : said('attributes/\nnumeric-project-id\nproject-id\n');
    case `${root}/universe/universe-domain`:
    case `${root}/universe/universe_domain`:
      return said('googleapis.com');
    case `${root}/instance`:
      return said('attributes/\nid\nservice-accounts/\nzone\n');
    case `${root}/instance/id`:
      return said('1234567890123456789');
    case `${root}/instance/zone`:
      return said(`projects/${metadata.projectNumber}/zones/us-central1-a`);
    case `${root}/instance/service-accounts`:
      return said(`default/\n${email}/\n`);
    default:
      return refused(
        404,
        'text/html; charset=UTF-8',
        'The requested URL was not found on this server.',
        `${path}: there is nothing under that name`,
      );
  }
}

/** What is asked of the machine's account, by either of its names: `token`, `email` …; null for another path. */
function accountPath(path: string, email: string): string | null {
  const accounts = `${root}/instance/service-accounts/`;
  if (!path.startsWith(accounts)) return null;
  const [name = '', what = ''] = path.slice(accounts.length).split('/');
  return name === 'default' || decoded(name) === email ? what : null;
}

function answerAccount(what: string, email: string, query: URLSearchParams, ports: FcmPorts): ProviderAnswer {
  const { projectId } = ports.settings().metadata;
  switch (what) {
    case '':
      return query.get('recursive') === 'true'
        ? json({ aliases: ['default'], email, scopes: usualScopes })
        : said('aliases\nemail\nidentity\nscopes\ntoken\n');
    case 'email':
      return said(email);
    case 'aliases':
      return said('default\n');
    case 'scopes':
      return said(`${usualScopes.join('\n')}\n`);
    case 'token': {
      const wanted = (query.get('scopes') ?? '').split(',').filter((one) => one !== '');
      const access_token = ports.tokens.mint({
        email,
        project: projectId,
        scopes: wanted.length === 0 ? usualScopes : wanted,
        expiresAtMs: ports.clock.wallMs() + tokenSeconds * 1000,
      });
      return json({ access_token, expires_in: tokenSeconds, token_type: 'Bearer' });
    }
    default:
      return refused(
        404,
        'text/html; charset=UTF-8',
        'The requested URL was not found on this server.',
        `the sandbox's metadata server has no ${what} of an account`,
      );
  }
}

function said(text: string): ProviderAnswer {
  return answer({ status: 200, fields: fieldsOf('application/text'), body: text });
}

function json(value: unknown): ProviderAnswer {
  return answer({ status: 200, fields: fieldsOf('application/json'), body: JSON.stringify(value) });
}

function answer(reply: ProviderReply): ProviderAnswer {
  return { reply, refused: null };
}

function refused(status: number, type: string, body: string, why: string): ProviderAnswer {
  return { reply: { status, fields: fieldsOf(type), body: `${body}\n` }, refused: why };
}

function fieldsOf(type: string): ProviderReply['fields'] {
  return [
    ['content-type', type],
    flavor,
    ['server', 'Metadata Server for VM'],
    ['x-frame-options', 'SAMEORIGIN'],
  ];
}
