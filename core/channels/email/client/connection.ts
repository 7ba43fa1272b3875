/**
 * The client's side of one SMTP connection (RFC 5321): greeting, EHLO, STARTTLS, and any number of transactions one
 * after the other. It never says that a message was sent without the 250 to its final dot.
 */
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Clock } from '../../../clock.ts';
import type { Stage } from '../../../delivery/classify.ts';
import { messageOf } from '../../../model/app-error.ts';
import { AttemptTranscript } from './attempt-transcript.ts';
import { dotStuffed } from './dot-stuffed.ts';
import { repliesWaitingMax, type Timeouts } from './limits.ts';
import { type Login, type LoginWords, loginWords, masked } from './login.ts';
import type { LoginPause, Paused } from './login-pause.ts';
import { ReplyReader, type ServerReply } from './reply-reader.ts';
import { distrustOf, type Trust } from './trust.ts';

/**
 * `opportunistic`: when offered, without a check of the certificate, and in the clear when it fails (RFC 7435);
 * `required`: not without it; `implicit`: before the first word (RFC 8314 §3.3); `off`: never.
 */
export type TlsMode = 'opportunistic' | 'required' | 'implicit' | 'off';

/** What is asked of the far side, and told to it, before the first message. */
export interface Session {
  /** Left out: any certificate may answer. */
  readonly trust?: Trust;
  /** Left out: nobody logs in. */
  readonly login?: Login;
}

export interface ConnectionOptions {
  /** Name of the far host, for SNI and the transcript. */
  readonly host: string;
  /** What we call ourselves. */
  readonly helo: string;
  readonly tls: TlsMode;
  readonly timeouts: Timeouts;
  readonly session?: Session;
  /** Of all connections that log in with the same. */
  readonly logins?: LoginPause;
}

/** What the far side offers, as EHLO told. */
export interface Offers {
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtputf8: boolean;
  readonly dsn: boolean;
  readonly startTls: boolean;
  /** Null: SIZE is not offered; 0: no limit is named (RFC 1870 §4). */
  readonly sizeMax: number | null;
  /** SASL mechanisms, upper case. */
  readonly auth: readonly string[];
}

export interface TlsFacts {
  readonly protocol: string;
  readonly cipher: string;
  readonly subject: string | null;
  /** Why the certificate would not be trusted, or null. */
  readonly distrust: string | null;
}

export interface Transaction {
  readonly from: string;
  /** As they are written, e.g. `RET=HDRS`; SIZE is added here. */
  readonly mailParameters: readonly string[];
  readonly recipients: readonly { readonly address: string; readonly parameters: readonly string[] }[];
  /** Pieces of the message in order, lines ending in CRLF. */
  readonly content: readonly Uint8Array[];
}

export type RecipientResult =
  | { readonly kind: 'sent'; readonly reply: ServerReply }
  | { readonly kind: 'refused'; readonly stage: Stage; readonly reply: ServerReply }
  /** No answer came. `mayHaveArrived`: all of the message was on its way, the 250 was not seen. */
  | { readonly kind: 'lost'; readonly stage: Stage; readonly text: string; readonly mayHaveArrived: boolean };

export type OpenFailure =
  | { readonly kind: 'refused'; readonly stage: Stage; readonly reply: ServerReply }
  | { readonly kind: 'lost'; readonly stage: Stage; readonly text: string; readonly mayHaveArrived: false }
  /** The handshake failed; without TLS it may do. */
  | { readonly kind: 'tls_failed'; readonly stage: 'tls'; readonly text: string }
  /** A login was refused a short while ago: nothing was asked. */
  | Paused
  /** Nobody can log in there as it is set up: no other try will fare better. */
  | { readonly kind: 'no_login'; readonly stage: 'auth'; readonly text: string };

interface Lost {
  readonly lost: string;
}

/** A line that is not to be read in the transcript. */
interface Hidden {
  readonly text: string;
  readonly shown: string;
}

export class SmtpConnection {
  offers: Offers = nothingOffered;
  tls: TlsFacts | null = null;
  /** Transactions begun on it. */
  transactions = 0;
  transcript: AttemptTranscript;
  /** Called once, when it is of no use any more. */
  onGone: () => void = () => undefined;
  readonly #clock: Pick<Clock, 'after' | 'monotonicMs'>;
  readonly #options: ConnectionOptions;
  #socket: Socket;
  #secured: TLSSocket | null = null;
  #reader = new ReplyReader();
  #replies: ServerReply[] = [];
  #expected = 0;
  #lost: Lost | null = null;
  #wake: ((value: ServerReply | Lost) => void) | null = null;
  #drained: (() => void) | null = null;
  #resting = false;
  #secrets: readonly string[] = [];

  constructor(
    socket: Socket,
    options: ConnectionOptions,
    clock: Pick<Clock, 'after' | 'monotonicMs'>,
    transcript: AttemptTranscript,
  ) {
    this.#socket = socket;
    this.#options = options;
    this.#clock = clock;
    this.transcript = transcript;
    socket.setNoDelay(true);
    this.#wire(socket);
  }

  /** Nobody closed it, and nothing unexpected was said. */
  get alive(): boolean {
    return this.#lost === null;
  }

  /** Greeting, EHLO, STARTTLS, AUTH. @returns null when it stands */
  async open(): Promise<OpenFailure | null> {
    const failed = await this.#begin();
    const login = this.#options.session?.login;
    return failed !== null || login === undefined ? failed : this.#logIn(login);
  }

  async #begin(): Promise<OpenFailure | null> {
    const { timeouts, tls } = this.#options;
    if (tls === 'implicit') {
      const failed = await this.#secure();
      if (failed !== null) return failed;
    }
    this.#expected++;
    const greeting = await this.#reply(timeouts.greetingMsMax, 'the greeting');
    if ('lost' in greeting) return lostAt('greeting', greeting);
    if (greeting.code !== 220) return { kind: 'refused', stage: 'greeting', reply: greeting };
    const failed = await this.#hello();
    if (failed !== null || tls === 'off' || tls === 'implicit') return failed;
    if (this.offers.startTls) return this.#startTls();
    if (tls === 'required') {
      this.#lose('STARTTLS is required here and not offered there');
      return {
        kind: 'lost',
        stage: 'tls',
        text: 'TLS is required, and the host does not offer STARTTLS',
        mayHaveArrived: false,
      };
    }
    return null;
  }

  /** One message. @returns a result for each recipient, in their order */
  async transact(transaction: Transaction): Promise<readonly RecipientResult[]> {
    this.transactions++;
    const { mailMsMax, recipientMsMax, dataStartMsMax } = this.#options.timeouts;
    const mail = this.#mailCommand(transaction);
    const rcpt = transaction.recipients.map(
      ({ address, parameters }) => `RCPT TO:<${address}>${parameters.map((one) => ` ${one}`).join('')}`,
    );
    const ahead = this.offers.pipelining;
    this.#say(...(ahead ? [mail, ...rcpt, 'DATA'] : [mail]));
    const mailReply = await this.#reply(mailMsMax, 'MAIL');
    if ('lost' in mailReply) return everyone(transaction, lostAt('mail', mailReply));
    const mailOk = isYes(mailReply);
    if (!mailOk && (!ahead || mailReply.code === 421)) {
      this.#ifClosing(mailReply);
      return everyone(transaction, { kind: 'refused', stage: 'mail', reply: mailReply });
    }
    const results: (RecipientResult | null)[] = [];
    for (const command of rcpt) {
      if (!ahead) this.#say(command);
      const reply = await this.#reply(recipientMsMax, 'RCPT');
      if ('lost' in reply) return this.#rest(transaction, results, lostAt('rcpt', reply));
      if (reply.code === 421) {
        this.#ifClosing(reply);
        return this.#rest(transaction, results, { kind: 'refused', stage: 'rcpt', reply });
      }
      results.push(
        !mailOk
          ? { kind: 'refused', stage: 'mail', reply: mailReply }
          : isYes(reply)
            ? null
            : { kind: 'refused', stage: 'rcpt', reply },
      );
    }
    const anyone = results.includes(null);
    if (!ahead) {
      if (!anyone) return this.#reset(results);
      this.#say('DATA');
    }
    const data = await this.#reply(dataStartMsMax, 'DATA');
    if ('lost' in data) return settled(results, lostAt('data', data));
    if (data.code !== 354) {
      this.#ifClosing(data);
      return this.#reset(settled(results, refusedOr(data, 'data')));
    }
    // RFC 2920 §3.1: a server may say go ahead though it took nobody; then nothing but the end is sent.
    const final = await this.#content(anyone ? transaction.content : []);
    return settled(results, final);
  }

  /** Between transactions: whatever the far side says now ends the connection, and is part of no attempt. */
  rest(): void {
    this.#resting = true;
    this.transcript = new AttemptTranscript(this.#clock);
    if (this.#replies.length > 0) this.#lose('the far side said more than it was asked');
  }

  /** The next attempt has it. */
  take(transcript: AttemptTranscript): void {
    this.#resting = false;
    this.#expected = 0;
    this.transcript = transcript;
  }

  /** Says goodbye without waiting for long. */
  quit(): void {
    if (this.#lost !== null) return;
    this.#say('QUIT');
    this.#lost = { lost: 'we said QUIT' };
    this.#socket.end();
    const cancel = this.#clock.after(this.#options.timeouts.quitMsMax, () => this.#socket.destroy());
    this.#socket.once('close', cancel);
  }

  destroy(): void {
    this.#lose('we closed the connection');
  }

  async #hello(): Promise<OpenFailure | null> {
    const { helo, timeouts } = this.#options;
    this.#say(`EHLO ${helo}`);
    let reply = await this.#reply(timeouts.helloMsMax, 'EHLO');
    if ('lost' in reply) return lostAt('ehlo', reply);
    // RFC 5321 §3.2: a server of old does not know EHLO.
    const unknown = [500, 501, 502, 504].includes(reply.code);
    if (unknown) {
      this.#say(`HELO ${helo}`);
      reply = await this.#reply(timeouts.helloMsMax, 'HELO');
      if ('lost' in reply) return lostAt('ehlo', reply);
    }
    if (reply.code !== 250) return { kind: 'refused', stage: 'ehlo', reply };
    this.offers = unknown ? nothingOffered : offersOf(reply);
    return null;
  }

  async #startTls(): Promise<OpenFailure | null> {
    const { timeouts, tls } = this.#options;
    this.#say('STARTTLS');
    const reply = await this.#reply(timeouts.tlsMsMax, 'STARTTLS');
    if ('lost' in reply) return lostAt('tls', reply);
    if (reply.code !== 220) {
      if (tls === 'required') return { kind: 'refused', stage: 'tls', reply };
      this.transcript.add('N', 'STARTTLS was refused; it goes on in the clear');
      return null;
    }
    if (this.#reader.midway || this.#replies.length > 0) {
      // Said in the clear behind the 220: someone in between wants it taken for the server's word (CVE-2011-0411).
      this.#lose('something was said in the clear after STARTTLS');
      return {
        kind: 'lost',
        stage: 'tls',
        text: 'something was said in the clear after STARTTLS',
        mayHaveArrived: false,
      };
    }
    const failed = await this.#secure();
    if (failed !== null) return failed;
    // RFC 3207 §4.2: what was known from before the handshake is forgotten.
    this.offers = nothingOffered;
    return this.#hello();
  }

  async #secure(): Promise<OpenFailure | null> {
    const why = await this.#handshake();
    if (why !== null) {
      this.transcript.add('N', `the TLS handshake failed: ${why}`);
      this.#lose(`the TLS handshake failed: ${why}`);
      return { kind: 'tls_failed', stage: 'tls', text: `the TLS handshake failed: ${why}` };
    }
    const { trust } = this.#options.session ?? {};
    const distrust = trust === undefined || this.#secured === null ? null : distrustOf(this.#secured, trust);
    if (distrust === null) return null;
    const text = `nothing was said to ${this.#options.host}: ${distrust}`;
    this.#lose(text);
    return { kind: 'lost', stage: 'tls', text, mayHaveArrived: false };
  }

  /** RFC 4954. Nothing of it stands in the transcript but the mechanism. */
  async #logIn({ mechanism, credential }: Login): Promise<OpenFailure | null> {
    const name = mechanism.toUpperCase();
    const no = (text: string): OpenFailure => ({ kind: 'no_login', stage: 'auth', text });
    if (this.tls === null && !isLoopback(this.#socket.remoteAddress)) {
      const text = 'The connection is not encrypted, and credentials are not said in the clear';
      // What is offered and failed this time may not fail the next time.
      return this.offers.startTls
        ? { kind: 'lost', stage: 'tls', text, mayHaveArrived: false }
        : no(`${text}: turn TLS on`);
    }
    const { auth } = this.offers;
    if (!auth.includes(name))
      return no(
        `The server does not offer AUTH ${name}${auth.length === 0 ? ', nor any other' : `; it offers ${auth.join(', ')}`}`,
      );
    const known = await credential().catch((error: unknown) => messageOf(error));
    if (typeof known === 'string')
      return {
        kind: 'lost',
        stage: 'auth',
        text: `the credential cannot be read: ${known}`,
        mayHaveArrived: false,
      };
    const words = loginWords(mechanism, known);
    if (!words.ok) return no(`The relay’s credential has no ${words.lacking}, which AUTH ${name} needs`);
    const { logins } = this.#options;
    if (logins === undefined) return this.#authenticate(name, words);
    const tried = await logins.tried(async () => {
      const failure = await this.#authenticate(name, words);
      if (failure === null) return null;
      return { failure, text: failure.kind === 'refused' ? failure.reply.lines.join(' ') : failure.text };
    });
    if (tried === null || 'leftMs' in tried) return tried;
    return tried.failure;
  }

  async #authenticate(
    name: string,
    words: Extract<LoginWords, { ok: true }>,
  ): Promise<Extract<OpenFailure, { kind: 'refused' | 'lost' }> | null> {
    this.#secrets = words.secrets;
    const { authMsMax } = this.#options.timeouts;
    this.#say({
      text: words.command,
      shown: `AUTH ${name}${words.command.includes(' ', 5) ? ' (masked)' : ''}`,
    });
    let reply = await this.#reply(authMsMax, 'AUTH');
    for (const answer of words.answers) {
      if ('lost' in reply || reply.code !== 334) break;
      this.#say({ text: answer, shown: '(masked)' });
      reply = await this.#reply(authMsMax, 'AUTH');
    }
    if (!('lost' in reply) && reply.code === 334) {
      // RFC 4954 §4: a lone asterisk breaks it off.
      this.#say('*');
      reply = await this.#reply(authMsMax, 'AUTH');
    }
    if ('lost' in reply) return lostAt('auth', reply);
    return reply.code === 235 ? null : { kind: 'refused', stage: 'auth', reply };
  }

  /** @returns why it failed, or null */
  #handshake(): Promise<string | null> {
    const { host, timeouts, session } = this.#options;
    const plain = this.#socket;
    for (const event of ['data', 'end', 'close', 'error', 'drain']) plain.removeAllListeners(event);
    return new Promise((resolve) => {
      const socket = connectTls({
        socket: plain,
        // Opportunistic TLS hides from who listens, not from who stands in between (RFC 7435 §1.2); where the certificate
        // counts it is looked at before the first word.
        rejectUnauthorized: false,
        ...(session?.trust === undefined ? {} : { secureContext: session.trust.context }),
        host,
        ...(isIP(host) === 0 ? { servername: host } : {}),
      });
      let over = false;
      const done = (why: string | null): void => {
        if (over) return;
        over = true;
        cancel();
        socket.removeListener('error', failed);
        socket.removeListener('close', closed);
        this.#socket = socket;
        this.#wire(socket);
        resolve(why);
      };
      const failed = (error: Error): void => done(error.message);
      const closed = (): void => done('the far side closed the connection');
      const cancel = this.#clock.after(timeouts.tlsMsMax, () =>
        done(`no end within ${timeouts.tlsMsMax} ms`),
      );
      socket.once('error', failed);
      socket.once('close', closed);
      socket.once('secureConnect', () => {
        this.#secured = socket;
        this.tls = tlsFactsOf(socket);
        const { protocol, cipher, subject, distrust } = this.tls;
        this.transcript.add(
          'N',
          `TLS: ${protocol} ${cipher}, certificate of ${subject ?? 'nobody'}${distrust === null ? ', trusted' : `, not checked (${distrust})`}`,
        );
        done(null);
      });
    });
  }

  #mailCommand({ from, mailParameters, content }: Transaction): string {
    const bytes = content.reduce((sum, piece) => sum + piece.length, 0);
    const parameters = [...(this.offers.sizeMax === null ? [] : [`SIZE=${bytes}`]), ...mailParameters];
    return `MAIL FROM:<${from}>${parameters.map((one) => ` ${one}`).join('')}`;
  }

  async #content(content: readonly Uint8Array[]): Promise<RecipientResult> {
    const { dataBlockMsMax, dataEndMsMax } = this.#options.timeouts;
    const early = await this.#write(content, dataBlockMsMax);
    if (early !== null) return early;
    const bytes = content.reduce((sum, piece) => sum + piece.length, 0);
    this.transcript.add('C', `(${bytes} bytes)`);
    this.transcript.add('C', '.');
    const reply = await this.#reply(dataEndMsMax, 'the final dot');
    if ('lost' in reply) {
      return {
        kind: 'lost',
        stage: 'final',
        text: `${reply.lost}, after the whole message and before the answer to it: it may have been delivered, and trying again may deliver it twice`,
        mayHaveArrived: true,
      };
    }
    this.#ifClosing(reply);
    return refusedOr(reply, 'final');
  }

  /** @returns what ended it before the final dot went out, or null */
  async #write(content: readonly Uint8Array[], blockMsMax: number): Promise<RecipientResult | null> {
    let held: Buffer | null = null;
    this.#socket.cork();
    for (const piece of dotStuffed(content)) {
      // One piece is held back, so that nothing behind it can go out before it is known to be wanted.
      if (held !== null && !this.#socket.write(held)) {
        this.#socket.uncork();
        const stuck = await this.#drain(blockMsMax);
        if (stuck !== null) return this.#early() ?? lostAt('data', stuck);
        this.#socket.cork();
      }
      held = piece;
      const early = this.#early();
      if (early !== null) return early;
    }
    this.#expected++;
    if (held !== null) this.#socket.write(held);
    this.#socket.uncork();
    return null;
  }

  /** A reply that came before the final dot answers nothing that was asked; a yes among them is not believed. */
  #early(): RecipientResult | null {
    const reply = this.#replies.shift();
    if (reply === undefined) return this.#lost === null ? null : lostAt('data', this.#lost);
    this.#socket.uncork();
    this.#lose('the far side answered before the message was whole');
    if (reply.code >= 400) return { kind: 'refused', stage: 'data', reply };
    const text = `the far side said ${reply.code} before the message was whole`;
    return { kind: 'lost', stage: 'data', text, mayHaveArrived: false };
  }

  #drain(msMax: number): Promise<Lost | null> {
    if (this.#lost !== null) return Promise.resolve(this.#lost);
    return new Promise((resolve) => {
      const cancel = this.#clock.after(msMax, () => this.#lose(`the far side took nothing for ${msMax} ms`));
      this.#drained = () => {
        cancel();
        this.#drained = null;
        resolve(this.#lost);
      };
    });
  }

  /** After a transaction that did not come to its end the server still has its envelope. */
  async #reset(results: readonly (RecipientResult | null)[]): Promise<readonly RecipientResult[]> {
    const settledResults = results.filter((one) => one !== null);
    if (this.#lost !== null) return settledResults;
    this.#say('RSET');
    const reply = await this.#reply(this.#options.timeouts.resetMsMax, 'RSET');
    if (!('lost' in reply) && reply.code !== 250) this.#lose('RSET was refused');
    return settledResults;
  }

  /** The connection ended midway: those without an answer get this one. */
  #rest(
    transaction: Transaction,
    results: readonly (RecipientResult | null)[],
    result: RecipientResult,
  ): readonly RecipientResult[] {
    return transaction.recipients.map((_, at) => results[at] ?? result);
  }

  /** RFC 5321 §3.8: a 421 means that the server closes. */
  #ifClosing(reply: ServerReply): void {
    if (reply.code === 421) this.#lose('the far side said 421');
  }

  #say(...commands: readonly (string | Hidden)[]): void {
    for (const command of commands)
      this.transcript.add('C', typeof command === 'string' ? command : command.shown);
    this.#expected += commands.length;
    const lines = commands.map((command) => (typeof command === 'string' ? command : command.text));
    if (this.#lost === null) this.#socket.write(`${lines.join('\r\n')}\r\n`);
  }

  #reply(msMax: number, to: string): Promise<ServerReply | Lost> {
    const ready = this.#replies.shift() ?? this.#lost;
    if (ready !== null) return Promise.resolve(ready);
    return new Promise((resolve) => {
      const cancel = this.#clock.after(msMax, () => this.#lose(`no answer to ${to} within ${msMax} ms`));
      this.#wake = (value) => {
        cancel();
        this.#wake = null;
        resolve(value);
      };
    });
  }

  #wire(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#drained?.());
    socket.on('error', (error) => this.#lose(`the connection broke: ${error.message}`));
    socket.on('end', () => this.#lose(this.#closedText()));
    socket.on('close', () => this.#lose(this.#closedText()));
  }

  #closedText(): string {
    return `the far side closed the connection${this.#reader.midway ? ' in the midst of a reply' : ''}`;
  }

  #receive(chunk: Buffer): void {
    if (this.#lost !== null) return;
    try {
      for (const heard of this.#reader.push(chunk)) {
        const reply = this.#secrets.length === 0 ? heard : maskedReply(heard, this.#secrets);
        for (const line of reply.lines) this.transcript.add('S', line);
        this.#take(reply);
      }
    } catch (error) {
      this.#lose(messageOf(error));
    }
  }

  #take(reply: ServerReply): void {
    if (this.#wake !== null) {
      this.#expected--;
      this.#wake(reply);
      return;
    }
    this.#replies.push(reply);
    // Nothing was asked: a 421 to an idle connection, most likely.
    if (--this.#expected < -1 || this.#resting || this.#replies.length > repliesWaitingMax)
      this.#lose(`unasked, the far side said ${reply.lines[0] ?? ''}`);
  }

  #lose(text: string): void {
    if (this.#lost !== null) return;
    this.#lost = { lost: text };
    this.transcript.add('N', text);
    this.#socket.destroy();
    this.#wake?.(this.#lost);
    this.#drained?.();
    this.onGone();
  }
}

const nothingOffered: Offers = {
  pipelining: false,
  eightBitMime: false,
  smtputf8: false,
  dsn: false,
  startTls: false,
  sizeMax: null,
  auth: [],
};

function offersOf(reply: ServerReply): Offers {
  const words = new Map<string, string>();
  const auth = new Set<string>();
  for (const line of reply.lines.slice(1)) {
    const [keyword = '', ...rest] = line.slice(4).trim().split(/[ =]+/);
    words.set(keyword.toUpperCase(), rest.join(' '));
    // Servers of old write `AUTH=LOGIN`, and some do both.
    if (keyword.toUpperCase() === 'AUTH') for (const name of rest) auth.add(name.toUpperCase());
  }
  const size = words.get('SIZE');
  return {
    pipelining: words.has('PIPELINING'),
    eightBitMime: words.has('8BITMIME'),
    smtputf8: words.has('SMTPUTF8'),
    dsn: words.has('DSN'),
    startTls: words.has('STARTTLS'),
    sizeMax: size === undefined ? null : /^\d{1,15}$/.test(size) ? Number(size) : 0,
    auth: [...auth].slice(0, mechanismsMax),
  };
}
/** Mechanisms of a server that are listed. */
const mechanismsMax = 50;

function maskedReply(reply: ServerReply, secrets: readonly string[]): ServerReply {
  return {
    ...reply,
    lines: reply.lines.map((line) => masked(line, secrets)),
    text: masked(reply.text, secrets),
  };
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::1$|(?:::ffff:)?127\.)/.test(address);
}

function tlsFactsOf(socket: TLSSocket): TlsFacts {
  const cipher = socket.getCipher();
  const { subject } = socket.getPeerCertificate();
  const name: unknown = subject?.CN;
  const distrust: unknown = socket.authorizationError;
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: cipher?.standardName ?? cipher?.name ?? '',
    subject: typeof name === 'string' ? name : null,
    distrust: socket.authorized ? null : distrust === undefined ? 'not trusted' : messageOf(distrust),
  };
}

function isYes(reply: ServerReply): boolean {
  return reply.code >= 200 && reply.code < 300;
}

function refusedOr(reply: ServerReply, stage: 'data' | 'final'): RecipientResult {
  if (reply.code >= 400) return { kind: 'refused', stage, reply };
  if (stage === 'final' && isYes(reply)) return { kind: 'sent', reply };
  const text = `the far side said ${reply.code} where that is no answer`;
  return { kind: 'lost', stage, text, mayHaveArrived: stage === 'final' };
}

function lostAt(stage: Stage, { lost }: Lost): RecipientResult & OpenFailure & { readonly kind: 'lost' } {
  return { kind: 'lost', stage, text: lost, mayHaveArrived: false };
}

function everyone(transaction: Transaction, result: RecipientResult): readonly RecipientResult[] {
  return transaction.recipients.map(() => result);
}

/** Those whom RCPT took share what came of the message. */
function settled(
  results: readonly (RecipientResult | null)[],
  result: RecipientResult,
): readonly RecipientResult[] {
  return results.map((one) => one ?? result);
}
