/** Relays that lead to providers of SMS. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createSmsCarrier } from '../channels/sms/carrier.ts';
import { createSmsClient, type SmsAccount, type SmsClient, type SmsDialect } from '../channels/sms/client.ts';
import { smsProviderHosts } from '../channels/sms/provider-hosts.ts';
import type { SmppClient } from '../channels/sms/smpp/client.ts';
import { wordsOfAnswer, wordsOfUnit } from '../channels/sms/unify.ts';
import { createPost, type Get, type PostAnswer } from '../delivery/post.ts';
import { AppError, messageOf } from '../model/app-error.ts';
import type { DeliveryRow } from '../model/delivery.ts';
import type { Relay, RelaySettings, SmsRelaySettings } from '../model/live-relay.ts';
import { smsProviderNames } from '../model/sms.ts';
import { readSmsSubmission, type SmsSubmission } from '../model/sms-submission.ts';
import type { Credential } from '../store/credential-vault.ts';
import type { RelayMaker, Standing } from './live-carriers.ts';
import { withCredential } from './live-credentials.ts';
import { addressFault, isOwnMachine, serverName, trustOnce } from './live-trust.ts';
import type { RelayMakerPorts } from './relay-makers.ts';
import { dialectOf } from './sms-sending.ts';

const askMsMax = 20_000;
const usualSmppPort = 2775;
const wordsCharsMax = 300;

export function smsRelays({ ground, rooms, channels }: RelayMakerPorts): RelayMaker {
  const { clock, store, onProblem } = ground;
  const { unifier, linkSecret, submissionOf } = channels.sms.sending;

  function smppClient(relay: Relay, account: () => Promise<SmsAccount>): Promise<SmppClient> {
    const settings = smsSettings(relay.settings);
    return import('../channels/sms/smpp/client.ts').then(({ createSmppClient }) =>
      createSmppClient({
        connect: () => connectSmsc(settings),
        account,
        clock,
        host: hostOf(settings),
        deliveryOf: async (messageId) => (await store.liveDeliveryOf(relay.id, messageId))?.id ?? null,
        reported: (deliveryId, said, unit) => unifier.reported('smpp', deliveryId, said, wordsOfUnit(unit)),
        replied: (said) => unifier.replied('smpp', said),
        onProblem,
      }),
    );
  }

  /** What an app brought to a provider's door itself: its text, for whichever provider. */
  async function storedSms(messageId: string): Promise<SmsSubmission | { readonly fault: string }> {
    const details = (await store.message(messageId))?.details?.sms;
    if (details === undefined)
      return { fault: 'What was stored of it cannot be sent: it is no SMS, or its content is gone.' };
    if (details.encoding === 'binary')
      return { fault: 'It is no text but octets for a handset: these are not sent anew.' };
    const { entries } = await store.smses({ messageId }, { after: null, limit: 1 });
    return {
      to: [],
      from: details.sender === '' ? null : details.sender,
      // With its parameters filled in, where it had any.
      body: entries[0]?.text ?? details.text,
      media: details.media.map(({ url }) => url),
      providers: [],
      trackLinks: false,
      validitySeconds: null,
      reference: details.reference,
      tags: [],
      metadata: {},
      stream: null,
      sendAtMs: null,
      project: null,
    };
  }

  async function senderOf({ messageId }: DeliveryRow, settings: SmsRelaySettings): Promise<string> {
    if (settings.sender !== null) return settings.sender;
    const bytes = await submissionOf(messageId);
    const said = bytes === null ? null : readSmsSubmission(bytes);
    if (said !== null) return said.from ?? '';
    return (await store.message(messageId))?.details?.sms?.sender ?? '';
  }

  return {
    async carrier(relay, credential) {
      const settings = smsSettings(relay.settings);
      const { callbackUrl } = settings;
      const account = async (): Promise<SmsAccount> => accountOf(settings, await credential());
      const dialect = await dialectOf(settings.kind);
      const { post, get, close } = createPost(trustOnce(settings.ca));
      let smpp: Promise<SmppClient> | null = null;
      const smppBound = (): Promise<SmppClient> => {
        smpp ??= smppClient(relay, account);
        return smpp;
      };
      const http: SmsClient | null =
        dialect === null
          ? null
          : createSmsClient(dialect, {
              address: () => addressOf(settings),
              account,
              post,
              clock,
              host: hostOf(settings),
              close,
            });
      const carrier = createSmsCarrier({
        submissionOf,
        otherSubmission: storedSms,
        clientOf: async () => http ?? (await smppBound()),
        providers: [settings.kind],
        sender: settings.sender,
        ownSends: () => null,
        reportUrl: (provider, deliveryId) =>
          callbackUrl === null
            ? null
            : unifier.reportUrl(provider, deliveryId, callbackUrl.replace(/\/+$/, '')),
        shortLinks: () =>
          callbackUrl === null ? null : { base: `${callbackUrl.replace(/\/+$/, '')}/s/`, secret: linkSecret },
        begins: (deliveryId) => unifier.begins(deliveryId),
        clock,
        virtual: rooms.virtual,
        async close() {
          await http?.close();
          await (await smpp)?.close();
        },
      });
      const able = withCredential(relay, carrier, async () => faultOf(settings, await credential()));
      return {
        ...able,
        async standing(delivery): Promise<Standing> {
          const fault = faultOf(settings, await credential());
          const { providerId } = delivery;
          if (fault !== null) return { kind: 'failed', text: fault };
          if (providerId == null || providerId === '')
            return { kind: 'unknown', text: 'The provider gave it no name that it could be asked by.' };
          try {
            return dialect === null
              ? await askSmsc(await smppBound(), providerId, await senderOf(delivery, settings))
              : await askStatus(dialect, settings, providerId, await account(), get);
          } catch (error) {
            return { kind: 'failed', text: `no answer: ${messageOf(error)}` };
          }
        },
      };
    },

    async verify(relay, credential) {
      const settings = smsSettings(relay.settings);
      const fault = faultOf(settings, credential);
      if (fault !== null) return { ok: false, text: fault, steps: [] };
      const account = accountOf(settings, credential);
      const dialect = await dialectOf(settings.kind);
      if (dialect === null)
        return verifySmsc(await smppClient(relay, () => Promise.resolve(account)), settings);
      const { get, close } = createPost(trustOnce(settings.ca));
      try {
        return await verifyHttp(dialect, settings, account, get);
      } finally {
        await close();
      }
    },
  };
}

function smsSettings(settings: RelaySettings): SmsRelaySettings {
  if (!('account' in settings)) throw new Error(`a relay of the kind ${settings.kind} brings no SMS`);
  return settings;
}

function accountOf({ account }: SmsRelaySettings, { secret = '' }: Credential): SmsAccount {
  return { account, secret };
}

function addressOf({ kind, url }: SmsRelaySettings): string {
  return url ?? `https://${smsProviderHosts[kind]}`;
}

function hostOf(settings: SmsRelaySettings): string {
  return settings.kind === 'smpp'
    ? (smscOf(settings.url)?.shown ?? 'smpp')
    : new URL(addressOf(settings)).host;
}

/** What stands in the way before anything is connected. */
function faultOf(settings: SmsRelaySettings, credential: Credential): string | null {
  if ((credential.secret ?? '') === '')
    return `There is no secret for ${smsProviderNames[settings.kind]}: set \`secret\` of the relay’s credential.`;
  if (settings.kind === 'smpp')
    return smscOf(settings.url) === null
      ? 'An SMSC has an address of its own: give the relay `url`, host:port or tls://host:port.'
      : null;
  return addressFault(addressOf(settings));
}

interface Smsc {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly shown: string;
}

/** `host:port`, `tls://host:port`; IPv6 in brackets. */
function smscOf(url: string | null): Smsc | null {
  const [, scheme, host, port] =
    /^(?:(tls|smpps|tcp|smpp):\/\/)?(\[[0-9a-f:.]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?\/?$/i.exec(url ?? '') ?? [];
  if (host === undefined) return null;
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? usualSmppPort : Number(port),
    tls: /^(?:tls|smpps)$/i.test(scheme ?? ''),
    shown: `${host}:${port ?? usualSmppPort}`,
  };
}

function connectSmsc({ url, ca }: SmsRelaySettings): Promise<Socket> {
  const smsc = smscOf(url);
  if (smsc === null) throw new AppError('bad_configuration', 'the relay says no address of an SMSC');
  const { host, port } = smsc;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = smsc.tls
    ? connectTls({
        host,
        port,
        servername: serverName(host),
        secureContext: trustOnce(ca)(),
        rejectUnauthorized: true,
      })
    : connectTcp({ host, port });
  socket.once('error', reject);
  socket.once(smsc.tls ? 'secureConnect' : 'connect', () => {
    socket.off('error', reject);
    resolve(socket);
  });
  return promise;
}

function ask(
  { path, fields }: ReturnType<SmsDialect['check']>,
  settings: SmsRelaySettings,
  get: Get,
): { readonly url: URL; readonly answer: Promise<PostAnswer> } {
  const url = new URL(`${addressOf(settings).replace(/\/+$/, '')}${path}`);
  return { url, answer: get(url, { fields, signal: AbortSignal.timeout(askMsMax) }) };
}

async function askStatus(
  { status, read, provider }: SmsDialect,
  settings: SmsRelaySettings,
  providerId: string,
  account: SmsAccount,
  get: Get,
): Promise<Standing> {
  if ('none' in status) return { kind: 'not_offered', text: status.none };
  const { url, answer } = ask(status.ask(providerId, account), settings, get);
  const heard = await answer;
  const said = status.read(heard.status, heard.body);
  if (said.length > 0)
    return { kind: 'said', said, words: wordsOfAnswer(`${url.pathname}${url.search}`, heard) };
  const refusal = read(heard.status, heard.body);
  const text = [heard.status, ...(refusal.kind === 'refused' ? [refusal.code, refusal.text] : [])]
    .filter(Boolean)
    .join(' ')
    .slice(0, wordsCharsMax);
  return heard.status === 200 || heard.status === 404
    ? { kind: 'unknown', text: `${smsProviderNames[provider]} says nothing of it: ${text}` }
    : { kind: 'failed', text };
}

async function askSmsc(client: SmppClient, providerId: string, sender: string): Promise<Standing> {
  const { said, status, unit } = await client.query(providerId, sender);
  return said === null
    ? { kind: 'unknown', text: `the SMSC says nothing of it: ${status}` }
    : {
        kind: 'said',
        said: [said],
        words: { ...wordsOfUnit(unit), asked: true, target: `query_sm ${providerId}` },
      };
}

async function verifyHttp(
  dialect: SmsDialect,
  settings: SmsRelaySettings,
  account: SmsAccount,
  get: Get,
): Promise<{ readonly ok: boolean; readonly text: string; readonly steps: readonly string[] }> {
  const name = smsProviderNames[settings.kind];
  const { url, answer } = ask(dialect.check(account), settings, get);
  const steps = [`GET ${url.href}: nothing is sent by it`];
  const heard = await answer;
  // Of a yes nothing more is shown: some tell an account its own secrets.
  if (heard.status === 200) {
    steps.push('200');
    return { ok: true, text: `${name} knows the account and its secret.`, steps };
  }
  const refusal = dialect.read(heard.status, heard.body);
  const words = refusal.kind === 'refused' ? [refusal.code, refusal.text].filter(Boolean).join(' ') : '';
  steps.push(`${heard.status} ${words}`.trim().slice(0, wordsCharsMax));
  const isNo = heard.status === 401 || heard.status === 403;
  return {
    ok: false,
    text: isNo
      ? `${name} does not take the account and its secret: ${heard.status} ${words}`
          .trim()
          .slice(0, wordsCharsMax)
      : `${name} answered ${heard.status}: nothing can be said of the account. Look at the relay’s address (${url.origin}).`,
    steps,
  };
}

async function verifySmsc(
  client: SmppClient,
  settings: SmsRelaySettings,
): Promise<{ readonly ok: boolean; readonly text: string; readonly steps: readonly string[] }> {
  const smsc = smscOf(settings.url);
  const steps = [
    `connect to ${smsc?.shown ?? ''}${smsc?.tls === true ? ' over TLS' : ''}`,
    `bind_transceiver system_id=${settings.account} password=(masked)`,
  ];
  if (smsc?.tls === false && !isOwnMachine(smsc.host))
    steps.push('the password went over the network as it is: tls://host:port would hide it');
  try {
    await client.check();
    steps.push('ESME_ROK', 'unbind');
    return { ok: true, text: 'The SMSC knows the account and its password.', steps };
  } catch (error) {
    const why = messageOf(error);
    steps.push(why);
    return { ok: false, text: `The SMSC did not take the bind: ${why}`, steps };
  } finally {
    await client.close();
  }
}
