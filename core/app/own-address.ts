/** Where this Sandpost itself is reached. It is known piece by piece, as the doors open, and asked for by what opens before them. */
export interface OwnAddress {
  /** What a client on this machine uses. */
  readonly host: string;
  /** Of the API, without a slash at the end; empty: it is closed, or not open yet. */
  url(): string;
  /** By door. */
  ports(): Readonly<Record<string, number>>;
  isOwnPort(port: number): boolean;
  /** Where apps reach the providers' doors, by path; null: both the plain one and that of TLS are closed. */
  providersUrl(): string | null;
  /** The same for libraries of Web Push, which take https addresses alone; where the doors are closed, where they would be. */
  pushEndpointsUrl(): string;
  doorsOpened(ports: Readonly<Record<string, number>>): void;
  apiOpened(port: number): void;
}

/** Where the providers' plain door would be, for addresses that name it while it is closed. */
const usualProvidersPort = 8026;

export function createOwnAddress(hosts: readonly string[], basePath: string): OwnAddress {
  const host = clientHost(hosts);
  const inUrl = host.includes(':') ? `[${host}]` : host;
  let ports: Readonly<Record<string, number>> = {};
  let url = '';
  return {
    host,
    url: () => url,
    ports: () => ports,
    isOwnPort: (port) => Object.values(ports).includes(port),

    providersUrl() {
      const { tls, providers } = ports;
      if (providers !== undefined) return `http://${inUrl}:${providers}`;
      return tls === undefined ? null : `https://${inUrl}:${tls}`;
    },

    pushEndpointsUrl() {
      const { tls, providers } = ports;
      return tls === undefined
        ? `http://${inUrl}:${providers ?? usualProvidersPort}`
        : `https://${inUrl}:${tls}`;
    },

    doorsOpened(opened) {
      ports = { ...ports, ...opened };
    },

    apiOpened(port) {
      ports = { ...ports, http: port };
      url = `http://${inUrl}:${port}${basePath}`;
    },
  };
}

export function isLoopback(host: string): boolean {
  return host === '::1' || host === 'localhost' || /^127\./.test(host);
}

function clientHost(hosts: readonly string[]): string {
  const [first = '127.0.0.1'] = hosts;
  return first === '0.0.0.0' || first === '::' || first === '' ? '127.0.0.1' : first;
}
