/** Relays that lead to smarthosts, and the mail hosts of the recipients’ domains. */
import { lookup, Resolver as SystemDns } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { createSecureContext, type SecureContext } from 'node:tls';
import { createEmailCarrier, type RelayHop } from '../channels/email/carrier.ts';
import type { Session, TlsMode } from '../channels/email/client/connection.ts';
import { standardPoolLimits } from '../channels/email/client/pool.ts';
import type { Trust } from '../channels/email/client/trust.ts';
import { probe } from '../channels/email/probe.ts';
import { plainIdentity, type SenderIdentity, senderIdentity } from '../channels/email/sender-identity.ts';
import type { ClaimedMessage } from '../delivery/carrier.ts';
import type { Network } from '../delivery/network.ts';
import { domainOf } from '../delivery/plan.ts';
import type { RelayCheck } from '../delivery/relays.ts';
import type { Resolver } from '../dns/dns.ts';
import { realResolver } from '../dns/real-records.ts';
import type { SendingDomains } from '../dns/sending-domains.ts';
import { systemResolver } from '../dns/system-resolver.ts';
import { trustedRoots } from '../doors/tls/trusted-roots.ts';
import { AppError } from '../model/app-error.ts';
import type { MxRelaySettings, Relay, SmtpRelaySettings } from '../model/live-relay.ts';
import type { Credential } from '../store/credential-vault.ts';
import type { RelayMaker } from './live-carriers.ts';
import type { RelayMakerPorts } from './relay-makers.ts';

type MailRelaySettings = SmtpRelaySettings | MxRelaySettings;

/** How a relay is reached, and what is asked of it and told to it. */
interface Way {
  readonly hop: RelayHop;
  readonly resolver: Resolver;
  readonly tls: TlsMode;
  readonly session: Session;
  readonly helo: string;
}

const connectMsMax = 30_000;
const dnsMsMax = 5_000;
const dnsTries = 2;

export function mailRelays({ ground, rooms, channels }: RelayMakerPorts): RelayMaker {
  const { clock, newId } = ground;
  const { domains } = rooms.names;
  const network = realNetwork();
  const trust = keptTrust();

  return {
    async carrier(relay, credential) {
      const settings = settingsOf(relay);
      const { hop, helo, tls, ...way } = wayOf(settings, credential, trust);
      return createEmailCarrier(
        {
          ...way,
          relay: hop,
          network,
          kinds: 'both',
          clock,
          random: Math.random,
          newId,
          prepare: channels.mail.prepare,
          identityOf: (message) => Promise.resolve(identityOf(message, { settings, helo, domains })),
          // The simulated bounce addresses are nobody's outside.
          bounceAddress: () => null,
          tls: () => tls,
        },
        standardPoolLimits,
      );
    },

    verify(relay, credential) {
      const settings = settingsOf(relay);
      const way = wayOf(settings, () => Promise.resolve(credential), trust);
      if (way.hop.host === null) return askResolver(way.resolver);
      const { host, port } = way.hop;
      return probe({ host, port, helo: way.helo, tls: way.tls }, standardPoolLimits, {
        ...way,
        network,
        clock,
        newId,
      });
    },
  };
}

function settingsOf({ settings }: Relay): MailRelaySettings {
  if (settings.kind === 'smtp' || settings.kind === 'mx') return settings;
  throw new Error(`a relay of the kind ${settings.kind} is not for mail`);
}

function wayOf(
  settings: MailRelaySettings,
  credential: () => Promise<Credential>,
  trust: (ca: string | null, pins: readonly string[]) => Trust,
): Way {
  const { port, envelopeFrom, ca, tls } = settings;
  const pins = settings.kind === 'smtp' ? settings.pins : [];
  if (pins.length > 0 && tls === 'off')
    throw new AppError(
      'bad_request',
      'A certificate is pinned and TLS is off: turn TLS on, or take the pin away.',
    );
  if (envelopeFrom !== null && !/^(?:[^\s<>@]+@[^\s<>@]+)?$/.test(envelopeFrom))
    throw new AppError('bad_request', `${envelopeFrom} is no address to send from: mend the relay.`);
  if (settings.helo !== null && !/^[!-~]+$/.test(settings.helo))
    throw new AppError('bad_request', `${settings.helo} is no name to greet with: mend the relay.`);
  // Where one certificate alone may answer, what has none is somebody else.
  const mode = tls === 'starttls' || (tls === 'opportunistic' && pins.length > 0) ? 'required' : tls;
  const checked = mode === 'required' || mode === 'implicit';
  const login =
    settings.kind === 'smtp' && settings.auth !== 'none' ? { mechanism: settings.auth, credential } : null;
  return {
    hop: { host: settings.kind === 'smtp' ? settings.host : null, port, envelopeFrom },
    resolver: settings.kind === 'smtp' ? systemResolver(lookup) : recipientsResolver(settings.dnsServers),
    tls: mode,
    session: {
      // A password is said to nobody but whom the certificate names, though without one mail may go in the clear.
      ...(checked || (login !== null && mode !== 'off') ? { trust: trust(ca, pins) } : {}),
      ...(login === null ? {} : { login }),
    },
    helo: settings.helo ?? machineName(hostname()),
  };
}

/** The roots that were read last stay read. */
function keptTrust(): (ca: string | null, pins: readonly string[]) => Trust {
  let kept: { readonly ca: string | null; readonly context: SecureContext } | null = null;
  return (ca, pins) => {
    // Of a certificate that is pinned no root is asked.
    if (pins.length > 0) return { context: createSecureContext(), pins };
    if (kept === null || kept.ca !== ca) kept = { ca, context: trustedRoots(ca) };
    return { context: kept.context, pins };
  };
}

/** The machine's real resolver. Of two names it knows by itself that they are nobody's (RFC 6761 §6.3, §6.4). */
export function recipientsResolver(servers: readonly string[]): Resolver {
  const dns = new SystemDns({ timeout: dnsMsMax, tries: dnsTries });
  if (servers.length > 0) dns.setServers(servers);
  const real = realResolver(dns);
  return {
    query: (name, type) =>
      /(?:^|\.)(?:invalid|localhost)\.?$/i.test(name)
        ? Promise.resolve({ code: 'NXDOMAIN', records: [] })
        : real.query(name, type),
  };
}

/** Which hosts a message would go to is known only with its recipient: what can be asked beforehand is the DNS. */
async function askResolver(resolver: Resolver): Promise<RelayCheck> {
  const { code, records } = await resolver.query('.', 'NS');
  const steps = [`. NS: ${code}, ${records.length} records`];
  return code === 'NOERROR'
    ? {
        ok: true,
        text: 'The DNS answers (asked for the name servers of the root). Whether port 25 is open to the outside was not tried: it takes somebody’s host to try it with, and many networks block it.',
        steps,
      }
    : {
        ok: false,
        text: `The DNS gives no answer (${code}): is this machine online, and are the DNS servers of the relay right?`,
        steps,
      };
}

function realNetwork(): Network {
  return {
    connect: ({ address, port }) =>
      new Promise<Socket>((resolve, reject) => {
        const socket = connect({ host: address, port, timeout: connectMsMax });
        const failed = (error: Error): void => {
          socket.destroy();
          reject(error);
        };
        socket.once('error', failed);
        socket.once('timeout', () =>
          failed(Object.assign(new Error(`no answer within ${connectMsMax} ms`), { code: 'ETIMEDOUT' })),
        );
        socket.once('connect', () => {
          socket.off('error', failed);
          socket.setTimeout(0);
          resolve(socket);
        });
      }),
  };
}

/** RFC 5321 §4.1.4: a name, or an address in brackets where there is no name that could be said. */
function machineName(name: string): string {
  return /^(?!-)[a-z0-9-]{1,63}(?:\.(?!-)[a-z0-9-]{1,63})*$/i.test(name) ? name : '[127.0.0.1]';
}

/** As in the sandbox, without what is broken there on purpose. */
function identityOf(
  message: ClaimedMessage,
  about: {
    readonly settings: MailRelaySettings;
    readonly helo: string;
    readonly domains: Pick<SendingDomains, 'owner'>;
  },
): SenderIdentity {
  const outbound = { ip: null, helo: about.helo };
  const unsigned = (why: string): SenderIdentity => ({
    ...plainIdentity(outbound),
    notes: [{ code: 'not_signed', detail: `not signed: ${why}` }],
  });
  if (about.settings.dkim === 'leave') return unsigned('the relay leaves signing to the app');
  const from = message.details?.fromDomain ?? domainOf(message.envelopeFrom);
  const found = about.domains.owner(from);
  if (found === null) return unsigned(`there is no key of ${from === '' ? 'its sender' : from}`);
  const domain = { ...found, faults: [] };
  const identity = senderIdentity({
    from,
    domain,
    signer: domain,
    bounceDomain: domain.name,
    unsigned: false,
  });
  return { ...identity, outbound };
}
