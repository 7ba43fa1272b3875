/** Where a message, a setting or a client may want the core to go, and what the visit to it told; see nothing-leaves.test.ts. */

export interface Visited {
  readonly refusedByDoors: readonly string[];
  readonly webhooks: { readonly kept: readonly string[]; readonly refused: readonly string[] };
  /** First line of what the proxy answered to each. */
  readonly tunnels: readonly string[];
  /** Of the app on loopback that the core may call. */
  readonly appPort: number;
  /** Paths that it was called at. */
  readonly told: readonly string[];
  /** How often each route was answered with which status. */
  readonly answers: Readonly<Record<string, number>>;
  readonly shown: number;
}

/** The control's: who does try to leave goes there. */
export const controlAddresses = ['2001:db8::250', '203.0.113.250', '203.0.113.251'] as const;

/** What stands in the hosts file around the core: providers, and this machine's own name, lead outside. */
export const hostsFile = `203.0.113.70 localhost
203.0.113.71 provider.test api.twilio.com fcm.googleapis.com api.push.apple.com
203.0.113.72 outside.example hooks.localhost gmail-smtp-in.l.google.com
`;

/** Looks for names are sent there, where they are seen. */
export const resolverFile = 'nameserver 203.0.113.53\noptions timeout:1 attempts:1\n';

export const outsideAddresses: readonly string[] = [
  'http://203.0.113.10/address',
  'https://203.0.113.11/tls',
  'http://outside.example/name',
  'https://nowhere.example/name',
  'http://provider.test/hosts',
  'https://api.twilio.com/hosts',
  'http://3405803788/decimal',
  'http://0xcb.0.0x71.15/hexadecimal',
  'http://0313.0.0161.020/octal',
  'http://[::ffff:203.0.113.17]/mapped',
  'http://[::ffff:127.0.0.1]:9/mapped-loopback',
  'http://[64:ff9b::203.0.113.18]/nat64',
  'http://[2001:db8::19]/six',
  'http://127.0.0.1.outside.example/begins-with-loopback',
  'http://localhost.outside.example/begins-with-localhost',
  'http://notlocalhost/ends-with-localhost',
  'http://127.0.0.1@203.0.113.40/user',
  'http://203.0.113.42#@127.0.0.1/fragment',
  'http://169.254.169.254/latest/meta-data/',
  'http://10.0.0.9/private',
  '//203.0.113.43/no-scheme',
  'ftp://203.0.113.44/ftp',
  'gopher://203.0.113.45/gopher',
  'file://203.0.113.46/share',
];

/** What reads like an address outside, and is none (WHATWG URL: a backslash is a slash, numbers are an address). */
export const loopbackAddresses: readonly string[] = [
  'http://localhost:9\\@203.0.113.41/backslash',
  'http://2130706433:9/decimal',
  'http://127.0.0.1:9#@203.0.113.47/fragment',
];

export const outsideHosts: readonly string[] = [
  '203.0.113.80',
  'outside.example',
  'provider.test',
  'api.twilio.example',
  'smtp.sendgrid.net',
  '3405803788',
  '::ffff:203.0.113.81',
  '[::ffff:203.0.113.82]',
  '2001:db8::83',
  '127.0.0.1.outside.example',
  // Read as a web address these are loopback, and to the system they are a name.
  '127.0.0.1#.outside.example',
  '127.0.0.1/.outside.example',
  '127.0.0.1?.outside.example',
  'localhost#outside.example',
];
