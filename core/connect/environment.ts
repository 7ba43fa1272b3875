/** Environment variables by which apps find the sandbox: one set for each way. Pure. */
import { assertNever } from '../model/app-error.ts';
import { kitFiles } from './redirect-kit.ts';

/**
 * `address`: where everything is, for apps that take an address. `ca`: whom to trust, for apps that take a host and a port.
 * `node`: the preload. `proxy`: the CONNECT proxy.
 */
export const ways = ['address', 'ca', 'node', 'proxy'] as const;
export type Way = (typeof ways)[number];

export interface EnvironmentFacts {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly url: string;
  readonly caFile: string;
  /** The one that it is for, so that what stands there already stays. */
  readonly current?: Readonly<Record<string, string | undefined>>;
}

export function environmentOf(facts: EnvironmentFacts, way: Way): Readonly<Record<string, string>> {
  const files = kitFiles(facts.caFile);
  switch (way) {
    case 'address':
      return addresses(facts);
    case 'ca':
      // The first adds to the roots of its language; the others replace them, and so get the system's too.
      return {
        NODE_EXTRA_CA_CERTS: facts.caFile,
        SSL_CERT_FILE: files.caBundle,
        REQUESTS_CA_BUNDLE: files.caBundle,
        CURL_CA_BUNDLE: files.caBundle,
        GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: files.caBundle,
      };
    case 'node':
      return {
        NODE_OPTIONS: withPreload(facts.current?.NODE_OPTIONS, files.preload),
        NODE_EXTRA_CA_CERTS: facts.caFile,
      };
    case 'proxy': {
      const { proxy } = facts.ports;
      if (proxy === undefined) return {};
      const url = `http://${at(facts.host, proxy)}`;
      const direct = 'localhost,127.0.0.1,::1';
      return {
        HTTPS_PROXY: url,
        https_proxy: url,
        NO_PROXY: direct,
        no_proxy: direct,
        // Node reads the ones above since 24, and only where it is told to.
        NODE_USE_ENV_PROXY: '1',
        ...environmentOf(facts, 'ca'),
      };
    }
    default:
      return assertNever(way);
  }
}

function addresses({ host, ports, url, caFile }: EnvironmentFacts): Readonly<Record<string, string>> {
  const files = kitFiles(caFile);
  const smtp = String(ports.smtp ?? 1025);
  const { providers, tls, apns, apnsManage, metadata, proxy, smpp } = ports;
  return {
    SANDPOST_URL: url,
    SANDPOST_SMTP: `${host}:${smtp}`,
    SANDPOST_CA_FILE: caFile,
    SANDPOST_CA_BUNDLE: files.caBundle,
    ...(providers === undefined
      ? {}
      : {
          SANDPOST_PROVIDERS_URL: `http://${at(host, providers)}`,
          SANDPOST_INAPP_URL: `http://${at(host, providers)}/inapp/v1`,
        }),
    ...(tls === undefined ? {} : { SANDPOST_TLS: at(host, tls) }),
    ...(apns === undefined ? {} : { SANDPOST_APNS: at(host, apns) }),
    ...(apnsManage === undefined ? {} : { SANDPOST_APNS_MANAGE: at(host, apnsManage) }),
    ...(metadata === undefined ? {} : { SANDPOST_METADATA: at(host, metadata) }),
    ...(smpp === undefined ? {} : { SANDPOST_SMPP: at(host, smpp) }),
    ...(proxy === undefined ? {} : { SANDPOST_PROXY: `http://${at(host, proxy)}` }),
    SMTP_HOST: host,
    SMTP_PORT: smtp,
    SMTP_URL: `smtp://${host}:${smtp}`,
    MAIL_HOST: host,
    MAIL_PORT: smtp,
    MAILER_DSN: `smtp://${host}:${smtp}`,
    EMAIL_HOST: host,
    EMAIL_PORT: smtp,
  };
}

/** NODE_OPTIONS as it stands, with the preload once. */
function withPreload(current: string | undefined, preload: string): string {
  const option = preloadOption(preload);
  if (current === undefined || current.trim() === '') return option;
  return current.includes(option) ? current : `${option} ${current}`;
}

/** Node reads a backslash within quotes as an escape. */
export function preloadOption(preload: string): string {
  return /^[\w/.:@+-]+$/.test(preload)
    ? `--require ${preload}`
    : `--require "${preload.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** Host and port as in a URL. */
export function at(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function isWay(text: string): text is Way {
  return ways.some((one) => one === text);
}
