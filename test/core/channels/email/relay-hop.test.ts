/** Mail that goes out for real: what is asked of a server and told to it before the first message, and what stops it. */
import { createHash, X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Session, TlsMode } from '../../../../core/channels/email/client/connection.ts';
import type { Login } from '../../../../core/channels/email/client/login.ts';
import type { Carried, ClaimedDelivery } from '../../../../core/delivery/carrier.ts';
import type { LivePass } from '../../../../core/delivery/live.ts';
import type { Network } from '../../../../core/delivery/network.ts';
import { type Certificate, makeCa, makeServer } from '../../../../core/doors/tls/make-certificates.ts';
import { trustedRoots } from '../../../../core/doors/tls/trusted-roots.ts';
import { delivery, emailCarrier, said } from './carry-mail.ts';
import { networkTo, scriptedServer } from './client/scripted-server.ts';

const password = 'hunter2-Grüße';
const accessToken = 'ya29.token-of-the-test';

let certificate: Certificate;
let ca: string;
beforeAll(async () => {
  const authority = await makeCa([], Date.now());
  ca = authority.certificate.toString('pem');
  certificate = await makeServer(authority, [], Date.now());
});

interface Heard {
  readonly port: number;
  readonly logins: string[];
  readonly messages: string[];
  readonly senders: string[];
}

async function server(options: SMTPServerOptions = {}): Promise<Heard> {
  const heard = { logins: [] as string[], messages: [] as string[], senders: [] as string[] };
  const smtp = new SMTPServer({
    key: certificate.key,
    cert: certificate.cert,
    authOptional: true,
    disableReverseLookup: true,
    allowInsecureAuth: true,
    authMethods: ['PLAIN', 'LOGIN', 'XOAUTH2'],
    onAuth(auth, _session, done) {
      heard.logins.push(`${auth.method} ${auth.username}`);
      const right = auth.username === 'app' && (auth.password ?? auth.accessToken ?? '') !== 'wrong';
      const known = auth.password === password || auth.accessToken === accessToken;
      done(null, right && known ? { user: 'app' } : {});
    },
    onMailFrom({ address }, _session, done) {
      heard.senders.push(address);
      done();
    },
    onData(stream, _session, done) {
      let text = '';
      stream.setEncoding('latin1');
      stream.on('data', (chunk: string) => {
        text += chunk;
      });
      stream.on('end', () => {
        heard.messages.push(text);
        done();
      });
    },
    ...options,
  });
  smtp.on('error', () => undefined);
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => smtp.close(() => resolve())));
  const { port } = smtp.server.address() as AddressInfo;
  return { port, ...heard };
}

interface Way {
  readonly tls?: TlsMode;
  readonly session?: Session;
  readonly envelopeFrom?: string | null;
  readonly network?: Network;
}

function relayTo(port: number, { tls = 'off', session, envelopeFrom = null, network }: Way = {}) {
  return emailCarrier({
    zone: { localhost: ['a 127.0.0.1'] },
    network: network ?? networkTo(port),
    identity: { outbound: { ip: null, helo: 'machine.example' } },
    ports: {
      tls: () => tls,
      relay: { host: 'localhost', port, envelopeFrom },
      ...(session === undefined ? {} : { session }),
    },
  });
}

/** @param valid asked in this order; the last answer stands */
function pass(...valid: readonly boolean[]): LivePass {
  const left = [...valid];
  return {
    relay: {
      id: 'r1',
      name: 'main',
      settings: {
        kind: 'mx',
        helo: null,
        tls: 'off',
        ca: null,
        envelopeFrom: null,
        dkim: 'leave',
        dnsServers: [],
        port: 25,
      },
      createdAtMs: 0,
      verified: null,
    },
    channel: 'email',
    route: { relayId: 'r1', relay: 'main', kind: 'smtp', rewrittenFrom: null },
    by: 'api',
    valid: () => (left.length > 1 ? left.shift() : left[0]) ?? true,
    giveBack: () => undefined,
  };
}

function go(
  carrier: ReturnType<typeof relayTo>,
  deliveries: readonly ClaimedDelivery[] = [delivery('a@far.example')],
  live = pass(true),
): Promise<Carried> {
  return carrier.carry({ deliveries, nowMs: 0, signal: new AbortController().signal, live });
}

function login(mechanism: Login['mechanism'], credential: Readonly<Record<string, string>> = {}): Session {
  return {
    login: {
      mechanism,
      credential: () => Promise.resolve({ user: 'app', password, accessToken, ...credential }),
    },
  };
}

function trust(pins: readonly string[] = [], own: string | null = ca): Session {
  return { trust: { context: pins.length > 0 ? createSecureContext() : trustedRoots(own), pins } };
}

function fingerprint(): string {
  return createHash('sha256').update(new X509Certificate(certificate.cert).raw).digest('hex');
}

const everything = (carried: Carried): string => JSON.stringify(carried);
const plainOf = Buffer.from(`\0app\0${password}`).toString('base64');

describe('a smarthost', () => {
  it.each(['plain', 'login', 'xoauth2'] as const)(
    'lets us in by %s, and no secret is kept',
    async (mechanism) => {
      const far = await server();
      const carried = await go(
        relayTo(far.port, { tls: 'required', session: { ...trust(), ...login(mechanism) } }),
      );
      expect(carried.results).toMatchObject([{ outcome: { kind: 'sent' } }]);
      expect(far.logins).toEqual([`${mechanism.toUpperCase()} app`]);
      expect(far.messages).toHaveLength(1);
      const kept = everything(carried);
      const secrets = [password, accessToken, plainOf, Buffer.from(password).toString('base64')];
      for (const secret of secrets) expect(kept).not.toContain(secret);
      expect(said(carried)).toContain(
        mechanism === 'login' ? 'C: AUTH LOGIN' : `C: AUTH ${mechanism.toUpperCase()} (masked)`,
      );
      expect(carried.evidence.identity).toBeNull();
    },
  );

  it('is told the machine’s name, and nothing of the simulated one', async () => {
    const far = await server();
    const carried = await go(relayTo(far.port));
    expect(said(carried)).toContain('C: EHLO machine.example');
    expect(far.messages[0]).toContain('by machine.example (Sandpost) with ESMTP id message-1;');
    expect(far.messages[0]).not.toMatch(/Bcc|hidden@|out\.shop\.example|192\.0\.2\./);
  });

  it.each([
    ['refuses the credentials: for good', '535 5.7.8 no', 'failed', 'authentication_failed'],
    ['cannot look them up now: for now', '454 4.7.0 later', 'deferred', 'authentication_failed'],
    ['wants another mechanism: for good, a matter of the settings', '534 5.7.9 too weak', 'failed', 'config'],
  ])('that %s', async (_name, answer, kind, outcomeClass) => {
    const far = await scriptedServer(`
      S: 220 far ESMTP
      C: EHLO machine.example
      S: 250-far
      S: 250 AUTH PLAIN
      C: /^AUTH PLAIN/
      S: ${answer} for ${plainOf}
      C: QUIT
      S: 221 bye
    `);
    const carried = await go(relayTo(far.port, { session: login('plain') }));
    expect(carried.results).toMatchObject([{ outcome: { kind }, class: outcomeClass, suppresses: 'never' }]);
    // Said back, it is masked as well.
    expect(everything(carried)).not.toContain(plainOf);
    expect(far.said[0]?.join('\n')).not.toContain('MAIL FROM');
  });

  it('that does not offer the mechanism gets no credentials', async () => {
    const far = await scriptedServer(`
      S: 220 far ESMTP
      C: EHLO machine.example
      S: 250-far
      S: 250 AUTH LOGIN CRAM-MD5
      C: QUIT
      S: 221 bye
    `);
    const { results } = await go(relayTo(far.port, { session: login('plain') }));
    expect(results).toMatchObject([
      {
        outcome: { kind: 'failed' },
        class: 'config',
        text: 'The server does not offer AUTH PLAIN; it offers LOGIN, CRAM-MD5',
      },
    ]);
    await expect.poll(() => far.said[0]).toEqual(['EHLO machine.example', 'QUIT']);
  });

  it('is not asked without a credential to ask with', async () => {
    const far = await server();
    const { results } = await go(relayTo(far.port, { session: login('xoauth2', { accessToken: '' }) }));
    expect(results).toMatchObject([{ outcome: { kind: 'failed' }, class: 'config' }]);
    expect(results[0]?.text).toContain('no accessToken');
    expect(far.logins).toEqual([]);
  });

  it('elsewhere gets no credentials in the clear', async () => {
    const far = await server();
    const real = networkTo(far.port);
    const network: Network = {
      async connect(to, connection) {
        const socket = await real.connect(to, connection);
        Object.defineProperty(socket, 'remoteAddress', { value: '198.51.100.7' });
        return socket;
      },
    };
    const { results } = await go(relayTo(far.port, { network, session: login('plain') }));
    expect(results).toMatchObject([{ outcome: { kind: 'failed' }, class: 'config' }]);
    expect(results[0]?.text).toContain('not encrypted');
    expect(far.logins).toEqual([]);
  });
});

describe('the certificate of a smarthost', () => {
  it('is trusted by the user’s own CA, from the first byte on', async () => {
    const far = await server({ secure: true });
    const carried = await go(relayTo(far.port, { tls: 'implicit', session: trust() }));
    expect(carried.results).toMatchObject([{ outcome: { kind: 'sent' } }]);
    expect(far.messages).toHaveLength(1);
  });

  it('that nobody vouches for ends it before a word of ours', async () => {
    const far = await server();
    const session = { ...trust([], null), ...login('plain') };
    const carried = await go(relayTo(far.port, { tls: 'required', session }));
    expect(carried.results).toMatchObject([{ outcome: { kind: 'deferred' }, class: 'config' }]);
    expect(carried.results[0]?.text).toContain('its certificate is not trusted');
    expect(far.logins).toEqual([]);
    expect(far.senders).toEqual([]);
  });

  it('is of another name than the host: ends it too', async () => {
    const far = await server();
    const carrier = emailCarrier({
      zone: { 'smtp.elsewhere.example': ['a 127.0.0.1'] },
      network: networkTo(far.port),
      ports: {
        tls: () => 'required',
        session: trust(),
        relay: { host: 'smtp.elsewhere.example', port: far.port, envelopeFrom: null },
      },
    });
    const { results } = await go(carrier);
    expect(results).toMatchObject([{ outcome: { kind: 'deferred' }, class: 'config' }]);
    expect(far.senders).toEqual([]);
  });

  it('that is pinned needs nobody to vouch for it, however the pin is written', async () => {
    const far = await server();
    const pin = fingerprint()
      .toUpperCase()
      .replace(/..(?=.)/g, '$&:');
    const { results } = await go(relayTo(far.port, { tls: 'required', session: trust([pin]) }));
    expect(results).toMatchObject([{ outcome: { kind: 'sent' } }]);
  });

  it('that is another than the one pinned is told nothing, no login either', async () => {
    const far = await server();
    const session = { ...trust(['0'.repeat(64)]), ...login('plain') };
    const { results } = await go(relayTo(far.port, { tls: 'required', session }));
    expect(results).toMatchObject([{ outcome: { kind: 'deferred' }, class: 'config' }]);
    expect(results[0]?.text).toContain(`none of those that are pinned: its SHA-256 is ${fingerprint()}`);
    expect(far.logins).toEqual([]);
  });

  it('is asked for, and the server offers no TLS: nothing goes', async () => {
    const far = await server({ hideSTARTTLS: true });
    const { results } = await go(relayTo(far.port, { tls: 'required', session: trust() }));
    expect(results).toMatchObject([{ outcome: { kind: 'deferred' }, class: 'config' }]);
    expect(far.senders).toEqual([]);
  });
});

describe('the envelope', () => {
  it('has the relay’s own sender, with the delivery in it: each goes by itself', async () => {
    const far = await server();
    const carrier = relayTo(far.port, { envelopeFrom: 'bounces+{delivery}@shop.example' });
    const two = [delivery('a@far.example'), delivery('b@far.example')].map((one, at) => ({
      ...one,
      delivery: { ...one.delivery, id: `id-${at}` },
    }));
    await go(carrier, two);
    expect(far.senders).toEqual(['bounces+id-0@shop.example', 'bounces+id-1@shop.example']);
  });

  it('has one sender for all without the placeholder: one transaction', async () => {
    const far = await server();
    await go(relayTo(far.port, { envelopeFrom: 'out@shop.example' }), [
      delivery('a@far.example'),
      delivery('b@far.example'),
    ]);
    expect(far.senders).toEqual(['out@shop.example']);
  });

  it('of what has no sender keeps none', async () => {
    const far = await server();
    await go(relayTo(far.port, { envelopeFrom: 'out@shop.example' }), [
      delivery('a@far.example', { envelopeFrom: '' }),
    ]);
    expect(far.senders.map(String)).toEqual(['']);
  });
});

describe('live relay that ends', () => {
  const hello = `
    S: 220 far ESMTP
    C: EHLO machine.example
    S: 250 far
  `;

  it('between the connection and MAIL FROM: nothing was begun', async () => {
    const far = await scriptedServer(`${hello}\nC: QUIT\nS: 221 bye`);
    const carrier = relayTo(far.port);
    const { results } = await go(carrier, [delivery('a@far.example')], pass(true, false));
    expect(results).toMatchObject([{ outcome: { kind: 'withdrawn' }, suppresses: 'never' }]);
    await carrier.close();
    await expect.poll(() => far.said[0]).toEqual(['EHLO machine.example', 'QUIT']);
  });

  it('before the connection: not even that is made', async () => {
    const far = await scriptedServer(hello);
    const { results } = await go(relayTo(far.port), [delivery('a@far.example')], pass(false));
    expect(results).toMatchObject([{ outcome: { kind: 'withdrawn' } }]);
    expect(far.connections()).toBe(0);
  });

  it('after MAIL FROM: what was begun is finished, and the next is not begun', async () => {
    const far = await server();
    const carrier = relayTo(far.port, { envelopeFrom: '{delivery}@shop.example' });
    const two = [delivery('a@far.example'), delivery('b@far.example')].map((one, at) => ({
      ...one,
      delivery: { ...one.delivery, id: `id-${at}` },
    }));
    const { results } = await go(carrier, two, pass(true, true, false));
    expect(results).toMatchObject([{ outcome: { kind: 'sent' } }, { outcome: { kind: 'withdrawn' } }]);
    expect(far.messages).toHaveLength(1);
    expect(far.senders).toEqual(['id-0@shop.example']);
  });
});

it('a relay whose name leads nowhere is no fault of the recipient', async () => {
  const carrier = emailCarrier({
    zone: {},
    ports: { relay: { host: 'smtp.nowhere.example', port: 25, envelopeFrom: null } },
  });
  const { results } = await go(carrier);
  expect(results).toMatchObject([{ outcome: { kind: 'deferred' }, class: 'config', suppresses: 'never' }]);
});
